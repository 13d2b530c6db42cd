/* SPDX-License-Identifier: MIT */
/* What comes of Enter in the add dialog: what is added, and what stays to be mended. */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "screen.h"

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
    CHECK(screen_shows(&s, "2 added, 1 refused: bad: not a source"));
    CHECK(screen_shows(&s, "2 queued"));
    screen_close(&s);
}

TEST(a_refused_line_is_there_to_be_mended)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "abad\r");
    CHECK(screen_shows(&s, "bad: not a source"));
    CHECK(screen_shows(&s, "> bad"));
    screen_keys(&s, "\033OD"); /* reading on */
    CHECK(screen_shows(&s, "bad: not a source"));
    screen_keys(&s, "\005x");
    CHECK(screen_shows(&s, "> badx"));
    CHECK(screen_shows(&s, "the fake knows no source")); /* the refusal was of another text */
    screen_keys(&s, "\r");
    CHECK(screen_shows(&s, "1 added"));
    CHECK(screen_shows(&s, "Q badx"));
    screen_close(&s);
}

TEST(what_was_refused_is_left_with_esc_and_stays_in_the_log)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "abad\r");
    CHECK(screen_shows(&s, "bad: not a source"));
    screen_keys(&s, "\033");
    CHECK(screen_shows(&s, "Nothing to download yet"));
    screen_keys(&s, "a");
    CHECK(screen_shows(&s, "Add downloads"));
    char *text = screen_text(&s);
    CHECK(!strstr(text, "bad"));
    free(text);
    screen_keys(&s, "\033");
    CHECK(screen_shows(&s, "Nothing to download yet"));
    screen_keys(&s, "L");
    CHECK(screen_shows(&s, "bad: not a source"));
    screen_close(&s);
}

TEST(the_cursor_goes_back_to_what_was_refused)
{
    struct screen s;
    int row, col, typed;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "abad");
    CHECK(screen_shows(&s, "> bad"));
    screen_cursor(&s, &typed, &col);
    screen_keys(&s, "\033[Z\033[Z\r"); /* on Add */
    CHECK(screen_shows(&s, "bad: not a source"));
    screen_cursor(&s, &row, &col);
    CHECK_INT(row, typed);
    screen_close(&s);
}

TEST(what_a_lost_server_did_not_take_stays_with_all_that_follows)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "a\033[200~one\rlost\rtwo\033[201~\r");
    CHECK(screen_shows(&s, "1 added, 2 refused: no job server at unix:/run/fake"));
    CHECK(screen_shows(&s, "> lost"));
    CHECK(screen_shows(&s, "  two"));
    CHECK(screen_shows(&s, "1 queued"));
    screen_close(&s);
}

TEST(a_build_is_asked_about_while_the_dialog_keeps_what_was_refused)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "a\033[200~build:/data/recipe.json\rbad\033[201~\r");
    CHECK(screen_shows(&s, "y Run it"));
    screen_keys(&s, "n");
    CHECK(screen_shows(&s, "0 added, 1 refused: bad: not a source"));
    CHECK(screen_shows(&s, "> bad"));
    screen_close(&s);
}

TEST(what_the_network_does_not_answer_now_is_added_all_the_same)
{
    struct screen s;
    screen_open(&s, SCENE_EMPTY, 24, 80);
    screen_keys(&s, "ahttps://down.example/x");
    CHECK(screen_shows(&s, "down: the connection was refused"));
    screen_keys(&s, "\r");
    CHECK(screen_shows(&s, "1 added"));
    screen_keys(&s, "ahttps://down.example/y\r"); /* before there is an answer */
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
