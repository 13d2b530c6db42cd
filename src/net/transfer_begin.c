/* SPDX-License-Identifier: MIT */
/*
 * The first reply of a transfer: what the file is called, whether it is there already, whether an
 * earlier run's partial still belongs to it, whether there is room. Runs inside libcurl's header
 * callback, before the first body byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/sums.h"
#include "core/text.h"
#include "core/units.h"
#include "net/transfer.h"
#include "net/url.h"

#define RENAME_TRIES 10000

static bool refuse(struct conn *c, const struct haul_fault *fault)
{
    c->failed = true;
    c->fault = *fault;
    c->fault.retryable = false;
    return false;
}

char *transfer_choose_name(const char *out, const char *url, const char *led_to,
                           const struct reply *reply)
{
    struct buf raw, safe;
    if (out)
        return xstrdup(out);
    buf_init(&raw);
    buf_init(&safe);
    bool named = reply && reply->disposition.len && path_safe_name(reply->disposition.data, &safe);
    if (!named) {
        url_file_name(url, &raw);
        named = path_safe_name(raw.data, &safe);
    }
    if (!named && led_to) {
        url_file_name(led_to, &raw);
        named = path_safe_name(raw.data, &safe);
    }
    if (!named && reply)
        buf_add_str(&safe, reply->html ? "index.html" : "download");
    char *name = safe.len ? xstrdup(safe.data) : NULL;
    buf_release(&raw);
    buf_release(&safe);
    return name;
}

static char *choose_name(const struct transfer *t, const struct conn *c)
{
    return transfer_choose_name(t->fetch->request->out, t->base_url, c ? c->url : NULL,
                                c ? &c->reply : NULL);
}

void transfer_look_back(struct transfer *t)
{
    struct fetch *f = t->fetch;
    bool resume = f->worker->engine->settings.resume && !f->request->no_resume;
    if (t->part || !resume)
        return;
    char *name = xstrdup(t->name);
    const char *before = run_earlier_path(f->run, t->index);
    size_t root = strlen(f->plan->root);
    if (!name && before && !strncmp(before, f->plan->root, root) && before[root] == '/')
        name = xstrdup(before + root + 1);
    if (!name)
        name = choose_name(t, NULL);
    if (!name)
        return;
    char *final = path_join(f->plan->root, name);
    char *state = xasprintf("%s.part.state", final);
    struct haul_fault fault;
    if (access(state, F_OK) == 0) {
        if (part_open(f->plan->root, name, f->worker->waker, &t->part, &fault) != HAUL_OK) {
            transfer_fail(t, &fault);
        } else if (!t->name) {
            t->name = name;
            name = NULL;
        }
    }
    free(state);
    free(final);
    free(name);
}

/* Pinned by the user, promised by the source, or said by the server: the first that there is. */
static bool choose_digest(struct transfer *t, const struct conn *c, struct haul_fault *fault)
{
    const struct job_request *request = t->fetch->request;
    if (request->checksum.algorithm != DIGEST_NONE && t->fetch->plan->count == 1) {
        t->digest = request->checksum;
        t->digest.origin = DIGEST_BY_PINNED;
    }
    if (request->checksum_file) {
        struct digest_value listed;
        if (sums_find(&t->fetch->sums, t->name, &listed, fault) != HAUL_OK)
            return false;
        t->digest = listed;
        t->digest.origin = DIGEST_BY_PINNED;
    }
    if (t->digest.algorithm == DIGEST_NONE)
        t->digest = c->reply.digest;
    return true;
}

