/* SPDX-License-Identifier: MIT */
/* The pure parts: widths, bars, figures, keys, line editing, sets, histories. */
#include <locale.h>
#include <sched.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/keeper.h"
#include "fake_session.h"
#include "harness.h"
#include "tui/bar.h"
#include "tui/capture.h"
#include "tui/config.h"
#include "tui/filter.h"
#include "tui/format.h"
#include "tui/history.h"
#include "tui/keys.h"
#include "tui/log.h"
#include "tui/prompt.h"
#include "tui/resolver.h"
#include "tui/row_set.h"
#include "tui/width.h"

__attribute__((constructor)) static void use_utf8(void)
{
    setlocale(LC_ALL, "C.UTF-8");
}

/* ---- bars ---- */

static void check_bar(int width, int64_t done, int64_t total, bool ascii, const wchar_t *want)
{
    wchar_t got[64] = {0};
    bar_glyphs(got, width, done, total, ascii);
    if (wcscmp(got, want))
        HARNESS_FAIL("bar is \"%ls\", not \"%ls\"", got, want);
}

TEST(a_bar_counts_in_eighths)
{
    check_bar(4, 0, 32, false, L"░░░░");
    check_bar(4, 1, 32, false, L"▏░░░");
    check_bar(4, 15, 32, false, L"█▉░░");
    check_bar(4, 32, 32, false, L"████");
}

TEST(a_bar_is_full_only_when_all_is_there)
{
    check_bar(4, INT64_MAX - 1, INT64_MAX, false, L"███▉");
    check_bar(6, 999, 1000, true, L"[==> ]");
    check_bar(6, 1000, 1000, true, L"[====]");
    check_bar(6, 2000, 1000, true, L"[====]");
}

TEST(a_bar_of_unknown_length_is_blank_and_of_nothing_empty)
{
    check_bar(4, 5, -1, false, L"    ");
    check_bar(4, 5, 0, false, L"░░░░");
    check_bar(2, 5, 5, true, L"[]");
    check_bar(0, 5, 5, false, L"");
}

/* ---- widths ---- */

static void check_fit(const char *s, int cols, enum width_cut cut, const char *want)
{
    struct buf out;
    buf_init(&out);
    int used = width_fit(&out, s, cols, cut, false);
    CHECK_STR(out.data, want);
    CHECK_INT(used, width_text(want, false));
    CHECK(used <= cols);
    buf_release(&out);
}

TEST(cutting_keeps_what_tells_names_apart)
{
    check_fit("model-00001-of-00003.gguf", 23, CUT_LEFT, "…el-00001-of-00003.gguf");
    check_fit("ubuntu-live-server.iso", 11, CUT_MIDDLE, "ubunt…r.iso");
    check_fit("a long sentence", 7, CUT_END, "a long…");
    check_fit("short", 5, CUT_LEFT, "short");
    check_fit("short", 1, CUT_LEFT, "…");
    check_fit("short", 0, CUT_LEFT, "");
}

TEST(cutting_keeps_the_number_of_a_shard)
{
    check_fit("model-00001-of-00003.gguf", 22, CUT_MIDDLE, "mo…00001-of-00003.gguf");
    check_fit("org/a-model-00001-of-00003.gguf", 22, CUT_LEFT, "…l-00001-of-00003.gguf");
    check_fit("model-00001-of-00003.gguf", 16, CUT_LEFT, "…1-of-00003.gguf");
    check_fit("model-00012-of-00030.gguf", 12, CUT_MIDDLE, "…12-of-0003…");
    check_fit("https://host.example/org/model-2-of-3.gguf", 30, CUT_MIDDLE,
              "https://host.ex…el-2-of-3.gguf"); /* is kept anyway: both ends stay */
    check_fit("end-of-file.bin", 10, CUT_MIDDLE, "end-o….bin");
}

