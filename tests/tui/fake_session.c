/* SPDX-License-Identifier: MIT */
/* See fake_session.h. Requests change the states at once, as a very fast engine would. */
#include "fake_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/spec.h"
#include "core/units.h"

#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)
#define GIB ((int64_t)1 << 30)

/* Long past on any machine: waits until a moment that is near are over at once. */
#define NOW     (INT64_C(5) * CLOCK_SEC)
#define WALL_MS INT64_C(1767362741120) /* 2026-01-02 14:05:41 UTC */

struct session {
    struct job_view **jobs; /* owned; lent to the one snapshot */
    size_t count, cap;
    bool changed;
    int event_fd;
    struct event *events[16];
    size_t log_count;
    int64_t limit_rate;
    struct model_list models; /* of the librarian's thread */
    bool busy;
    int64_t began;
};

struct watcher {
    struct session *session;
};

static int64_t stopped_now(void)
{
    return NOW;
}

static int64_t stopped_wall(void)
{
    return WALL_MS;
}

void fake_clock_stop(void)
{
    clock_replace(stopped_now, stopped_wall);
}

/* ---- making jobs ---- */

static struct job_view *add_job(struct session *s, enum job_state state, const char *name)
{
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 16;
        s->jobs = xreallocarray(s->jobs, s->cap, sizeof(struct job_view *));
    }
    struct job_view *job = s->jobs[s->count++] = job_view_new();
    job->number = s->count;
    snprintf(job->id, sizeof job->id, "job-%016" PRIx64, job->number);
    job->state = state;
    view_set_string(&job->name, name);
    view_set_string(&job->source, name);
    view_set_string(&job->dir, "/data/models");
    job->total = job->eta = -1;
    job->created_ms = WALL_MS - 400000;
    return job;
}

static struct file_view *set_file(struct job_view *job, size_t i, const char *name,
                                  enum file_state state, int64_t bytes, int64_t total)
{
    struct file_view *f = &job->files[i];
    view_set_string(&f->name, name);
    f->state = state;
    f->bytes = bytes;
    f->total = total;
    return f;
}

static void sum_up(struct job_view *job)
{
    job->bytes = job->total = job->rate = 0;
    job->files_done = 0;
    for (size_t i = 0; i < job->file_count; i++) {
        const struct file_view *f = &job->files[i];
        job->bytes += f->bytes;
        job->total = f->total < 0 || job->total < 0 ? -1 : job->total + f->total;
        job->rate += f->rate;
        job->connections += f->connections;
        job->files_done += f->state == FILE_DONE;
    }
    job->rate_average = job->rate * 9 / 10;
    job->rate_peak = job->rate * 5 / 4;
    if (job->rate > 0 && job->total >= 0)
        job->eta = (job->total - job->bytes) / job->rate;
}

static struct job_view *add_single(struct session *s, enum job_state state, const char *name,
                                   enum file_state file, int64_t bytes, int64_t total)
{
    struct job_view *job = add_job(s, state, name);
    job_view_set_files(job, 1);
    set_file(job, 0, name, file, bytes, total);
    sum_up(job);
    return job;
}

static void add_gguf(struct session *s)
{
    struct job_view *job = add_job(s, JOB_RUNNING, "org/Example-27B-GGUF");
    view_set_string(&job->source, "hf:org/Example-27B-GGUF:Q4_K_M");
    job->started_ms = WALL_MS - 341000;
    job_view_set_files(job, 3);
    struct file_view *f =
        set_file(job, 0, "model-00001-of-00003.gguf", FILE_ACTIVE, INT64_C(14737106534), 16 * GIB);
    f->rate = 41 * MIB;
    f->connections = 4;
    f->resumed_from = 2 * GIB + 100 * MIB;
    f->hashed = 6 * GIB + 400 * MIB;
    view_set_string(&f->path, "/data/models/Example-27B/model-00001-of-00003.gguf");
    view_set_string(&f->url, "https://host.example/org/Example-27B-GGUF/resolve/9c2f1ab/"
                             "model-00001-of-00003.gguf");
    f = set_file(job, 1, "model-00002-of-00003.gguf", FILE_ACTIVE, 8 * GIB + 300 * MIB, 16 * GIB);
    f->rate = 41 * MIB + 100 * KIB;
    f->connections = 4;
    set_file(job, 2, "model-00003-of-00003.gguf", FILE_WAITING, 0, 3 * GIB + 400 * MIB);
    sum_up(job);
}

