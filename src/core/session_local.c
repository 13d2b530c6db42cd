/* SPDX-License-Identifier: MIT */
/* The session in this process: starting, ending and the calls that need no file of their own. */
#include "core/session_local.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/run_state.h"
#include "core/watch.h"

#define NARRATE_EVERY (10 * CLOCK_SEC)
#define ENDED_LISTED  1000
#define ROOM_LEAST    ((uint64_t)256 << 10)
/* How long a transfer goes on keeping details after somebody has looked at them. */
#define DETAIL_FOR (2 * CLOCK_SEC)

struct local_watcher {
    struct watcher base;
    struct watch watch;
};

static struct session_local *local_of(struct session *s)
{
    return HAUL_CONTAINER_OF(s, struct session_local, base);
}

static enum haul_error local_control(struct session *base, const char *id, enum job_action action,
                                     struct haul_fault *fault)
{
    struct session_local *s = local_of(base);
    enum haul_error err = table_control(&s->table, id, action, fault);
    pool_kick(&s->pool);
    return err;
}

static enum haul_error local_cancel_file(struct session *base, const char *id, size_t file,
                                         struct haul_fault *fault)
{
    return table_cancel_file(&local_of(base)->table, id, file, fault);
}

static enum haul_error local_change(struct session *base, const char *id,
                                    const struct job_change *change, struct haul_fault *fault)
{
    return table_change(&local_of(base)->table, id, change, fault);
}

static enum haul_error local_set(struct session *base, int jobs, int64_t limit_rate,
                                 struct haul_fault *fault)
{
    struct session_local *s = local_of(base);
    struct table *t = &s->table;
    if (jobs == 0)
        return fault_set(fault, HAUL_ERR_USAGE, "at least one job at once");
    mutex_lock(&t->mutex);
    if (jobs > 0)
        t->jobs_max = (unsigned)jobs;
    if (limit_rate >= 0)
        t->limit_rate = limit_rate;
    table_touch_all_locked(t);
    mutex_unlock(&t->mutex);
    if (limit_rate >= 0)
        s->ops->set_limit_rate(s->engine, limit_rate);
    pool_kick(&s->pool);
    return HAUL_OK;
}

static uint64_t local_save(struct session *base)
{
    struct table *t = &local_of(base)->table;
    mutex_lock(&t->mutex);
    if (t->saved) {
        t->save_asked++;
        cond_broadcast(&t->changed);
    }
    uint64_t ticket = t->save_asked;
    mutex_unlock(&t->mutex);
    return ticket;
}

static bool local_saved(struct session *base, uint64_t ticket)
{
    struct table *t = &local_of(base)->table;
    mutex_lock(&t->mutex);
    bool saved = t->save_done >= ticket;
    mutex_unlock(&t->mutex);
    return saved;
}

static enum haul_error local_await(struct session *base, const char *id, int64_t deadline,
                                   struct haul_fault *fault)
{
    return table_await(&local_of(base)->table, id, deadline, fault);
}

static struct local_watcher *watcher_of(struct watcher *w)
{
    return HAUL_CONTAINER_OF(w, struct local_watcher, base);
}

static struct watcher *local_watch(struct session *base)
{
    struct local_watcher *w = xcalloc(1, sizeof *w);
    w->base.ops = base->ops;
    watch_init(&w->watch, &local_of(base)->table);
    return &w->base;
}

static int local_watcher_fd(const struct watcher *w)
{
    return ((const struct local_watcher *)(const void *)w)->watch.bell.fd;
}

static bool local_watcher_refresh(struct watcher *w, struct snapshot *snapshot)
{
    return watch_refresh(&watcher_of(w)->watch, snapshot);
}

static struct event *local_watcher_next(struct watcher *w, uint64_t *lost)
{
    return watch_next(&watcher_of(w)->watch, lost);
}

static void local_watcher_free(struct watcher *w)
{
    watch_release(&watcher_of(w)->watch);
    free(watcher_of(w));
}

