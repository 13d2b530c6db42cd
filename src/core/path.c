/* SPDX-License-Identifier: MIT */
/* Directories: where they are, and the one way below them. See path.h. */
#include "core/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define FREE_NAME_TRIES 10000

static bool is_directory(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

enum haul_error path_make_dirs(const char *path, unsigned mode, struct haul_fault *fault)
{
    enum haul_error rc = HAUL_OK;
    if (is_directory(path))
        return HAUL_OK;
    char *prefix = xstrdup(path);
    size_t len = 0;
    do {
        len += strspn(path + len, "/");
        len += strcspn(path + len, "/");
        prefix[len] = '\0';
        if (mkdir(prefix, (mode_t)mode) != 0) {
            int err = errno;
            if (!is_directory(prefix))
                rc = fault_set_errno(fault, err, "cannot make the directory %s", prefix);
        }
        prefix[len] = path[len];
    } while (rc == HAUL_OK && path[len]);
    free(prefix);
    return rc;
}

/* What would lead out of the root. The finer rules for names from servers are not for names that
 * a user chose, so they are path_check_relative's. */
static bool stays_below(const char *rel)
{
    for (;; rel++) {
        size_t len = strcspn(rel, "/");
        if (!len || len > 255 || (len == 2 && !strncmp(rel, "..", 2)) || (len == 1 && *rel == '.'))
            return false;
        rel += len;
        if (!*rel)
            return true;
    }
}

/* Opens the directory `name` in `parent`, which may not be a link; -1 with errno. */
static int open_component(int parent, const char *name, bool create)
{
    int fd = openat(parent, name, DIRECTORY_FLAGS | O_NOFOLLOW);
    if (fd >= 0 || errno != ENOENT || !create)
        return fd;
    if (mkdirat(parent, name, 0777) != 0 && errno != EEXIST)
        return -1;
    return openat(parent, name, DIRECTORY_FLAGS | O_NOFOLLOW);
}

static int fail_open(struct haul_fault *fault, const char *root, const char *rel, size_t len)
{
    int err = errno;
    if (err == ENOTDIR || err == ELOOP)
        fault_set(fault, HAUL_ERR_DISK, "%s/%.*s is a symbolic link or not a directory", root,
                  (int)len, rel);
    else
        fault_set_errno(fault, err, "cannot open the directory %s/%.*s", root, (int)len, rel);
    return -1;
}

/* Walks from `fd`, which it takes, to the directory of rel's last component. */
static int walk(int fd, const char *root, const char *rel, bool create, const char **base,
                struct haul_fault *fault)
{
    const char *s = rel;
    for (const char *slash; fd >= 0 && (slash = strchr(s, '/')); s = slash + 1) {
        char *name = xstrndup(s, (size_t)(slash - s));
        int next = open_component(fd, name, create);
        if (next < 0)
            fail_open(fault, root, rel, (size_t)(slash - rel));
        close(fd);
        free(name);
        fd = next;
    }
    *base = s;
    return fd;
}

char *path_free_name(int dirfd, const char *rel, unsigned *n)
{
    const char *slash = strrchr(rel, '/'), *base = slash ? slash + 1 : rel;
    const char *dot = strrchr(base, '.');
    const char *end = dot && dot != base ? dot : base + strlen(base); /* of the stem */
    while (*n < FREE_NAME_TRIES) {
        char *name = xasprintf("%.*s.%u%s", (int)(end - rel), rel, (*n)++, end);
        if (faccessat(dirfd, name + (base - rel), F_OK, AT_SYMLINK_NOFOLLOW) != 0)
            return name;
        free(name);
    }
    return NULL;
}

int path_open_parent(const char *root, const char *rel, bool create, const char **base,
                     struct haul_fault *fault)
{
    if (!root || !*root)
        root = ".";
    if (!stays_below(rel)) {
        fault_set(fault, HAUL_ERR_DISK, "unsafe file name \"%.200s\": it leaves the directory",
                  rel);
        return -1;
    }
    int fd = open(root, DIRECTORY_FLAGS);
    if (fd < 0 && errno == ENOENT && create) {
        if (path_make_dirs(root, 0777, fault) != HAUL_OK)
            return -1;
        fd = open(root, DIRECTORY_FLAGS);
    }
    if (fd < 0) {
        fault_set_errno(fault, errno, "cannot open the directory %s", root);
        return -1;
    }
    return walk(fd, root, rel, create, base, fault);
}

/* The working directory, "." where it has no name any more; caller frees. */
static char *working_directory(void)
{
    char *cwd = getcwd(NULL, 0);
    return cwd ? cwd : xstrdup(".");
}

static void append_part(struct buf *out, const char *part)
{
    while (part[0] == '.' && (part[1] == '/' || !part[1]))
        part += part[1] ? 2 : 1;
    if (!*part)
        return;
    if (out->len && out->data[out->len - 1] != '/')
        buf_add_char(out, '/');
    buf_add_str(out, part);
}

char *path_join(const char *dir, const char *rel)
{
    struct buf out;
    buf_init(&out);
    if (dir && dir[0] == '/') {
        buf_add_str(&out, dir);
    } else {
        char *cwd = working_directory();
        buf_add_str(&out, cwd);
        free(cwd);
        append_part(&out, dir ? dir : "");
    }
    append_part(&out, rel);
    return buf_detach(&out);
}

/* The variable's value with `rest` behind it; NULL where it is not set. */
static char *with_variable(const char *name, size_t len, const char *rest)
{
    char *key = xstrndup(name, len);
    const char *value = getenv(key);
    free(key);
    return value ? xasprintf("%s%s", value, rest) : NULL;
}

char *path_expand(const char *path)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    char *out = NULL;
    if (path[0] == '~' && (!path[1] || path[1] == '/'))
        out = with_variable("HOME", strlen("HOME"), path + 1);
    bool braces = path[0] == '$' && path[1] == '{';
    if (path[0] == '$') {
        const char *name = path + (braces ? 2 : 1);
        size_t len = strspn(name, letters);
        if (len && (!braces || name[len] == '}'))
            out = with_variable(name, len, name + len + (braces ? 1 : 0));
    }
    return out ? out : xstrdup(path);
}

static char *xdg_dir(const char *variable, const char *fallback)
{
    const char *base = getenv(variable);
    if (base && base[0] == '/')
        return xasprintf("%s/haul", base);
    const char *home = getenv("HOME");
    return home && home[0] ? xasprintf("%s/%s/haul", home, fallback) : NULL;
}

char *path_state_dir(void)
{
    return xdg_dir("XDG_STATE_HOME", ".local/state");
}

char *path_config_dir(void)
{
    return xdg_dir("XDG_CONFIG_HOME", ".config");
}