static void add_tokenizer(struct session *s)
{
    struct job_view *job = add_job(s, JOB_RUNNING, "org/Tokenizer-only");
    job_view_set_files(job, 6);
    for (size_t i = 0; i < 6; i++) {
        char name[32];
        snprintf(name, sizeof name, "tokenizer-%zu.json", i);
        set_file(job, i, name,
                 i < 2    ? FILE_DONE
                 : i == 2 ? FILE_ACTIVE
                          : FILE_WAITING,
                 i < 2 ? 1900 * KIB : 0, 1900 * KIB);
    }
    job->files[2].rate = 1300 * KIB;
    job->files[2].connections = 2;
    sum_up(job);
}

static void add_failed(struct session *s)
{
    struct job_view *job = add_job(s, JOB_FAILED, "gated/Model-70B");
    fault_set(&job->fault, HAUL_ERR_UNAUTHORIZED,
              "401 for gated/Model-70B: licence not accepted; accept it on the model's page, then "
              "press r");
    job->fault.http_status = 401;
    job->ended_ms = WALL_MS - 1000;
}

static void add_active(struct session *s)
{
    add_gguf(s);
    add_tokenizer(s);
    struct job_view *job = add_single(s, JOB_VERIFYING, "library/llama-small:8b", FILE_VERIFYING,
                                      4700 * MIB, 4700 * MIB);
    job->files[0].hashed = 3300 * MIB;
    job->eta = 20;
    job = add_single(s, JOB_RUNNING, "dataset-shard-0007.parquet", FILE_ACTIVE, 258 * MIB,
                     2150 * MIB);
    job->retry_at = NOW + 14 * CLOCK_SEC;
    job->retry_try = 3;
    job->retry_max = 8;
    view_set_string(&job->retry_why, "503 from host");
    job = add_single(s, JOB_RUNNING, "stream-unknown-length.bin", FILE_ACTIVE, 913 * MIB, -1);
    job->rate = 35 * MIB;
    job->connections = 1;
}

static void add_quiet(struct session *s)
{
    add_single(s, JOB_PAUSED, "ubuntu-live-server-23.10-beta-amd64.iso", FILE_WAITING, 1250 * MIB,
               2650 * MIB);
    add_single(s, JOB_QUEUED, "big-archive-part2.tar.zst", FILE_WAITING, 0, 61 * GIB + 300 * MIB);
    add_failed(s);
    struct job_view *job = add_single(s, JOB_COMPLETED, "config.json", FILE_DONE, 1126, 1126);
    memset(job->files[0].sha256, 'a', 64);
    view_set_string(&job->files[0].path, "/data/models/config.json");
    job->files[0].verified = DIGEST_BY_PUBLISHER;
    add_single(s, JOB_COMPLETED, "README.md", FILE_DONE, 18637, 18637);
}

static void add_hostile(struct session *s)
{
    static const char *const names[] = {
        "模型-第一部分-非常长的文件名称需要在某处被截断-00001-of-00009.gguf",
        "🚀🚀🚀 llama 🚀🚀🚀 llama 🚀🚀🚀 llama 🚀🚀🚀.gguf",
        "e\xCC\x81\xCC\x82 combining a\xCC\x8A marks o\xCC\x88.bin",
        "\xEF\xBF\xBD[31m was an escape",
        "\xFF\xFE invalid bytes",
        "",
        "x",
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++)
        add_single(s, JOB_RUNNING, names[i], FILE_ACTIVE, (int64_t)i * MIB, 8 * MIB)->rate = MIB;
}

