/* SPDX-License-Identifier: MIT */
/* Columns and figures; see format.h. */
#include "tui/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "tui/bar.h"

/* A job that got no byte for so long says so instead of a speed. */
#define STALL_SHOWN_MS 3000

static const struct {
    int from; /* columns of the screen */
    struct columns columns;
} classes[] = {
    {110,
     {.lead = 4,
      .priority = 2,
      .bar = 24,
      .percent = 7,
      .size = 20,
      .speed = 11,
      .eta = 8,
      .connections = 4,
      .wide = true}},
    {80, {.lead = 4, .bar = 16, .percent = 5, .size = 10, .speed = 10, .eta = 7}},
    {60, {.lead = 4, .bar = 10, .percent = 5, .size = 10, .speed = 10}},
    {40, {.lead = 3, .percent = 5, .speed = 11}},
    {20, {.lead = 3, .percent = 5}},
    {0, {.lead = 3}},
};

struct columns columns_for(int cols)
{
    size_t i = 0;
    while (cols < classes[i].from && i + 1 < HAUL_ARRAY_LEN(classes))
        i++;
    struct columns c = classes[i].columns;
    int spare = classes[i].from >= 80 ? (cols - classes[i].from) / 3 : 0;
    c.bar += spare;
    c.name = cols - c.lead - c.priority - c.bar - c.percent - c.size - c.speed - c.eta -
             c.connections - (c.bar > 0);
    if (c.name < 1)
        c.name = 1;
    return c;
}

/* The decimal goes when there are so many digits before it. */
static void format_size_digits(int64_t bytes, int digits, char out[UNITS_TEXT_SIZE])
{
    units_format_size(bytes, out);
    char *point = strchr(out, '.');
    const char *unit = strchr(out, ' ');
    if (point && unit && point - out >= digits)
        memmove(point, unit, strlen(unit) + 1);
}

void format_size_short(int64_t bytes, char out[UNITS_TEXT_SIZE])
{
    format_size_digits(bytes, 3, out);
}

void format_size_column(int64_t bytes, char out[UNITS_TEXT_SIZE])
{
    format_size_digits(bytes, 4, out);
}

void format_rate_column(int64_t bytes_per_second, char out[UNITS_TEXT_SIZE])
{
    char size[UNITS_TEXT_SIZE];
    format_size_column(bytes_per_second, size);
    snprintf(out, UNITS_TEXT_SIZE, "%.20s/s", size);
}

void format_eta(int64_t seconds, char out[UNITS_TEXT_SIZE])
{
    int64_t hours = seconds / 3600;
    if (hours > 0 && hours < 24)
        snprintf(out, UNITS_TEXT_SIZE, "%dh%02dm", (int)hours, (int)(seconds / 60 % 60));
    else
        units_format_eta(seconds, out);
}

enum role letter_role(char letter)
{
    switch (letter) {
    case 'D':
    case 'C':
        return ROLE_OK;
    case 'V':
        return ROLE_MARK;
    case 'R':
    case 'P':
        return ROLE_WARN;
    case 'X':
        return ROLE_ERROR;
    default:
        return ROLE_DIM;
    }
}

void format_percent(int64_t done, int64_t total, bool decimals, char out[UNITS_TEXT_SIZE])
{
    if (total < 0) {
        snprintf(out, UNITS_TEXT_SIZE, "--");
        return;
    }
    int share = total > 0 ? bar_share(done, total, 1000) : 0;
    if (decimals && share < 1000)
        snprintf(out, UNITS_TEXT_SIZE, "%d.%d%%", share / 10, share % 10);
    else
        snprintf(out, UNITS_TEXT_SIZE, "%d%%", share / 10);
}

