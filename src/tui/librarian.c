/* SPDX-License-Identifier: MIT */
/* See librarian.h. The mutex guards tasks, news and their numbers. */
#include "tui/librarian.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "core/text.h"
#include "core/thread.h"
#include "core/units.h"

#define TELL_EVERY (100 * CLOCK_MS)

enum task_kind { TASK_VERIFY, TASK_VERIFY_FILE, TASK_REMOVE };

struct task {
    struct task *next;
    enum task_kind kind;
    char *what; /* id or path */
};

/* What came of the entries that were asked for together. */
struct tally {
    size_t verified, failed;
    struct haul_fault first;
};

struct librarian {
    struct session *session;
    pthread_t thread;
    int fd;
    atomic_bool stop; /* of the verification that runs */
    struct mutex mutex;
    struct cond changed;
    bool closing, look;
    struct task *tasks, **tasks_end;
    struct library_news news;
    struct tally tally; /* of the thread */
    int64_t told_at;    /* likewise */
};

void library_news_release(struct library_news *n)
{
    model_list_release(&n->models);
    free(n->text);
    free(n->busy);
    *n = (struct library_news){0};
}

static void wake_ui(const struct librarian *l)
{
    eventfd_write(l->fd, 1);
}

/* Takes the text. */
static void tell(struct librarian *l, enum role role, char *text)
{
    mutex_lock(&l->mutex);
    free(l->news.text);
    l->news.text = text;
    l->news.role = role;
    wake_ui(l);
    mutex_unlock(&l->mutex);
}

static void tell_busy(struct librarian *l, const struct model *m)
{
    mutex_lock(&l->mutex);
    free(l->news.busy);
    l->news.busy = m ? xstrdup(m->id) : NULL;
    l->news.done = 0;
    l->news.total = m ? model_size(m) : 0;
    wake_ui(l);
    mutex_unlock(&l->mutex);
}

/* ---- what the thread does ---- */

static void list(struct librarian *l)
{
    struct haul_fault fault;
    struct model_list models;
    if (session_models(l->session, &models, &fault) != HAUL_OK) {
        model_list_release(&models);
        tell(l, ROLE_ERROR, text_sanitized(fault.message));
        return;
    }
    mutex_lock(&l->mutex);
    model_list_release(&l->news.models);
    l->news.models = models;
    l->news.listed = true;
    wake_ui(l);
    mutex_unlock(&l->mutex);
}

static bool is_path(char *path, const char *wanted)
{
    char *clean = text_sanitized(path);
    bool same = !strcmp(clean, wanted);
    free(clean);
    free(path);
    return same;
}

static bool has_file(const struct model *m, const char *path)
{
    for (size_t i = 0; i < m->count; i++)
        if (is_path(model_file_shown(m, &m->files[i]), path) ||
            is_path(model_file_path(m, &m->files[i]), path))
            return true;
    return false;
}

static struct model *find(const struct model_list *models, const struct task *t)
{
    for (size_t i = 0; i < models->count; i++) {
        struct model *m = &models->items[i];
        if (t->kind == TASK_VERIFY_FILE ? has_file(m, t->what) : !strcmp(m->id, t->what))
            return m;
    }
    return NULL;
}

static bool go_on(void *context, int64_t done)
{
    struct librarian *l = context;
    int64_t now = clock_now();
    if (now - l->told_at >= TELL_EVERY) {
        l->told_at = now;
        mutex_lock(&l->mutex);
        l->news.done = done;
        wake_ui(l);
        mutex_unlock(&l->mutex);
    }
    return !atomic_load(&l->stop);
}

static void tell_verified(struct librarian *l, const struct model *m)
{
    const struct tally *t = &l->tally;
    if (t->failed)
        tell(l, ROLE_ERROR,
             t->failed == 1 ? text_sanitized(t->first.message)
                            : xasprintf("%zu of %zu are not as they should be: %s", t->failed,
                                        t->verified, t->first.message));
    else if (t->verified == 1)
        tell(l, ROLE_OK, xasprintf("Verified, %s: %s", model_state_name(m->state), m->id));
    else
        tell(l, ROLE_OK, xasprintf("%zu entries verified, all ok", t->verified));
}

static void verify(struct librarian *l, struct model *m)
{
    struct haul_fault fault;
    struct digest_watch watch = {go_on, l};
    tell_busy(l, m);
    enum haul_error err = session_model_verify(l->session, m, &watch, &fault);
    tell_busy(l, NULL);
    if (err == HAUL_ERR_CANCELLED) {
        tell(l, ROLE_WARN, xstrdup("Verifying was stopped."));
        return;
    }
    l->tally.verified++;
    if (err != HAUL_OK && !l->tally.failed++)
        l->tally.first = fault;
    tell_verified(l, m);
}

static void remove_model(struct librarian *l, const struct model *m)
{
    struct haul_fault fault;
    struct model_removal r;
    char size[UNITS_TEXT_SIZE];
    enum haul_error err = session_model_remove(l->session, m, &r, &fault);
    units_format_size(r.bytes, size);
    if (err != HAUL_OK)
        tell(l, ROLE_ERROR, text_sanitized(fault.message));
    else if (r.kept.count)
        tell(l, ROLE_WARN,
             xasprintf("%zu file%s deleted (%s), %zu kept: %s", r.files, r.files == 1 ? "" : "s",
                       size, r.kept.count, r.kept.items[0]));
    else
        tell(l, ROLE_NORMAL,
             xasprintf("%zu file%s deleted (%s): %s", r.files, r.files == 1 ? "" : "s", size,
                       m->id));
    model_removal_release(&r);
}

