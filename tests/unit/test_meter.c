/* SPDX-License-Identifier: MIT */
/* The lines of progress, and when they are drawn. */
#include "harness.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/columns.h"
#include "cli/meter.h"
#include "cli/meter_format.h"
#include "core/clock.h"

#define GIB (INT64_C(1) << 30)
#define MIB (INT64_C(1) << 20)

static char name[] = "ubuntu.iso";
static struct file_view file;

static struct job_view make_job(enum job_state state)
{
    struct job_view j = {
        .state = state,
        .name = name,
        .bytes = 18 * GIB + GIB / 10,
        .total = 35 * GIB + 2 * GIB / 5,
        .rate = 82 * MIB,
        .rate_average = 41 * MIB,
        .eta = 216,
        .started_ms = 1000,
        .ended_ms = 399000,
        .files = &file,
        .file_count = 1,
    };
    file = (struct file_view){.verified = DIGEST_BY_PUBLISHER, .state = FILE_DONE};
    memcpy(file.sha256, "ab", 3);
    return j;
}

static void check_line(void (*make)(struct buf *, const struct job_view *, bool),
                       const struct job_view *j, const char *want)
{
    struct buf out;
    buf_init(&out);
    make(&out, j, false);
    CHECK_STR(out.data, want);
    buf_release(&out);
}

static void plain(struct buf *out, const struct job_view *j, bool color)
{
    (void)color;
    meter_format_plain(out, j, 0);
}

TEST(a_plain_line_has_name_percent_sizes_rate_and_eta)
{
    struct job_view j = make_job(JOB_RUNNING);
    check_line(plain, &j, "ubuntu.iso 51% 18.1/35.4 GiB 82.0 MiB/s eta 3:35");
    j.bytes = 980 * MIB;
    j.eta = -1;
    check_line(plain, &j, "ubuntu.iso 2% 980.0 MiB/35.4 GiB 82.0 MiB/s");
    j.total = -1;
    check_line(plain, &j, "ubuntu.iso 980.0 MiB 82.0 MiB/s");
    j.state = JOB_VERIFYING;
    check_line(plain, &j, "ubuntu.iso 980.0 MiB verifying");
}

TEST(a_plain_line_says_what_a_job_waits_for)
{
    char why[] = "the server says 503";
    struct job_view j = make_job(JOB_RUNNING);
    j.retry_at = 14 * CLOCK_SEC;
    j.retry_try = 1;
    j.retry_max = 6;
    j.retry_why = why;
    check_line(plain, &j, "ubuntu.iso 51% 18.1/35.4 GiB try 1/6 in 14 s: the server says 503");
    j.state = JOB_RESOLVING;
    j.total = -1;
    j.bytes = j.retry_at = 0;
    check_line(plain, &j, "ubuntu.iso 0 B resolving");
}

TEST(a_start_line_tells_where_it_goes_on)
{
    struct job_view j = make_job(JOB_RUNNING);
    check_line(meter_format_start, &j, "get ubuntu.iso 35.4 GiB");
    file.resumed_from = 2 * GIB;
    check_line(meter_format_start, &j, "get ubuntu.iso 35.4 GiB, resume at 2.0 GiB");
}

TEST(an_end_line_tells_time_rate_and_check)
{
    struct job_view j = make_job(JOB_COMPLETED);
    j.bytes = 16 * GIB;
    check_line(meter_format_end, &j, "ok ubuntu.iso 16.0 GiB 0:06:38 41.2 MiB/s sha256 ok");
    file.verified = DIGEST_BY_ETAG;
    check_line(meter_format_end, &j, "ok ubuntu.iso 16.0 GiB 0:06:38 41.2 MiB/s etag ok");
    file.verified = DIGEST_BY_NONE;
    check_line(meter_format_end, &j, "ok ubuntu.iso 16.0 GiB 0:06:38 41.2 MiB/s not verified");
    file.verified = DIGEST_BY_PINNED;
    file.state = FILE_SKIPPED;
    check_line(meter_format_end, &j, "ok ubuntu.iso 16.0 GiB there already, sha256 ok");
}

TEST(a_failure_tells_its_reason)
{
    struct job_view j = make_job(JOB_FAILED);
    fault_set(&j.fault, HAUL_ERR_HTTP_STATUS, "HTTP 503 after 6 tries");
    check_line(meter_format_end, &j, "fail ubuntu.iso HTTP 503 after 6 tries");
}

TEST(a_job_without_a_name_goes_by_its_source)
{
    char source[] = "https://h/x";
    struct job_view j = make_job(JOB_QUEUED);
    j.name = NULL;
    j.source = source;
    CHECK_STR(meter_name(&j), "https://h/x");
}

