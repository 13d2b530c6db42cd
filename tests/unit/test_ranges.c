/* SPDX-License-Identifier: MIT */
/* The set of ranges against a plain array of bytes that says the same. */
#include "harness.h"

#include "net/ranges.h"

#define SIZE 200

static uint32_t state = 12345;

static int below(int limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (int)(state % (uint32_t)limit);
}

static void check_shape(const struct ranges *r)
{
    for (size_t i = 0; i < r->count; i++) {
        CHECK(r->items[i].begin < r->items[i].end);
        CHECK(i == 0 || r->items[i - 1].end < r->items[i].begin);
    }
}

static void check_gap(const struct ranges *r, const bool *model, int from, int limit)
{
    struct range gap = {-7, -7};
    int begin = from;
    while (begin < limit && model[begin])
        begin++;
    int end = begin;
    while (end < limit && !model[end])
        end++;
    bool found = ranges_gap(r, from, limit, &gap);
    CHECK(found == (begin < limit));
    if (found && begin < limit) {
        CHECK_INT(gap.begin, begin);
        CHECK_INT(gap.end, end);
    } else {
        CHECK_INT(gap.begin, -7);
    }
}

static void check_all(const struct ranges *r, const bool *model)
{
    int total = 0, front = 0;
    for (int i = 0; i < SIZE; i++)
        total += model[i];
    while (front < SIZE && model[front])
        front++;
    CHECK_INT(ranges_total(r), total);
    CHECK_INT(ranges_front(r), front);
    int from = below(SIZE + 1), limit = below(SIZE + 1);
    check_gap(r, model, from, limit);
    bool cover = true;
    for (int i = from; i < limit; i++)
        cover = cover && model[i];
    CHECK(ranges_cover(r, from, limit) == cover);
}

TEST(a_set_holds_just_the_bytes_that_were_added)
{
    struct ranges r;
    ranges_init(&r);
    for (int round = 0; round < 200; round++) {
        bool model[SIZE] = {false};
        ranges_clear(&r);
        for (int step = 0; step < 60; step++) {
            int begin = below(SIZE), end = begin + below(round % 2 ? 40 : 4);
            end = end > SIZE ? SIZE : end;
            ranges_add(&r, begin, end);
            for (int i = begin; i < end; i++)
                model[i] = true;
            check_shape(&r);
            check_all(&r, model);
        }
    }
    ranges_release(&r);
}

TEST(an_empty_or_reversed_range_changes_nothing)
{
    struct ranges r;
    ranges_init(&r);
    ranges_add(&r, 5, 5);
    ranges_add(&r, 9, 2);
    CHECK_INT(r.count, 0);
    CHECK(ranges_cover(&r, 5, 5));
    CHECK(!ranges_cover(&r, 0, 1));
    CHECK_INT(ranges_front(&r), 0);
    ranges_release(&r);
}

TEST(touching_ranges_become_one)
{
    struct ranges r;
    ranges_init(&r);
    ranges_add(&r, 10, 20);
    ranges_add(&r, 30, 40);
    ranges_add(&r, 20, 30);
    CHECK_INT(r.count, 1);
    CHECK_INT(r.items[0].begin, 10);
    CHECK_INT(r.items[0].end, 40);
    CHECK_INT(ranges_front(&r), 0);
    ranges_release(&r);
}

TEST(offsets_up_to_the_largest_number_are_kept)
{
    struct ranges r;
    struct range gap;
    ranges_init(&r);
    ranges_add(&r, INT64_MAX - 10, INT64_MAX);
    CHECK(ranges_cover(&r, INT64_MAX - 1, INT64_MAX));
    CHECK(ranges_gap(&r, 0, INT64_MAX, &gap));
    CHECK_INT(gap.end, INT64_MAX - 10);
    CHECK(!ranges_gap(&r, INT64_MAX - 10, INT64_MAX, &gap));
    ranges_release(&r);
}

TEST(a_copy_stands_alone)
{
    struct ranges a, b;
    ranges_init(&a);
    ranges_init(&b);
    for (int i = 0; i < 50; i++)
        ranges_add(&a, i * 10, i * 10 + 5);
    ranges_add(&b, 7, 8);
    ranges_copy(&b, &a);
    CHECK_INT(b.count, 50);
    ranges_add(&a, 0, 1000);
    CHECK_INT(b.count, 50);
    CHECK_INT(b.items[49].end, 495);
    ranges_clear(&a);
    ranges_copy(&b, &a);
    CHECK_INT(ranges_total(&b), 0);
    ranges_release(&a);
    ranges_release(&b);
}
