/* SPDX-License-Identifier: MIT */
/* Addresses of job servers; see endpoint.h. */
#include "api/endpoint.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/token.h"
#include "core/alloc.h"
#include "core/path.h"

#define RUNTIME_DIRS "/run/user" /* pam_systemd(8) */

static char *in_state_dir(const char *name)
{
    char *dir = path_state_dir();
    char *path = dir ? path_join(dir, name) : NULL;
    free(dir);
    return path;
}

char *endpoint_socket_path(void)
{
    const char *run = getenv("XDG_RUNTIME_DIR");
    bool there = run && *run == '/' && access(run, F_OK) == 0;
    return there ? path_join(run, "haul.sock") : in_state_dir("haul.sock");
}

/* Of its owner alone: what somebody else has put there is not to get anybody's jobs. */
static bool is_own_socket(const char *path)
{
    struct stat st;
    return path && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == geteuid();
}

/* cron and su set no XDG_RUNTIME_DIR, but the server that was started at the login has one. */
char *endpoint_found_socket_path(const char *runtime_dirs)
{
    char *usual = endpoint_socket_path();
    if (getenv("XDG_RUNTIME_DIR") || is_own_socket(usual))
        return usual;
    char *login = xasprintf("%s/%lu/haul.sock", runtime_dirs, (unsigned long)geteuid());
    bool found = is_own_socket(login);
    free(found ? usual : login);
    return found ? login : usual;
}

char *endpoint_token_path(void)
{
    return in_state_dir("token");
}

bool endpoint_is_loopback(const char *name)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, name, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    if (inet_pton(AF_INET6, name, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return !strcasecmp(name, "localhost");
}

/* The token that lies here is of a server that runs here; no other host is to see it. */
static bool is_here(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    bool bracket = *host == '[';
    char *name = xstrndup(host + bracket, strcspn(host + bracket, bracket ? "]" : ":/"));
    bool here = endpoint_is_loopback(name);
    free(name);
    return here;
}

static enum haul_error read_token(struct endpoint *e, const char *file, struct haul_fault *fault)
{
    const char *given = getenv("HAUL_TOKEN");
    if (file)
        return token_read(file, false, &e->token, NULL, fault);
    if (given && *given) {
        e->token = xstrdup(given);
        return HAUL_OK;
    }
    char *path = e->here ? endpoint_token_path() : NULL;
    enum haul_error err = HAUL_OK;
    if (path && access(path, F_OK) == 0)
        err = token_read(path, false, &e->token, NULL, fault);
    free(path);
    return err;
}

static enum haul_error refuse(const char *text, struct haul_fault *fault)
{
    return fault_set(fault, HAUL_ERR_USAGE,
                     "the job server '%s' (--server, HAUL_SERVER) is neither http://HOST:PORT nor "
                     "unix:/PATH",
                     text);
}

static enum haul_error init_unix(struct endpoint *e, const char *path, struct haul_fault *fault)
{
    if (*path != '/')
        return refuse(path, fault);
    e->socket_path = xstrdup(path);
    e->url = xstrdup("http://localhost");
    e->shown = xasprintf("unix:%s", path);
    e->here = true;
    return HAUL_OK;
}

/* Host and port and nothing else: what a login or a path would mean here nobody knows. */
static enum haul_error init_tcp(struct endpoint *e, const char *text, const char *token_file,
                                struct haul_fault *fault)
{
    const char *host = strstr(text, "://") + 3;
    size_t len = strcspn(host, "/");
    bool plain = host[len] == '\0' || !strcmp(host + len, "/");
    if (!len || !plain || strcspn(host, "@?# \t") < len)
        return refuse(text, fault);
    e->url = xstrndup(text, (size_t)(host - text) + len);
    e->shown = xstrdup(e->url);
    e->here = is_here(e->url);
    return read_token(e, token_file, fault);
}

enum haul_error endpoint_init(struct endpoint *e, const char *text, const char *token_file,
                              struct haul_fault *fault)
{
    *e = (struct endpoint){0};
    char *own = text ? NULL : endpoint_found_socket_path(RUNTIME_DIRS);
    enum haul_error err;
    if (!text && !own)
        err = fault_set(fault, HAUL_ERR_USAGE, "no job server is named: give --server");
    else if (!text)
        err = init_unix(e, own, fault);
    else if (!strncmp(text, "unix:", 5))
        err = init_unix(e, text + 5 + (strncmp(text + 5, "//", 2) ? 0 : 2), fault);
    else if (!strncmp(text, "http://", 7) || !strncmp(text, "https://", 8))
        err = init_tcp(e, text, token_file, fault);
    else
        err = refuse(text, fault);
    free(own);
    if (err != HAUL_OK)
        endpoint_release(e);
    return err;
}

bool endpoint_is_far(const char *text)
{
    return text && strncmp(text, "unix:", 5) != 0;
}

void endpoint_release(struct endpoint *e)
{
    free(e->url);
    free(e->socket_path);
    free(e->token);
    free(e->shown);
    *e = (struct endpoint){0};
}