TEST(cutting_never_halves_a_wide_character)
{
    check_fit("模型文件", 4, CUT_END, "模…");
    check_fit("模型文件", 4, CUT_LEFT, "…件");
    check_fit("模型文件", 8, CUT_LEFT, "模型文件");
    check_fit("e\xCC\x81"
              "abcdef",
              3, CUT_END,
              "e\xCC\x81"
              "a…");
}

TEST(ascii_mode_counts_one_column_a_character)
{
    CHECK_INT(width_text("模型", true), 2);
    CHECK_INT(width_text("模型", false), 4);
}

TEST(wrapping_breaks_at_blanks)
{
    CHECK_INT(width_wrap("one two three", 8, false), 7);
    CHECK_INT(width_wrap("unbreakable", 4, false), 4);
    CHECK_INT(width_wrap("a\nb", 4, false), 1);
    CHECK_INT(width_lines("one two three", 8, false), 2);
    CHECK_INT(width_lines("", 8, false), 1);
    CHECK_INT(width_lines("模型", 1, false), 2);
}

/* ---- figures ---- */

TEST(columns_fill_the_width_from_40_on)
{
    for (int cols = 40; cols < 300; cols++) {
        struct columns c = columns_for(cols);
        CHECK_INT(c.lead + c.priority + c.name + (c.bar > 0) + c.bar + c.percent + c.size +
                      c.speed + c.eta + c.connections,
                  cols);
        CHECK(c.name >= 15);
    }
    CHECK_INT(columns_for(80).bar, 16);
    CHECK_INT(columns_for(80).name, 27);
}

TEST(a_percentage_is_never_rounded_up)
{
    char text[UNITS_TEXT_SIZE];
    format_percent(999999, 1000000, false, text);
    CHECK_STR(text, "99%");
    format_percent(999999, 1000000, true, text);
    CHECK_STR(text, "99.9%");
    format_percent(5, 5, true, text);
    CHECK_STR(text, "100%");
    format_percent(5, -1, true, text);
    CHECK_STR(text, "--");
}

TEST(a_pair_shares_the_unit_of_its_total)
{
    char text[PAIR_TEXT_SIZE];
    format_pair(INT64_C(77415317504), INT64_C(149250000000), text);
    CHECK_STR(text, "72.0/138.9 GiB");
    format_pair(0, 500, text);
    CHECK_STR(text, "0/500 B");
    format_pair(512, 1024, text);
    CHECK_STR(text, "512 B/1.0 KiB");
    format_pair(INT64_C(409) << 20, INT64_C(1500) << 20, text);
    CHECK_STR(text, "409 MiB/1.4 GiB");
    format_pair((INT64_C(1) << 30) - 1, (INT64_C(1) << 40) - 1, text);
    CHECK(strlen(text) <= 18);
}

static void row_of(struct job_view *job, struct row_text *out, int cols)
{
    struct row row = {.job = job, .file = ROW_JOB};
    struct columns columns = columns_for(cols);
    row_text(out, &row, &columns, 100 * CLOCK_SEC);
}

TEST(a_retry_counts_down_in_its_row)
{
    struct job_view job = {.state = JOB_RUNNING,
                           .total = 100,
                           .retry_at = 113 * CLOCK_SEC + 1,
                           .retry_try = 3,
                           .retry_max = 8};
    struct row_text t;
    row_of(&job, &t, 80);
    CHECK_INT(t.letter, 'R');
    CHECK_STR(t.tail, "retry 3/8 in 14s");
    CHECK_STR(t.speed, "in 14s");
}

TEST(a_stalled_job_says_so_instead_of_a_speed)
{
    struct job_view job = {.state = JOB_RUNNING, .total = 100, .rate = 7, .idle_ms = 12300};
    struct row_text t;
    row_of(&job, &t, 80);
    CHECK_STR(t.speed, "idle 12s");
    CHECK_STR(t.eta, "?");
}

TEST(an_unknown_total_is_a_lower_bound_and_no_guess)
{
    struct job_view job = {.state = JOB_RUNNING, .total = -1, .bytes = 913 << 20, .eta = -1};
    struct row_text t;
    row_of(&job, &t, 80);
    CHECK_STR(t.percent, "--");
    CHECK_STR(t.size, "913 MiB+");
    CHECK_INT(t.total, -1);
}