void format_span(int64_t s, char out[UNITS_TEXT_SIZE])
{
    if (s < 0)
        s = 0;
    if (s > 100 * 3600)
        s = 100 * 3600; /* longer spans say nothing more */
    if (s < 60)
        snprintf(out, UNITS_TEXT_SIZE, "%" PRId64 "s", s);
    else if (s < 3600)
        snprintf(out, UNITS_TEXT_SIZE, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
    else
        snprintf(out, UNITS_TEXT_SIZE, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
}

void format_span_short(int64_t s, char out[UNITS_TEXT_SIZE])
{
    if (s < 100)
        snprintf(out, UNITS_TEXT_SIZE, "%ds", s < 0 ? 0 : (int)s);
    else if (s < 100 * 60)
        snprintf(out, UNITS_TEXT_SIZE, "%dm", (int)(s / 60));
    else if (s < 100 * 3600)
        snprintf(out, UNITS_TEXT_SIZE, "%dh", (int)(s / 3600));
    else
        snprintf(out, UNITS_TEXT_SIZE, ">99h");
}

void format_pair(int64_t done, int64_t total, char out[PAIR_TEXT_SIZE])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t u = 0;
    int64_t unit = 1;
    while (total / 1024 >= unit && u + 1 < HAUL_ARRAY_LEN(units)) {
        unit *= 1024;
        u++;
    }
    int64_t part = unit > 1 ? done % unit / (unit / 10 + 1) : 0;
    int64_t rest = unit > 1 ? total % unit / (unit / 10 + 1) : 0;
    char have[UNITS_TEXT_SIZE];
    if (unit == 1) {
        snprintf(out, PAIR_TEXT_SIZE, "%" PRId64 "/%" PRId64 " B", done, total);
    } else if (done > 0 && done < unit) {
        format_size_short(done, have);
        snprintf(out, PAIR_TEXT_SIZE, "%.20s/%" PRId64 ".%" PRId64 " %s", have, total / unit, rest,
                 units[u]);
    } else {
        snprintf(out, PAIR_TEXT_SIZE, "%" PRId64 ".%" PRId64 "/%" PRId64 ".%" PRId64 " %s",
                 done / unit, part, total / unit, rest, units[u]);
    }
}

void fault_word(const struct haul_fault *fault, char out[UNITS_TEXT_SIZE])
{
    static const char *const words[HAUL_ERR_COUNT] = {
        [HAUL_ERR_INTERNAL] = "internal", [HAUL_ERR_USAGE] = "refused",
        [HAUL_ERR_BAD_SPEC] = "bad spec", [HAUL_ERR_AMBIGUOUS] = "which?",
        [HAUL_ERR_NOT_FOUND] = "missing", [HAUL_ERR_UNAUTHORIZED] = "auth",
        [HAUL_ERR_TIMEOUT] = "timeout",   [HAUL_ERR_HTTP_STATUS] = "http",
        [HAUL_ERR_RATE_LIMITED] = "busy", [HAUL_ERR_SERVER] = "server",
    };
    const char *word = words[fault->code] ? words[fault->code] : haul_error_text(fault->code);
    if (fault->http_status > 0 && strlen(word) <= 5)
        snprintf(out, UNITS_TEXT_SIZE, "%d %s", fault->http_status, word);
    else if (fault->http_status > 0)
        snprintf(out, UNITS_TEXT_SIZE, "HTTP %d", fault->http_status);
    else
        snprintf(out, UNITS_TEXT_SIZE, "%.9s", word);
}

/* The figures that a job and a file have in common. */
struct figures {
    int64_t bytes, total, hashed, rate, eta, idle_ms;
    unsigned connections;
};

static int64_t file_eta(const struct file_view *f)
{
    if (f->rate <= 0 || f->total < 0)
        return -1;
    return units_round_eta((f->total - f->bytes) / f->rate);
}

static struct figures figures_of_file(const struct file_view *f)
{
    return (struct figures){.bytes = f->bytes,
                            .total = f->total,
                            .hashed = f->hashed,
                            .rate = f->rate,
                            .eta = file_eta(f),
                            .connections = f->connections};
}

static struct figures figures_of_job(const struct job_view *job)
{
    struct figures f = {.bytes = job->bytes,
                        .total = job->total,
                        .rate = job->rate,
                        .eta = units_round_eta(job->eta),
                        .idle_ms = job->idle_ms,
                        .connections = job->connections};
    for (size_t i = 0; i < job->file_count; i++)
        f.hashed += job->files[i].hashed;
    return f;
}

static void write_size(struct row_text *out, const struct figures *f, bool wide)
{
    char bytes[UNITS_TEXT_SIZE], total[UNITS_TEXT_SIZE];
    format_size_column(f->bytes, bytes);
    format_size_column(f->total, total);
    if (wide)
        snprintf(out->size, sizeof out->size, "%s/%s", bytes, f->total < 0 ? "?" : total);
    else if (f->total >= 0)
        snprintf(out->size, sizeof out->size, "%s", total);
    else
        snprintf(out->size, sizeof out->size, "-");
    if (wide || f->total >= 0 || f->bytes <= 0)
        return;
    format_size_short(f->bytes, bytes);
    snprintf(out->size, sizeof out->size, "%s+", bytes);
}

static void write_running(struct row_text *out, const struct job_view *job, const struct figures *f)
{
    if (job->state == JOB_RESOLVING) {
        snprintf(out->speed, sizeof out->speed, "resolve");
        return;
    }
    if (f->idle_ms >= STALL_SHOWN_MS) {
        char span[UNITS_TEXT_SIZE];
        format_span_short(f->idle_ms / 1000, span);
        snprintf(out->speed, sizeof out->speed, "idle %.20s", span);
        snprintf(out->eta, sizeof out->eta, "?");
        return;
    }
    format_size_column(f->rate, out->speed);
    format_eta(f->eta, out->eta);
}

/* The longest of the forms that fits `cols`; the last one does. */
static void write_tail(struct row_text *out, int cols, const char *const forms[3], const char *span)
{
    for (int i = 0; i < 3; i++) {
        snprintf(out->tail, sizeof out->tail, "%s%.12s", forms[i], span);
        if ((int)strlen(out->tail) < cols)
            return;
    }
}

static void write_retry(struct row_text *out, const struct job_view *job,
                        const struct columns *columns, int64_t now)
{
    int64_t left = job->retry_at - now;
    int64_t seconds = left > 0 ? (left + CLOCK_SEC - 1) / CLOCK_SEC : 0;
    int cols = columns->speed + columns->eta;
    char span[UNITS_TEXT_SIZE], tries[32], retry[48];
    format_span_short(seconds, span);
    /* Try 0: nothing went wrong, the host itself asked to be left alone for a while. */
    if (!job->retry_try) {
        snprintf(out->speed, sizeof out->speed, "busy %.12s", span);
        write_tail(out, cols, (const char *[]){"host busy, ", "busy, ", ""}, span);
        return;
    }
    snprintf(out->speed, sizeof out->speed, "in %.12s", span);
    snprintf(tries, sizeof tries, "%u/%u in ", job->retry_try, job->retry_max);
    snprintf(retry, sizeof retry, "retry %s", tries);
    write_tail(out, cols, (const char *[]){retry, tries, "in "}, span);
}

static void write_activity(struct row_text *out, const struct row *row, const struct figures *f,
                           const struct columns *columns, int64_t now)
{
    const struct job_view *job = row->job;
    snprintf(out->speed, sizeof out->speed, "-");
    snprintf(out->eta, sizeof out->eta, "-");
    switch (out->letter) {
    case 'D':
        write_running(out, job, f);
        break;
    case 'V':
        snprintf(out->speed, sizeof out->speed, "verify");
        if (row->file == ROW_JOB)
            format_eta(f->eta, out->eta);
        break;
    case 'R':
        if (job->retry_at)
            write_retry(out, job, columns, now);
        else
            snprintf(out->speed, sizeof out->speed, "retry");
        break;
    case 'P':
        snprintf(out->speed, sizeof out->speed, "paused");
        snprintf(out->tail, sizeof out->tail, job->blocked_by_disk ? "disk full" : "- paused");
        break;
    case 'X':
        fault_word(&job->fault, out->speed);
        break;
    case 'C':
        snprintf(out->speed, sizeof out->speed, "done");
        break;
    case '-':
        if (row->file == ROW_JOB)
            snprintf(out->speed, sizeof out->speed, "cancelled");
        break;
    default:
        break;
    }
}

void row_text(struct row_text *out, const struct row *row, const struct columns *columns,
              int64_t now)
{
    bool whole = row->file == ROW_JOB;
    const struct job_view *job = row->job;
    struct figures f = whole ? figures_of_job(job) : figures_of_file(&job->files[row->file]);
    *out = (struct row_text){.total = f.total, .done = f.bytes, .connections = f.connections};
    out->letter = whole ? job_letter(job) : file_letter(job, &job->files[row->file]);
    out->role = letter_role(out->letter);
    /* Verifying is a phase with a bar of its own; a bar that nobody knows the length of is none,
     * unless nothing has come yet. */
    if (out->letter == 'V' && f.hashed > 0 && f.hashed < f.total)
        out->done = f.hashed;
    if (out->letter == 'C' && f.total < 0)
        out->total = out->done = f.total = f.bytes;
    if (out->letter == 'C' && !f.total)
        out->done = out->total = 1;
    format_percent(out->done, out->total, columns->wide, out->percent);
    if (f.total < 0 && !f.bytes)
        snprintf(out->percent, sizeof out->percent, out->letter == 'D' ? "--" : "-");
    if (f.total < 0 && !f.bytes && out->letter != 'D')
        out->total = 0;
    write_size(out, &f, columns->wide);
    write_activity(out, row, &f, columns, now);
}
