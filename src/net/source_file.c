/* SPDX-License-Identifier: MIT */
/*
 * `file:PATH`: a file that is on this disk already. Without a directory to put it in, or a name to
 * give it, it is digested and entered into the library where it stands; with one it gets a name
 * there that shares its blocks, else the file itself, else it is copied. Worker thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/sums.h"
#include "net/engine_internal.h"
#include "net/hash.h"
#include "net/import.h"
#include "net/local_work.h"
#include "net/part.h"
#include "net/sources.h"

#define PLACE_LOOK (100 * CLOCK_MS)

/* A file on its way into the library. */
struct arrival {
    struct engine_worker *worker;
    struct run *run;
    const struct job_request *request;
    struct plan *plan;
    struct local_work work;
    struct digest_watch watch;
    struct part *part; /* while it is open */
    char *path;        /* where it is now, absolute */
    char *title;       /* what it is called where it was asked for */
    char *name;        /* below the plan's root, where it is to be */
    int fd;
    struct stat st;
    struct digest_value want; /* DIGEST_NONE: nobody promised one */
    struct digest_value got;
    bool replace;
};

/* ---- what is asked for ---- */

static bool stays_in_place(const struct arrival *a)
{
    return !a->request->dir && !a->request->out;
}

/* The library follows no links: what stays in place is entered where the file itself is. */
static void follow_link(struct arrival *a)
{
    struct stat st;
    bool link = lstat(a->path, &st) == 0 && S_ISLNK(st.st_mode);
    char *target = link ? realpath(a->path, NULL) : NULL;
    if (!target) /* opening it will say why */
        return;
    free(a->path);
    a->path = target;
}