TEST(a_bar_line_fits_every_width)
{
    static char long_name[] = "a-very-long-name-of-a-model-00001-of-00003.safetensors";
    for (size_t width = 1; width < 200; width++) {
        struct job_view j = make_job(JOB_RUNNING);
        struct meter_style style = {.ascii = true, .width = width, .height = 24};
        struct buf out;
        j.name = long_name;
        buf_init(&out);
        meter_format_bar(&out, &j, &style, 0);
        CHECK(columns_of(out.data, true) <= width);
        CHECK(columns_of(out.data, true) == width);
        buf_release(&out);
    }
}

TEST(a_bar_line_shows_the_share_that_is_there)
{
    struct job_view j = make_job(JOB_RUNNING);
    struct meter_style style = {.ascii = true, .width = 79, .height = 24};
    struct buf out;
    buf_init(&out);
    meter_format_bar(&out, &j, &style, 0);
    CHECK_STR(out.data, "ubuntu.iso            [####-----]  51%       18.1/35.4 GiB  82.0 MiB/s  "
                        "   3:35");
    buf_truncate(&out, 0);
    j.retry_at = 3 * CLOCK_SEC;
    j.retry_try = 2;
    j.retry_max = 6;
    meter_format_bar(&out, &j, &style, CLOCK_SEC / 2);
    CHECK(strstr(out.data, "      try 2/6 in 3 s"));
    buf_release(&out);
}

TEST(names_are_cut_in_the_middle_by_columns)
{
    static const struct {
        const char *text, *want;
        size_t max;
        bool ascii;
    } cases[] = {
        {"abcdef", "abcdef", 6, true},
        {"abcdefgh", "abc~gh", 6, true},
        {"abcdef", "ab", 2, true},
        {"a\u00e4b", "a?b", 3, true},
        {"abcdefgh", "abc\u2026gh", 6, false},
        {"\u6f22\u5b57\u6f22\u5b57", "\u6f22\u2026\u5b57", 6, false},
        {"a\u0301b", "a\u0301b", 2, false},
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out);
        size_t used = columns_add(&out, cases[i].text, cases[i].max, cases[i].ascii);
        CHECK_STR(out.data, cases[i].want);
        CHECK_INT(used, columns_of(out.data, cases[i].ascii));
        buf_release(&out);
    }
    setlocale(LC_CTYPE, "C");
}

/* ---- the meter itself, on something that is no terminal ---- */

struct stage {
    struct outq err;
    struct meter *meter;
    struct snapshot snapshot;
    struct job_view job, *jobs[1];
};

static void set_stage(struct stage *s, const struct cli_options *o)
{
    *s = (struct stage){.job = make_job(JOB_RUNNING)};
    s->jobs[0] = &s->job;
    s->snapshot = (struct snapshot){.jobs = s->jobs, .count = 1};
    s->snapshot.totals.by_state[JOB_RUNNING] = 1;
    outq_init(&s->err, open("/dev/null", O_WRONLY | O_CLOEXEC));
    s->meter = meter_new(o, &s->err);
}

static void strike(struct stage *s)
{
    meter_free(s->meter);
    close(s->err.fd);
    outq_release(&s->err);
}

static int64_t fake_time;
static int64_t fake_now(void)
{
    return fake_time;
}

TEST(plain_progress_comes_once_an_interval_and_only_while_active)
{
    struct cli_options o = {.progress = PROGRESS_AUTO, .progress_interval = 10 * CLOCK_SEC};
    struct stage s;
    fake_time = 100 * CLOCK_SEC;
    clock_replace(fake_now, NULL);
    set_stage(&s, &o);
    CHECK_INT(meter_due(s.meter, &s.snapshot), 110 * CLOCK_SEC);
    meter_draw(s.meter, &s.snapshot, 109 * CLOCK_SEC);
    CHECK_STR(s.err.text.data, "");
    meter_draw(s.meter, &s.snapshot, 110 * CLOCK_SEC);
    CHECK_STR(s.err.text.data, "ubuntu.iso 51% 18.1/35.4 GiB 82.0 MiB/s eta 3:35\n");
    CHECK_INT(meter_due(s.meter, &s.snapshot), 120 * CLOCK_SEC);
    s.snapshot.totals.by_state[JOB_RUNNING] = 0;
    CHECK_INT(meter_due(s.meter, &s.snapshot), INT64_MAX);
    strike(&s);
    clock_replace(NULL, NULL);
}

TEST(a_bar_is_not_drawn_where_there_is_no_terminal)
{
    struct cli_options o = {.progress = PROGRESS_BAR, .progress_interval = CLOCK_SEC};
    struct stage s;
    set_stage(&s, &o);
    meter_draw(s.meter, &s.snapshot, INT64_MAX / 2);
    CHECK(!strchr(s.err.text.data, '\033'));
    strike(&s);
}

