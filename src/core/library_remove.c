/* SPDX-License-Identifier: MIT */
/*
 * Deleting an entry of the library from disk; see library.h. Links and manifests of the entry go
 * first; then the disk itself tells which shared files are still in use, so that what another
 * program put there counts as well.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/library.h"
#include "core/path.h"

#define MANIFEST_MAX   ((size_t)4 << 20)
#define MANIFEST_NODES 10000
#define DEPTH_MAX      64

/* What is still needed. */
struct in_use {
    struct string_list names;  /* base names of shared files */
    bool unsure;               /* something could not be read: all are */
    struct string_list listed; /* absolute paths that other entries have */
};

void model_removal_release(struct model_removal *r)
{
    string_list_release(&r->kept);
    string_list_release(&r->left);
    free(r->heir);
    *r = (struct model_removal){0};
}

static void keep(struct model_removal *r, const char *path, const char *why)
{
    char *line = xasprintf("%s: %s", path, why);
    string_list_add(&r->kept, line);
    free(line);
}

/* ---- what is in use ---- */

typedef void visitor(struct in_use *used, int dirfd, const char *name, unsigned char type);

static void walk(struct in_use *used, int fd, unsigned depth, visitor *visit)
{
    DIR *dir = fd >= 0 && depth < DEPTH_MAX ? fdopendir(fd) : NULL;
    if (!dir) {
        used->unsure |= fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            walk(used,
                 openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                 depth + 1, visit);
        else
            visit(used, dirfd(dir), e->d_name, S_ISLNK(st.st_mode) ? DT_LNK : DT_REG);
    }
    closedir(dir);
}

static void visit_snapshot(struct in_use *used, int dirfd, const char *name, unsigned char type)
{
    char target[PATH_MAX];
    if (type != DT_LNK)
        return;
    ssize_t len = readlinkat(dirfd, name, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    const char *slash = strrchr(target, '/');
    used->unsure |= len <= 0;
    string_list_add(&used->names, slash ? slash + 1 : target);
}

/* Ollama's blobs are called "sha256-HEX" where the manifest says "sha256:HEX". */
static void use_digest(struct in_use *used, const struct json *descriptor)
{
    const char *digest = json_string(json_get(descriptor, "digest"), NULL);
    if (!digest)
        return;
    char *name = xstrdup(digest);
    char *colon = strchr(name, ':');
    if (colon)
        *colon = '-';
    string_list_add(&used->names, name);
    free(name);
}

static void visit_manifest(struct in_use *used, int dirfd, const char *name, unsigned char type)
{
    int fd = type == DT_REG ? openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
    char *text = xmalloc(MANIFEST_MAX);
    ssize_t len = fd >= 0 ? read(fd, text, MANIFEST_MAX) : -1;
    struct json *root =
        len > 0 ? json_parse(text, (size_t)len, MANIFEST_NODES, HAUL_ERR_DISK, NULL) : NULL;
    const struct json *layers = json_get(root, "layers");
    used->unsure |= !root;
    use_digest(used, json_get(root, "config"));
    for (size_t i = 0; i < json_count(layers); i++)
        use_digest(used, json_at(layers, i));
    json_free(root);
    free(text);
    if (fd >= 0)
        close(fd);
}

/* "models--o--n" of "models--o--n/blobs/abc"; caller frees. */
static char *repo_folder(const struct model *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const char *slash = strchr(m->files[i].path, '/');
        if (slash)
            return xstrndup(m->files[i].path, (size_t)(slash - m->files[i].path));
    }
    return NULL;
}

static void find_listed(const struct model *m, const struct model_list *all, struct in_use *used)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct model *other = &all->items[i];
        for (size_t k = 0; strcmp(other->id, m->id) != 0 && k < other->count; k++) {
            const struct model_file *f = &other->files[k];
            char *path = path_join(other->root, f->path);
            char *link = f->link ? path_join(other->root, f->link) : NULL;
            string_list_add(&used->listed, path);
            if (link)
                string_list_add(&used->listed, link);
            free(link);
            free(path);
        }
    }
    string_list_sort(&used->listed);
}

