/* SPDX-License-Identifier: MIT */
/*
 * What the file of a transfer is called, and what is there under that name already: nothing, this
 * very file, one that is in the way, or an earlier run's partial.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/units.h"
#include "net/place.h"
#include "net/transfer.h"
#include "net/url.h"

/* How often a lock that another program has is tried. */
#define LOCK_LOOK (250 * CLOCK_MS)

char *transfer_choose_name(const char *out, const char *name, const char *led_to,
                           const struct reply *reply)
{
    struct buf raw, safe;
    if (out)
        return xstrdup(out);
    buf_init(&raw);
    buf_init(&safe);
    bool named = reply && reply->disposition.len && path_safe_name(reply->disposition.data, &safe);
    if (!named && name)
        named = path_safe_name(name, &safe);
    if (!named && led_to) {
        url_file_name(led_to, &raw);
        named = path_safe_name(raw.data, &safe);
    }
    if (!named && reply)
        buf_add_str(&safe, reply->html ? "index.html" : "download");
    char *chosen = safe.len ? xstrdup(safe.data) : NULL;
    buf_release(&raw);
    buf_release(&safe);
    return chosen;
}

char *transfer_name(const struct transfer *t, const struct conn *c)
{
    return transfer_choose_name(t->fetch->request->out, t->address.name, c ? c->url : NULL,
                                c ? &c->reply : NULL);
}

static bool has_state(const char *final_path)
{
    char *state = xasprintf("%s" PATH_PART_STATE, final_path);
    bool there = access(state, F_OK) == 0;
    free(state);
    return there;
}

/* The name that the file most likely gets; caller frees, NULL where nothing tells. */
static char *likely_name(const struct transfer *t)
{
    const char *root = t->fetch->plan->root;
    const char *before = run_earlier_path(t->fetch->run, t->index);
    size_t len = strlen(root);
    if (t->name)
        return xstrdup(t->name);
    if (!before || strncmp(before, root, len) != 0 || before[len] != '/')
        return transfer_name(t, NULL);
    /* What was to be renamed aside at the end has its partial under the name before. */
    bool aside = t->fetch->request->on_exists == ON_EXISTS_RENAME;
    return aside && !has_state(before) ? transfer_name(t, NULL) : xstrdup(before + len + 1);
}

/* A download that was stopped waits for the disk in a lane: it lets go of the partial when it can.
 */
static void wait_for_lane(struct transfer *t, const struct haul_fault *fault)
{
    if (t->fault.code != HAUL_ERR_BUSY)
        run_log(t->fetch->run, LOG_INFO, "%s; waiting for that", fault->message);
    t->fault = *fault;
    t->retry_at = clock_now() + LOCK_LOOK;
}

void transfer_look_back(struct transfer *t)
{
    struct fetch *f = t->fetch;
    enum on_exists policy = f->request->on_exists;
    bool resume = f->worker->engine->settings.resume && !f->request->no_resume;
    char *name = t->part ? NULL : likely_name(t);
    if (!name)
        return;
    char *final = path_join(f->plan->root, name);
    struct haul_fault fault;
    if (resume && has_state(final)) {
        enum haul_error err = part_open(f->plan->root, name, f->worker->waker, &t->part, &fault);
        bool another = err == HAUL_ERR_BUSY && policy == ON_EXISTS_RENAME;
        if (err == HAUL_ERR_BUSY && fault.retryable) {
            wait_for_lane(t, &fault);
        } else if (err != HAUL_OK && !another) {
            transfer_fail(t, &fault);
        } else if (err == HAUL_OK && !t->name) {
            t->name = name;
            name = NULL;
        }
    }
    t->name_taken = policy != ON_EXISTS_OVERWRITE && policy != ON_EXISTS_RENAME && !t->part &&
                    access(final, F_OK) == 0;
    free(final);
    free(name);
}

bool transfer_rename_aside(struct transfer *t, int dirfd, unsigned *n)
{
    const char *asked = t->asked_name ? t->asked_name : t->name;
    char *name = path_free_name(dirfd, asked, n);
    if (!name)
        return false;
    if (t->asked_name)
        free(t->name);
    else
        t->asked_name = t->name;
    t->name = name;
    if (t->part) { /* what there is of it keeps its place until then */
        const char *slash = strrchr(name, '/');
        char *final_path = path_join(t->fetch->plan->root, name);
        part_rename(t->part, slash ? slash + 1 : name, final_path);
        free(final_path);
    }
    return true;
}

