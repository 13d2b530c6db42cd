/* SPDX-License-Identifier: MIT */
/* Requests that the server refuses, and how: what a client may rely on, and what it must not be
 * able to do by mistake or on purpose. */
#include "api/serving.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "harness.h"

/* Whether the head has that line. */
static bool has_line(const struct answer *a, const char *line)
{
    char *whole = xasprintf("\r\n%s\r\n", line);
    bool found = strcasestr(a->head.data, whole) != NULL;
    free(whole);
    return found;
}

TEST(a_method_that_a_path_does_not_know_is_answered_with_those_it_knows)
{
    static const struct {
        const char *method, *path, *allow;
    } cases[] = {
        {"PUT", "/v1/jobs", "Allow: GET, POST"},
        {"POST", "/health", "Allow: GET"},
        {"OPTIONS", "/v1/settings", "Allow: GET, PATCH"},
        {"GET", "/v1/clean", "Allow: POST"},
        {"HEAD", "/v1/events", "Allow: GET"},
    };
    struct serving s;
    struct answer a;
    serving_init(&s, "");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        ask(&s, &a, cases[i].method, cases[i].path, NULL);
        CHECK_INT(a.status, 405);
        if (!has_line(&a, cases[i].allow))
            HARNESS_FAIL("%s %s: %s", cases[i].method, cases[i].path, a.head.data);
        if (strcmp(cases[i].method, "HEAD"))
            CHECK_STR(answer_error(&a, "code"), "method");
        answer_release(&a);
    }
    serving_release(&s);
}

TEST(who_shows_no_token_is_told_which_kind_is_wanted)
{
    struct serving s;
    struct answer a;
    serving_init(&s, "--listen 127.0.0.1:0");
    ask_tcp(&s, &a, "GET", "/v1/jobs", NULL, NULL);
    CHECK_INT(a.status, 401);
    CHECK(has_line(&a, "WWW-Authenticate: Bearer"));
    CHECK_STR(answer_error(&a, "code"), "unauthorized");
    answer_release(&a);
    ask_tcp(&s, &a, "GET", "/health", NULL, NULL);
    CHECK_INT(a.status, 200);
    answer_release(&a);
    serving_release(&s);
}