/* Each text leaves a blank to its left neighbour. */
static void check_apart(const struct job_view *job, int cols)
{
    struct row row = {.job = job, .file = ROW_JOB};
    struct columns c = columns_for(cols);
    struct row_text t;
    row_text(&t, &row, &c, 0);
    const struct {
        const char *text;
        int width;
    } texts[] = {{t.percent, c.percent}, {t.size, c.size}, {t.speed, c.speed}, {t.eta, c.eta}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(texts); i++)
        if (texts[i].width && (int)strlen(texts[i].text) >= texts[i].width)
            HARNESS_FAIL("\"%s\" fills %d columns of %d", texts[i].text, texts[i].width, cols);
    if (c.eta && (int)strlen(t.tail) >= c.speed + c.eta)
        HARNESS_FAIL("\"%s\" fills %d columns", t.tail, c.speed + c.eta);
}

TEST(no_figure_touches_the_one_before_it)
{
    static const int64_t figures[] = {0,     9,      99,         1023,    1024,       10239,
                                      10240, 102399, 1023 << 10, 1048575, 1000 << 20, INT32_MAX};
    static const int widths[] = {40, 60, 80, 110, 200};
    const int64_t large = INT64_C(1023) << 40;
    for (size_t w = 0; w < HAUL_ARRAY_LEN(widths); w++) {
        for (size_t i = 0; i < HAUL_ARRAY_LEN(figures); i++) {
            int64_t n = figures[i];
            check_apart(&(struct job_view){.state = JOB_RUNNING, .bytes = n, .total = -1},
                        widths[w]);
            check_apart(
                &(struct job_view){.state = JOB_RUNNING, .total = large, .rate = n, .eta = n},
                widths[w]);
            check_apart(&(struct job_view){.state = JOB_RUNNING, .total = 1, .idle_ms = 3000 + n},
                        widths[w]);
            for (unsigned tries = 0; tries < 3; tries++)
                check_apart(&(struct job_view){.state = JOB_RUNNING,
                                               .total = n,
                                               .retry_at = 1 + n * CLOCK_SEC,
                                               .retry_try = tries * 10,
                                               .retry_max = 100},
                            widths[w]);
        }
    }
}

TEST(a_failure_is_named_in_nine_columns)
{
    for (int code = 1; code < HAUL_ERR_COUNT; code++)
        for (int status = 0; status < 600; status += 599) {
            struct haul_fault fault = {.code = (enum haul_error)code, .http_status = status};
            char word[UNITS_TEXT_SIZE];
            fault_word(&fault, word);
            CHECK(word[0] && strlen(word) <= 9);
        }
}

/* ---- keys ---- */

TEST(every_default_key_parses)
{
    for (enum ui_action a = 0; a < ACTION_COUNT; a++) {
        const char *keys = key_table[a].keys;
        for (size_t len; *keys; keys += len + (keys[len] == ' ')) {
            len = strcspn(keys, " ");
            if (!key_parse(keys, len))
                HARNESS_FAIL("%s: unknown key in \"%s\"", key_table[a].name, key_table[a].keys);
        }
    }
}

TEST(no_key_does_two_things_in_one_place)
{
    static const enum key_place places[] = {IN_LIST, IN_PANE, IN_LOG, IN_HELP, IN_LIBRARY};
    struct keymap map;
    keymap_init(&map);
    for (size_t p = 0; p < HAUL_ARRAY_LEN(places); p++)
        for (enum ui_action a = 0; a < ACTION_COUNT; a++) {
            if (!(key_table[a].places & places[p]))
                continue;
            const char *keys = key_table[a].keys;
            uint32_t key = key_parse(keys, strcspn(keys, " "));
            if (keymap_action(&map, key, places[p]) != a)
                HARNESS_FAIL("%s cannot be reached", key_table[a].name);
        }
}

