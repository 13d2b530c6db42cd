/* SPDX-License-Identifier: MIT */
/* What the UI does over time: bytes, wake-ups, signals, sizes, and the terminal given back. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "screen.h"

#define LEAVE_ALT   "\033[?1049l"
#define SHOW_CURSOR "\033[?25h"
#define PASTE_OFF   "\033[?2004l"
#define CLEAR       "\033[2J"

static void pause_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

static size_t count_raw(const struct screen *s, const char *what)
{
    size_t n = 0, len = strlen(what);
    for (const char *p = s->raw.data;
         (p = memmem(p, (size_t)(s->raw.data + s->raw.len - p), what, len)); p += len)
        n++;
    return n;
}

static int exit_code(struct screen *s)
{
    int status = screen_wait(s);
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool given_back(const struct screen *s)
{
    return count_raw(s, LEAVE_ALT) && count_raw(s, PASTE_OFF);
}

TEST(nothing_active_means_no_byte_and_no_wakeup)
{
    struct screen s;
    screen_open(&s, SCENE_IDLE, 24, 80);
    CHECK(screen_shows(&s, "README.md"));
    screen_settle(&s, 300);
    size_t bytes = s.raw.len;
    long sleeps = screen_sleeps(&s);
    pause_ms(1200);
    screen_settle(&s, 10);
    CHECK_INT(s.raw.len, bytes);
    CHECK_INT(screen_sleeps(&s), sleeps);
    screen_close(&s);
}

TEST(a_frame_without_change_is_no_byte)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    CHECK(screen_shows(&s, "README.md"));
    screen_settle(&s, 300);
    size_t bytes = s.raw.len;
    long sleeps = screen_sleeps(&s);
    pause_ms(1200);
    screen_settle(&s, 10);
    CHECK_INT(s.raw.len, bytes);
    long frames = screen_sleeps(&s) - sleeps;
    CHECK(frames >= 2);
    CHECK(frames <= 8);
    screen_close(&s);
}

TEST(only_a_repaint_clears_the_screen)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    size_t clears = count_raw(&s, CLEAR);
    screen_keys(&s, "jjjj\r\tL");
    screen_keys(&s, "q?");
    screen_keys(&s, "q");
    CHECK_INT(count_raw(&s, CLEAR), clears);
    screen_keys(&s, "\f");
    CHECK_INT(count_raw(&s, CLEAR), clears + 1);
    screen_close(&s);
}

TEST(a_key_that_moves_the_cursor_costs_few_bytes)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    size_t bytes = s.raw.len;
    screen_keys(&s, "j");
    CHECK(s.raw.len > bytes);
    CHECK(s.raw.len - bytes < 700);
    screen_close(&s);
}

TEST(leaving_with_nothing_active_gives_the_terminal_back)
{
    struct screen s;
    screen_open(&s, SCENE_IDLE, 24, 80);
    screen_keys(&s, "X");
    screen_keys(&s, "q");
    CHECK(screen_shows(&s, "not done"));
    screen_keys(&s, "s");
    CHECK_INT(exit_code(&s), 0);
    CHECK(given_back(&s));
    screen_close(&s);
}

TEST(an_empty_list_is_left_at_once)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "q");
    CHECK_INT(exit_code(&s), 0);
    screen_close(&s);
}

TEST(n_stays_and_w_leaves_when_the_rest_is_cancelled)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "q");
    screen_keys(&s, "n");
    CHECK(screen_shows(&s, "F1 Help"));
    screen_keys(&s, "qw");
    screen_keys(&s, "Ac");
    CHECK(screen_shows(&s, "c again deletes"));
    screen_keys(&s, "c");
    CHECK_INT(exit_code(&s), 4); /* of the job that failed */
    screen_close(&s);
}

TEST(interrupt_twice_leaves_at_once)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "\003");
    CHECK(screen_shows(&s, "not done"));
    screen_keys(&s, "\003");
    CHECK_INT(exit_code(&s), 130);
    CHECK(given_back(&s));
    screen_close(&s);
}

