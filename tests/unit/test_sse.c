/* SPDX-License-Identifier: MIT */
/* Event streams as they arrive: in any pieces, with any line ends. */
#include "harness.h"

#include "api/sse.h"

struct seen {
    struct buf text;
};

static void on_event(void *context, const char *name, const char *id, const char *data)
{
    struct seen *s = context;
    buf_addf(&s->text, "<%s|%s|%s>", name, id, data);
}

static char *read_in_pieces(const char *stream, size_t piece)
{
    struct seen seen;
    struct sse sse;
    buf_init(&seen.text);
    sse_init(&sse, on_event, &seen);
    for (size_t at = 0, len = strlen(stream); at < len; at += piece)
        CHECK(sse_feed(&sse, stream + at, at + piece < len ? piece : len - at));
    sse_release(&sse);
    return buf_detach(&seen.text);
}

static void check(const char *stream, const char *want)
{
    for (size_t piece = 1; piece < 40; piece++) {
        char *got = read_in_pieces(stream, piece);
        CHECK_STR(got, want);
        free(got);
    }
}

TEST(fields_make_an_event_and_an_empty_line_ends_it)
{
    check("event: job\nid: 7\ndata: {\"a\":1}\n\ndata: plain\n\n", "<job|7|{\"a\":1}><|7|plain>");
}

TEST(lines_may_end_in_any_way)
{
    check("data: a\r\ndata:b\r\n\r\ndata: c\r\rdata: d\n\n", "<||a\nb><||c><||d>");
}

TEST(comments_and_unknown_fields_are_passed_over)
{
    check(": keep-alive\n\nretry: 5\nfoo: x\ndata: y\n\n", "<||y>");
}

TEST(an_event_without_data_is_none_and_one_that_is_cut_is_not_told)
{
    check("event: x\n\ndata: whole\n\ndata: cut\n", "<||whole>");
}

TEST(an_empty_data_line_is_an_event)
{
    check("data\n\n", "<||>");
}
