/* SPDX-License-Identifier: MIT */
/* Ownership of plans; see plan.h. */
#include "core/plan.h"

#include <stdlib.h>

#include "core/alloc.h"

void plan_init(struct plan *p)
{
    *p = (struct plan){0};
}

void plan_release(struct plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->files[i].url);
        free(p->files[i].path);
        free(p->files[i].name);
        free(p->files[i].link);
        free(p->files[i].lock);
        free(p->files[i].etag);
    }
    free(p->files);
    for (size_t i = 0; i < p->document_count; i++) {
        free(p->documents[i].path);
        free(p->documents[i].text);
    }
    free(p->documents);
    free(p->name);
    free(p->revision);
    free(p->root);
    free(p->auth_token);
    free(p->auth_url);
    string_list_release(&p->headers);
    string_list_release(&p->made_dirs);
    plan_init(p);
}

struct plan_file *plan_add(struct plan *p)
{
    p->files = xreallocarray(p->files, p->count + 1, sizeof *p->files);
    struct plan_file *f = &p->files[p->count++];
    *f = (struct plan_file){.size = -1, .modified_ms = -1};
    return f;
}

void plan_add_document(struct plan *p, const char *path, const char *text, size_t len, bool keep)
{
    p->documents = xreallocarray(p->documents, p->document_count + 1, sizeof *p->documents);
    p->documents[p->document_count++] = (struct plan_document){
        .path = xstrdup(path), .text = xstrndup(text, len), .len = len, .keep = keep};
}
