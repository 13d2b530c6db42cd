/* SPDX-License-Identifier: MIT */
/* Who fetches which range; see pieces.h. */
#include "net/pieces.h"

#include "core/clock.h"

#define NEAR_SECONDS 3
#define NEAR_NS      (5 * CLOCK_MS)

static int64_t clamp(int64_t n, int64_t low, int64_t high)
{
    return n < low ? low : n > high ? high : n;
}

int64_t piece_size(int64_t remaining, unsigned connections, int64_t rate, int64_t round_trip_ns)
{
    if (connections < 2)
        return remaining;
    int64_t share = remaining / connections + 1;
    if (round_trip_ns >= NEAR_NS)
        return clamp(share, PIECE_MIN, PIECE_MAX);
    int64_t most = PIECE_FIRST;
    if (rate && rate < PIECE_FIRST / NEAR_SECONDS)
        most = rate * NEAR_SECONDS;
    return clamp(share / 2, PIECE_LEAST, most > PIECE_LEAST ? most : PIECE_LEAST);
}

/* Cuts the runs out of `gap`; leaves its first free part. False if nothing of it is free. */
static bool cut_runs(struct range *gap, const struct piece_run *runs, size_t count)
{
    bool moved = true;
    while (moved && gap->begin < gap->end) {
        moved = false;
        for (size_t i = 0; i < count; i++) {
            if (runs[i].pos <= gap->begin && runs[i].end > gap->begin) {
                gap->begin = runs[i].end;
                moved = true;
            }
        }
    }
    for (size_t i = 0; i < count; i++)
        if (runs[i].end > runs[i].pos && runs[i].pos > gap->begin && runs[i].pos < gap->end)
            gap->end = runs[i].pos;
    return gap->begin < gap->end;
}

bool piece_next(const struct ranges *have, int64_t size, const struct piece_run *runs, size_t count,
                int64_t want, struct range *out)
{
    int64_t from = 0;
    struct range gap;
    while (ranges_gap(have, from, size, &gap)) {
        int64_t end = gap.end;
        if (cut_runs(&gap, runs, count)) {
            if (gap.end - gap.begin > want)
                gap.end = gap.begin + want;
            *out = gap;
            return true;
        }
        from = end;
    }
    return false;
}

/* What stays with a run of that rate when one of `other` takes over the rest. */
static int64_t keeps(int64_t left, int64_t own, int64_t other)
{
    if (other <= own)
        return left / 2;
    return (int64_t)((double)left * (double)own / ((double)own + (double)other));
}

bool piece_steal(const struct piece_run *runs, size_t count, int64_t min_ns, int64_t rate,
                 struct range *out, size_t *victim)
{
    double longest = (double)min_ns / (double)CLOCK_SEC;
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        int64_t left = runs[i].end - runs[i].pos;
        if (left < 2 * STEAL_MIN)
            continue;
        double seconds = (double)left / (double)(runs[i].rate > 0 ? runs[i].rate : 1);
        if (seconds > longest) {
            longest = seconds;
            *victim = i;
            found = true;
        }
    }
    if (found) {
        const struct piece_run *run = &runs[*victim];
        int64_t stays = keeps(run->end - run->pos, run->rate, run->rate > 0 ? rate : 0);
        *out = (struct range){run->pos + (stays > STEAL_MIN ? stays : STEAL_MIN), run->end};
    }
    return found;
}
