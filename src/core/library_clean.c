/* SPDX-License-Identifier: MIT */
/*
 * Partial files that nobody goes on with; see library.h. A file is taken for haul's only by its
 * company: a `.part.state` that begins like one, or a `.part.lock` with a lease in it. Other
 * programs call their files `.part`, too.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/lease.h"
#include "core/library.h"
#include "core/path.h"

#define DEPTH_MAX   64
#define STATE_MAGIC "haul-part "

struct search {
    const struct string_list *wanted;
    bool deep;
    struct leftover_list *out;
};

void leftover_list_release(struct leftover_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->items[i].path);
    free(l->items);
    *l = (struct leftover_list){0};
}

static bool ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), tail = strlen(end);
    return len > tail && !strcmp(s + len - tail, end);
}

static ssize_t read_head(int dirfd, const char *name, char *out, size_t size, struct stat *st)
{
    int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool plain = fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode);
    ssize_t len = plain ? read(fd, out, size - 1) : -1;
    if (fd >= 0)
        close(fd);
    out[len > 0 ? len : 0] = '\0';
    return len;
}

enum company { STRANGER, ORPHAN, OWNED };

static enum company lock_says(int dirfd, const char *name)
{
    char text[LEASE_SIZE];
    struct stat st;
    if (read_head(dirfd, name, text, sizeof text, &st) <= 0)
        return STRANGER;
    size_t blanks = 0;
    for (const char *p = text; *p; p++)
        blanks += *p == ' ';
    if (blanks != 5)
        return STRANGER;
    int64_t beat = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
    return lease_alive(text, beat, clock_wall_ms()) ? OWNED : ORPHAN;
}

static bool is_state(int dirfd, const char *name)
{
    char text[sizeof STATE_MAGIC];
    struct stat st;
    return read_head(dirfd, name, text, sizeof text, &st) > 0 && !strcmp(text, STATE_MAGIC);
}

static int64_t size_of(int dirfd, const char *name)
{
    struct stat st;
    bool plain = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
    return plain ? (int64_t)st.st_blocks * 512 : 0;
}

/* `final` is the name without haul's suffix. */
static void judge(struct search *s, const char *dir, int dirfd, const char *final)
{
    char *path = xasprintf("%s/%s", strcmp(dir, "/") ? dir : "", final);
    char *data = xasprintf("%s.part", final), *state = xasprintf("%s.part.state", final);
    char *lock = xasprintf("%s.part.lock", final);
    enum company company = lock_says(dirfd, lock);
    if (company == STRANGER && is_state(dirfd, state))
        company = ORPHAN;
    if (company == ORPHAN && !string_list_has(s->wanted, path)) {
        struct leftover_list *l = s->out;
        l->items = xreallocarray(l->items, l->count + 1, sizeof *l->items);
        l->items[l->count++] = (struct leftover){
            xstrdup(path), size_of(dirfd, data) + size_of(dirfd, state) + size_of(dirfd, lock)};
    }
    free(lock);
    free(state);
    free(data);
    free(path);
}

static bool known(const struct search *s, const char *dir, const char *final)
{
    char *path = xasprintf("%s/%s", strcmp(dir, "/") ? dir : "", final);
    bool found = false;
    for (size_t i = 0; i < s->out->count && !found; i++)
        found = !strcmp(s->out->items[i].path, path);
    free(path);
    return found;
}

static void search_dir(struct search *s, const char *path, int fd, unsigned depth)
{
    static const char *const suffixes[] = {PATH_PART_STATE, PATH_PART_LOCK};
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        for (size_t i = 0; i < HAUL_ARRAY_LEN(suffixes); i++) {
            if (!ends_with(e->d_name, suffixes[i]))
                continue;
            char *final = xstrndup(e->d_name, strlen(e->d_name) - strlen(suffixes[i]));
            if (!known(s, path, final))
                judge(s, path, dirfd(dir), final);
            free(final);
        }
        if (!s->deep || depth >= DEPTH_MAX ||
            fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode))
            continue;
        char *below = xasprintf("%s/%s", strcmp(path, "/") ? path : "", e->d_name);
        search_dir(s, below,
                   openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                   depth + 1);
        free(below);
    }
    closedir(dir);
}

void leftovers_find(const char *dir, bool deep, const struct string_list *wanted,
                    struct leftover_list *out)
{
    struct search s = {.wanted = wanted, .deep = deep, .out = out};
    search_dir(&s, dir, open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
}