static void add_many(struct session *s)
{
    for (int i = 0; i < 10000; i++) {
        char name[32];
        snprintf(name, sizeof name, "file-%05d.bin", i);
        add_single(s, i < 3 ? JOB_RUNNING : JOB_QUEUED, name, i < 3 ? FILE_ACTIVE : FILE_WAITING,
                   i < 3 ? MIB : 0, 4 * MIB);
    }
}

static void add_busy(struct session *s)
{
    s->busy = true;
    s->began = clock_now();
    for (int i = 0; i < 3; i++) {
        char name[48];
        snprintf(name, sizeof name, "model-0000%d-of-00003.gguf", i + 1);
        struct job_view *job =
            add_single(s, JOB_RUNNING, name, FILE_ACTIVE, (i + 1) * GIB, 4 * GIB);
        job->started_ms = clock_wall_ms();
        job->files[0].connections = job->connections = 4;
    }
}

/* A fast line: every bar moves with every frame, and no rate is what it was before. */
static void go_on(struct session *s)
{
    int64_t ms = (clock_now() - s->began) / CLOCK_MS;
    for (size_t i = 0; i < s->count; i++) {
        struct job_view *job = s->jobs[i];
        struct file_view *f = &job->files[0];
        int64_t jitter = (ms / 100 * 7919 + (int64_t)i * 104729) % 1000;
        job->rate = f->rate = 30 * MIB + jitter * 10 * KIB;
        job->bytes = f->bytes = ((int64_t)i + 1) * GIB + ms * 30 * KIB;
        job->eta = (job->total - job->bytes) / job->rate;
    }
}

/* ---- the library ---- */

static struct model *add_model(struct session *s, const char *id, const char *name,
                               enum model_state state)
{
    struct model_list *l = &s->models;
    l->items = xreallocarray(l->items, l->count + 1, sizeof *l->items);
    struct model *m = &l->items[l->count++];
    model_init(m);
    m->id = xstrdup(id);
    m->source = xstrdup(id);
    m->name = xstrdup(name);
    m->root = xstrdup("/data/models");
    m->state = state;
    m->created_ms = WALL_MS - 86400000;
    return m;
}

static struct model_file *add_model_file(struct model *m, const char *path, int64_t size,
                                         enum digest_origin origin)
{
    struct model_file *f = model_add_file(m);
    f->path = xstrdup(path);
    f->size = size;
    f->digest.algorithm = DIGEST_SHA256;
    f->digest.origin = origin;
    memset(f->digest.bytes, 0xaa, 32);
    f->verified_ms = m->verified_ms = WALL_MS - 86400000;
    f->state = m->state;
    return f;
}

static void add_models(struct session *s)
{
    struct model *m =
        add_model(s, "hf:org/Example-27B-GGUF@9c2f1ab:Q4_K_M", "org/Example-27B-GGUF", MODEL_OK);
    add_model_file(m, "model-00001-of-00002.gguf", 16 * GIB, DIGEST_BY_PUBLISHER);
    add_model_file(m, "model-00002-of-00002.gguf", 3 * GIB, DIGEST_BY_PUBLISHER);
    m = add_model(s, "https://host.example/config.json~1a2b3c4d", "config.json", MODEL_OK);
    add_model_file(m, "config.json", 1126, DIGEST_BY_PINNED);
    m = add_model(s, "ollama:library/llama-small:8b", "library/llama-small:8b", MODEL_MISSING);
    add_model_file(m, "blobs/sha256-1", 4700 * MIB, DIGEST_BY_PUBLISHER);
    m = add_model(s, "https://host.example/rotten.bin~5e6f7a8b", "rotten.bin", MODEL_BAD);
    add_model_file(m, "rotten.bin", 64 * MIB, DIGEST_BY_NONE);
}

static void add_build(struct session *s)
{
    struct job_view *job = add_job(s, JOB_FAILED, "make-it");
    view_set_string(&job->source, "build:/data/recipe.json");
    view_set_string(&job->dir, "");
    fault_set(&job->fault, HAUL_ERR_USAGE, "make-it: not confirmed. It would run: make all");
}

/* ---- the log ---- */

