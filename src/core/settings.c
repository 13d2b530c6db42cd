/* SPDX-License-Identifier: MIT */
/* Defaults and ownership of settings and requests; see settings.h and request.h. */
#include "core/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/request.h"

const char *const layout_names[] = {"plain", "hf-cache", "ollama", NULL};
const char *const on_exists_names[] = {"skip", "overwrite", "rename", "fail", NULL};

const char *layout_name(enum layout l)
{
    return l == LAYOUT_DEFAULT ? NULL : layout_names[l - LAYOUT_PLAIN];
}

const char *on_exists_name(enum on_exists e)
{
    return e == ON_EXISTS_DEFAULT ? NULL : on_exists_names[e - ON_EXISTS_SKIP];
}

int word_index(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(words[i], word))
            return i;
    return -1;
}

void string_list_add(struct string_list *l, const char *s)
{
    l->items = xreallocarray(l->items, l->count + 1, sizeof *l->items);
    l->items[l->count++] = xstrdup(s);
}

void string_list_copy(struct string_list *to, const struct string_list *from)
{
    *to = (struct string_list){0};
    for (size_t i = 0; i < from->count; i++)
        string_list_add(to, from->items[i]);
}

void string_list_release(struct string_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->items[i]);
    free(l->items);
    *l = (struct string_list){0};
}

void settings_init(struct settings *s)
{
    *s = (struct settings){
        .jobs = 3,
        .connections = 8,
        .tries = 6,
        .retry_wait = CLOCK_SEC,
        .connect_timeout = 15 * CLOCK_SEC,
        .stall_timeout = 30 * CLOCK_SEC,
        .resume = true,
    };
}

void settings_copy(struct settings *to, const struct settings *from)
{
    *to = *from;
    to->user_agent = xstrdup(from->user_agent);
    to->proxy = xstrdup(from->proxy);
    to->cacert = xstrdup(from->cacert);
    string_list_copy(&to->roots, &from->roots);
}

void settings_release(struct settings *s)
{
    free(s->user_agent);
    free(s->proxy);
    free(s->cacert);
    string_list_release(&s->roots);
    *s = (struct settings){0};
}

void job_request_init(struct job_request *r)
{
    *r = (struct job_request){.limit_rate = -1};
}

void job_request_copy(struct job_request *to, const struct job_request *from)
{
    *to = *from;
    to->spec = xstrdup(from->spec);
    to->dir = xstrdup(from->dir);
    to->out = xstrdup(from->out);
    to->revision = xstrdup(from->revision);
    to->checksum_file = xstrdup(from->checksum_file);
    string_list_copy(&to->include, &from->include);
    string_list_copy(&to->exclude, &from->exclude);
    string_list_copy(&to->headers, &from->headers);
}

void job_request_release(struct job_request *r)
{
    free(r->spec);
    free(r->dir);
    free(r->out);
    free(r->revision);
    free(r->checksum_file);
    string_list_release(&r->include);
    string_list_release(&r->exclude);
    string_list_release(&r->headers);
    job_request_init(r);
}

/* A field name is a token, RFC 9110 §5.1; a line break would start another header. */
bool request_header_valid(const char *text)
{
    size_t name = strspn(text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (!name || text[name] != ':')
        return false;
    for (const char *p = text + name; *p; p++)
        if (iscntrl((unsigned char)*p) && *p != '\t')
            return false;
    return true;
}