TEST(any_other_key_keeps_the_partial_data)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "c");
    CHECK(screen_shows(&s, "c again deletes 22.0 GiB of partial data"));
    screen_keys(&s, "x");
    CHECK(screen_shows(&s, "4 active"));
    screen_keys(&s, "c");
    screen_keys(&s, "c");
    CHECK(screen_shows(&s, "3 act"));
    CHECK(screen_shows(&s, "cancelled"));
    screen_close(&s);
}

TEST(a_small_job_is_cancelled_at_once)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "/dataset\r");
    screen_keys(&s, "c");
    CHECK(screen_shows(&s, "dataset-shard-0007.parquet: cancelled"));
    screen_close(&s);
}

TEST(a_paste_of_lines_adds_a_job_a_line)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "\033[200~https://a.example/one\rhttps://a.example/two\r\r q\033[201~");
    CHECK(screen_shows(&s, "3 lines"));
    screen_keys(&s, "\r");
    CHECK(screen_shows(&s, "3 added"));
    CHECK(screen_shows(&s, "https://a.example/two"));
    screen_close(&s);
}

TEST(a_refused_line_does_not_keep_the_others_out)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "a\033[200~one\rbad\rtwo\033[201~\r");
    CHECK(screen_shows(&s, "bad: not a source"));
    CHECK(screen_shows(&s, "2 queued"));
    screen_close(&s);
}

TEST(adding_nothing_keeps_the_dialog_and_says_so)
{
    static const int sizes[][2] = {{24, 80}, {12, 40}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(sizes); i++) {
        struct screen s;
        screen_open(&s, SCENE_EMPTY, sizes[i][0], sizes[i][1]);
        screen_keys(&s, "a # a comment\r");
        CHECK(screen_shows(&s, "There is nothing to add yet"));
        CHECK(screen_shows(&s, "Add downloads"));
        screen_close(&s);
    }
}

TEST(the_cursor_stands_where_the_next_letter_goes)
{
    static const struct {
        const char *keys;
        int moved;
    } typed[] = {{"ab", 2}, {"\346\250\241\345\236\213", 4}, {"e\314\201", 1}, {"\033OD", -1}};
    struct screen s;
    int row, col, first, begin;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "a");
    CHECK(screen_shows(&s, "Add downloads"));
    screen_cursor(&s, &first, &begin);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(typed); i++) {
        screen_keys(&s, typed[i].keys);
        screen_cursor(&s, &row, &col);
        begin += typed[i].moved;
        CHECK_INT(row, first);
        CHECK_INT(col, begin);
    }
    screen_keys(&s, "\033");
    CHECK(screen_shows(&s, "Nothing to download yet"));
    screen_keys(&s, "/\346\250\241x");
    screen_cursor(&s, &row, &col);
    CHECK_INT(row, 20);
    CHECK_INT(col, 1 + 6 + 3);
    screen_close(&s);
}

TEST(typing_a_name_moves_nothing)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "ajjjqX\177");
    CHECK(screen_shows(&s, "> jjjq "));
    screen_keys(&s, "\033");
    CHECK(screen_shows(&s, "row 1 of 13"));
    screen_close(&s);
}

TEST(a_fatal_signal_gives_the_terminal_back)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fatal); i++) {
        struct screen s;
        screen_open(&s, SCENE_MIXED, 24, 80);
        CHECK(!count_raw(&s, LEAVE_ALT));
        kill(s.pid, fatal[i]);
        int status = screen_wait(&s);
        CHECK(status > 0);
        CHECK(given_back(&s));
        CHECK(count_raw(&s, SHOW_CURSOR));
        screen_close(&s);
    }
}

TEST(termination_gives_the_terminal_back)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(signals); i++) {
        struct screen s;
        screen_open(&s, SCENE_MIXED, 24, 80);
        kill(s.pid, signals[i]);
        CHECK_INT(exit_code(&s), 128 + signals[i]);
        CHECK(given_back(&s));
        screen_close(&s);
    }
}