TEST(quiet_says_nothing_but_errors)
{
    struct cli_options o = {.quiet = true, .verbose = true, .progress_interval = CLOCK_SEC};
    struct stage s;
    char message[] = "hello";
    struct event log = {.type = EVENT_LOG, .message = message};
    set_stage(&s, &o);
    meter_state(s.meter, &s.job);
    meter_log(s.meter, &log);
    meter_notice(s.meter, "x");
    CHECK_INT(meter_due(s.meter, &s.snapshot), INT64_MAX);
    s.job.state = JOB_COMPLETED;
    meter_state(s.meter, &s.job);
    CHECK_STR(s.err.text.data, "");
    s.job.state = JOB_FAILED;
    fault_set(&s.job.fault, HAUL_ERR_NOT_FOUND, "404");
    meter_state(s.meter, &s.job);
    CHECK_STR(s.err.text.data, "haul: ubuntu.iso: 404\n");
    strike(&s);
}

TEST(log_lines_are_for_verbose)
{
    struct cli_options o = {.progress_interval = CLOCK_SEC};
    struct stage s;
    char message[] = "hello";
    struct event log = {.type = EVENT_LOG, .level = LOG_INFO, .number = 4, .message = message};
    set_stage(&s, &o);
    meter_log(s.meter, &log);
    CHECK_STR(s.err.text.data, "");
    strike(&s);
    o.verbose = true;
    set_stage(&s, &o);
    meter_log(s.meter, &log);
    CHECK_STR(s.err.text.data, "info #4 hello\n");
    strike(&s);
}

TEST(a_warning_is_for_all_but_the_quiet)
{
    struct cli_options o = {.progress_interval = CLOCK_SEC};
    struct stage s;
    char message[] = "the queue could not be saved";
    struct event log = {.type = EVENT_LOG, .level = LOG_WARN, .message = message};
    set_stage(&s, &o);
    meter_log(s.meter, &log);
    CHECK_STR(s.err.text.data, "haul: the queue could not be saved\n");
    strike(&s);
    log.number = 4; /* the words of a job's warning name the file */
    set_stage(&s, &o);
    meter_log(s.meter, &log);
    CHECK_STR(s.err.text.data, "haul: the queue could not be saved\n");
    strike(&s);
    o.quiet = true;
    set_stage(&s, &o);
    meter_log(s.meter, &log);
    CHECK_STR(s.err.text.data, "");
    strike(&s);
}

/* ---- on a terminal ---- */

static int open_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT(master >= 0 && !grantpt(master) && !unlockpt(master));
    return master;
}

static void set_terminal_stage(struct stage *s, const struct cli_options *o, int master)
{
    setenv("TERM", "xterm", 1);
    set_stage(s, o);
    meter_free(s->meter);
    close(s->err.fd);
    s->err.fd = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT(s->err.fd >= 0);
    s->meter = meter_new(o, &s->err);
}

static void resize(int master, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    ASSERT(!ioctl(master, TIOCSWINSZ, &size));
}

TEST(lines_that_a_narrower_terminal_wrapped_are_all_drawn_over)
{
    struct cli_options o = {.progress_interval = CLOCK_SEC, .ascii = true};
    struct stage s;
    int master = open_terminal();
    resize(master, 100);
    set_terminal_stage(&s, &o, master);
    meter_draw(s.meter, &s.snapshot, clock_now());
    buf_truncate(&s.err.text, 0);
    resize(master, 60);
    meter_resize(s.meter);
    meter_draw(s.meter, &s.snapshot, clock_now() + CLOCK_SEC);
    /* The bar of 99 columns takes two rows now, the short total still one. */
    CHECK(!strncmp(s.err.text.data, "\033[3A\r\033[J", 8));
    buf_truncate(&s.err.text, 0);
    strike(&s);
    close(master);
}

TEST(live_lines_are_drawn_over_each_other_below_those_that_stay)
{
    struct cli_options o = {.progress_interval = CLOCK_SEC, .ascii = true};
    struct stage s;
    int master = open_terminal();
    set_terminal_stage(&s, &o, master);
    meter_draw(s.meter, &s.snapshot, clock_now());
    CHECK(strstr(s.err.text.data, "ubuntu.iso"));
    CHECK(!strstr(s.err.text.data, "A\r"));
    buf_truncate(&s.err.text, 0);
    s.job.state = JOB_COMPLETED;
    meter_state(s.meter, &s.job);
    CHECK_STR(s.err.text.data, "");
    s.job.state = JOB_RUNNING;
    meter_draw(s.meter, &s.snapshot, clock_now());
    const char *up = strstr(s.err.text.data, "\033[2A\r\033[J");
    const char *stays = strstr(s.err.text.data, "ubuntu.iso 18.1 GiB 0:06:38");
    const char *live = strstr(s.err.text.data, " active");
    CHECK(up == s.err.text.data && up < stays && stays < live);
    buf_truncate(&s.err.text, 0);
    strike(&s);
    close(master);
}