static bool rename_aside(struct transfer *t, int dirfd, const char *base)
{
    const char *dot = strrchr(base, '.');
    size_t stem = dot && dot != base ? (size_t)(dot - base) : strlen(base);
    size_t folder = strlen(t->name) - strlen(base);
    for (int n = 1; n < RENAME_TRIES; n++) {
        char *try = xasprintf("%.*s.%d%s", (int)stem, base, n, base + stem);
        if (faccessat(dirfd, try, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
            char *name = xasprintf("%.*s%s", (int)folder, t->name, try);
            free(try);
            free(t->name);
            t->name = name;
            return true;
        }
        free(try);
    }
    return false;
}

void transfer_skip(struct transfer *t)
{
    char *path = path_join(t->fetch->plan->root, t->name);
    char hex[65] = "";
    run_set_path(t->fetch->run, t->index, path);
    run_log(t->fetch->run, LOG_INFO, "%s is there already", path);
    if (t->check_fd >= 0 && t->digest.algorithm == DIGEST_SHA256)
        units_format_hex(t->digest.bytes, 32, hex);
    if (t->size >= 0) {
        atomic_store(&t->progress->total, t->size);
        atomic_store(&t->progress->bytes, t->size);
        atomic_store(&t->progress->resumed_from, t->size);
    }
    run_file_done(t->fetch->run, t->index, FILE_SKIPPED, *hex ? hex : NULL,
                  t->check_fd >= 0 ? t->digest.origin : DIGEST_BY_NONE);
    t->phase = TRANSFER_DONE;
    free(path);
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

/* False: fault is set, or (phase moved on) there is nothing to receive. */
static bool clear_the_name(struct transfer *t, const struct entity *e, struct haul_fault *fault)
{
    const char *base;
    struct stat st;
    bool go_on = true;
    fault->code = HAUL_OK;
    int dirfd = path_open_parent(t->fetch->plan->root, t->name, true, &base, fault);
    if (dirfd < 0)
        return false;
    if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        switch (t->fetch->request->on_exists) {
        case ON_EXISTS_OVERWRITE:
            t->replace = true;
            break;
        case ON_EXISTS_RENAME:
            go_on = rename_aside(t, dirfd, base);
            if (!go_on)
                fault_set(fault, HAUL_ERR_EXISTS, "%s: no free name left", t->name);
            break;
        case ON_EXISTS_SKIP:
            t->size = st.st_size;
            transfer_skip(t);
            go_on = false;
            break;
        case ON_EXISTS_FAIL:
            fault_set(fault, HAUL_ERR_EXISTS, "%s/%s exists (--on-exists fail)",
                      t->fetch->plan->root, t->name);
            go_on = false;
            break;
        case ON_EXISTS_DEFAULT:
            (void)compare(t, dirfd, base, &st, e, fault);
            go_on = false;
            break;
        }
    }
    close(dirfd);
    return go_on;
}

static bool there_is_room(const struct transfer *t, const struct entity *e,
                          struct haul_fault *fault)
{
    struct statvfs fs;
    struct stat st;
    if (e->size <= PART_SMALL || fstatvfs(part_fd(t->part), &fs) != 0 ||
        fstat(part_fd(t->part), &st) != 0)
        return true;
    int64_t available = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    int64_t needed = e->size - (int64_t)st.st_blocks * 512;
    if (needed <= available)
        return true;
    char need[UNITS_TEXT_SIZE], have[UNITS_TEXT_SIZE];
    units_format_size(needed, need);
    units_format_size(available, have);
    fault_set(fault, HAUL_ERR_DISK_FULL,
              "no room for %s: it needs %s more, %s is free; make room and resume",
              part_final_path(t->part), need, have);
    return false;
}

/* Whether what an earlier run wrote belongs to the entity of this reply. */
static bool belongs(const struct transfer *t, const struct part_state *earlier,
                    const struct conn *c)
{
    if (!earlier->have.count)
        return false;
    bool same_digest =
        t->digest.algorithm != DIGEST_NONE && earlier->digest.algorithm == t->digest.algorithm &&
        !memcmp(earlier->digest.bytes, t->digest.bytes, digest_size(t->digest.algorithm));
    if (!entity_has_validator(&earlier->entity))
        return same_digest && earlier->entity.size == c->reply.range.total;
    return entity_matches(&earlier->entity, &c->reply);
}

static bool open_part(struct transfer *t, struct conn *c, const struct entity *e,
                      struct haul_fault *fault)
{
    struct fetch *f = t->fetch;
    if (!t->part && part_open(f->plan->root, t->name, f->worker->waker, &t->part, fault) != HAUL_OK)
        return false;
    bool resume = f->worker->engine->settings.resume && !f->request->no_resume;
    const struct part_state *earlier = part_earlier(t->part);
    bool keep = earlier && resume && belongs(t, earlier, c);
    if (earlier && resume && !keep && earlier->have.count)
        run_log(f->run, LOG_WARN, "%s changed on the server since the last run; starting anew",
                t->name);
    if (!there_is_room(t, e, fault))
        return false;
    struct part_state state;
    part_state_init(&state);
    char *source = text_masked_url(t->base_url);
    buf_add_str(&state.source, source);
    free(source);
    entity_copy(&state.entity, e);
    state.digest = t->digest;
    enum haul_error err = part_begin(t->part, &state, keep, fault);
    part_state_release(&state);
    digest_free(t->hash); /* of an earlier attempt */
    t->hash = NULL;
    int64_t resumed = keep ? ranges_total(part_have(t->part)) : 0;
    atomic_store(&t->progress->resumed_from, resumed);
    if (resumed && err == HAUL_OK) {
        char size[UNITS_TEXT_SIZE];
        units_format_size(resumed, size);
        run_log(f->run, LOG_INFO, "%s: resuming, %s are there", t->name, size);
    }
    return err == HAUL_OK;
}

/* A login page in place of a model is the commonest wrong file there is. */
static bool looks_like_a_portal(const struct transfer *t, const struct conn *c)
{
    static const char *const binary[] = {
        ".gguf", ".safetensors", ".bin", ".pt", ".onnx", ".iso", ".img", ".zip", ".gz",
        ".xz",   ".zst",         ".bz2", ".7z", ".tar",  ".deb", ".rpm", ".exe", ".parquet"};
    const char *dot = t->name ? strrchr(t->name, '.') : NULL;
    if (!dot || !c->reply.html)
        return false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(binary); i++)
        if (!strcasecmp(dot, binary[i]))
            return true;
    return false;
}

void transfer_remember_link(struct transfer *t, const struct conn *c)
{
    t->redirected = strcmp(c->url, t->base_url) != 0;
    free(t->direct_url);
    t->direct_url = t->redirected ? xstrdup(c->url) : NULL;
}

