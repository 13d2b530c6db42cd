/* SPDX-License-Identifier: MIT */
/*
 * The first reply of a transfer: whether it keeps what was promised, whether an earlier run's
 * partial still belongs to it, whether there is room. Runs inside libcurl's header callback, before
 * the first body byte.
 */
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

static bool refuse(struct conn *c, const struct haul_fault *fault)
{
    c->failed = true;
    c->fault = *fault;
    c->fault.retryable = fault->code == HAUL_ERR_BUSY && fault->retryable;
    return false;
}

/* A list names files as their publisher does; or else as they are called here. */
static enum haul_error find_listed(const struct transfer *t, struct digest_value *listed,
                                   struct haul_fault *fault)
{
    const struct sums *sums = &t->fetch->sums;
    bool given_here = !t->file->path || t->fetch->request->out;
    if (given_here && t->address.name) {
        enum haul_error err = sums_find(sums, t->address.name, listed, fault);
        if (err != HAUL_ERR_NOT_FOUND)
            return err;
    }
    return sums_find(sums, t->asked_name ? t->asked_name : t->name, listed, fault);
}

bool transfer_pin(struct transfer *t, struct haul_fault *fault)
{
    const struct job_request *request = t->fetch->request;
    if (request->checksum.algorithm != DIGEST_NONE && t->fetch->plan->count == 1) {
        t->digest = request->checksum;
        t->digest.origin = DIGEST_BY_PINNED;
    }
    if (request->checksum_file) {
        struct digest_value listed;
        if (find_listed(t, &listed, fault) != HAUL_OK)
            return false;
        t->digest = listed;
        t->digest.origin = DIGEST_BY_PINNED;
    }
    return true;
}

/* Pinned by the user, promised by the source, or said by the server: the first that there is. */
static bool choose_digest(struct transfer *t, const struct conn *c, struct haul_fault *fault)
{
    if (!transfer_pin(t, fault))
        return false;
    if (t->digest.algorithm == DIGEST_NONE)
        t->digest = c->reply.digest;
    return true;
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
    const char *base;
    int dirfd = path_open_parent(f->plan->root, t->name, true, &base, fault);
    if (dirfd < 0 || !transfer_open_free(t, dirfd, base, e, fault))
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
    char *source = text_masked_url(t->address.bare);
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
    t->redirected = strcmp(c->url, t->address.bare) != 0;
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
    char *name = t->file->path ? xstrdup(t->file->path) : transfer_name(t, c);
    if (!t->name || strcmp(name, t->name)) {
        part_close(t->part); /* the guess before the reply was wrong */
        t->part = NULL;
        free(t->name);
        t->name = name;
        free(t->asked_name);
        t->asked_name = NULL;
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
    return open_part(t, c, e, fault);
}

static void forget_bytes(struct transfer *t)
{
    run_log(t->fetch->run, LOG_WARN, "%s: cannot be resumed; from the start again", t->name);
    t->most_covered = 0;
    atomic_store(&t->progress->bytes, 0);
}

/* The stream broke and was asked for again: the same file, or another one by now? It may also be
 * the first reply that says how long the file is. */
static bool begin_again(struct transfer *t, struct conn *c, const struct entity *e,
                        struct haul_fault *fault)
{
    struct part_state state;
    bool held = entity_has_validator(&t->entity) || t->digest.algorithm != DIGEST_NONE;
    bool same = held && entity_matches(&t->entity, &c->reply);
    if (must_be_whole(t, c, e)) {
        t->whole_only = true;
        return false;
    }
    if (same && (t->entity.size >= 0 || e->size < 0))
        return true;
    if (!same)
        t->digest = t->file->digest; /* the other one's was perhaps the old reply's */
    if (!acceptable(t, c, e, fault) || !choose_digest(t, c, fault))
        return false;
    part_state_init(&state);
    entity_copy(&state.entity, e);
    state.digest = t->digest;
    enum haul_error err = part_begin(t->part, &state, same, fault);
    part_state_release(&state);
    if (err != HAUL_OK)
        return false;
    if (!same)
        forget_bytes(t);
    entity_copy(&t->entity, e);
    digest_free(t->hash);
    t->hash = NULL;
    return true;
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

/* What is said of a reply's file, by itself or else by who led to it. */
static void describe(const struct transfer *t, const struct conn *c, struct entity *e)
{
    entity_init(e);
    entity_from_reply(e, &c->reply);
    if (c->verdict == REPLY_EMPTY)
        e->size = 0;
    else if (e->size < 0 && c->verdict == REPLY_WHOLE && t->file->size >= 0)
        e->size = t->file->size;
    else if (e->size < 0 && c->verdict == REPLY_WHOLE && t->claimed > 0)
        e->size = t->claimed;
}

bool transfer_begin(struct transfer *t, struct conn *c)
{
    struct haul_fault fault = {0};
    struct entity e;
    bool known = t->entity.size >= 0 || entity_has_validator(&t->entity);
    bool again = t->part && known;
    describe(t, c, &e);
    bool good = again ? begin_again(t, c, &e, &fault) : begin(t, c, &e, &fault);
    if (good) {
        if (!again)
            entity_copy(&t->entity, &e);
        receive(t, c);
    } else if (fault.code != HAUL_OK) {
        refuse(c, &fault);
    }
    entity_release(&e);
    return good;
}