static size_t local_log(struct session *base, const char *id, struct event **out, size_t max)
{
    struct table *t = &local_of(base)->table;
    mutex_lock(&t->mutex);
    size_t count = feed_log(&t->feed, id, out, max);
    mutex_unlock(&t->mutex);
    return count;
}

static bool local_detail(struct session *base, const char *id, size_t file, struct detail_view *out)
{
    struct table *t = &local_of(base)->table;
    mutex_lock(&t->mutex);
    struct job *job = table_find_locked(t, id);
    struct run *r = job ? job->run : NULL;
    bool known = r && r->progress && file < r->progress->count;
    if (known) {
        atomic_store(&r->detail_file, file);
        atomic_store(&r->detail_until, clock_now() + DETAIL_FOR);
        if (r->detail && r->detail_of == file)
            *out = *r->detail;
        else
            *out = (struct detail_view){0};
    }
    mutex_unlock(&t->mutex);
    return known;
}

static bool is_present(const struct plan *plan, const struct plan_file *file)
{
    struct stat st;
    if (!file->path || !plan->root || file->size < 0)
        return false;
    char *path = path_join(plan->root, file->path);
    bool present = !stat(path, &st) && (int64_t)st.st_size == file->size;
    free(path);
    return present;
}

static enum haul_error local_resolve(struct session *base, const struct job_request *request,
                                     const atomic_bool *stop, struct plan *plan,
                                     struct haul_fault *fault)
{
    struct session_local *s = local_of(base);
    enum haul_error err = s->ops->resolve(s->engine, request, stop, plan, fault);
    for (size_t i = 0; err == HAUL_OK && i < plan->count; i++)
        plan->files[i].present = is_present(plan, &plan->files[i]);
    return err;
}

/* The destination may not be there yet: the nearest parent is on the same file system. */
static int64_t local_disk_free(struct session *base, const char *dir)
{
    (void)base;
    struct statvfs fs;
    char *path = xstrdup(dir && *dir ? dir : ".");
    int rc;
    while ((rc = statvfs(path, &fs)) != 0) {
        char *slash = strrchr(path, '/');
        if (!slash || !strcmp(path, "/"))
            break;
        slash[slash == path] = '\0';
    }
    free(path);
    return rc == 0 ? (int64_t)(fs.f_bavail * fs.f_frsize) : -1;
}

static void local_stop(struct session *base)
{
    pool_stop(&local_of(base)->pool);
}

static void local_free(struct session *base)
{
    struct session_local *s = local_of(base);
    pool_release(&s->pool);
    keeper_stop(&s->keeper);
    store_close(s->store);
    s->ops->free(s->engine);
    adoption_release(&s->adoption);
    table_release(&s->table);
    free(s);
}

static const struct session_ops local_ops = {
    .add_many = session_local_add,
    .control = local_control,
    .cancel_file = local_cancel_file,
    .change = local_change,
    .set = local_set,
    .save = local_save,
    .saved = local_saved,
    .await = local_await,
    .watch = local_watch,
    .log = local_log,
    .detail = local_detail,
    .resolve = local_resolve,
    .disk_free = local_disk_free,
    .models = session_local_models,
    .model_verify = session_local_model_verify,
    .model_remove = session_local_model_remove,
    .clean = session_local_clean,
    .stop = local_stop,
    .free = local_free,
    .watcher_fd = local_watcher_fd,
    .watcher_refresh = local_watcher_refresh,
    .watcher_next = local_watcher_next,
    .watcher_free = local_watcher_free,
};

static void take_stored(void *context, struct job *job)
{
    struct table *t = context;
    mutex_lock(&t->mutex);
    table_add_locked(t, job, true);
    mutex_unlock(&t->mutex);
}