void transfer_skip(struct transfer *t)
{
    char *path = path_join(t->fetch->plan->root, t->name);
    char hex[65] = "";
    bool checked = t->check_fd >= 0; /* a name that says what is in it is not looked into */
    run_set_path(t->fetch->run, t->index, path);
    run_log(t->fetch->run, LOG_DEBUG, "%s is there already", path);
    free(path);
    if (checked && t->digest.algorithm == DIGEST_SHA256)
        units_format_hex(t->digest.bytes, 32, hex);
    if (t->size >= 0) {
        atomic_store(&t->progress->total, t->size);
        atomic_store(&t->progress->bytes, t->size);
        atomic_store(&t->progress->resumed_from, t->size);
    }
    if (!transfer_link(t))
        return;
    run_file_done(t->fetch->run, t->index, FILE_SKIPPED, *hex ? hex : NULL,
                  checked ? t->digest.origin : DIGEST_BY_NONE);
    t->phase = TRANSFER_DONE;
}

/* A file of the final name may be there before anything was asked: true when the phase moved on
 * and nothing needs to be. */
static bool is_there(struct transfer *t)
{
    const char *base;
    struct stat st;
    struct haul_fault fault;
    enum on_exists policy = t->fetch->request->on_exists;
    bool known = t->file->path && t->file->size >= 0 && t->digest.algorithm != DIGEST_NONE;
    /* Its name says what is in it, but the user wants to know for sure. */
    bool addressed = t->file->addressed && t->digest.origin != DIGEST_BY_PINNED;
    if (!known || policy == ON_EXISTS_OVERWRITE || (policy != ON_EXISTS_DEFAULT && !addressed))
        return false;
    int dirfd = path_open_parent(t->fetch->plan->root, t->name, false, &base, &fault);
    if (dirfd < 0)
        return false;
    bool there = fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
                 st.st_size == t->file->size;
    if (there && addressed) {
        transfer_skip(t);
    } else if (there) {
        t->check_fd = openat(dirfd, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        there = t->check_fd >= 0;
        if (there)
            t->phase = TRANSFER_CHECK;
    }
    close(dirfd);
    return there;
}

bool transfer_look(struct transfer *t, int64_t now)
{
    struct haul_fault fault;
    if (t->looked || t->conn_count)
        return true;
    if (now < t->retry_at)
        return false;
    t->looked = true;
    if (t->file->path && !transfer_pin(t, &fault)) {
        transfer_fail(t, &fault);
        return false;
    }
    if (is_there(t))
        return false;
    if (t->file->lock) {
        enum haul_error err = place_lock(t->fetch->plan->root, t->file->lock, &t->lock_fd, &fault);
        if (err == HAUL_ERR_BUSY) {
            if (t->fault.code != HAUL_ERR_BUSY)
                run_log(t->fetch->run, LOG_INFO, "%s: %s", transfer_label(t), fault.message);
            t->fault = fault;
            t->retry_at = now + LOCK_LOOK;
            t->looked = false;
            return false;
        }
        if (err != HAUL_OK) {
            transfer_fail(t, &fault);
            return false;
        }
        if (is_there(t)) /* whoever had the lock until now has fetched it */
            return false;
    }
    t->retry_at = 0;
    return !transfer_take_local(t);
}

/* The default of --on-exists: skip what is proven the same, touch nothing else. */
static bool compare(struct transfer *t, int dirfd, const char *base, const struct stat *st,
                    const struct entity *e, struct haul_fault *fault)
{
    bool same_size = S_ISREG(st->st_mode) && e->size == st->st_size;
    if (same_size && t->digest.algorithm != DIGEST_NONE) {
        t->check_fd = openat(dirfd, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (t->check_fd >= 0) {
            t->size = e->size;
            t->phase = TRANSFER_CHECK;
            return true;
        }
    }
    if (same_size && t->digest.algorithm == DIGEST_NONE && e->last_modified_ms >= 0 &&
        e->last_modified_ms / 1000 == st->st_mtim.tv_sec) {
        t->size = e->size;
        transfer_skip(t);
        return true;
    }
    fault_set(fault, HAUL_ERR_EXISTS,
              "%s/%s exists and is not known to be the same file; choose with --on-exists "
              "skip, overwrite or rename, or another name with -o",
              t->fetch->plan->root, t->name);
    return false;
}

/* What was asked for by its digest is skipped only if it is that. */
static void skip(struct transfer *t, int dirfd, const char *base, const struct entity *e,
                 struct haul_fault *fault)
{
    struct stat st;
    if (fstatat(dirfd, base, &st, 0) != 0 || !S_ISREG(st.st_mode)) {
        fault_set(fault, HAUL_ERR_EXISTS, "%s/%s is no file; move it away, or give -o",
                  t->fetch->plan->root, t->name);
        return;
    }
    if (t->digest.algorithm != DIGEST_NONE && t->digest.origin == DIGEST_BY_PINNED) {
        (void)compare(t, dirfd, base, &st, e, fault);
        return;
    }
    t->size = st.st_size;
    transfer_skip(t);
}

/* False: fault is set, or (phase moved on) there is nothing to receive. */
static bool clear_the_name(struct transfer *t, int dirfd, const char *base, const struct entity *e,
                           struct haul_fault *fault)
{
    struct stat st;
    bool go_on = false;
    enum on_exists how = t->fetch->request->on_exists;
    if (t->replace || fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (S_ISDIR(st.st_mode) && how != ON_EXISTS_RENAME) {
        fault_set(fault, HAUL_ERR_EXISTS,
                  "%s/%s is a directory; -d puts the file into it, -o gives it another name",
                  t->fetch->plan->root, t->name);
        return false;
    }
    switch (how) {
    case ON_EXISTS_OVERWRITE:
        go_on = t->replace = true;
        break;
    case ON_EXISTS_RENAME:
        go_on = transfer_rename_aside(t, dirfd, &(unsigned){1});
        if (!go_on)
            fault_set(fault, HAUL_ERR_EXISTS, "%s: no free name left", t->name);
        break;
    case ON_EXISTS_SKIP:
        skip(t, dirfd, base, e, fault);
        break;
    case ON_EXISTS_FAIL:
        fault_set(fault, HAUL_ERR_EXISTS, "%s/%s exists (--on-exists fail)", t->fetch->plan->root,
                  t->name);
        break;
    case ON_EXISTS_DEFAULT:
        (void)compare(t, dirfd, base, &st, e, fault);
        break;
    }
    return go_on;
}

/* Takes dirfd. */
static enum haul_error open_part(struct transfer *t, int dirfd, bool small,
                                 struct haul_fault *fault)
{
    const char *slash = strrchr(t->name, '/');
    char *final_path = path_join(t->fetch->plan->root, t->name);
    enum haul_error err = part_open_at(dirfd, slash ? slash + 1 : t->name, final_path, small,
                                       t->fetch->worker->waker, &t->part, fault);
    free(final_path);
    return err;
}

bool transfer_open_free(struct transfer *t, int dirfd, const char *base, const struct entity *e,
                        struct haul_fault *fault)
{
    if (!clear_the_name(t, dirfd, base, e, fault) || t->part) {
        close(dirfd);
        return t->part && fault->code == HAUL_OK && t->phase == TRANSFER_ASK;
    }
    bool small = e->size >= 0 && e->size <= PART_SMALL && !t->replace;
    bool aside = t->fetch->request->on_exists == ON_EXISTS_RENAME;
    unsigned n = 1;
    /* A name that another download is about to give to its file is taken, too. */
    int next = aside ? fcntl(dirfd, F_DUPFD_CLOEXEC, 0) : -1;
    enum haul_error err = open_part(t, dirfd, small, fault);
    while (err == HAUL_ERR_BUSY && !fault->retryable && next >= 0 &&
           transfer_rename_aside(t, next, &n))
        err = open_part(t, fcntl(next, F_DUPFD_CLOEXEC, 0), small, fault);
    if (next >= 0)
        close(next);
    return err == HAUL_OK;
}
