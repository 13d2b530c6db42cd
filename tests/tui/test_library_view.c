/* SPDX-License-Identifier: MIT */
/* What works on the disk from the UI: the library view, verifying, deleting, builds. */
#include "harness.h"
#include "screen.h"

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