static void add_log(struct session *s, int seconds_ago, enum log_level level, uint64_t number,
                    const char *text)
{
    struct event *e = event_new(level == LOG_ERROR ? EVENT_ERROR : EVENT_LOG);
    e->seq = s->log_count + 1;
    e->wall_ms = WALL_MS - (int64_t)seconds_ago * 1000;
    e->number = number;
    if (number)
        snprintf(e->job, sizeof e->job, "job-%016" PRIx64, number);
    e->level = level;
    if (level == LOG_ERROR) {
        e->fault = xcalloc(1, sizeof *e->fault);
        fault_set(e->fault, HAUL_ERR_UNAUTHORIZED, "%s", text);
    } else {
        e->message = xstrdup(text);
    }
    s->events[s->log_count++] = e;
}

static void add_logs(struct session *s)
{
    add_log(s, 210, LOG_INFO, 1, "start org/Example-27B-GGUF, 3 files, 35.3 GiB");
    add_log(s, 209, LOG_INFO, 1, "model-00001: resume at 2.1 GiB (etag matches)");
    add_log(s, 120, LOG_WARN, 4, "dataset-shard-0007: 503 from host, retry 1/8 in 2s");
    add_log(s, 117, LOG_WARN, 4, "dataset-shard-0007: connection reset, retry 2/8 in 6s");
    add_log(s, 99, LOG_INFO, 9, "config.json complete, sha256 ok");
    add_log(s, 80, LOG_ERROR, 8,
            "401 for gated/Model-70B: licence not accepted; accept it on the model's page, then "
            "press r");
    add_log(s, 22, LOG_INFO, 0, "speed limit off -> 120 MiB/s");
}

struct session *fake_session_new(enum fake_scene scene)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->changed = true;
    if (scene == SCENE_MIXED)
        add_active(s);
    if (scene == SCENE_MIXED || scene == SCENE_IDLE) {
        add_quiet(s);
        add_logs(s);
        add_models(s);
    }
    if (scene == SCENE_BUILD)
        add_build(s);
    if (scene == SCENE_HOSTILE)
        add_hostile(s);
    if (scene == SCENE_MANY)
        add_many(s);
    if (scene == SCENE_BUSY)
        add_busy(s);
    return s;
}

void session_free(struct session *s)
{
    for (size_t i = 0; i < s->count; i++)
        job_view_free(s->jobs[i]);
    for (size_t i = 0; i < s->log_count; i++)
        event_unref(s->events[i]);
    model_list_release(&s->models);
    free(s->jobs);
    close(s->event_fd);
    free(s);
}

static void touch(struct session *s)
{
    s->changed = true;
    eventfd_write(s->event_fd, 1);
}

/* ---- session.h ---- */

static struct job_view *find(struct session *s, const char *id)
{
    for (size_t i = 0; i < s->count; i++)
        if (!strcmp(s->jobs[i]->id, id))
            return s->jobs[i];
    return NULL;
}

/* "not a source" is refused as the real one refuses it; at "lost" the server has just gone. */
static bool refused(const char *text, struct haul_fault *fault)
{
    struct spec spec;
    if (!strcmp(text, "bad"))
        return fault_set(fault, HAUL_ERR_BAD_SPEC, "bad: not a source") != HAUL_OK;
    if (!strcmp(text, "lost")) {
        fault_set(fault, HAUL_ERR_SERVER, "no job server at unix:/run/fake");
        return fault->retryable = true;
    }
    if (!strchr(text, ' '))
        return false;
    if (spec_parse(text, &spec, fault) != HAUL_OK)
        return true;
    spec_release(&spec);
    return false;
}

enum haul_error session_add(struct session *s, const struct job_request *request,
                            char id[JOB_ID_SIZE], struct haul_fault *fault)
{
    if (refused(request->spec, fault))
        return fault->code;
    struct job_view *job = add_single(s, JOB_QUEUED, request->spec, FILE_WAITING, 0, -1);
    if (request->confirmed)
        view_set_string(&job->name, "confirmed");
    if (id)
        memcpy(id, job->id, JOB_ID_SIZE);
    touch(s);
    return HAUL_OK;
}

