/* SPDX-License-Identifier: MIT */
/* Parsing of request heads. The client is ours, so this only has to be safe, not strict. */
#include "origin/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"

/* Cuts *rest at the next CRLF or LF; NULL at the end. */
static char *next_line(char **rest)
{
    if (!**rest)
        return NULL;
    char *line = *rest;
    char *end = line + strcspn(line, "\n");
    *rest = *end ? end + 1 : end;
    if (end > line && end[-1] == '\r')
        end--;
    *end = '\0';
    return line;
}

static bool parse_request_line(struct origin_request *r, char *line)
{
    char *rest = line;
    r->method = strsep(&rest, " ");
    r->target = strsep(&rest, " ");
    r->version = rest;
    /* A proxy is asked for HOST:PORT, which is as good as a path here. */
    if (!r->version || (r->target[0] != '/' && strcmp(r->method, "CONNECT") != 0))
        return false;
    size_t path = strcspn(r->target, "?");
    r->path = xstrndup(r->target, path);
    origin_query_add(&r->query, r->target[path] ? r->target + path + 1 : NULL);
    return true;
}

static void add_header(struct origin_request *r, char *line)
{
    char *value = strchr(line, ':');
    if (!value)
        return;
    *value++ = '\0';
    value += strspn(value, " \t");
    r->headers = xreallocarray(r->headers, r->header_count + 1, sizeof *r->headers);
    r->headers[r->header_count++] = (struct origin_header){line, value};
}

bool origin_request_init(struct origin_request *r, const char *head)
{
    *r = (struct origin_request){.text = xstrdup(head)};
    char *rest = r->text;
    char *line = next_line(&rest);
    if (!line || !parse_request_line(r, line))
        return false;
    while ((line = next_line(&rest)))
        add_header(r, line);
    return true;
}

void origin_request_release(struct origin_request *r)
{
    free(r->text);
    free(r->path);
    free(r->headers);
    origin_query_release(&r->query);
    *r = (struct origin_request){0};
}

const char *origin_request_header(const struct origin_request *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (!strcasecmp(r->headers[i].name, name))
            return r->headers[i].value;
    return NULL;
}

bool origin_request_keeps_alive(const struct origin_request *r)
{
    const char *connection = origin_request_header(r, "Connection");
    if (!strcmp(r->version, "HTTP/1.0"))
        return connection && !strcasecmp(connection, "keep-alive");
    return !connection || strcasecmp(connection, "close");
}
