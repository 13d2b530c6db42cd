/* SPDX-License-Identifier: MIT */
/* Who may call; see server_guard.h. */
#include "api/server_guard.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "api/endpoint.h"

#define NAME_MAX_BYTES 256

bool guard_same_secret(const char *given, size_t len, const char *secret)
{
    size_t want = strlen(secret);
    unsigned char differ = len != want;
    for (size_t i = 0; i < want; i++)
        differ |= (unsigned char)(secret[i] ^ given[len ? i % len : 0]);
    return !differ && want;
}

/* The name of "name:port" or "[address]:port", without brackets. False for what is none. */
static bool host_name(const char *host, char name[NAME_MAX_BYTES])
{
    bool bracket = *host == '[';
    const char *begin = host + bracket;
    size_t len = strcspn(begin, bracket ? "]" : ":");
    const char *rest = begin + len;
    if (!len || len >= NAME_MAX_BYTES || (bracket && *rest++ != ']'))
        return false;
    if (*rest && (*rest != ':' || strspn(rest + 1, "0123456789") != strlen(rest + 1)))
        return false;
    memcpy(name, begin, len);
    name[len] = '\0';
    return true;
}

static bool same_address(const char *a, const char *b)
{
    struct in6_addr x, y;
    if (inet_pton(AF_INET6, a, &x) == 1 && inet_pton(AF_INET6, b, &y) == 1)
        return IN6_ARE_ADDR_EQUAL(&x, &y);
    return !strcasecmp(a, b);
}

static bool is_address(const char *name)
{
    struct in6_addr any;
    return inet_pton(AF_INET, name, &any) == 1 || inet_pton(AF_INET6, name, &any) == 1;
}

static bool is_listed_host(const struct guard *g, const char *name)
{
    char listed[NAME_MAX_BYTES]; /* as it may stand in an address, with a port */
    for (size_t i = 0; g->hosts && i < g->hosts->count; i++)
        if (host_name(g->hosts->items[i], listed) && !strcasecmp(listed, name))
            return true;
    return false;
}

/* Names are the danger: an address cannot be made to lead elsewhere. */
static bool host_allowed(const struct guard *g, const struct guard_request *r)
{
    char name[NAME_MAX_BYTES];
    if (!r->host || !host_name(r->host, name))
        return false;
    if (endpoint_is_loopback(name) || is_listed_host(g, name))
        return true;
    return r->tcp &&
           ((g->host && same_address(name, g->host)) ||
            (r->local && same_address(name, r->local)) || (g->any_address && is_address(name)));
}

bool guard_listed_origin(const struct guard *g, const char *origin)
{
    size_t len = origin ? strlen(origin) : 0;
    for (size_t i = 0; origin && g->origins && i < g->origins->count; i++) {
        const char *listed = g->origins->items[i];
        if (!strncasecmp(listed, origin, len) && (!listed[len] || !strcmp(listed + len, "/")))
            return true;
    }
    return false;
}

/* Our own page names the host that it was fetched from, which host_allowed has looked at. */
static bool origin_allowed(const struct guard *g, const struct guard_request *r)
{
    if (!r->origin || guard_listed_origin(g, r->origin))
        return true;
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(schemes[i]);
        if (!strncasecmp(r->origin, schemes[i], len) && !strcasecmp(r->origin + len, r->host))
            return true;
    }
    return false;
}

static bool token_right(const struct guard *g, const struct guard_request *r)
{
    static const char scheme[] = "Bearer ";
    if (!r->authorization || strncasecmp(r->authorization, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *given = r->authorization + sizeof scheme - 1;
    given += strspn(given, " ");
    return guard_same_secret(given, strcspn(given, " \t"), g->token);
}

/* What a form of somebody else's page can send without asking is never this. */
static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    size_t len = sizeof json - 1;
    return type && !strncasecmp(type, json, len) && strchr("; \t", type[len]);
}

int guard_check(const struct guard *g, const struct guard_request *r, const char **why)
{
    if (!host_allowed(g, r)) {
        *why = "the Host header names neither this server's address nor loopback; haul serve "
               "--allow-host NAME lets a name in";
        return 403;
    }
    if (!origin_allowed(g, r)) {
        *why = "pages of that origin may not call this server; haul serve --allow-origin lets them";
        return 403;
    }
    if (r->tcp && !r->open && !token_right(g, r)) {
        *why = "the server's token is missing or wrong: send 'Authorization: Bearer TOKEN'; the "
               "server keeps it in its state directory, in the file 'token'";
        return 401;
    }
    if (r->body && !is_json(r->content_type)) {
        *why = "send 'Content-Type: application/json'";
        return 415;
    }
    return 0;
}