enum haul_error session_add_many(struct session *s, const struct job_request *requests,
                                 size_t count, char (*ids)[JOB_ID_SIZE], size_t *added,
                                 struct haul_fault *fault)
{
    for (*added = 0; *added < count; ++*added) {
        enum haul_error e = session_add(s, &requests[*added], ids ? ids[*added] : NULL, fault);
        if (e != HAUL_OK)
            return e;
    }
    return HAUL_OK;
}

/* What was dropped is made anew, with its id and no more. */
static enum haul_error restore(struct session *s, const char *id, struct haul_fault *fault)
{
    (void)fault;
    struct job_view *job = add_single(s, JOB_COMPLETED, "restored", FILE_DONE, 1, 1);
    memcpy(job->id, id, JOB_ID_SIZE);
    touch(s);
    return HAUL_OK;
}

enum haul_error session_cancel_file(struct session *s, const char *id, size_t file,
                                    struct haul_fault *fault)
{
    struct job_view *job = find(s, id);
    if (!job || file >= job->file_count)
        return fault_set(fault, HAUL_ERR_USAGE, "no such file");
    job->files[file].state = FILE_CANCELLED;
    job->files[file].bytes = job->files[file].rate = 0;
    job->files[file].total = 0;
    touch(s);
    return HAUL_OK;
}

enum haul_error session_control(struct session *s, const char *id, enum job_action action,
                                struct haul_fault *fault)
{
    static const enum job_state to[] = {
        [JOB_CANCEL] = JOB_CANCELLED, [JOB_PAUSE] = JOB_PAUSED,   [JOB_RESUME] = JOB_QUEUED,
        [JOB_RETRY] = JOB_QUEUED,     [JOB_DROP] = JOB_COMPLETED, [JOB_RESTORE] = JOB_QUEUED,
        [JOB_DELETE] = JOB_COMPLETED,
    };
    struct job_view *job = find(s, id);
    if (!job && action == JOB_RESTORE)
        return restore(s, id, fault);
    if (!job)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "no job %s", id);
    job->state = to[action];
    /* Gone with the next refresh: until then the snapshot holds it. */
    if (action == JOB_DROP || action == JOB_DELETE)
        job->number = 0;
    job->rate = 0;
    job->retry_at = 0;
    if (action == JOB_RETRY)
        job->fault.code = HAUL_OK;
    touch(s);
    return HAUL_OK;
}

enum haul_error session_change(struct session *s, const char *id, const struct job_change *change,
                               struct haul_fault *fault)
{
    struct job_view *job = find(s, id);
    if (!job)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "no job %s", id);
    if (change->set_priority)
        job->priority = change->priority;
    if (change->set_limit_rate)
        job->limit_rate = change->limit_rate;
    if (change->set_connections)
        job->connections_max = change->connections;
    for (size_t i = 0; i < s->count && change->move; i++) {
        size_t other = change->move < 0 ? i - 1 : i + 1;
        if (s->jobs[i] != job || other >= s->count)
            continue;
        s->jobs[i] = s->jobs[other];
        s->jobs[other] = job;
        break;
    }
    touch(s);
    return HAUL_OK;
}

enum haul_error session_set(struct session *s, int jobs, int64_t limit_rate,
                            struct haul_fault *fault)
{
    (void)jobs;
    (void)fault;
    s->limit_rate = limit_rate;
    touch(s);
    return HAUL_OK;
}

struct watcher *session_watch(struct session *s)
{
    struct watcher *w = xcalloc(1, sizeof *w);
    w->session = s;
    return w;
}

/* The fake's jobs stay its own: the snapshot must not free them. */
static struct snapshot *lent_to;

void watcher_free(struct watcher *w)
{
    if (lent_to) {
        free(lent_to->jobs);
        lent_to->jobs = NULL;
        lent_to->count = 0;
        lent_to = NULL;
    }
    free(w);
}

int watcher_fd(const struct watcher *w)
{
    return w->session->event_fd;
}