static void find_used(const struct model *m, struct in_use *used)
{
    bool hf = m->layout == LAYOUT_HF_CACHE;
    char *folder = hf ? repo_folder(m) : xstrdup("");
    if (!folder)
        return;
    char *rel = hf ? xasprintf("%s/snapshots", folder) : xstrdup("manifests");
    char *path = path_join(m->root, rel);
    walk(used, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0,
         hf ? visit_snapshot : visit_manifest);
    string_list_sort(&used->names);
    free(path);
    free(rel);
    free(folder);
}

static bool is_used(const struct in_use *used, const char *path)
{
    const char *slash = strrchr(path, '/');
    return used->unsure || string_list_has(&used->names, slash ? slash + 1 : path);
}

/* ---- what a revision of the Hub's cache has left ---- */

static void visit_any(struct in_use *used, int dirfd, const char *name, unsigned char type)
{
    (void)dirfd;
    (void)type;
    string_list_add(&used->names, name);
}

/* Who has other files of the revision needs its list and its references. The links of the entry
 * itself are gone by now. */
static bool revision_has_files(const struct model *m, const struct model_file *f)
{
    struct in_use found = {0};
    const char *slash = strchr(f->path, '/');
    if (m->layout != LAYOUT_HF_CACHE || !m->revision || !slash)
        return false;
    char *rel = xasprintf("%.*s/snapshots/%s", (int)(slash - f->path), f->path, m->revision);
    char *path = path_join(m->root, rel);
    walk(&found, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0, visit_any);
    bool any = found.names.count || found.unsure;
    string_list_release(&found.names);
    free(path);
    free(rel);
    return any;
}

static bool has_same_revision(const struct model *a, const struct model *b)
{
    char *x = repo_folder(a), *y = repo_folder(b);
    bool same = strcmp(a->id, b->id) != 0 && a->layout == b->layout && !strcmp(a->root, b->root) &&
                a->revision && b->revision && !strcmp(a->revision, b->revision) && x && y &&
                !strcmp(x, y);
    free(x);
    free(y);
    return same;
}

static void find_heir(const struct model *m, const struct model_list *all, struct model_removal *r)
{
    for (size_t i = 0; !r->heir && i < all->count; i++)
        if (m->layout == LAYOUT_HF_CACHE && has_same_revision(m, &all->items[i]))
            r->heir = xstrdup(all->items[i].id);
}

/* ---- deleting ---- */

/* A link of the entry leads from the snapshot to the shared file; any other is not ours. One that
 * another entry has, too, stays without a word: its file will be named. */
static void remove_link(const struct model *m, const struct model_file *f,
                        const struct in_use *used, struct model_removal *r)
{
    const char *base;
    char target[PATH_MAX];
    char *shown = path_join(m->root, f->link);
    bool listed = string_list_has(&used->listed, shown);
    int dirfd = listed ? -1 : path_open_parent(m->root, f->link, false, &base, NULL);
    ssize_t len = dirfd >= 0 ? readlinkat(dirfd, base, target, sizeof target - 1) : -1;
    if (len > 0) {
        target[len] = '\0';
        const char *end = strrchr(target, '/'), *want = strrchr(f->path, '/');
        if (strcmp(end ? end + 1 : target, want ? want + 1 : f->path) != 0)
            keep(r, shown, "leads elsewhere by now");
        else if (unlinkat(dirfd, base, 0) != 0)
            keep(r, shown, strerror(errno));
    }
    if (dirfd >= 0)
        close(dirfd);
    free(shown);
}

/* The tag of the Hub's cache stands in no repository's folder: it is of the cache as a whole. */
static bool is_cache_tag(const struct model *m, const struct model_file *f)
{
    return f->document && m->layout == LAYOUT_HF_CACHE && !strchr(f->path, '/');
}

/* "models--o--n/refs/main"; no other document contains a commit. */
static bool is_reference(const struct model *m, const struct model_file *f)
{
    const char *slash = strchr(f->path, '/');
    return f->document && m->layout == LAYOUT_HF_CACHE && slash && !strncmp(slash, "/refs/", 6);
}