static enum haul_error open_source(struct arrival *a, const struct spec *spec,
                                   struct haul_fault *fault)
{
    char *expanded = path_expand(spec->path);
    a->path = expanded[0] == '/' ? xstrdup(expanded) : path_join(NULL, expanded);
    free(expanded);
    a->title = xstrdup(strrchr(a->path, '/') + 1);
    if (stays_in_place(a))
        follow_link(a);
    a->fd = open(a->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (a->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "%s: there is no such file", a->path);
    if (a->fd < 0 || fstat(a->fd, &a->st) != 0)
        return fault_set_errno(fault, errno, "cannot read %s", a->path);
    if (!S_ISREG(a->st.st_mode))
        return fault_set(fault, HAUL_ERR_USAGE, "%s is not a plain file", a->path);
    return HAUL_OK;
}

static void fill_plan(struct arrival *a)
{
    const char *base = strrchr(a->path, '/') + 1;
    bool stays = stays_in_place(a);
    a->name = xstrdup(!stays && a->request->out ? a->request->out : base);
    char *folder = xstrndup(a->path, (size_t)(base - a->path));
    a->plan->root = source_folder(stays ? folder : a->request->dir, NULL);
    a->plan->name = xstrdup(stays ? a->title : a->name);
    free(folder);
    struct plan_file *file = plan_add(a->plan);
    file->path = xstrdup(a->name);
    file->size = a->st.st_size;
    file->modified_ms = (int64_t)a->st.st_mtim.tv_sec * 1000 + a->st.st_mtim.tv_nsec / 1000000;
}

static enum haul_error choose_digest(struct arrival *a, struct haul_fault *fault)
{
    struct sums sums = {0};
    const char *list = a->request->checksum_file;
    a->want = a->request->checksum;
    enum haul_error err =
        list ? sums_parse("--checksum-file", list, strlen(list), &sums, fault) : HAUL_OK;
    if (list && err == HAUL_OK)
        err = sums_find(&sums, a->plan->name, &a->want, fault);
    sums_release(&sums);
    if (a->want.algorithm != DIGEST_NONE)
        a->want.origin = DIGEST_BY_PINNED;
    return err;
}

static enum digest_algorithm algorithm(const struct arrival *a)
{
    return a->want.algorithm ? a->want.algorithm : DIGEST_SHA256;
}

/* The watch of everything that takes long: keeps the lock of the part, too. */
static bool go_on(void *context, int64_t done)
{
    struct arrival *a = context;
    if (a->part)
        part_touch(a->part, clock_now());
    return local_work_go_on(&a->work, done);
}

/* ---- in place ---- */

static enum haul_error digest_it(struct arrival *a, struct haul_fault *fault)
{
    enum haul_error err =
        hash_fd(a->fd, algorithm(a), a->st.st_size, a->path, &a->watch, &a->got, fault);
    return err == HAUL_OK ? local_work_check(a->path, &a->got, &a->want, fault) : err;
}

static void done(struct arrival *a, enum file_state state)
{
    char *path = path_join(a->plan->root, a->name);
    if (state == FILE_SKIPPED)
        atomic_store(&a->work.file->resumed_from, a->st.st_size);
    local_work_done(a->run, 0, state, path, &a->got,
                    a->got.algorithm ? a->want.origin : DIGEST_BY_NONE);
    free(path);
}

static enum haul_error stays(struct arrival *a, struct haul_fault *fault)
{
    enum haul_error err = digest_it(a, fault);
    if (err == HAUL_OK)
        done(a, FILE_SKIPPED);
    return err;
}

/* ---- what stands there already ---- */

static enum haul_error rename_aside(struct arrival *a, int dirfd, struct haul_fault *fault)
{
    char *name = path_free_name(dirfd, a->name, &(unsigned){1});
    if (!name)
        return fault_set(fault, HAUL_ERR_EXISTS, "%s: no free name left", a->name);
    free(a->name);
    a->name = name;
    return HAUL_OK;
}

/* Skipped when it is proven the same; both are read. */
static enum haul_error compare(struct arrival *a, int dirfd, const char *base,
                               const struct stat *st, bool *skip, struct haul_fault *fault)
{
    struct digest_value there;
    int fd = S_ISREG(st->st_mode) && st->st_size == a->st.st_size
                 ? openat(dirfd, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
                 : -1;
    enum haul_error err = fd >= 0 ? digest_it(a, fault) : HAUL_OK;
    if (fd >= 0 && err == HAUL_OK)
        err = hash_fd(fd, algorithm(a), st->st_size, a->name, &a->watch, &there, fault);
    if (fd >= 0)
        close(fd);
    if (err != HAUL_OK)
        return err;
    *skip = fd >= 0 && !memcmp(there.bytes, a->got.bytes, digest_size(algorithm(a)));
    if (*skip)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_EXISTS,
                     "%s/%s exists and is not the same file; choose with --on-exists skip, "
                     "overwrite or rename, or another name with -o",
                     a->plan->root, a->name);
}

static enum haul_error clear_the_name(struct arrival *a, int dirfd, const char *base, bool *skip,
                                      struct haul_fault *fault)
{
    struct stat st;
    if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return HAUL_OK;
    if (st.st_dev == a->st.st_dev && st.st_ino == a->st.st_ino) {
        *skip = true;
        return digest_it(a, fault);
    }
    if (S_ISDIR(st.st_mode) && a->request->on_exists != ON_EXISTS_RENAME)
        return fault_set(fault, HAUL_ERR_EXISTS,
                         "%s/%s is a directory; -d puts the file into it, -o gives it another name",
                         a->plan->root, a->name);
    switch (a->request->on_exists) {
    case ON_EXISTS_OVERWRITE:
        a->replace = true;
        return HAUL_OK;
    case ON_EXISTS_RENAME:
        return rename_aside(a, dirfd, fault);
    case ON_EXISTS_FAIL:
        return fault_set(fault, HAUL_ERR_EXISTS, "%s/%s exists (--on-exists fail)", a->plan->root,
                         a->name);
    case ON_EXISTS_SKIP:
        *skip = true;
        return HAUL_OK;
    case ON_EXISTS_DEFAULT:
        break;
    }
    return compare(a, dirfd, base, &st, skip, fault);
}

/* ---- into the directory ---- */

/* Waits for the lane; a cancel that comes too late finds the file in its place. */
static enum haul_error place(struct arrival *a, struct haul_fault *fault)
{
    enum haul_error err;
    part_place(a->part, a->worker->disk_lane, a->st.st_size, a->plan->files[0].modified_ms,
               a->replace);
    while (!part_placed(a->part, &err, fault)) {
        if (run_stop(a->run) != STOP_NONE && part_discard(a->part))
            return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
        part_touch(a->part, clock_now());
        (void)waker_sleep(a->worker->waker, -1, clock_now() + PLACE_LOOK);
    }
    return err;
}

static enum haul_error set_room_aside(struct part *part, int64_t size, struct haul_fault *fault)
{
    struct part_state state;
    part_state_init(&state);
    state.entity.size = size;
    enum haul_error err = part_begin(part, &state, false, fault);
    part_state_release(&state);
    return err;
}

static enum haul_error copy(struct arrival *a, struct haul_fault *fault)
{
    enum haul_error err = set_room_aside(a->part, a->st.st_size, fault);
    if (err == HAUL_OK)
        err =
            import_copy(a->fd, part_fd(a->part), a->name, algorithm(a), &a->watch, &a->got, fault);
    if (err == HAUL_OK)
        err = local_work_check(a->path, &a->got, &a->want, fault);
    if (err == HAUL_OK)
        err = place(a, fault);
    return err;
}

static enum haul_error keep_clone(struct arrival *a, struct haul_fault *fault)
{
    enum haul_error err =
        hash_fd(part_fd(a->part), algorithm(a), a->st.st_size, a->path, &a->watch, &a->got, fault);
    if (err == HAUL_OK)
        err = local_work_check(a->path, &a->got, &a->want, fault);
    return err == HAUL_OK ? place(a, fault) : err;
}

/* *linked: false where it has to be copied. */
static enum haul_error hard_link(struct arrival *a, bool *linked, struct haul_fault *fault)
{
    const char *base;
    enum haul_error err = digest_it(a, fault);
    int dirfd = err == HAUL_OK ? path_open_parent(a->plan->root, a->name, true, &base, fault) : -1;
    if (dirfd < 0)
        return err == HAUL_OK ? fault->code : err;
    err = import_link(a->fd, a->path, dirfd, base, a->replace, fault);
    close(dirfd);
    *linked = err == HAUL_OK;
    return err == HAUL_ERR_EXISTS ? err : HAUL_OK;
}

static bool same_device(const struct arrival *a)
{
    struct stat st;
    return fstat(part_fd(a->part), &st) == 0 && st.st_dev == a->st.st_dev;
}

static enum haul_error bring_by(struct arrival *a, const char **how, struct haul_fault *fault)
{
    bool linked = false;
    *how = "cloned";
    if (import_clone(a->fd, part_fd(a->part)))
        return keep_clone(a, fault);
    *how = "hard-linked";
    enum haul_error err = same_device(a) ? hard_link(a, &linked, fault) : HAUL_OK;
    if (linked)
        part_discard(a->part);
    if (linked || err != HAUL_OK)
        return err;
    *how = "copied";
    return copy(a, fault);
}

static enum haul_error bring(struct arrival *a, struct haul_fault *fault)
{
    const char *how = "";
    enum haul_error err = part_open(a->plan->root, a->name, a->worker->waker, &a->part, fault);
    if (err != HAUL_OK)
        return err;
    err = bring_by(a, &how, fault);
    if (err != HAUL_OK) {
        part_discard(a->part);
        run_file_discarded(a->run, 0);
    }
    part_close(a->part);
    a->part = NULL;
    if (err != HAUL_OK)
        return err;
    run_log(a->run, LOG_INFO, "%s: %s from %s", a->name, how, a->path);
    done(a, FILE_DONE);
    return HAUL_OK;
}

static enum haul_error moves(struct arrival *a, struct haul_fault *fault)
{
    const char *base;
    bool skip = false;
    int dirfd = path_open_parent(a->plan->root, a->name, true, &base, fault);
    if (dirfd < 0)
        return fault->code;
    enum haul_error err = clear_the_name(a, dirfd, base, &skip, fault);
    close(dirfd);
    if (err == HAUL_OK && skip)
        done(a, FILE_SKIPPED);
    return err != HAUL_OK || skip ? err : bring(a, fault);
}

/* ---- the source ---- */

static enum haul_error carry_out(const struct source *source, const struct spec *spec,
                                 const struct job_request *request, struct run *run,
                                 struct engine_worker *worker, struct plan *plan,
                                 struct haul_fault *fault)
{
    (void)source;
    struct arrival a = {.worker = worker, .run = run, .request = request, .plan = plan, .fd = -1};
    enum haul_error err = open_source(&a, spec, fault);
    if (err == HAUL_OK) {
        fill_plan(&a);
        run_set_plan(run, plan);
        local_work_begin(&a.work, run, 0);
        a.watch = (struct digest_watch){go_on, &a};
        err = choose_digest(&a, fault);
    }
    if (err == HAUL_OK && !stays_in_place(&a))
        err = path_make_dirs(plan->root, 0777, fault);
    if (err == HAUL_OK)
        err = stays_in_place(&a) ? stays(&a, fault) : moves(&a, fault);
    if (a.fd >= 0)
        close(a.fd);
    free(a.path);
    free(a.title);
    free(a.name);
    return err;
}

static enum haul_error resolve(const struct source *source, const struct spec *spec,
                               const struct job_request *request, struct http_client *client,
                               struct plan *plan, struct haul_fault *fault)
{
    (void)source;
    (void)client;
    struct arrival a = {.request = request, .plan = plan, .fd = -1};
    enum haul_error err = open_source(&a, spec, fault);
    if (err == HAUL_OK)
        fill_plan(&a);
    if (a.fd >= 0)
        close(a.fd);
    free(a.path);
    free(a.title);
    free(a.name);
    return err;
}

const struct source source_file = {
    .kind = SPEC_FILE,
    .name = "file",
    .resolve = resolve,
    .carry_out = carry_out,
};