/* What of the reply contradicts what was promised or makes ranges unsafe. */
static bool acceptable(struct transfer *t, struct conn *c, const struct entity *e,
                       struct haul_fault *fault)
{
    if (t->file->size >= 0 && e->size >= 0 && t->file->size != e->size) {
        fault_set(fault, HAUL_ERR_CHECKSUM,
                  "%s: the server has %lld bytes, the source promised %lld", t->name,
                  (long long)e->size, (long long)t->file->size);
        return false;
    }
    if (t->claimed > 0 && e->size >= 0 && t->claimed != e->size) {
        fault_set(fault, HAUL_ERR_NETWORK,
                  "%s: the server gives its size as %lld and as %lld bytes", t->name,
                  (long long)t->claimed, (long long)e->size);
        return false;
    }
    if (looks_like_a_portal(t, c)) {
        fault_set(fault, HAUL_ERR_NETWORK,
                  "%s: got a web page instead of the file; is there a login page in between?",
                  t->name);
        return false;
    }
    return true;
}

/* Ranges need a size and something that says that all of them are of one file. */
static bool must_be_whole(const struct transfer *t, const struct conn *c, const struct entity *e)
{
    if (c->verdict != REPLY_RANGE)
        return false;
    bool all = c->reply.range.begin == 0 && c->reply.range.end == e->size;
    bool held = entity_has_validator(e) || t->digest.algorithm != DIGEST_NONE;
    return e->size < 0 || (!held && !all);
}

static bool begin(struct transfer *t, struct conn *c, struct entity *e, struct haul_fault *fault)
{
    char *name = t->file->path ? xstrdup(t->file->path) : choose_name(t, c);
    if (!t->name || strcmp(name, t->name)) {
        part_close(t->part); /* the guess before the reply was wrong */
        t->part = NULL;
        free(t->name);
        t->name = name;
    } else {
        free(name);
    }
    /* What the user chose with -o is only kept below the directory, as path.h does. */
    if (!t->fetch->request->out && path_check_relative(t->name, fault) != HAUL_OK)
        return false;
    if (!acceptable(t, c, e, fault) || !choose_digest(t, c, fault))
        return false;
    if (must_be_whole(t, c, e)) {
        t->whole_only = true;
        fault->code = HAUL_OK;
        return false;
    }
    if (!t->replace && !clear_the_name(t, e, fault))
        return false;
    return open_part(t, c, e, fault);
}

/* The stream broke and was asked for again: the same file, or another one by now? */
static bool begin_again(struct transfer *t, struct conn *c)
{
    bool held = entity_has_validator(&t->entity) || t->digest.algorithm != DIGEST_NONE;
    if (held && entity_matches(&t->entity, &c->reply))
        return true;
    struct haul_fault fault;
    struct part_state state;
    part_state_init(&state);
    entity_from_reply(&state.entity, &c->reply);
    bool good = part_begin(t->part, &state, false, &fault) == HAUL_OK;
    if (good) {
        run_log(t->fetch->run, LOG_WARN, "%s: cannot be resumed; from the start again", t->name);
        entity_copy(&t->entity, &state.entity);
        digest_free(t->hash);
        t->hash = NULL;
        atomic_store(&t->progress->bytes, 0);
    } else {
        refuse(c, &fault);
    }
    part_state_release(&state);
    return good;
}

static void receive(struct transfer *t, struct conn *c)
{
    struct fetch *f = t->fetch;
    t->size = c->verdict == REPLY_EMPTY ? 0 : t->entity.size;
    t->ranges = c->verdict == REPLY_RANGE && !t->whole_only;
    t->round_trip = c->round_trip;
    transfer_remember_link(t, c);
    run_set_path(f->run, t->index, part_final_path(t->part));
    atomic_store(&t->progress->total, t->size);
    atomic_store(&t->progress->retry_wait, false);
    atomic_store(&t->progress->bytes, ranges_total(part_have(t->part)));
    if (t->digest.algorithm != DIGEST_NONE && !t->hash) {
        t->hash = digest_new(t->digest.algorithm, part_fd(t->part), t->size, f->worker->hash_lane,
                             f->worker->waker);
        digest_advance(t->hash, ranges_front(part_have(t->part)));
    }
    if (t->size < 0)
        run_log(f->run, LOG_INFO, "%s: the server does not say how long it is", t->name);
    t->phase = TRANSFER_FETCH;
}

bool transfer_begin(struct transfer *t, struct conn *c)
{
    struct haul_fault fault = {0};
    bool known = t->entity.size >= 0 || entity_has_validator(&t->entity);
    if (t->part && known) {
        if (!begin_again(t, c))
            return false;
        receive(t, c);
        return true;
    }
    struct entity e;
    entity_init(&e);
    entity_from_reply(&e, &c->reply);
    if (c->verdict == REPLY_EMPTY)
        e.size = 0;
    bool good = begin(t, c, &e, &fault);
    if (good) {
        entity_copy(&t->entity, &e);
        receive(t, c);
    } else if (fault.code != HAUL_OK) {
        refuse(c, &fault);
    }
    entity_release(&e);
    return good;
}
