/* SPDX-License-Identifier: MIT */
/* What the user sees, as text: the real UI on a pseudo terminal against golden screens. */
#include "harness.h"
#include "screen.h"

#define F1 "\033OP"

static void check_golden(enum fake_scene scene, int rows, int cols, const char *keys,
                         const char *name)
{
    struct screen s;
    screen_open(&s, scene, rows, cols);
    if (keys)
        screen_keys(&s, keys);
    CHECK(screen_is_golden(&s, name));
    screen_close(&s);
}

TEST(the_list_shows_every_state_at_80x24)
{
    check_golden(SCENE_MIXED, 24, 80, NULL, "list-80x24");
}

TEST(the_list_fits_40x12)
{
    check_golden(SCENE_MIXED, 12, 40, NULL, "list-40x12");
}

TEST(the_list_uses_120x40)
{
    check_golden(SCENE_MIXED, 40, 120, NULL, "list-120x40");
}

TEST(the_list_fits_60x16)
{
    check_golden(SCENE_MIXED, 16, 60, NULL, "list-60x16");
}

TEST(the_list_fits_20x5)
{
    check_golden(SCENE_MIXED, 5, 20, NULL, "list-20x5");
}

TEST(one_line_remains_at_12x1)
{
    check_golden(SCENE_MIXED, 1, 12, NULL, "list-12x1");
}

TEST(ascii_mode_uses_nothing_else)
{
    struct tui_options options;
    tui_options_init(&options);
    options.ascii = true;
    struct screen s;
    screen_start(&s, SCENE_MIXED, 24, 80, &options);
    CHECK(screen_is_golden(&s, "list-ascii"));
    size_t others = 0;
    for (size_t i = 0; i < s.raw.len; i++)
        others += (unsigned char)s.raw.data[i] > 0x7E;
    CHECK_INT(others, 0);
    screen_close(&s);
}

TEST(an_empty_list_says_how_to_begin)
{
    check_golden(SCENE_EMPTY, 24, 80, NULL, "list-empty");
}

TEST(jobs_fold_and_unfold)
{
    check_golden(SCENE_MIXED, 24, 80, "hjl", "list-folded");
}

TEST(names_of_all_widths_keep_the_columns)
{
    check_golden(SCENE_HOSTILE, 24, 80, NULL, "list-hostile");
}

TEST(ten_thousand_jobs_are_one_page_and_a_count)
{
    check_golden(SCENE_MANY, 24, 80, "G", "list-many");
}

TEST(the_detail_pane_has_exact_figures)
{
    check_golden(SCENE_MIXED, 24, 80, "j\r", "detail-info");
}

TEST(the_detail_pane_has_two_columns_at_120x40)
{
    check_golden(SCENE_MIXED, 40, 120, "j\r", "detail-120x40");
}

TEST(the_detail_pane_shows_the_parts)
{
    check_golden(SCENE_MIXED, 24, 80, "j\r2", "detail-parts");
}

TEST(the_detail_pane_shows_the_log_of_the_job)
{
    check_golden(SCENE_MIXED, 24, 80, "\r3", "detail-log");
}

TEST(help_is_made_from_the_key_table)
{
    check_golden(SCENE_MIXED, 24, 80, F1, "help");
}

TEST(help_has_room_for_all_at_120x40)
{
    check_golden(SCENE_MIXED, 40, 120, "?", "help-120x40");
}

TEST(the_log_shows_levels_and_wraps)
{
    check_golden(SCENE_MIXED, 24, 80, "L", "log");
}

TEST(quitting_with_downloads_asks)
{
    check_golden(SCENE_MIXED, 24, 80, "q", "quit");
}

TEST(adding_shows_what_the_source_has)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "ahf:org/Some-Model:Q4_K_M");
    CHECK(screen_shows(&s, "Found 3 files"));
    screen_keys(&s, "\t\t\t\t\t ");
    CHECK(screen_shows(&s, "2 ticked"));
    CHECK(screen_is_golden(&s, "add"));
    screen_close(&s);
}

TEST(a_long_refusal_leaves_the_buttons_alone)
{
    check_golden(SCENE_EMPTY, 24, 80, "along", "add-refused");
}

TEST(what_enter_was_refused_for_is_shown_whole)
{
    check_golden(SCENE_EMPTY, 24, 80, "anot a spec\r", "add-kept");
}

TEST(only_refused_lines_stay_in_the_dialog)
{
    check_golden(SCENE_EMPTY, 24, 80,
                 "a\033[200~one\rnot a spec\r# two of three\rtwo\rbad\rlost\rthree\033[201~\r",
                 "add-kept-lines");
}

TEST(a_refusal_is_shown_on_small_screens)
{
    check_golden(SCENE_EMPTY, 12, 40, "anot a spec\r", "add-kept-40x12");
    check_golden(SCENE_EMPTY, 6, 40, "anot a spec\r", "add-kept-40x6");
}

