/* SPDX-License-Identifier: MIT */
/* See real.h. */
#include "real.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"

static void set_dir(const struct real *r, const char *variable, const char *name)
{
    char *path = xasprintf("%s/%s", r->root, name);
    if (mkdir(path, 0700))
        abort();
    setenv(variable, path, 1);
    free(path);
}

static void set_environment(struct real *r)
{
    set_dir(r, "HOME", "home");
    set_dir(r, "XDG_STATE_HOME", "state");
    set_dir(r, "XDG_CONFIG_HOME", "config");
    set_dir(r, "XDG_DATA_HOME", "data");
    set_dir(r, "XDG_CACHE_HOME", "cache");
    set_dir(r, "HAUL_TEST_DIR", "files");
    r->dir = xasprintf("%s/files", r->root);
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("TZ", "UTC", 1);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

static void prepare(struct real *r)
{
    *r = (struct real){.root = xstrdup("/tmp/haul-tui-test-XXXXXX")};
    if (!mkdtemp(r->root))
        abort();
    set_environment(r);
    r->origin = origin_new(NULL);
}

void real_open(struct real *r, int rows, int cols, const char *extra)
{
    prepare(r);
    char program[] = HAUL_BIN, option[] = "-d", retry[] = "--retry-wait=0.05";
    char *last = xstrdup(extra);
    screen_exec(&r->screen, rows, cols, (char *[]){program, option, r->dir, retry, last, NULL});
    free(last);
}

void real_open_program(struct real *r, int rows, int cols, char *const argv[])
{
    prepare(r);
    screen_exec(&r->screen, rows, cols, argv);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void real_close(struct real *r)
{
    screen_close(&r->screen);
    origin_free(r->origin);
    nftw(r->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(r->root);
    free(r->dir);
}

char *real_url(const struct real *r, const char *path)
{
    struct buf url;
    buf_init(&url);
    origin_url(r->origin, path, &url);
    return buf_detach(&url);
}

int64_t real_size(const struct real *r, const char *name)
{
    struct stat st;
    char *path = xasprintf("%s/%s", r->dir, name);
    int64_t size = stat(path, &st) ? -1 : (int64_t)st.st_size;
    free(path);
    return size;
}