static void carry_out(struct librarian *l, const struct task *t)
{
    struct haul_fault fault;
    struct model_list models;
    struct model *m = NULL;
    if (session_models(l->session, &models, &fault) != HAUL_OK)
        tell(l, ROLE_ERROR, text_sanitized(fault.message));
    else if (!(m = find(&models, t)))
        tell(l, ROLE_WARN, xasprintf("%s: the library has no such entry", t->what));
    else if (t->kind == TASK_REMOVE)
        remove_model(l, m);
    else
        verify(l, m);
    model_list_release(&models);
}

static struct task *next_task(struct librarian *l) HAUL_REQUIRES(l->mutex)
{
    struct task *t = l->tasks;
    if (t)
        l->tasks = t->next;
    if (!l->tasks) {
        l->tasks_end = &l->tasks;
        l->look = l->look || t;
    }
    return t;
}

static void task_free(struct task *t)
{
    if (t)
        free(t->what);
    free(t);
}

static void turn(struct librarian *l) HAUL_REQUIRES(l->mutex)
{
    struct task *t = next_task(l);
    bool look = l->look && !l->tasks;
    if (look)
        l->look = false;
    atomic_store(&l->stop, false);
    mutex_unlock(&l->mutex);
    if (t)
        carry_out(l, t);
    task_free(t);
    if (look)
        list(l);
    mutex_lock(&l->mutex);
}

static void *work(void *arg)
{
    struct librarian *l = arg;
    mutex_lock(&l->mutex);
    while (!l->closing) {
        if (l->tasks || l->look) {
            turn(l);
            continue;
        }
        l->tally = (struct tally){0};
        cond_wait(&l->changed, &l->mutex);
    }
    mutex_unlock(&l->mutex);
    return NULL;
}

/* ---- what the UI asks for ---- */

static void drop_tasks(struct librarian *l) HAUL_REQUIRES(l->mutex)
{
    for (struct task *t = l->tasks, *next; t; t = next) {
        next = t->next;
        task_free(t);
    }
    l->tasks = NULL;
    l->tasks_end = &l->tasks;
}

static void dispose(struct librarian *l)
{
    library_news_release(&l->news);
    cond_release(&l->changed);
    mutex_release(&l->mutex);
    close(l->fd);
    free(l);
}

struct librarian *librarian_new(struct session *s)
{
    struct librarian *l = xcalloc(1, sizeof *l);
    l->session = s;
    l->tasks_end = &l->tasks;
    mutex_init(&l->mutex);
    cond_init(&l->changed);
    l->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->fd >= 0 && thread_start(&l->thread, work, l))
        return l;
    dispose(l);
    return NULL;
}

void librarian_free(struct librarian *l)
{
    if (!l)
        return;
    mutex_lock(&l->mutex);
    l->closing = true;
    drop_tasks(l);
    atomic_store(&l->stop, true);
    cond_signal(&l->changed);
    mutex_unlock(&l->mutex);
    pthread_join(l->thread, NULL);
    dispose(l);
}

int librarian_fd(const struct librarian *l)
{
    return l->fd;
}

void librarian_look(struct librarian *l)
{
    mutex_lock(&l->mutex);
    l->look = true;
    cond_signal(&l->changed);
    mutex_unlock(&l->mutex);
}

static void add_task(struct librarian *l, enum task_kind kind, const char *what)
{
    struct task *t = xcalloc(1, sizeof *t);
    t->kind = kind;
    t->what = xstrdup(what);
    mutex_lock(&l->mutex);
    *l->tasks_end = t;
    l->tasks_end = &t->next;
    cond_signal(&l->changed);
    mutex_unlock(&l->mutex);
}

void librarian_verify(struct librarian *l, const char *id)
{
    add_task(l, TASK_VERIFY, id);
}

void librarian_verify_file(struct librarian *l, const char *path)
{
    add_task(l, TASK_VERIFY_FILE, path);
}

void librarian_remove(struct librarian *l, const char *id)
{
    add_task(l, TASK_REMOVE, id);
}

static void drop_verifying(struct librarian *l) HAUL_REQUIRES(l->mutex)
{
    struct task **link = &l->tasks;
    for (struct task *t; (t = *link);) {
        if (t->kind == TASK_REMOVE) {
            link = &t->next;
            continue;
        }
        *link = t->next;
        task_free(t);
    }
    l->tasks_end = link;
}

bool librarian_stop(struct librarian *l)
{
    mutex_lock(&l->mutex);
    bool any = l->news.busy != NULL;
    for (const struct task *t = l->tasks; t && !any; t = t->next)
        any = t->kind != TASK_REMOVE;
    drop_verifying(l);
    atomic_store(&l->stop, true);
    mutex_unlock(&l->mutex);
    return any;
}

void librarian_take(struct librarian *l, struct library_news *out)
{
    eventfd_t value;
    mutex_lock(&l->mutex);
    *out = l->news;
    out->busy = xstrdup(l->news.busy);
    l->news.listed = false;
    l->news.models = (struct model_list){0};
    l->news.text = NULL;
    (void)!eventfd_read(l->fd, &value);
    mutex_unlock(&l->mutex);
}