TEST(a_terminal_that_vanishes_ends_the_program)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    close(s.master);
    int status = -1;
    for (int i = 0; i < 50 && s.pid; i++) {
        pause_ms(100);
        if (waitpid(s.pid, &status, WNOHANG) == s.pid)
            s.pid = 0;
    }
    CHECK(!s.pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 129);
    s.master = dup(STDERR_FILENO);
    screen_close(&s);
}

TEST(suspending_gives_the_terminal_to_the_shell_and_takes_it_again)
{
    struct screen s;
    screen_open_under_shell(&s, SCENE_MIXED, 24, 80);
    CHECK(screen_shows(&s, "F1 Help"));
    size_t clears = count_raw(&s, CLEAR);
    screen_keys(&s, "\032");
    screen_settle(&s, 500);
    CHECK_INT(count_raw(&s, CLEAR), clears + 1);
    const char *left = memmem(s.raw.data, s.raw.len, LEAVE_ALT, strlen(LEAVE_ALT));
    const char *stopped = memmem(s.raw.data, s.raw.len, "STOPPED", 7);
    CHECK(left && stopped && left < stopped);
    CHECK(screen_shows(&s, "F1 Help"));
    screen_keys(&s, "j");
    CHECK(screen_shows(&s, "row 2 of 13"));
    screen_keys(&s, "qs");
    CHECK_INT(exit_code(&s), 0);
    screen_close(&s);
}

TEST(without_a_shell_to_go_back_to_suspending_says_so)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "\032");
    CHECK(screen_shows(&s, "There is no shell here to go back to."));
    CHECK(!count_raw(&s, LEAVE_ALT));
    screen_close(&s);
}

TEST(any_size_can_be_drawn)
{
    static const char *const views[] = {"",   "\r", "\r2", "L",       "?",     "q",  "/e",
                                        "ax", "i",  "GD",  "a\033OQ", "?/a\r", "\\x"};
    srand(1);
    for (size_t v = 0; v < HAUL_ARRAY_LEN(views); v++) {
        struct screen s;
        screen_open(&s, v % 2 ? SCENE_MIXED : SCENE_HOSTILE, 24, 80);
        screen_keys(&s, views[v]);
        s.blind = true; /* libvterm itself does not survive wide characters in one column */
        for (int i = 0; i < 25; i++)
            screen_resize(&s, 1 + rand() % (i % 3 ? 30 : 200), 1 + rand() % (i % 2 ? 200 : 40));
        screen_resize(&s, 1, 1);
        screen_resize(&s, 24, 80);
        screen_settle(&s, 100);
        CHECK(s.pid && !waitpid(s.pid, NULL, WNOHANG));
        screen_close(&s);
    }
}

TEST(a_new_size_is_the_same_screen_as_a_start_at_that_size)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 10, 30);
    screen_resize(&s, 24, 80);
    CHECK(screen_is_golden(&s, "list-80x24"));
    screen_close(&s);
}

static void set_environment(const char *term)
{
    setenv("TERM", term, 1);
}

TEST(without_a_known_terminal_it_says_so)
{
    struct haul_fault fault;
    set_environment("dumb");
    CHECK(!tui_possible(&fault));
    CHECK(strstr(fault.message, "--batch"));
    CHECK_INT(haul_error_exit(fault.code), 2);
}

/* Select-graphic-rendition sequences that set one of the eight colours. */
static size_t count_colours(const struct screen *s)
{
    size_t n = 0;
    for (char c = '0'; c <= '7'; c++)
        n += count_raw(s, (char[]){'\033', '[', '3', c, 'm', '\0'});
    return n;
}

TEST(without_colour_only_attributes_are_used)
{
    struct tui_options options;
    tui_options_init(&options);
    for (int color = 0; color < 2; color++) {
        struct screen s;
        options.color = color;
        screen_start(&s, SCENE_MIXED, 24, 80, &options);
        CHECK(screen_shows(&s, "README.md"));
        screen_settle(&s, 50);
        CHECK((count_colours(&s) > 0) == options.color);
        CHECK(count_raw(&s, "7m") > 0); /* the row of the cursor is reversed */
        screen_close(&s);
    }
}