static void add_totals(struct totals_view *t, const struct job_view *job)
{
    t->by_state[job->state]++;
    if (job->state == JOB_FAILED || job->state == JOB_CANCELLED)
        return;
    t->bytes += job->bytes;
    if (job->total >= 0) {
        t->total += job->total;
        t->known += job->bytes;
    }
    t->rate += job->rate;
    t->connections += job->connections;
}

static void remove_dropped(struct session *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->jobs[i]->number)
            s->jobs[kept++] = s->jobs[i];
        else
            job_view_free(s->jobs[i]);
    }
    s->count = kept;
}

bool watcher_refresh(struct watcher *w, struct snapshot *snapshot)
{
    struct session *s = w->session;
    eventfd_t value;
    (void)!eventfd_read(s->event_fd, &value);
    if (s->busy)
        go_on(s);
    if (!s->changed && !s->busy)
        return false;
    remove_dropped(s);
    snapshot->jobs = xreallocarray(snapshot->jobs, s->count + 1, sizeof(struct job_view *));
    for (size_t i = 0; i < s->count; i++)
        snapshot->jobs[i] = s->jobs[i];
    snapshot->count = s->count;
    snapshot->limit_rate = s->limit_rate;
    snapshot->totals = (struct totals_view){0};
    for (size_t i = 0; i < s->count; i++)
        add_totals(&snapshot->totals, s->jobs[i]);
    struct totals_view *t = &snapshot->totals;
    t->eta = t->rate ? (t->total - t->bytes) / t->rate : -1;
    lent_to = snapshot;
    bool changed = s->changed;
    s->changed = false;
    return changed;
}

struct event *watcher_next(struct watcher *w, uint64_t *lost)
{
    (void)w;
    (void)lost;
    return NULL;
}

size_t session_log(struct session *s, const char *id, struct event **out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < s->log_count && n < max; i++)
        if (!id || !strcmp(id, s->events[i]->job))
            out[n++] = event_ref(s->events[i]);
    return n;
}

static void fill_conn(struct conn_view *c, const char *host, int64_t begin, int percent,
                      int64_t rate)
{
    snprintf(c->host, sizeof c->host, "%s", host);
    c->begin = begin * MIB;
    c->end = c->begin + 256 * MIB;
    c->got = (c->end - c->begin) / 100 * percent + MIB;
    c->rate = rate;
    c->state = CONN_RECEIVING;
}

bool session_detail(struct session *s, const char *id, size_t file, struct detail_view *out)
{
    const struct job_view *job = find(s, id);
    *out = (struct detail_view){0};
    if (!job || file >= job->file_count || job->files[file].state != FILE_ACTIVE)
        return false;
    out->cell_count = 1024;
    for (size_t i = 0; i < out->cell_count; i++)
        out->cells[i] = i < 800 ? 255 : i < 830 ? 120 : i > 900 && i < 950 ? 255 : 0;
    fill_conn(&out->conns[0], "192.0.2.10", 6400, 71, 10 * MIB + 400 * KIB);
    fill_conn(&out->conns[1], "192.0.2.10", 9472, 22, 10 * MIB + 100 * KIB);
    fill_conn(&out->conns[2], "2001:db8:85a3::8a2e:370:7334", 12288, 94, 10 * MIB + 600 * KIB);
    fill_conn(&out->conns[3], "192.0.2.77", 14336, 3, 9 * MIB + 900 * KIB);
    out->conns[3].state = CONN_STALLED;
    out->conn_count = 4;
    return true;
}

int64_t session_disk_free(struct session *s, const char *dir)
{
    (void)s;
    if (dir && !strcmp(dir, FAKE_DIR_THAT_HANGS))
        sleep(30);
    return 412 * GIB;
}

uint64_t session_save(struct session *s)
{
    (void)s;
    return 0;
}

enum haul_error session_await(struct session *s, const char *id, int64_t deadline,
                              struct haul_fault *fault)
{
    (void)s;
    (void)id;
    (void)deadline;
    return fault_set(fault, HAUL_ERR_TIMEOUT, "the fake waits for nothing");
}