/* A reference that has moved on to another commit is that commit's. */
static bool says_another(const struct model *m, int dirfd, const char *base)
{
    char text[128];
    if (!m->revision)
        return false;
    int fd = openat(dirfd, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[len > 0 ? len : 0] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return strcmp(text, m->revision) != 0;
}

static const char needed_by_rest[] = "is needed by other files of its revision";

/* NULL when it may be deleted, "" when it stays without a word. */
static const char *reason_to_keep(const struct model *m, const struct model_file *f,
                                  const struct in_use *used, const char *path, int dirfd,
                                  const char *base, struct stat *st)
{
    if (dirfd < 0 || is_cache_tag(m, f) || fstatat(dirfd, base, st, AT_SYMLINK_NOFOLLOW) != 0)
        return "";
    if (!S_ISREG(st->st_mode))
        return "is no plain file";
    if (!f->made)
        return "was not written by haul";
    if (f->size >= 0 && st->st_size != f->size)
        return "has changed since";
    if (is_reference(m, f) && says_another(m, dirfd, base))
        return "belongs to another revision by now";
    if (string_list_has(&used->listed, path) || (!f->document && is_used(used, f->path)))
        return "is used by another model";
    if (f->document && revision_has_files(m, f))
        return needed_by_rest;
    return NULL;
}

static void remove_file(const struct model *m, const struct model_file *f,
                        const struct in_use *used, struct model_removal *r)
{
    const char *base;
    struct stat st, moved;
    char *path = path_join(m->root, f->path);
    char *link = f->link ? path_join(m->root, f->link) : NULL;
    /* Where links cannot be made the file itself stands in the link's place. */
    bool there = lstat(path, &st) == 0;
    bool instead = !there && link && lstat(link, &moved) == 0 && S_ISREG(moved.st_mode);
    int dirfd = path_open_parent(m->root, instead ? f->link : f->path, false, &base, NULL);
    const char *why = reason_to_keep(m, f, used, instead ? link : path, dirfd, base, &st);
    if (why == needed_by_rest)
        string_list_add(&r->left, f->path);
    if (why && *why) {
        keep(r, instead ? link : path, why);
    } else if (!why && unlinkat(dirfd, base, 0) != 0) {
        keep(r, instead ? link : path, strerror(errno));
    } else if (!why && !f->document) {
        r->files++;
        r->bytes += st.st_size;
    }
    if (dirfd >= 0)
        close(dirfd);
    free(path);
    free(link);
}

/* Upwards from where `rel` was. The stores of others have nothing but what their layout wants. */
static void remove_dirs(const struct model *m, const char *rel)
{
    bool layout = m->layout == LAYOUT_HF_CACHE || m->layout == LAYOUT_OLLAMA;
    char *path = path_join(m->root, rel);
    size_t root = strlen(m->root);
    for (char *slash; (slash = strrchr(path, '/')) && (size_t)(slash - path) >= root;) {
        *slash = '\0';
        bool below = strlen(path) > root;
        bool ours = string_list_has(&m->dirs, path) || (layout && below);
        if (!ours || rmdir(path) != 0)
            break;
    }
    free(path);
}

void model_remove_files(const struct model *m, const struct model_list *all,
                        struct model_removal *r)
{
    struct in_use used = {0};
    bool layout = m->layout == LAYOUT_HF_CACHE || m->layout == LAYOUT_OLLAMA;
    find_heir(m, all, r);
    find_listed(m, all, &used);
    for (size_t i = 0; i < m->count; i++)
        if (m->files[i].link)
            remove_link(m, &m->files[i], &used, r);
    for (size_t i = 0; i < m->count; i++)
        if (m->files[i].document)
            remove_file(m, &m->files[i], &used, r);
    if (layout)
        find_used(m, &used);
    for (size_t i = 0; i < m->count; i++)
        if (!m->files[i].document)
            remove_file(m, &m->files[i], &used, r);
    for (size_t i = 0; i < m->count; i++) {
        if (m->files[i].link)
            remove_dirs(m, m->files[i].link);
        remove_dirs(m, m->files[i].path);
    }
    string_list_release(&used.names);
    string_list_release(&used.listed);
}
