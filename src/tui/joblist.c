/* SPDX-License-Identifier: MIT */
/* Rows, cursor, counts; see joblist.h. Ordering and filtering are in joblist_order.c. */
#include "tui/joblist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tui/joblist_order.h"

/* A job of a few files shows them at once; more would push the other jobs off the screen. */
#define UNFOLDED_FILES 4

void joblist_init(struct joblist *m)
{
    *m = (struct joblist){0};
    row_set_init(&m->marks);
    row_set_init(&m->refolded);
}

void joblist_release(struct joblist *m)
{
    free(m->rows);
    free(m->filter_text);
    filter_free(m->filter);
    row_set_release(&m->marks);
    row_set_release(&m->refolded);
    *m = (struct joblist){0};
}

char job_letter(const struct job_view *job)
{
    static const char letters[JOB_STATE_COUNT] = {
        [JOB_QUEUED] = 'Q', [JOB_RESOLVING] = 'D', [JOB_RUNNING] = 'D', [JOB_VERIFYING] = 'V',
        [JOB_PAUSED] = 'P', [JOB_COMPLETED] = 'C', [JOB_FAILED] = 'X',  [JOB_CANCELLED] = '-',
    };
    if (job->retry_at && !job_state_ended(job->state) && job->state != JOB_PAUSED)
        return 'R';
    return letters[job->state];
}

char file_letter(const struct job_view *job, const struct file_view *file)
{
    char letter = job_letter(job);
    switch (file->state) {
    case FILE_DONE:
    case FILE_SKIPPED:
        return 'C';
    case FILE_CANCELLED:
        return '-';
    case FILE_FAILED:
        return 'X';
    case FILE_VERIFYING:
        return letter == 'D' ? 'V' : letter;
    case FILE_ACTIVE:
        return letter == 'D' && file->retry_wait ? 'R' : letter;
    case FILE_WAITING:
        break;
    }
    if (letter == 'P')
        return 'P';
    return job_state_ended(job->state) ? '-' : 'Q';
}

static void count_job(struct joblist_counts *c, const struct job_view *job, unsigned connections)
{
    c->sizeless += job->total < 0 && !job_state_ended(job->state);
    switch (job_letter(job)) {
    case 'D':
    case 'V':
        c->active++;
        c->connections_max += job->connections_max ? job->connections_max : connections;
        break;
    case 'R':
        c->retrying++;
        break;
    case 'Q':
        c->queued++;
        break;
    case 'P':
        c->paused++;
        break;
    case 'X':
        c->failed++;
        break;
    case 'C':
        c->done++;
        break;
    default:
        c->cancelled++;
    }
    for (enum tab t = TAB_ALL; t < TAB_COUNT; t++)
        c->by_tab[t] += tab_shows(t, job);
}

static void push_row(struct joblist *m, const struct job_view *job, size_t file)
{
    if (m->count == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 64;
        m->rows = xreallocarray(m->rows, m->cap, sizeof *m->rows);
    }
    m->rows[m->count++] = (struct row){.job = job, .file = file};
}

static void push_job(struct joblist *m, const struct job_view *job)
{
    push_row(m, job, ROW_JOB);
    if (job->file_count < 2 || joblist_is_folded(m, job))
        return;
    for (size_t i = 0; i < job->file_count; i++)
        push_row(m, job, i);
}

/* Puts the cursor back on its job, or leaves it at its place on the screen where that is gone. */
static void find_cursor(struct joblist *m)
{
    size_t job_row = m->count;
    for (size_t i = 0; i < m->count && m->cursor_id[0]; i++) {
        if (strcmp(m->rows[i].job->id, m->cursor_id))
            continue;
        if (job_row == m->count)
            job_row = i;
        if (m->rows[i].file == m->cursor_file) {
            m->cursor = i;
            return;
        }
    }
    joblist_move_to(m, job_row < m->count ? job_row : m->cursor);
}

static void note_failure(struct joblist *m, const struct job_view *job)
{
    if (job->state == JOB_FAILED &&
        (!m->latest_failure || job->ended_ms >= m->latest_failure->ended_ms))
        m->latest_failure = job;
}

void joblist_rebuild(struct joblist *m, const struct snapshot *snapshot,
                     unsigned default_connections)
{
    m->count = 0;
    m->counts = (struct joblist_counts){0};
    m->latest_failure = NULL;
    row_set_prune(&m->marks, snapshot);
    const struct job_view **jobs = xcalloc(snapshot->count + 1, sizeof(struct job_view *));
    size_t shown = 0;
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct job_view *job = snapshot->jobs[i];
        count_job(&m->counts, job, default_connections);
        note_failure(m, job);
        if (tab_shows(m->tab, job) && filter_shows(m->filter, job))
            jobs[shown++] = job;
    }
    order_jobs(jobs, shown, m->sort, m->inverted);
    for (size_t i = 0; i < shown; i++)
        push_job(m, jobs[i]);
    free(jobs);
    find_cursor(m);
}

const struct row *joblist_current(const struct joblist *m)
{
    return m->cursor < m->count ? &m->rows[m->cursor] : NULL;
}

const struct file_view *row_file(const struct row *r)
{
    if (r->file != ROW_JOB)
        return &r->job->files[r->file];
    return r->job->file_count == 1 ? &r->job->files[0] : NULL;
}