TEST(function_keys_have_a_twin)
{
    for (enum ui_action a = 0; a < ACTION_COUNT; a++)
        if (key_table[a].keys[0] == 'F' && key_table[a].keys[1])
            CHECK(strchr(key_table[a].keys, ' '));
}

TEST(keys_of_one_help_line_stand_together)
{
    struct buf out;
    buf_init(&out);
    struct keymap map;
    keymap_init(&map);
    keymap_names(&map, &out, ACTION_line_down, IN_LIST);
    CHECK_STR(out.data, "j k Down Up");
    buf_release(&out);
}

TEST(the_man_page_names_every_action)
{
    struct buf out;
    buf_init(&out);
    keys_man_section(&out);
    for (enum ui_action a = 0; a < ACTION_COUNT; a++)
        if (key_table[a].help)
            CHECK(strstr(out.data, key_table[a].help));
    CHECK(strstr(out.data, ".SS \"MOVE\"\n.TP\n.B \"j k Down Up\"\nline (line-down, line-up)\n"));
    CHECK(strstr(out.data, ".B \"\\e F4\"\n"));
    buf_release(&out);
}

TEST(the_users_keys_replace_the_tables)
{
    struct keymap map;
    struct haul_fault fault;
    keymap_init(&map);
    CHECK_INT(keymap_bind(&map, "cancel", "d, ^X", &fault), HAUL_OK);
    CHECK_INT(keymap_bind(&map, "retry", "b", &fault), HAUL_OK);
    CHECK_INT(keymap_bind(&map, "drop-all", "none", &fault), HAUL_OK);
    CHECK_INT(keymap_action(&map, 'd', IN_LIST), ACTION_cancel);
    CHECK_INT(keymap_action(&map, 'X' - '@', IN_LIST), ACTION_cancel);
    CHECK_INT(keymap_action(&map, 'c', IN_LIST), ACTION_NONE);
    CHECK_INT(keymap_action(&map, 'b', IN_LIST), ACTION_retry);
    CHECK_INT(keymap_action(&map, 'X', IN_LIST), ACTION_NONE);
    CHECK_INT(keymap_bind(&map, "cancle", "c", &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "cancle"));
    CHECK_INT(keymap_bind(&map, "cancel", "c, Hyper", &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "Hyper"));
    CHECK_INT(keymap_action(&map, 'd', IN_LIST), ACTION_cancel);
    keymap_release(&map);
}

TEST(a_key_of_two_actions_is_refused_and_both_are_named)
{
    struct keymap map;
    struct haul_fault fault;
    keymap_init(&map);
    CHECK_INT(keymap_check(&map, &fault), HAUL_OK);
    CHECK_INT(keymap_bind(&map, "cancel", "C, p", &fault), HAUL_OK);
    CHECK_INT(keymap_check(&map, &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "key.cancel: p is the key of pause already"));
    CHECK_INT(keymap_bind(&map, "pause", "c", &fault), HAUL_OK);
    CHECK_INT(keymap_check(&map, &fault), HAUL_OK);
    CHECK_INT(keymap_bind(&map, "pause", "none", &fault), HAUL_OK);
    CHECK_INT(keymap_check(&map, &fault), HAUL_OK);
    /* The log is another view than the list, where p cancels. */
    CHECK_INT(keymap_bind(&map, "log-write", "p", &fault), HAUL_OK);
    CHECK_INT(keymap_check(&map, &fault), HAUL_OK);
    CHECK_INT(keymap_bind(&map, "log-write", "y", &fault), HAUL_OK);
    CHECK_INT(keymap_check(&map, &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "log-copy"));
    keymap_release(&map);
}

/* ---- settings ---- */