TEST(e_on_a_job_that_is_fine_explains_the_failure_that_is_shown)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "e");
    CHECK(screen_shows(&s, "Why it failed"));
    CHECK(screen_shows(&s, "error unauthorized, exit code 4, HTTP status 401"));
    screen_close(&s);
    screen_open(&s, SCENE_MANY, 24, 80);
    screen_keys(&s, "e");
    CHECK(screen_shows(&s, "Nothing has failed."));
    screen_close(&s);
}

TEST(a_key_that_does_nothing_says_so)
{
    static const struct {
        const char *keys, *said;
    } pressed[] = {{"b", "The key b does nothing here. F1 shows what does."},
                   {"\303\251", "The key \303\251 does nothing here."},
                   {"\033[15~", "The key F5 does nothing here."},
                   {"/config.json\r]", "It has ended: there is nothing left to change."},
                   {"l", "Only a job of several files can be folded."},
                   {"L5", "The key 5 does nothing here."}};
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(pressed); i++) {
        screen_keys(&s, pressed[i].keys);
        if (!screen_shows(&s, pressed[i].said))
            HARNESS_FAIL("%s", pressed[i].said);
    }
    screen_close(&s);
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "+");
    CHECK(screen_shows(&s, "There is no job here."));
    screen_close(&s);
}

TEST(on_a_small_screen_tab_and_order_are_said)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 12, 40);
    screen_keys(&s, "5");
    CHECK(screen_shows(&s, "Tab 5: Failed"));
    screen_keys(&s, ">");
    CHECK(screen_shows(&s, "Sorted by name"));
    screen_keys(&s, "I");
    CHECK(screen_shows(&s, "Sorted by name, inverted"));
    screen_close(&s);
}

TEST(the_smallest_screens_show_what_is_asked_and_typed)
{
    static const struct {
        int rows, cols;
        const char *keys, *shown;
    } cases[] = {
        {5, 20, "q", "s  save and stop"},
        {5, 20, "q", "w  wait and quit"},
        {5, 20, "q", "n  stay here"},
        {12, 40, "q", "w  wait and quit"},
        {12, 40, "T10M", " 10M"},
        {5, 20, "T10M", " 10M"},
        {5, 20, "\\state:paused", "e:paused"},
        {5, 20, "ax", "> x"},
        {5, 20, "a\t", "Save in"},
        {5, 20, "a\t\t\t", "Conns"},
        {5, 20, "L", "info speed"},
        {5, 20, "i", "conf"},
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        struct screen s;
        screen_open(&s, SCENE_MIXED, cases[i].rows, cases[i].cols);
        screen_keys(&s, cases[i].keys);
        if (!screen_shows(&s, cases[i].shown))
            HARNESS_FAIL("no \"%s\" after %s at %dx%d:\n%s", cases[i].shown, cases[i].keys,
                         cases[i].cols, cases[i].rows, screen_text(&s));
        screen_close(&s);
    }
}

TEST(what_was_set_for_a_job_shows_in_its_detail)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "T\t2M\r");
    screen_keys(&s, "++\r");
    CHECK(screen_shows(&s, "Set      limit 2.0 MiB/s, priority 2"));
    screen_close(&s);
}

TEST(an_empty_pane_says_why_it_is_empty)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "/config.json\r\r2");
    CHECK(screen_shows(&s, "Parts and connections show while it downloads."));
    screen_keys(&s, "3");
    screen_keys(&s, "/README\r");
    CHECK(screen_shows(&s, "Nothing has been logged for this job."));
    screen_keys(&s, "\033L=");
    CHECK(screen_shows(&s, "No such line has been logged."));
    screen_close(&s);
}