static enum haul_error load(struct session_local *s, const struct session_config *config,
                            struct haul_fault *fault)
{
    enum session_adopt adopt = config->adopt;
    struct table *t = &s->table;
    enum haul_error err = store_next(s->store, &t->next_number, &t->queue.last, fault);
    if (adopt == ADOPT_LIST)
        store_keep_ended(s->store);
    if (err == HAUL_OK && adopt == ADOPT_LIST)
        err = store_take_ended(s->store, ENDED_LISTED, take_stored, t, fault);
    if (err == HAUL_OK && adopt != ADOPT_NONE)
        err = adoption_begin(&s->adoption, s->store, fault);
    return err;
}

/* SQLite cannot even open a database where its log has no room, and calls that an I/O error. */
static bool is_full(const char *dir)
{
    struct statvfs fs;
    return statvfs(dir, &fs) == 0 && fs.f_blocks &&
           (uint64_t)fs.f_bavail * fs.f_frsize < ROOM_LEAST;
}

/* A home that is not there, not ours or full; not a database of which more is to be said. */
static bool does_without(const struct session_config *config, const struct haul_fault *fault)
{
    const char *dir = config->state_dir;
    return config->may_do_without &&
           (!dir || fault->code == HAUL_ERR_DISK_FULL || access(dir, W_OK) != 0 || is_full(dir));
}

static struct store *find_store(const struct session_config *config, char **notice,
                                struct haul_fault *fault)
{
    if (config->state_dir)
        return store_open(config->state_dir, notice, fault);
    *notice = NULL;
    fault_set(fault, HAUL_ERR_DISK,
              "neither HOME nor XDG_STATE_HOME is set: the queue and the library have no place");
    return NULL;
}

static enum haul_error open_store(struct session_local *s, const struct session_config *config,
                                  struct haul_fault *fault)
{
    char *notice;
    struct table *t = &s->table;
    if (!config->state_dir && !config->homeless)
        return HAUL_OK;
    s->store = find_store(config, &notice, fault);
    bool without = !s->store && does_without(config, fault);
    mutex_lock(&t->mutex);
    t->saved = s->store != NULL;
    t->library = s->store;
    if (notice)
        table_log_locked(t, NULL, LOG_WARN, notice);
    if (without)
        table_log_locked(t, NULL, LOG_WARN,
                         xasprintf("this run keeps no queue and no library: %s; set XDG_STATE_HOME "
                                   "to a directory that can be written",
                                   fault->message));
    mutex_unlock(&t->mutex);
    return s->store ? load(s, config, fault) : without ? HAUL_OK : fault->code;
}

static void fail_start(struct session_local *s)
{
    store_close(s->store);
    s->ops->free(s->engine);
    adoption_release(&s->adoption);
    table_release(&s->table);
    free(s);
}

struct session *session_local_new(const struct session_config *config, struct engine *engine,
                                  const struct engine_ops *ops, struct haul_fault *fault)
{
    struct session_local *s = xcalloc(1, sizeof *s);
    s->base.ops = &local_ops;
    s->engine = engine;
    s->ops = ops;
    table_init(&s->table, config->settings);
    s->table.narrate_every = config->heartbeat < 0   ? 0
                             : config->heartbeat > 0 ? config->heartbeat
                                                     : NARRATE_EVERY;
    adoption_init(&s->adoption, &s->table, &s->pool, &config->settings->roots, config->adopt_again);
    if (open_store(s, config, fault) != HAUL_OK) {
        fail_start(s);
        return NULL;
    }
    pool_init(&s->pool, &s->table, engine, ops);
    s->keeper = (struct keeper){.table = &s->table,
                                .store = s->store,
                                .adoption = &s->adoption,
                                .engine = engine,
                                .ops = ops};
    if (!keeper_start(&s->keeper)) {
        fault_set(fault, HAUL_ERR_INTERNAL, "the system has no room for another thread");
        fail_start(s);
        return NULL;
    }
    pool_kick(&s->pool);
    return &s->base;
}