TEST(a_colour_can_be_any_mix_of_words)
{
    struct theme t = *theme_find(NULL);
    struct haul_fault fault;
    CHECK_INT(theme_set(&t, "ok", "bold 214 on blue underline", &fault), HAUL_OK);
    CHECK_INT(t.roles[ROLE_OK].fg, 214);
    CHECK_INT(t.roles[ROLE_OK].bg, 4);
    CHECK_INT(t.roles[ROLE_OK].attrs, THEME_BOLD | THEME_UNDERLINE);
    CHECK_INT(theme_set(&t, "okay", "red", &fault), HAUL_ERR_USAGE);
    CHECK_INT(theme_set(&t, "ok", "256", &fault), HAUL_ERR_USAGE);
    CHECK_INT(theme_set(&t, "ok", "mauve", &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "mauve"));
    CHECK_INT(t.roles[ROLE_OK].fg, 214);
}

TEST(settings_are_refused_by_name)
{
    static const struct {
        const char *key, *value;
        bool fine;
    } cases[] = {
        {"mouse", "on", true},       {"mouse", "maybe", false},    {"notify", "bell, osc9", true},
        {"notify", "horn", false},   {"open", "xdg-open", true},   {"key.quit", "F10, Q", true},
        {"key.nothing", "a", false}, {"color.error", "red", true}, {"color.bar", "red", false},
    };
    struct tui_config c;
    struct haul_fault fault;
    CHECK_INT(tui_config_init(&c, "256", &fault), HAUL_OK);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        bool fine = tui_config_set(&c, cases[i].key, cases[i].value, &fault) == HAUL_OK;
        if (fine != cases[i].fine || (!fine && !strstr(fault.message, cases[i].key)))
            HARNESS_FAIL("%s = %s: %s", cases[i].key, cases[i].value, fault.message);
    }
    CHECK(c.mouse);
    CHECK_INT(c.notify, NOTIFY_BELL | NOTIFY_OSC9);
    tui_config_release(&c);
    CHECK_INT(tui_config_init(&c, "pink", &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "high-contrast"));
    tui_config_release(&c);
}

TEST(plain_text_is_readable_on_any_background)
{
    static const char *const themes[] = {"default", "mono", "high-contrast", "256"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(themes); i++) {
        const struct theme *t = theme_find(themes[i]);
        ASSERT(t);
        CHECK_INT(t->roles[ROLE_NORMAL].fg, -1);
        CHECK_INT(t->roles[ROLE_NORMAL].bg, -1);
        CHECK_INT(t->roles[ROLE_TITLE].fg, -1);
    }
}

/* ---- the filter ---- */

TEST(a_filter_is_words_fields_and_alternatives)
{
    static const struct {
        const char *filter;
        bool shows;
    } cases[] = {
        {"", true},
        {"llama", true},
        {"LLAMA 8b", true},
        {"llama 70b", false},
        {"!llama", false},
        {"70b | llama", true},
        {"70b|!zzz", true},
        {"state:run", true},
        {"state:active", true},
        {"state:failed", false},
        {"state:D", true},
        {"state:C", false},
        {"!state:failed", true},
        {"host:example.org", true},
        {"host:other", false},
        {"size>1G", true},
        {"size<1G", false},
        {"size>=2G size<=2G", true},
        {"done>50", false},
        {"done=25", true},
        {"speed>1M", false},
        {"size", false},
        {"dir:/data", true},
    };
    struct job_view *job = job_view_new();
    struct haul_fault fault;
    view_set_string(&job->name, "library/llama-small:8b");
    view_set_string(&job->source, "https://dl.example.org/x/y");
    view_set_string(&job->dir, "/data/models");
    job->state = JOB_RUNNING;
    job->total = (int64_t)2 << 30;
    job->bytes = (int64_t)1 << 29;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        struct filter *f;
        CHECK_INT(filter_new(cases[i].filter, &f, &fault), HAUL_OK);
        if (filter_shows(f, job) != cases[i].shows)
            HARNESS_FAIL("'%s'", cases[i].filter);
        filter_free(f);
    }
    struct filter *f;
    CHECK_INT(filter_new("size>big", &f, &fault), HAUL_ERR_USAGE);
    CHECK_INT(filter_new("state:", &f, &fault), HAUL_ERR_USAGE);
    CHECK_INT(filter_new("state:foo", &f, &fault), HAUL_ERR_USAGE);
    job_view_free(job);
}

