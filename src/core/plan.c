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
        free(p->files[i].etag);
    }
    free(p->files);
    free(p->name);
    free(p->revision);
    free(p->root);
    free(p->auth_token);
    free(p->auth_url);
    string_list_release(&p->headers);
    plan_init(p);
}

struct plan_file *plan_add(struct plan *p)
{
    p->files = xreallocarray(p->files, p->count + 1, sizeof *p->files);
    struct plan_file *f = &p->files[p->count++];
    *f = (struct plan_file){.size = -1, .modified_ms = -1};
    return f;
}
