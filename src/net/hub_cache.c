/* SPDX-License-Identifier: MIT */
/* The Hub's cache on disk; see hub_cache.h. */
#include "net/hub_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/units.h"
#include "net/place.h"

#define DEPTH_MAX 64 /* folders in folders of a snapshot */

static const char tag_path[] = "CACHEDIR.TAG";
static const char tag_text[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
                               "# This file is a cache directory tag created by huggingface_hub.\n"
                               "# For information about cache directory tags, see:\n"
                               "#\thttps://bford.info/cachedir/\n";

char *hub_cache_folder(const struct hub *h)
{
    static const char *const types[] = {
        [SPEC_MODEL] = "models", [SPEC_DATASET] = "datasets", [SPEC_SPACE] = "spaces"};
    struct buf out;
    buf_init(&out);
    buf_add_str(&out, types[h->type]);
    buf_add_str(&out, "--");
    for (const char *s = h->name; *s; s++) {
        if (*s == '/')
            buf_add_str(&out, "--");
        else
            buf_add_char(&out, *s);
    }
    return buf_detach(&out);
}

/* False for a file that is not there, no file, or larger than out->max. */
static bool read_file(const char *root, const char *rel, struct buf *out)
{
    char chunk[16384], *path = path_join(root, rel);
    FILE *f = fopen(path, "re");
    bool good = f != NULL;
    for (size_t n; f && good && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        good = buf_add(out, chunk, n);
    good = good && !ferror(f);
    if (f)
        fclose(f);
    free(path);
    return good;
}

static bool read_reference(const struct hub *h, const char *root, const char *folder,
                           char out[HUB_COMMIT_SIZE])
{
    struct buf text;
    buf_init_max(&text, 128);
    char *rel = xasprintf("%s/refs/%s", folder, h->revision);
    bool good = read_file(root, rel, &text);
    while (text.len && strchr(" \r\n", text.data[text.len - 1]))
        buf_truncate(&text, text.len - 1);
    good = good && hub_is_commit(text.data);
    if (good)
        memcpy(out, text.data, HUB_COMMIT_SIZE);
    free(rel);
    buf_release(&text);
    return good;
}

bool hub_cache_find_commit(struct hub *h, const char *root, const char *folder)
{
    if (!hub_is_commit(h->revision))
        return read_reference(h, root, folder, h->commit);
    memcpy(h->commit, h->revision, sizeof h->commit);
    return true;
}

bool hub_cache_list(const struct hub *h, const char *root, const char *folder,
                    struct hub_tree *tree)
{
    struct buf text;
    buf_init_max(&text, HUB_LISTING_MAX);
    char *rel = xasprintf("%s/trees/%s.json", folder, h->commit);
    bool good = read_file(root, rel, &text) && hub_tree_parse(tree, text.data, text.len);
    free(rel);
    buf_release(&text);
    return good;
}

/* The file that a link of a snapshot leads to; false for what is no blob of this cache. */
static bool read_link(int dirfd, const char *name, struct hub_file *f)
{
    char target[PATH_MAX];
    struct stat st;
    ssize_t len = readlinkat(dirfd, name, target, sizeof target - 1);
    if (len <= 0 || fstatat(dirfd, name, &st, 0) != 0 || !S_ISREG(st.st_mode))
        return false;
    target[len] = '\0';
    const char *slash = strrchr(target, '/'), *etag = slash ? slash + 1 : target;
    f->size = st.st_size;
    f->large = strlen(etag) == 2 * sizeof f->sha256;
    return f->large
               ? units_parse_hex(etag, f->sha256, sizeof f->sha256)
               : strlen(etag) == 2 * sizeof f->git && units_parse_hex(etag, f->git, sizeof f->git);
}

static void walk(int fd, const char *prefix, unsigned depth, struct hub_tree *tree);

static void visit(int dirfd, const char *name, const char *prefix, unsigned depth,
                  struct hub_tree *tree)
{
    struct hub_file found = {.size = -1};
    char *path = xasprintf("%s%s", prefix, name);
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        char *below = xasprintf("%s/", path);
        walk(fd, below, depth + 1, tree);
        free(below);
    } else if (tree->count < HUB_FILES_MAX && read_link(dirfd, name, &found)) {
        struct hub_file *f = hub_tree_add(tree, path);
        found.path = f->path;
        *f = found;
    }
    free(path);
}

static void walk(int fd, const char *prefix, unsigned depth, struct hub_tree *tree)
{
    DIR *dir = depth < DEPTH_MAX ? fdopendir(fd) : NULL;
    if (!dir) {
        close(fd);
        return;
    }
    for (struct dirent *d; (d = readdir(dir));)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            visit(dirfd(dir), d->d_name, prefix, depth, tree);
    closedir(dir);
}

bool hub_cache_list_snapshot(const struct hub *h, const char *root, const char *folder,
                             struct hub_tree *tree)
{
    char *rel = xasprintf("%s/snapshots/%s", folder, h->commit), *path = path_join(root, rel);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        walk(fd, "", 0, tree);
    free(path);
    free(rel);
    return tree->count && hub_tree_sort(tree, NULL) == HAUL_OK;
}

bool hub_cache_has(const char *root, const char *folder, const struct hub_file *file)
{
    struct stat st;
    char etag[HUB_ETAG_SIZE];
    hub_file_etag(file, etag);
    char *path = xasprintf("%s/%s/blobs/%s", root, folder, etag);
    bool there = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == file->size;
    free(path);
    return there;
}

void hub_cache_add_file(struct plan *plan, const struct hub *h, const char *folder,
                        const struct hub_file *file)
{
    char etag[HUB_ETAG_SIZE];
    hub_file_etag(file, etag);
    struct plan_file *f = plan_add(plan);
    f->url = hub_file_url(h, file->path);
    f->path = xasprintf("%s/blobs/%s", folder, etag);
    f->name = xstrdup(file->path);
    f->link = xasprintf("%s/snapshots/%s/%s", folder, h->commit, file->path);
    f->lock = xasprintf(".locks/%s/%s.lock", folder, etag);
    f->addressed = true;
    f->size = file->size;
    f->digest = hub_file_digest(file);
}

void hub_cache_add_documents(struct plan *plan, const struct hub *h, const char *folder,
                             const struct hub_tree *tree)
{
    char now[HUB_COMMIT_SIZE];
    if (tree) {
        struct buf list;
        buf_init_max(&list, HUB_LISTING_MAX);
        hub_tree_write(tree, &list);
        char *path = xasprintf("%s/trees/%s.json", folder, h->commit);
        if (!list.full)
            plan_add_document(plan, path, list.data, list.len, true);
        free(path);
        buf_release(&list);
    }
    bool fresh = read_reference(h, plan->root, folder, now) && !strcmp(now, h->commit);
    if (!hub_is_commit(h->revision) && !fresh) {
        char *path = xasprintf("%s/refs/%s", folder, h->revision);
        plan_add_document(plan, path, h->commit, strlen(h->commit), false);
        free(path);
    }
    plan_add_document(plan, tag_path, tag_text, strlen(tag_text), true);
}

void hub_cache_note_absent(const struct hub *h, const char *root, const char *folder,
                           const char *path)
{
    struct haul_fault fault;
    char *marker = xasprintf("%s/.no_exist/%s/%s", folder, h->commit, path), empty[] = "";
    struct plan_document doc = {.path = marker, .text = empty, .keep = true};
    /* A hint for others: where it cannot be written nothing is lost. */
    if (path_check_relative(path, &fault) == HAUL_OK &&
        path_make_dirs(root, 0777, &fault) == HAUL_OK)
        (void)!place_document(root, &doc, &fault);
    free(marker);
}