/* ---- standard error ---- */

static void note_line(void *data, const char *text)
{
    buf_addf(data, "[%s]", text);
}

TEST(what_is_written_to_stderr_comes_as_lines)
{
    struct buf lines;
    buf_init(&lines);
    int fd = capture_begin();
    bool begun = fd >= 0 && capture_stderr() > 2;
    fputs("one\ntw", stderr);
    capture_read(note_line, &lines);
    fputs("o\n", stderr);
    capture_read(note_line, &lines);
    capture_end();
    CHECK(begun);
    CHECK_STR(lines.data, "[one][two]");
    CHECK_INT(capture_stderr(), -1);
    buf_release(&lines);
}

/* ---- rows ---- */

TEST(a_host_that_asks_to_wait_is_busy_and_nothing_failed)
{
    struct job_view *job = job_view_new();
    struct columns c = columns_for(80);
    struct row row = {.job = job, .file = ROW_JOB};
    struct row_text t;
    job->state = JOB_RUNNING;
    job->retry_at = 20 * CLOCK_SEC;
    job->retry_max = 6;
    row_text(&t, &row, &c, 3 * CLOCK_SEC);
    CHECK_INT(t.letter, 'R');
    CHECK_STR(t.tail, "host busy, 17s");
    job->retry_try = 2;
    row_text(&t, &row, &c, 3 * CLOCK_SEC);
    CHECK_STR(t.tail, "retry 2/6 in 17s");
    job_view_free(job);
}

/* ---- line editing ---- */

static void type(struct prompt *p, const char *text)
{
    for (; *text; text++)
        prompt_key(p, (unsigned char)*text);
}

TEST(a_line_is_edited_at_its_cursor)
{
    struct prompt p;
    prompt_init(&p);
    prompt_open(&p, "Add:", "");
    type(&p, "one three");
    for (int i = 0; i < 5; i++)
        prompt_key(&p, UI_KEY_LEFT);
    type(&p, "two ");
    CHECK_STR(p.text.data, "one two three");
    prompt_key(&p, 'W' - '@');
    CHECK_STR(p.text.data, "one three");
    prompt_key(&p, UI_KEY_END);
    prompt_key(&p, 0x6A21);
    prompt_key(&p, UI_KEY_BACKSPACE);
    prompt_key(&p, UI_KEY_BACKSPACE);
    CHECK_STR(p.text.data, "one thre");
    prompt_key(&p, UI_KEY_HOME);
    prompt_key(&p, UI_KEY_DELETE);
    CHECK_STR(p.text.data, "ne thre");
    CHECK(!prompt_key(&p, UI_KEY_ENTER));
    prompt_release(&p);
}

TEST(a_paste_keeps_its_lines_and_nothing_that_controls)
{
    struct prompt p;
    prompt_init(&p);
    prompt_open(&p, "Add:", "");
    for (const char *s = "a\r\n\033b\x07\n\n"; *s; s++)
        prompt_paste(&p, (unsigned char)*s);
    CHECK_STR(p.text.data, "a\n\nb\n\n");
    CHECK_INT(prompt_lines(&p), 2);
    prompt_release(&p);
}

/* ---- sets and histories ---- */

static void number_id(char id[JOB_ID_SIZE], int i)
{
    snprintf(id, JOB_ID_SIZE, "job-%016x", (unsigned)i);
}

TEST(a_set_of_rows_survives_growth_and_removal)
{
    struct row_set set;
    char id[JOB_ID_SIZE];
    row_set_init(&set);
    for (int i = 0; i < 1000; i++) {
        number_id(id, i);
        row_set_add(&set, id, (size_t)(i % 5));
    }
    for (int i = 0; i < 1000; i += 3) {
        number_id(id, i);
        row_set_remove(&set, id, (size_t)(i % 5));
    }
    for (int i = 0; i < 1000; i++) {
        number_id(id, i);
        CHECK(row_set_has(&set, id, (size_t)(i % 5)) == (i % 3 != 0));
    }
    CHECK_INT(set.count, 666);
    row_set_release(&set);
}