TEST(directories_can_be_browsed)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "a\t/usr/nowhere\033OQ"); /* the nearest that is there */
    CHECK(screen_shows(&s, "/usr"));
    CHECK(screen_shows(&s, "bin"));
    screen_keys(&s, "h");
    CHECK(screen_shows(&s, "dev"));
    screen_keys(&s, "\r");
    CHECK(screen_shows(&s, "Save in    [ /  "));
    screen_close(&s);
}

TEST(adding_fits_40x12)
{
    check_golden(SCENE_MIXED, 12, 40, "ahttps://a.example/file.bin\t/tmp", "add-40x12");
}

TEST(the_library_shows_what_is_on_disk)
{
    check_golden(SCENE_MIXED, 24, 80, "i", "library");
    check_golden(SCENE_MIXED, 24, 120, "i", "library-120x24");
    check_golden(SCENE_MIXED, 12, 40, "i", "library-40x12");
}

/* The list comes when the librarian has looked at the disk. */
static void check_library(const char *keys, const char *name)
{
    struct screen s;
    screen_open(&s, SCENE_MIXED, 24, 80);
    screen_keys(&s, "i");
    CHECK(screen_shows(&s, "4 entries"));
    screen_keys(&s, keys);
    CHECK(screen_is_golden(&s, name));
    screen_close(&s);
}

TEST(the_library_shows_the_files_of_an_entry)
{
    check_library("\r", "library-files");
}

TEST(deleting_an_entry_asks)
{
    check_library("/config\rD", "library-delete");
}

TEST(a_build_shows_what_it_would_run)
{
    check_golden(SCENE_BUILD, 24, 80, "r", "build-confirm");
    check_golden(SCENE_BUILD, 12, 40, "r", "build-confirm-40x12");
}

TEST(the_add_dialog_shows_what_a_build_would_run)
{
    check_golden(SCENE_EMPTY, 24, 80, "abuild:/data/recipe.json", "add-build");
}

TEST(help_of_the_pane_and_the_log_is_their_own)
{
    check_golden(SCENE_MIXED, 24, 80, "\r?", "help-pane");
    check_golden(SCENE_MIXED, 24, 80, "L?", "help-log");
}

TEST(help_can_be_searched)
{
    check_golden(SCENE_MIXED, 24, 80, "?/queue\r", "help-search");
}

TEST(a_filter_narrows_and_says_so)
{
    check_golden(SCENE_MIXED, 24, 80, "\\state:failed | size<1M\r", "filter");
}

TEST(a_range_is_marked_while_it_grows)
{
    check_golden(SCENE_MIXED, 24, 80, "jjjjVjj", "range");
}

TEST(a_file_is_cancelled_without_its_job)
{
    check_golden(SCENE_MIXED, 24, 80, "jjjc", "cancel-file");
}

TEST(deleting_files_always_asks)
{
    check_golden(SCENE_MIXED, 24, 80, "/README\rD", "delete");
}

TEST(cancelling_much_asks_for_the_same_key_again)
{
    check_golden(SCENE_MIXED, 24, 80, "c", "confirm-cancel");
}

TEST(an_error_is_explained_with_its_remedy)
{
    check_golden(SCENE_IDLE, 24, 80, "/gated\re", "explain");
    check_golden(SCENE_IDLE, 12, 40, "/gated\re", "explain-40x12");
    check_golden(SCENE_IDLE, 8, 30, "/gated\re", "explain-30x8");
}

TEST(what_waits_is_explained_too)
{
    check_golden(SCENE_MIXED, 24, 80, "/dataset\re", "explain-wait");
}

TEST(marks_are_counted_and_shown)
{
    check_golden(SCENE_MIXED, 24, 80, "  ", "marked");
}

TEST(tabs_show_their_jobs_only)
{
    check_golden(SCENE_MIXED, 24, 80, "6", "tab-done");
}

TEST(the_speed_limit_shows_in_the_status_line)
{
    check_golden(SCENE_MIXED, 24, 80, "T10M\r", "limit");
}

TEST(the_detail_of_a_failure_has_its_whole_message)
{
    check_golden(SCENE_MIXED, 24, 80, "/gated\r\r", "detail-failed");
}

TEST(the_detail_of_a_finished_file_has_its_digest)
{
    check_golden(SCENE_MIXED, 24, 80, "/config\r\r", "detail-done");
}

TEST(the_detail_of_a_retry_says_why)
{
    check_golden(SCENE_MIXED, 24, 80, "/dataset\r\r", "detail-retry");
}

TEST(the_log_fits_40x12)
{
    check_golden(SCENE_MIXED, 12, 40, "L", "log-40x12");
}

TEST(help_fits_40x12)
{
    check_golden(SCENE_MIXED, 12, 40, "?", "help-40x12");
}

TEST(many_pasted_lines_are_one_dialog)
{
    check_golden(SCENE_EMPTY, 24, 80, "\033[200~https://a.example/1\rhttps://a.example/2\033[201~",
                 "add-paste");
}
