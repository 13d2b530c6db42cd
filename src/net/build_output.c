/* SPDX-License-Identifier: MIT */
/* What a build leaves on disk; see build_output.h. */
#include "net/build_output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"

#define DEPTH_MAX 64

void build_output_init(struct build_output *o, const struct recipe *recipe)
{
    struct stat st;
    *o = (struct build_output){.path = path_join(recipe->cwd, recipe->output)};
    o->existed = lstat(o->path, &st) == 0;
    char *parent = xstrdup(o->path);
    size_t root = strlen(recipe->cwd);
    for (char *slash; (slash = strrchr(parent, '/')) && (size_t)(slash - parent) > root;) {
        *slash = '\0';
        if (lstat(parent, &st) == 0)
            break;
        string_list_add(&o->parents, parent);
    }
    free(parent);
}

void build_output_release(struct build_output *o)
{
    free(o->path);
    string_list_release(&o->parents);
    *o = (struct build_output){0};
}

/* ---- listing ---- */

static void add_file(struct plan *plan, const char *path, const struct stat *st)
{
    struct plan_file *f = plan_add(plan);
    f->path = xstrdup(path + strlen(plan->root) + (strcmp(plan->root, "/") ? 1 : 0));
    f->size = st->st_size;
    f->modified_ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
}

static void add_tree(struct plan *plan, const char *path, unsigned depth, bool made)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return;
    if (S_ISREG(st.st_mode))
        add_file(plan, path, &st);
    DIR *dir = S_ISDIR(st.st_mode) && depth < DEPTH_MAX ? opendir(path) : NULL;
    if (!dir)
        return;
    if (made)
        string_list_add(&plan->made_dirs, path);
    for (struct dirent *e; (e = readdir(dir));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        char *below = xasprintf("%s/%s", path, e->d_name);
        add_tree(plan, below, depth + 1, made);
        free(below);
    }
    closedir(dir);
}

static int compare(const void *a, const void *b)
{
    const struct plan_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

enum haul_error build_output_plan(const struct build_output *o, const struct recipe *recipe,
                                  struct plan *plan, struct haul_fault *fault)
{
    struct stat st;
    if (lstat(o->path, &st) != 0)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "%s: the build made no %s", recipe->name,
                         o->path);
    if (recipe->has_sha256 && !S_ISREG(st.st_mode))
        return fault_set(fault, HAUL_ERR_USAGE,
                         "%s: sha256 is for an output that is one plain file; %s is not",
                         recipe->name, o->path);
    plan->name = xstrdup(recipe->name);
    plan->root = xstrdup(recipe->cwd);
    for (size_t i = 0; i < o->parents.count; i++)
        string_list_add(&plan->made_dirs, o->parents.items[i]);
    add_tree(plan, o->path, 0, !o->existed);
    if (!plan->count)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "%s: there is no plain file in %s",
                         recipe->name, o->path);
    qsort(plan->files, plan->count, sizeof *plan->files, compare);
    return HAUL_OK;
}

/* ---- deleting ---- */

/* By descriptors, so that a link that is put in the way meanwhile leads nowhere. */
static void remove_at(int dirfd, const char *name, unsigned depth)
{
    if (unlinkat(dirfd, name, 0) == 0 || (errno != EISDIR && errno != EPERM) || depth > DEPTH_MAX)
        return;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(dir));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            remove_at(fd, e->d_name, depth + 1);
    closedir(dir);
    unlinkat(dirfd, name, AT_REMOVEDIR);
}

void build_output_remove(const struct build_output *o)
{
    if (o->existed)
        return;
    remove_at(AT_FDCWD, o->path, 0);
    for (size_t i = 0; i < o->parents.count; i++)
        if (rmdir(o->parents.items[i]) != 0)
            break;
}