void joblist_move_to(struct joblist *m, size_t row)
{
    m->cursor = row < m->count ? row : m->count ? m->count - 1 : 0;
    const struct row *r = joblist_current(m);
    m->cursor_id[0] = '\0';
    if (!r)
        return;
    memcpy(m->cursor_id, r->job->id, sizeof m->cursor_id);
    m->cursor_file = r->file;
}

void joblist_move(struct joblist *m, ptrdiff_t rows)
{
    if (rows < 0 && (size_t)-rows > m->cursor)
        joblist_move_to(m, 0);
    else
        joblist_move_to(m, m->cursor + (size_t)rows);
}

void joblist_scroll(struct joblist *m, size_t height)
{
    if (!height)
        height = 1;
    if (m->top + height > m->count)
        m->top = m->count > height ? m->count - height : 0;
    if (m->cursor < m->top)
        m->top = m->cursor;
    if (m->cursor >= m->top + height)
        m->top = m->cursor - height + 1;
}

size_t joblist_row_of(const struct joblist *m, const char *id)
{
    size_t i = 0;
    while (i < m->count && strcmp(m->rows[i].job->id, id))
        i++;
    return i;
}

static bool row_matches(const struct row *r, const char *text)
{
    const char *name = r->file == ROW_JOB ? r->job->name : r->job->files[r->file].name;
    return (name && strcasestr(name, text)) ||
           (r->file == ROW_JOB && r->job->source && strcasestr(r->job->source, text));
}

size_t joblist_search(const struct joblist *m, const char *text, int step, bool at_cursor)
{
    if (!m->count || !text[0])
        return m->count;
    size_t i = m->cursor;
    for (size_t tried = 0; tried < m->count; tried++) {
        if (tried || !at_cursor)
            i = step > 0 ? (i + 1) % m->count : (i + m->count - 1) % m->count;
        if (row_matches(&m->rows[i], text))
            return i;
    }
    return m->count;
}

enum haul_error joblist_set_filter(struct joblist *m, const char *text, struct haul_fault *fault)
{
    struct filter *filter;
    enum haul_error err = filter_new(text, &filter, fault);
    if (err != HAUL_OK)
        return err;
    filter_free(m->filter);
    free(m->filter_text);
    m->filter = filter;
    m->filter_text = filter ? xstrdup(text) : NULL;
    return HAUL_OK;
}

/* ---- marks ---- */

bool joblist_has_mark(const struct joblist *m, size_t row)
{
    return row_set_has(&m->marks, m->rows[row].job->id, m->rows[row].file);
}

size_t joblist_marks_shown(const struct joblist *m)
{
    size_t shown = 0;
    for (size_t i = 0; m->marks.count && i < m->count; i++)
        shown += joblist_has_mark(m, i);
    return shown;
}

void joblist_mark(struct joblist *m, size_t row)
{
    const struct row *r = &m->rows[row];
    if (row_set_has(&m->marks, r->job->id, ROW_JOB))
        return;
    for (size_t i = 0; r->file == ROW_JOB && i < r->job->file_count; i++)
        row_set_remove(&m->marks, r->job->id, i);
    row_set_add(&m->marks, r->job->id, r->file);
}

bool joblist_toggle_mark(struct joblist *m)
{
    const struct row *r = joblist_current(m);
    if (r->file != ROW_JOB && row_set_has(&m->marks, r->job->id, ROW_JOB))
        return false;
    if (joblist_has_mark(m, m->cursor))
        row_set_remove(&m->marks, r->job->id, r->file);
    else
        joblist_mark(m, m->cursor);
    return true;
}

struct span {
    size_t first, last;
};

/* Of a file that is folded away by now, the row of its job. */
static size_t range_row(const struct joblist *m)
{
    size_t job_row = joblist_row_of(m, m->range_id), i = job_row;
    while (i < m->count && m->rows[i].job == m->rows[job_row].job)
        if (m->rows[i++].file == m->range_file)
            return i - 1;
    return job_row;
}

static bool open_span(const struct joblist *m, struct span *s)
{
    size_t anchor = m->range_id[0] ? range_row(m) : m->count;
    if (anchor >= m->count)
        return false;
    *s = (struct span){anchor < m->cursor ? anchor : m->cursor,
                       anchor < m->cursor ? m->cursor : anchor};
    return true;
}

bool joblist_mark_range(struct joblist *m)
{
    struct span s = {0};
    bool open = open_span(m, &s);
    for (size_t i = s.first; open && i <= s.last; i++)
        joblist_mark(m, i);
    if (open) {
        m->range_id[0] = '\0';
    } else {
        memcpy(m->range_id, m->cursor_id, sizeof m->range_id);
        m->range_file = m->cursor_file;
    }
    return m->range_id[0] != '\0';
}

bool joblist_is_marked(const struct joblist *m, size_t row)
{
    struct span s = {0};
    return joblist_has_mark(m, row) || row_set_has(&m->marks, m->rows[row].job->id, ROW_JOB) ||
           (open_span(m, &s) && row >= s.first && row <= s.last);
}

bool joblist_is_folded(const struct joblist *m, const struct job_view *job)
{
    return (job->file_count > UNFOLDED_FILES) != row_set_has(&m->refolded, job->id, ROW_JOB);
}

bool joblist_fold(struct joblist *m, bool fold)
{
    const struct row *r = joblist_current(m);
    if (!r || r->job->file_count < 2 || joblist_is_folded(m, r->job) == fold)
        return false;
    row_set_toggle(&m->refolded, r->job->id, ROW_JOB);
    if (fold)
        m->cursor_file = ROW_JOB;
    return true;
}