TEST(a_history_has_one_sample_a_second_and_zeros_in_gaps)
{
    static struct history h;
    struct job_view job = {.id = "job-1", .state = JOB_RUNNING, .rate = 5};
    struct job_view *jobs[] = {&job};
    struct snapshot snapshot = {.jobs = jobs, .count = 1, .totals.rate = 5};
    history_sample(&h, &snapshot, 10 * CLOCK_SEC);
    history_sample(&h, &snapshot, 10 * CLOCK_SEC + 5);
    history_sample(&h, &snapshot, 13 * CLOCK_SEC);
    CHECK_INT(h.total.count, 4);
    CHECK_INT(h.total.values[0], 5);
    CHECK_INT(h.total.values[1], 0);
    CHECK_INT(h.total.values[3], 5);
    CHECK(history_find(&h, "job-1", HISTORY_JOB));
    CHECK(!history_find(&h, "job-2", HISTORY_JOB));
    history_sample(&h, &snapshot, 1000 * CLOCK_SEC);
    CHECK_INT(h.total.count, HISTORY_SAMPLES);
    CHECK_INT(h.total.values[HISTORY_SAMPLES - 1], 5);
}

/* ---- the log ---- */

static void take_line(struct log_view *l, uint64_t seq, const char *job, const char *text)
{
    struct event *e = event_new(EVENT_LOG);
    e->seq = seq;
    e->level = LOG_INFO;
    e->message = xstrdup(text);
    snprintf(e->job, sizeof e->job, "%s", job);
    log_take(l, e);
}

TEST(that_a_download_goes_on_is_one_line_in_the_log)
{
    static struct log_view l;
    log_init(&l);
    take_line(&l, 1, "a", "start");
    take_line(&l, 2, "a", KEEPER_STILL "downloading a (1 %)");
    take_line(&l, 3, "b", KEEPER_STILL "downloading b (1 %)");
    take_line(&l, 4, "a", KEEPER_STILL "downloading a (2 %)");
    CHECK_INT(l.count, 3);
    CHECK_STR(log_line(&l, 1)->job, "b");
    CHECK_STR(log_line(&l, 2)->message, KEEPER_STILL "downloading a (2 %)");
    take_line(&l, 5, "a", "retry");
    take_line(&l, 6, "a", KEEPER_STILL "downloading a (3 %)");
    CHECK_INT(l.count, 5); /* before and after what happened in between */
    log_scroll(&l, -2);
    CHECK_STR(log_last_shown(&l)->message, KEEPER_STILL "downloading a (2 %)");
    take_line(&l, 7, "a", KEEPER_STILL "downloading a (4 %)");
    CHECK_STR(log_last_shown(&l)->message, KEEPER_STILL "downloading a (2 %)");
    for (uint64_t i = 0; i < 3 * LOG_KEPT; i++)
        take_line(&l, 8 + i, i % 2 ? "a" : "b", i % 3 ? "x" : KEEPER_STILL "downloading");
    CHECK(l.count <= LOG_KEPT);
    log_release(&l);
}

/* ---- the resolver ---- */

TEST(a_question_that_is_taken_back_is_not_asked)
{
    fake_clock_stop(); /* the time to wait for the next letter is always over */
    struct session *session = fake_session_new(SCENE_EMPTY);
    struct resolver *r = resolver_new(session);
    struct job_request request;
    struct found found;
    job_request_init(&request);
    request.spec = xstrdup("hf:org/name");
    ASSERT(r);
    for (int i = 0; i < 20000; i++) {
        resolver_ask(r, &request);
        for (int n = 0; n < i % 256; n++)
            sched_yield();
        resolver_ask(r, NULL);
    }
    resolver_ask(r, NULL);
    CHECK(!resolver_take(r, &found));
    resolver_free(r);
    job_request_release(&request);
    session_free(session);
    clock_replace(NULL, NULL);
}