TEST(a_drop_and_a_move_can_be_undone)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "X");
    CHECK(screen_shows(&s, "row 1 of 11"));
    screen_keys(&s, "J");
    CHECK(screen_shows(&s, "row 2 of 11"));
    screen_keys(&s, "u");
    CHECK(screen_shows(&s, "moved back"));
    CHECK(screen_shows(&s, "row 1 of 11"));
    screen_keys(&s, "u");
    CHECK(screen_shows(&s, "2 jobs: back in the list"));
    CHECK(screen_shows(&s, "row 1 of 13"));
    screen_keys(&s, "u");
    CHECK(screen_shows(&s, "Nothing to undo"));
    screen_close(&s);
}

TEST(deleting_asks_and_any_other_key_keeps_the_files)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "GDx");
    CHECK(screen_shows(&s, "row 13 of 13"));
    screen_keys(&s, "DD");
    CHECK(screen_shows(&s, "files deleted"));
    CHECK(screen_shows(&s, "of 12"));
    screen_close(&s);
}

TEST(a_filter_that_is_not_understood_changes_nothing)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "\\size>big\r");
    CHECK(screen_shows(&s, "'big' is not a number"));
    CHECK(screen_shows(&s, "row 1 of 13"));
    screen_keys(&s, "\\state:paused\r");
    CHECK(screen_shows(&s, "row 1 of 1"));
    screen_close(&s);
}

/* The options with a config that tests fill. */
struct configured {
    struct tui_options options;
    struct tui_config config;
};

static void configure(struct configured *c, const char *key, const char *value)
{
    struct haul_fault fault;
    tui_options_init(&c->options);
    CHECK_INT(tui_config_init(&c->config, NULL, &fault), HAUL_OK);
    CHECK_INT(tui_config_set(&c->config, key, value, &fault), HAUL_OK);
    c->options.config = &c->config;
}

TEST(a_remapped_key_is_what_help_and_footer_say)
{
    struct configured c;
    struct screen s;
    configure(&c, "key.add", "^A");
    screen_start(&s, SCENE_EMPTY, 24, 80, &c.options);
    CHECK(screen_shows(&s, "^A Add"));
    screen_keys(&s, "a");
    CHECK(screen_shows(&s, "Nothing to download yet"));
    screen_keys(&s, "\001");
    CHECK(screen_shows(&s, "Add downloads"));
    screen_close(&s);
    tui_config_release(&c.config);
}

TEST(the_mouse_is_asked_for_only_when_it_is_on)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    CHECK_INT(count_raw(&s, "\033[?1000h"), 0);
    screen_keys(&s, "m");
    CHECK(screen_shows(&s, "Mouse on"));
    CHECK(count_raw(&s, "\033[?1000h") > 0 || count_raw(&s, "1000;1006h") > 0 ||
          count_raw(&s, "1006;1000h") > 0);
    screen_keys(&s, "\033[<0;10;9M\033[<0;10;9m"); /* the ninth line is the sixth row */
    CHECK(screen_shows(&s, "row 6 of 13"));
    screen_keys(&s, "\033[<65;10;9M");
    CHECK(screen_shows(&s, "row 9 of 13"));
    screen_keys(&s, "\033[<0;2;24M\033[<0;2;24m"); /* "F1 Help" */
    CHECK(screen_shows(&s, "Help: main list"));
    screen_close(&s);
}

TEST(an_address_is_copied_through_the_terminal)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "/config\ry");
    CHECK(screen_shows(&s, "Copied: config.json"));
    CHECK_INT(count_raw(&s, "\033]52;c;Y29uZmlnLmpzb24=\a"), 1);
    screen_close(&s);
}

TEST(notifications_come_only_when_asked_for)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "Acc");
    CHECK_INT(count_raw(&s, "\033]9;"), 0);
    CHECK_INT(count_raw(&s, "\033]2;"), 0);
    screen_close(&s);

    struct configured c;
    configure(&c, "notify", "bell, osc9, title");
    screen_start(&s, SCENE_MIXED, 24, 80, &c.options);
    CHECK(screen_shows(&s, "F1 Help"));
    CHECK_INT(count_raw(&s, "\033]9;4;1;27\033\\"), 1);
    screen_keys(&s, "Acc");
    CHECK(screen_shows(&s, "cancelled"));
    CHECK_INT(count_raw(&s, "\033]9;haul: all downloads are done"), 1);
    CHECK_INT(count_raw(&s, "\033]9;4;0;0\033\\"), 1);
    screen_close(&s);
    tui_config_release(&c.config);
}

