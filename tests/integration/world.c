/* SPDX-License-Identifier: MIT */
/* Places for tests, and their files; see world.h. */
#include "integration/world.h"

#include <dirent.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"

/* What of our own environment the program may see: how to find libraries and what sanitizers do. */
static const char *const kept[] = {"PATH",          "LD_LIBRARY_PATH", "ASAN_OPTIONS",
                                   "UBSAN_OPTIONS", "TSAN_OPTIONS",    "LSAN_OPTIONS"};

static const struct {
    const char *variable, *folder;
} homes[] = {
    {"HOME", "home"},
    {"XDG_STATE_HOME", "state"},
    {"XDG_CONFIG_HOME", "config"},
    {"XDG_CACHE_HOME", "cache"},
    {"XDG_RUNTIME_DIR", "run"},
};

char *world_path(const struct world *w, const char *name)
{
    return xasprintf("%s/%s", w->root, name);
}

void world_env(struct world *w, const char *name, const char *value)
{
    size_t len = strlen(name), i = 0;
    while (i < w->env_count && (strncmp(w->env[i], name, len) != 0 || w->env[i][len] != '='))
        i++;
    if (i == HAUL_ARRAY_LEN(w->env) - 1)
        abort();
    if (i == w->env_count)
        w->env_count++;
    else
        free(w->env[i]);
    w->env[i] = xasprintf("%s=%s", name, value);
}

static char *make_folder(const struct world *w, const char *name)
{
    char *path = world_path(w, name);
    if (mkdir(path, 0700))
        abort();
    return path;
}

void world_init(struct world *w)
{
    const char *tmp = getenv("TMPDIR");
    *w = (struct world){.file_max = RLIM_INFINITY};
    w->root = xasprintf("%s/haul-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->root))
        abort();
    for (size_t i = 0; i < HAUL_ARRAY_LEN(kept); i++)
        if (getenv(kept[i]))
            world_env(w, kept[i], getenv(kept[i]));
    for (size_t i = 0; i < HAUL_ARRAY_LEN(homes); i++) {
        char *path = make_folder(w, homes[i].folder);
        world_env(w, homes[i].variable, path);
        free(path);
    }
    world_env(w, "LC_ALL", "C.UTF-8");
    w->dir = make_folder(w, "dir");
}

static int delete_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void world_release(struct world *w)
{
    nftw(w->root, delete_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < w->env_count; i++)
        free(w->env[i]);
    free(w->root);
    free(w->dir);
    free(w->resolv_conf);
}

char *world_write(const struct world *w, const char *name, const char *text)
{
    char *path = world_path(w, name);
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f))
        abort();
    return path;
}

static int visible(const struct dirent *d)
{
    return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

void world_list(const struct world *w, struct buf *out)
{
    struct dirent **names;
    int count = scandir(w->dir, &names, visible, alphasort);
    for (int i = 0; i < count; i++) {
        buf_addf(out, "%s%s", i ? " " : "", names[i]->d_name);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}
