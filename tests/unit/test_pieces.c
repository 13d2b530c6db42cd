/* SPDX-License-Identifier: MIT */
/* Handing out ranges: never the same byte twice, front first, and all of them in the end. */
#include "harness.h"

#include "core/clock.h"
#include "net/pieces.h"

#define MIB      ((int64_t)1 << 20)
#define RUNS_MAX 16

static uint32_t state = 4711;

static int64_t below(int64_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (int64_t)(state % (uint32_t)limit);
}

static bool meets_a_run(const struct piece_run *runs, size_t count, const struct range *r)
{
    for (size_t i = 0; i < count; i++)
        if (runs[i].pos < r->end && r->begin < runs[i].end && runs[i].pos < runs[i].end)
            return true;
    return false;
}

static bool is_free(const struct ranges *have, const struct piece_run *runs, size_t count,
                    int64_t at)
{
    struct range byte = {at, at + 1};
    return !ranges_cover(have, at, at + 1) && !meets_a_run(runs, count, &byte);
}

static void check_piece(const struct ranges *have, int64_t size, const struct piece_run *runs,
                        size_t count, int64_t want)
{
    struct range out;
    int64_t first = 0;
    while (first < size && !is_free(have, runs, count, first))
        first++;
    bool found = piece_next(have, size, runs, count, want, &out);
    CHECK(found == (first < size));
    if (!found)
        return;
    CHECK_INT(out.begin, first);
    CHECK(out.end > out.begin && out.end <= size && out.end - out.begin <= want);
    for (int64_t at = out.begin; at < out.end; at++)
        CHECK(is_free(have, runs, count, at));
    if (out.end - out.begin < want)
        CHECK(out.end == size || !is_free(have, runs, count, out.end));
}

TEST(a_piece_is_the_first_free_range_and_as_long_as_it_can_be)
{
    const int64_t size = 120;
    for (int round = 0; round < 3000; round++) {
        struct piece_run runs[RUNS_MAX];
        struct ranges have;
        ranges_init(&have);
        for (int i = 0; i < 5; i++) {
            int64_t begin = below(size);
            ranges_add(&have, begin, begin + below(20) < size ? begin + below(20) : size);
        }
        size_t count = (size_t)below(6);
        for (size_t i = 0; i < count; i++) {
            runs[i].pos = below(size);
            runs[i].end = runs[i].pos + below(25);
            runs[i].rate = 0;
        }
        check_piece(&have, size, runs, count, 1 + below(40));
        ranges_release(&have);
    }
}

TEST(a_whole_file_is_handed_out_once_and_in_order)
{
    struct ranges have;
    struct range out;
    int64_t next = 0;
    ranges_init(&have);
    while (piece_next(&have, 1000, NULL, 0, 64, &out)) {
        CHECK_INT(out.begin, next);
        next = out.end;
        ranges_add(&have, out.begin, out.end);
    }
    CHECK_INT(next, 1000);
    ranges_release(&have);
}

TEST(an_empty_file_has_no_piece)
{
    struct ranges have;
    struct range out;
    ranges_init(&have);
    CHECK(!piece_next(&have, 0, NULL, 0, PIECE_MIN, &out));
    ranges_release(&have);
}

TEST(the_slowest_run_loses_its_back_half)
{
    struct piece_run runs[] = {
        {0, 100 * MIB, 50 * MIB},          /* two seconds */
        {100 * MIB, 140 * MIB, 2 * MIB},   /* twenty seconds */
        {200 * MIB, 201 * MIB, MIB / 100}, /* longer still, and large enough */
    };
    struct range out;
    size_t victim = 99;
    CHECK(piece_steal(runs, 2, CLOCK_SEC, 0, &out, &victim));
    CHECK_INT(victim, 1);
    CHECK_INT(out.begin, 120 * MIB);
    CHECK_INT(out.end, 140 * MIB);
    CHECK(piece_steal(runs, 3, CLOCK_SEC, 0, &out, &victim));
    CHECK_INT(victim, 2);
    CHECK_INT(out.begin, 200 * MIB + MIB / 2);
}

TEST(nothing_is_taken_from_runs_that_are_nearly_done)
{
    struct piece_run soon[] = {{0, 10 * MIB, 100 * MIB}, {20 * MIB, 22 * MIB, 10 * MIB}};
    struct piece_run small[] = {{0, 2 * STEAL_MIN - 1, 1}, {MIB, MIB, 0}};
    struct range out;
    size_t victim;
    CHECK(!piece_steal(soon, 2, CLOCK_SEC, 0, &out, &victim));
    CHECK(!piece_steal(small, 2, 0, 0, &out, &victim));
    CHECK(!piece_steal(soon, 0, 0, 0, &out, &victim));
    small[0].end++;
    CHECK(piece_steal(small, 2, 0, 0, &out, &victim));
    CHECK(out.end - out.begin >= STEAL_MIN && out.begin - small[0].pos >= STEAL_MIN);
}

TEST(a_theft_leaves_both_sides_what_was_there_and_no_more)
{
    for (int round = 0; round < 500; round++) {
        struct piece_run runs[4];
        for (int i = 0; i < 4; i++) {
            int64_t begin = i * 64 * MIB;
            runs[i] = (struct piece_run){begin + below(MIB), begin + 1 + below(64 * MIB),
                                         below(3) * below(40 * MIB)};
            if (runs[i].end < runs[i].pos)
                runs[i].end = runs[i].pos;
        }
        struct range out;
        size_t victim;
        if (!piece_steal(runs, 4, CLOCK_MS * 100, 0, &out, &victim))
            continue;
        ASSERT(victim < 4);
        CHECK_INT(out.end, runs[victim].end);
        CHECK(out.begin > runs[victim].pos && out.begin < out.end);
        CHECK(out.end - out.begin >= STEAL_MIN);
    }
}

TEST(a_single_connection_asks_for_all_that_is_missing)
{
    CHECK_INT(piece_size(123, 1, 0, CLOCK_MS), 123);
    CHECK_INT(piece_size(INT64_MAX, 1, MIB, CLOCK_SEC), INT64_MAX);
}

TEST(pieces_are_even_shares_far_away_and_small_nearby)
{
    const int64_t gib = MIB * 1024, far = 100 * CLOCK_MS;
    CHECK_INT(piece_size(gib, 64, 0, far), gib / 64 + 1);
    CHECK_INT(piece_size(gib, 64, 1, far), gib / 64 + 1);
    CHECK_INT(piece_size(gib * 1024, 2, 0, far), PIECE_MAX);
    CHECK_INT(piece_size(MIB, 16, 0, far), PIECE_MIN);
    CHECK_INT(piece_size(gib, 8, 0, CLOCK_MS), PIECE_FIRST);
    CHECK_INT(piece_size(gib, 8, 1, CLOCK_MS), PIECE_LEAST);
    CHECK_INT(piece_size(gib, 8, MIB, CLOCK_MS), 3 * MIB);
    CHECK_INT(piece_size(64 * MIB, 8, gib, CLOCK_MS), 4 * MIB);
    CHECK_INT(piece_size(MIB, 8, gib, CLOCK_MS), PIECE_LEAST);
}
