/* SPDX-License-Identifier: MIT */
/* What keys do, and what the UI says to them: cancel, explain, undo, filter, library, build. */
#include "core/alloc.h"
#include "harness.h"
#include "screen.h"

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

TEST(marks_that_a_filter_hides_are_not_acted_on)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 100);
    screen_keys(&s, "/dataset\r ");
    screen_keys(&s, "/big-archive\r ");
    CHECK(screen_shows(&s, "2 marked"));
    screen_keys(&s, "\\\025dataset\r");
    CHECK(screen_shows(&s, "2 marked, 1 hidden"));
    screen_keys(&s, "\\\025ubuntu\r");
    CHECK(screen_shows(&s, "2 marked, 2 hidden"));
    screen_keys(&s, "cc");
    CHECK(screen_shows(&s, "beta-amd64.iso: cancelled"));
    screen_keys(&s, "\\\025\r");
    CHECK(screen_shows(&s, "retry 3/8 in 14s"));
    CHECK(screen_shows(&s, "1 queued"));
    screen_close(&s);
}

TEST(marked_files_are_cancelled_without_their_job)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "j  ");
    CHECK(screen_shows(&s, "  D ▾ org/Example-27B-GGUF"));
    CHECK(screen_shows(&s, " *D   ├ …el-00002"));
    CHECK(screen_shows(&s, "> Q   └ …el-00003"));
    CHECK(screen_shows(&s, "2 marked"));
    screen_keys(&s, "c");
    CHECK(screen_shows(&s, "c again deletes 22.0 GiB"));
    screen_keys(&s, "c");
    CHECK(screen_shows(&s, "2 files: cancelled"));
    CHECK(screen_shows(&s, "4 active"));
    CHECK(screen_shows(&s, " *-   ├ …el-00002"));
    CHECK(screen_shows(&s, "> Q   └ …el-00003"));
    screen_keys(&s, "/dataset\r c");
    CHECK(screen_shows(&s, "dataset-shard-0007.parquet: cancelled"));
    screen_close(&s);
}

TEST(a_file_of_a_marked_job_says_that_it_is_marked_already)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, " gj ");
    CHECK(screen_shows(&s, "The whole job is marked"));
    CHECK(screen_shows(&s, "1 marked"));
    screen_close(&s);
}

TEST(other_keys_on_a_marked_file_are_for_its_job)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "j p");
    CHECK(screen_shows(&s, "org/Example-27B-GGUF: paused"));
    screen_close(&s);
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
                   {"\033c", "The key with Alt does nothing here."},
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

TEST(a_job_that_cannot_move_in_the_queue_says_why)
{
    struct screen s;
    screen_open(&s, SCENE_IDLE, 24, 80);
    CHECK(screen_shows(&s, "> P ubuntu"));
    screen_keys(&s, "K");
    CHECK(screen_shows(&s, "no job of the same priority waits before it"));
    screen_keys(&s, "J");
    CHECK(screen_shows(&s, "row 2 of 5"));
    screen_keys(&s, "J");
    CHECK(screen_shows(&s, "no job of the same priority waits behind it"));
    CHECK(screen_shows(&s, "row 2 of 5"));
    screen_keys(&s, "u");
    CHECK(screen_shows(&s, "row 1 of 5"));
    screen_keys(&s, "  ggK"); /* a marked pair at the top keeps its order */
    CHECK(screen_shows(&s, "no job of the same priority waits before it"));
    CHECK(screen_shows(&s, ">*P ubuntu"));
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

TEST(a_priority_is_raised_from_what_each_job_has)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "/dataset\r++");
    CHECK(screen_shows(&s, "dataset-shard-0007.parquet: priority 2"));
    screen_keys(&s, "g A+");
    CHECK(screen_shows(&s, "jobs: priority +1"));
    screen_keys(&s, "U/dataset\r+");
    CHECK(screen_shows(&s, "dataset-shard-0007.parquet: priority 4"));
    screen_keys(&s, "/config.json\r+");
    CHECK(screen_shows(&s, "It has ended: there is nothing left to change."));
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
    screen_keys(&s, "\033");
    screen_keys(&s, "L=");
    CHECK(screen_shows(&s, "No such line has been logged."));
    screen_close(&s);
}

TEST(dropping_all_that_has_finished_leaves_what_a_filter_hides)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "\\config\rX");
    CHECK(screen_shows(&s, "Nothing matches the filter."));
    screen_keys(&s, "\\\025\r");
    CHECK(screen_shows(&s, "row 1 of 12"));
    CHECK(screen_shows(&s, "C README.md"));
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
    screen_keys(&s, "\\state:nonsense\r");
    CHECK(screen_shows(&s, "'nonsense' is no state"));
    CHECK(screen_shows(&s, "row 1 of 13"));
    screen_keys(&s, "\\state:paused\r");
    CHECK(screen_shows(&s, "row 1 of 1"));
    screen_close(&s);
}

TEST(an_empty_list_says_whether_the_filter_or_the_tab_is_the_reason)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "\\no-such-job\r");
    CHECK(screen_shows(&s, "Nothing matches the filter. An empty one shows all again."));
    screen_close(&s);
    screen_open(&s, SCENE_IDLE, 24, 80);
    screen_keys(&s, "2");
    CHECK(screen_shows(&s, "No job here. Tab shows the next list."));
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
    CHECK_INT(screen_count(&s, "\033[?1000h"), 0);
    screen_keys(&s, "m");
    CHECK(screen_shows(&s, "Mouse on"));
    CHECK(screen_count(&s, "\033[?1000h") > 0 || screen_count(&s, "1000;1006h") > 0 ||
          screen_count(&s, "1006;1000h") > 0);
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
    CHECK_INT(screen_count(&s, "\033]52;c;Y29uZmlnLmpzb24=\a"), 1);
    screen_close(&s);
}

TEST(notifications_come_only_when_asked_for)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "Acc");
    CHECK_INT(screen_count(&s, "\033]9;"), 0);
    CHECK_INT(screen_count(&s, "\033]2;"), 0);
    screen_close(&s);

    struct configured c;
    configure(&c, "notify", "bell, osc9, title");
    screen_start(&s, SCENE_MIXED, 24, 80, &c.options);
    CHECK(screen_shows(&s, "F1 Help"));
    CHECK_INT(screen_count(&s, "\033]9;4;1;26\033\\"), 1);
    screen_keys(&s, "Acc");
    CHECK(screen_shows(&s, "cancelled"));
    CHECK_INT(screen_count(&s, "\033]9;haul: all downloads are done"), 1);
    CHECK_INT(screen_count(&s, "\033]9;4;0;0\033\\"), 1);
    screen_close(&s);
    tui_config_release(&c.config);
}