enum haul_error session_resolve(struct session *s, const struct job_request *request,
                                const atomic_bool *stop, struct plan *plan,
                                struct haul_fault *fault)
{
    static const char *const names[] = {"model-00001-of-00003.gguf", "model-00002-of-00003.gguf",
                                        "config.json"};
    (void)s;
    (void)stop;
    if (!strncmp(request->spec, "build:", 6)) {
        plan->name = xstrdup("make-it: CC=gcc make 'all of it' (in /data, makes out/model.gguf)");
        plan_add(plan)->path = xstrdup("out/model.gguf");
        return HAUL_OK;
    }
    if (!strncmp(request->spec, "long", 4))
        return fault_set(fault, HAUL_ERR_BAD_SPEC,
                         "bad source \"long\" at position 1: expected one of many words. Forms: "
                         "https://HOST/PATH[#sha256=HEX], hf:ORG/NAME[@REV][:QUANT][/GLOB] (or "
                         "bare ORG/NAME), hf:datasets/ORG/NAME, space:ORG/NAME, "
                         "ollama:[HOST/][NS/]MODEL[:TAG], github:OWNER/REPO[@TAG][/GLOB]");
    if (!strncmp(request->spec, "https://down.", 13))
        return fault_set(fault, HAUL_ERR_NETWORK, "down: the connection was refused");
    if (strncmp(request->spec, "hf:", 3) != 0)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "the fake knows no source");
    plan->name = xstrdup(request->spec);
    plan->root = xstrdup("/nowhere");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++) {
        struct plan_file *f = plan_add(plan);
        f->path = xstrdup(names[i]);
        f->size = i < 2 ? 16 * GIB : 1126;
    }
    return HAUL_OK;
}

static void copy_model(struct model *to, const struct model *m)
{
    *to = *m;
    to->id = xstrdup(m->id);
    to->source = xstrdup(m->source);
    to->name = xstrdup(m->name);
    to->root = xstrdup(m->root);
    to->files = NULL;
    to->count = 0;
    for (size_t i = 0; i < m->count; i++) {
        struct model_file *f = model_add_file(to);
        *f = m->files[i];
        f->path = xstrdup(m->files[i].path);
    }
}

enum haul_error session_models(struct session *s, struct model_list *out, struct haul_fault *fault)
{
    (void)fault;
    out->items = xcalloc(s->models.count, sizeof *out->items);
    out->count = s->models.count;
    for (size_t i = 0; i < out->count; i++)
        copy_model(&out->items[i], &s->models.items[i]);
    return HAUL_OK;
}

static struct model *find_model(struct session *s, const struct model *m)
{
    for (size_t i = 0; i < s->models.count; i++)
        if (!strcmp(s->models.items[i].id, m->id))
            return &s->models.items[i];
    return NULL;
}

/* The large one is never done: it is there to be stopped. */
enum haul_error session_model_verify(struct session *s, struct model *m,
                                     const struct digest_watch *watch, struct haul_fault *fault)
{
    if (m->count > 1)
        while (watch->go_on(watch->context, model_size(m) / 2))
            usleep(1000);
    if (m->count > 1)
        return fault_set(fault, HAUL_ERR_CANCELLED, "stopped");
    if (m->state == MODEL_BAD)
        return fault_set(fault, HAUL_ERR_CHECKSUM, "%s: is damaged; fetch it again", m->id);
    struct model *kept = find_model(s, m);
    kept->verified_ms = m->verified_ms = WALL_MS;
    return HAUL_OK;
}

enum haul_error session_model_remove(struct session *s, const struct model *m,
                                     struct model_removal *out, struct haul_fault *fault)
{
    (void)fault;
    *out = (struct model_removal){.files = m->count, .bytes = model_size(m)};
    struct model *kept = find_model(s, m);
    model_release(kept);
    *kept = s->models.items[--s->models.count];
    return HAUL_OK;
}

struct session *session_local_new(const struct session_config *config, struct engine *engine,
                                  const struct engine_ops *ops, struct haul_fault *fault)
{
    (void)config;
    (void)engine;
    (void)ops;
    (void)fault;
    return NULL;
}
