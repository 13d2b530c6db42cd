/* SPDX-License-Identifier: MIT */
/* Places for tests, and their files; see world.h. */
#include "integration/world.h"

#include <dirent.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"

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

void world_nap(int64_t ms)
{
    struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

static int jobs_in(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *count = NULL;
    bool found =
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT count(*) FROM jobs", -1, &count, NULL) == SQLITE_OK &&
        sqlite3_step(count) == SQLITE_ROW;
    int jobs = found ? sqlite3_column_int(count, 0) : -1;
    sqlite3_finalize(count);
    sqlite3_close(db);
    return jobs;
}

bool world_await_jobs(const struct world *w, int count)
{
    char *path = world_path(w, "state/haul/haul.db");
    int64_t end = clock_now() + 20 * CLOCK_SEC;
    int jobs;
    while ((jobs = jobs_in(path)) < count && clock_now() < end)
        world_nap(5);
    free(path);
    return jobs >= count;
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
