/* SPDX-License-Identifier: MIT */
/* What a client knows of a server's jobs, event by event. */
#include "api/client_mirror.h"

#include "api/json_job.h"
#include "core/clock.h"
#include "harness.h"

#include <string.h>

static void tell_job(struct mirror *m, enum job_state state)
{
    char id[] = "job-0000000000000001", name[] = "x.bin", source[] = "http://h/x.bin", dir[] = "/d";
    struct job_view v = {.number = 1,
                         .state = state,
                         .name = name,
                         .source = source,
                         .dir = dir,
                         .layout = LAYOUT_PLAIN,
                         .total = -1};
    struct buf text;
    memcpy(v.id, id, sizeof id);
    buf_init_max(&text, BUF_UNBOUNDED);
    api_json_job(&text, &v, clock_now());
    mirror_event(m, "snapshot", text.data);
    buf_release(&text);
}

TEST(what_names_its_job_by_anything_but_an_id_is_not_taken)
{
    struct mirror m;
    struct mirror_watch w;
    struct snapshot s;
    mirror_init(&m);
    mirror_watch_init(&w, &m);
    snapshot_init(&s);
    mirror_event(&m, "snapshot",
                 "{\"job_id\":\"\\u001b[2J\",\"state\":\"queued\",\"source\":\"s\",\"name\":\"n\","
                 "\"dir\":\"/d\",\"file_count\":0,\"files\":[]}");
    mirror_event(&m, "log",
                 "{\"event\":\"log\",\"job\":\"\\u001b[2J\",\"level\":\"info\",\"message\":\"m\"}");
    mirror_watch_refresh(&w, &s);
    CHECK_INT(s.count, 0);
    CHECK(!mirror_watch_next(&w, NULL));
    mirror_event(&m, "log", "{\"event\":\"log\",\"level\":\"info\",\"message\":\"m\"}");
    struct event *e = mirror_watch_next(&w, NULL);
    ASSERT(e);
    CHECK_STR(e->job, "");
    event_unref(e);
    snapshot_release(&s);
    mirror_watch_release(&w);
    mirror_release(&m);
}

static uint64_t missed(struct mirror_watch *w)
{
    uint64_t lost = 0;
    for (struct event *e; (e = mirror_watch_next(w, &lost));)
        event_unref(e);
    return lost;
}

/* Who looks again because events were missed must not see how it was before. */
TEST(events_are_missed_only_when_the_new_list_is_there)
{
    struct mirror m;
    struct mirror_watch w;
    struct snapshot s;
    mirror_init(&m);
    mirror_watch_init(&w, &m);
    snapshot_init(&s);
    mirror_event(&m, "list", "{\"jobs\":1}");
    tell_job(&m, JOB_RUNNING);
    mirror_event(&m, "listed", "{\"jobs\":3}");
    CHECK_INT(missed(&w), 0);
    mirror_watch_refresh(&w, &s);
    CHECK(s.count == 1 && s.jobs[0]->state == JOB_RUNNING);

    mirror_event(&m, "list", "{\"jobs\":1}");
    CHECK_INT(missed(&w), 0);
    tell_job(&m, JOB_COMPLETED);
    CHECK_INT(missed(&w), 0);
    mirror_event(&m, "listed", "{\"jobs\":3}");
    CHECK(missed(&w) > 0);
    mirror_watch_refresh(&w, &s);
    CHECK(s.count == 1 && s.jobs[0]->state == JOB_COMPLETED);
    CHECK_INT(missed(&w), 0);
    snapshot_release(&s);
    mirror_watch_release(&w);
    mirror_release(&m);
}