TEST(every_terminal_that_can_place_its_cursor_is_drawn_on)
{
    static const char *const terms[] = {"xterm",         "xterm-256color", "screen-256color",
                                        "tmux-256color", "linux",          "vt100"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(terms); i++) {
        struct screen s;
        setenv("HAUL_TEST_TERM", terms[i], 1);
        screen_open(&s, SCENE_IDLE, 24, 80);
        unsetenv("HAUL_TEST_TERM");
        if (!screen_shows(&s, "F1 Help") || !screen_shows(&s, "README.md"))
            HARNESS_FAIL("TERM=%s", terms[i]);
        screen_keys(&s, "qs");
        CHECK_INT(exit_code(&s), 0);
        screen_close(&s);
    }
}

static int64_t real_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* From the key to the moment when the screen says so. */
static int64_t latency(struct screen *s, const char *key, const char *answer)
{
    int64_t begin = real_ns();
    if (write(s->master, key, strlen(key)) < 0 || !screen_shows_soon(s, answer))
        return INT64_MAX;
    return real_ns() - begin;
}

TEST(any_key_is_answered_within_50_ms_with_ten_thousand_jobs)
{
    static const struct {
        const char *key, *answer;
    } keys[] = {{"G", "row 10000 of"},  {"g", "row 1 of"},
                {"j", "row 2 of"},      {">", "sort: name"},
                {"<", "sort: queue"},   {"A", "10000 marked"},
                {"U", "F1 Help"},       {"V", "Move to the"},
                {"L", "follow on"},     {"q", "sort:"},
                {"2", "tab: 2 Active"}, {"1", "tab: 1 All"},
                {"\r", "1 Info"},       {"\033OP", "list and detail"}};
    struct screen s;
    screen_open(&s, SCENE_MANY, 24, 80);
    int64_t best[HAUL_ARRAY_LEN(keys)];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < HAUL_ARRAY_LEN(keys); i++) {
            int64_t took = latency(&s, keys[i].key, keys[i].answer);
            best[i] = round && best[i] < took ? best[i] : took;
        }
        screen_keys(&s, "q");
        screen_keys(&s, "\r");
        screen_keys(&s, "Vg");
        screen_keys(&s, "U");
    }
    for (size_t i = 0; i < HAUL_ARRAY_LEN(keys); i++)
        if (best[i] > 50 * 1000000)
            HARNESS_FAIL("%s took %ld ms", keys[i].answer, (long)(best[i] / 1000000));
    screen_close(&s);
}

TEST(a_disk_that_hangs_holds_up_neither_keys_nor_leaving)
{
    struct tui_options options;
    struct job_request defaults;
    struct screen s;
    tui_options_init(&options);
    job_request_init(&defaults);
    defaults.dir = xstrdup(FAKE_DIR_THAT_HANGS);
    options.defaults = &defaults;
    screen_start(&s, SCENE_EMPTY, 24, 80, &options);
    CHECK(screen_shows(&s, "Disk ? free on /mnt/hangs"));
    screen_keys(&s, "L");
    CHECK(screen_shows(&s, "follow on"));
    screen_keys(&s, "q");
    screen_keys(&s, "q");
    CHECK_INT(exit_code(&s), 0); /* it waits 10 s at most */
    screen_close(&s);
    job_request_release(&defaults);
}

/* Time on a processor so far, in ns. */
static int64_t cpu_of(pid_t pid)
{
    char *path = xasprintf("/proc/%d/schedstat", (int)pid);
    FILE *f = fopen(path, "re");
    free(path);
    char line[128] = "";
    if (f && !fgets(line, sizeof line, f))
        line[0] = '\0';
    if (f)
        fclose(f);
    return strtoll(line, NULL, 10);
}

TEST(ten_thousand_jobs_with_three_running_cost_less_than_a_percent)
{
    struct screen s;
    int64_t best = INT64_MAX;
    screen_open(&s, SCENE_MANY, 24, 80);
    screen_settle(&s, 300);
    for (int i = 0; i < 3; i++) {
        int64_t before = cpu_of(s.pid);
        pause_ms(2000);
        int64_t cost = cpu_of(s.pid) - before;
        best = cost < best ? cost : best;
    }
    if (best > 20 * 1000000)
        HARNESS_FAIL("%ld us in 2 s", (long)(best / 1000));
    screen_close(&s);
}

TEST(v_verifies_the_files_of_a_finished_job)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "v");
    CHECK(screen_shows(&s, "Only finished jobs have files to verify"));
    screen_keys(&s, "/config.json\r");
    screen_keys(&s, "v");
    CHECK(screen_shows(&s, "Verified, ok: https://host.example/config.json"));
    screen_keys(&s, "i");
    CHECK(screen_shows(&s, "pinned 2026-01-02"));
    screen_close(&s);
}

TEST(verifying_in_the_library_shows_progress_and_esc_stops_it)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "i");
    CHECK(screen_shows(&s, "4 entries"));
    screen_keys(&s, "v");
    CHECK(screen_shows(&s, "0%"));
    screen_keys(&s, "\033");
    CHECK(screen_shows(&s, "Verifying was stopped"));
    screen_keys(&s, "/rotten\r");
    screen_keys(&s, "v");
    CHECK(screen_shows(&s, "is damaged"));
    screen_close(&s);
}

TEST(an_entry_is_deleted_when_the_same_key_comes_again)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "i");
    CHECK(screen_shows(&s, "4 entries"));
    screen_keys(&s, "/rotten\rD");
    CHECK(screen_shows(&s, "D again deletes"));
    screen_keys(&s, "x");
    CHECK(screen_shows(&s, "4 entries"));
    screen_keys(&s, "D");
    screen_keys(&s, "D");
    CHECK(screen_shows(&s, "3 entries"));
    screen_close(&s);
}

TEST(a_question_about_an_entry_outlives_a_new_look_at_the_disk)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "i");
    CHECK(screen_shows(&s, "4 entries"));
    screen_keys(&s, "/config\rvD"); /* when it has been verified, the list comes anew */
    screen_settle(&s, 500);
    CHECK(screen_shows(&s, "D again deletes"));
    screen_keys(&s, "D");
    CHECK(screen_shows(&s, "3 entries"));
    screen_close(&s);
}

TEST(a_build_runs_after_y_and_after_no_other_key)
{
    struct screen s;
    screen_open(&s, SCENE_BUILD, 24, 80);
    screen_keys(&s, "r");
    CHECK(screen_shows(&s, "y runs it"));
    screen_keys(&s, "r");
    CHECK(screen_shows(&s, "recipe.json: not run"));
    screen_keys(&s, "r");
    CHECK(screen_shows(&s, "y runs it"));
    screen_keys(&s, "y");
    CHECK(screen_shows(&s, "will run"));
    CHECK(screen_shows(&s, "Q confirmed"));
    screen_close(&s);
}

TEST(a_build_from_the_add_dialog_is_asked_about)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "abuild:/data/recipe.json");
    CHECK(screen_shows(&s, "It would run make-it"));
    screen_keys(&s, "\r");
    CHECK(screen_shows(&s, "y runs it"));
    screen_keys(&s, "n");
    CHECK(screen_shows(&s, "not run"));
    CHECK(screen_shows(&s, "Nothing to download yet"));
    screen_keys(&s, "abuild:/data/recipe.json\r");
    CHECK(screen_shows(&s, "y runs it"));
    screen_keys(&s, "y");
    CHECK(screen_shows(&s, "confirmed"));
    screen_close(&s);
}
