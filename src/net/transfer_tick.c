/* SPDX-License-Identifier: MIT */
/*
 * What happens to a transfer every 250 ms: stalled and slow connections are replaced, progress is
 * saved, figures are published.
 */
#include <string.h>

#include "core/clock.h"
#include "net/transfer.h"

#define SLOW_FOR_NS   (3 * CLOCK_SEC)
#define SLOW_AFTER_NS (5 * CLOCK_SEC)
#define SAVE_EVERY_NS (3 * CLOCK_SEC)
#define SAVE_EVERY    ((int64_t)64 << 20)
#define BACKLOG_MAX   ((int64_t)512 << 20)

int64_t transfer_bytes(const struct transfer *t)
{
    if (t->size >= 0 && (t->phase == TRANSFER_VERIFY || t->phase == TRANSFER_PLACE))
        return t->size;
    int64_t bytes = t->part ? ranges_total(part_have(t->part)) : 0;
    for (size_t i = 0; i < t->conn_count; i++) {
        const struct conn *c = t->conns[i];
        if (c->accepted && !ranges_cover(part_have(t->part), c->committed, c->pos))
            bytes += c->pos - c->committed;
    }
    return bytes;
}

static void end_request(struct transfer *t, struct conn *c, enum haul_error code, const char *what)
{
    c->failed = true;
    fault_set(&c->fault, code, "%s: %s", transfer_label(t), what);
    c->fault.retryable = true;
    bool accepted = c->accepted;
    if (accepted)
        conn_commit(c);
    c->accepted = false;
    transfer_request_ended(t, c, CURLE_OPERATION_TIMEDOUT);
}

static bool stalled(const struct transfer *t, const struct conn *c, int64_t now)
{
    int64_t since = c->last_byte ? c->last_byte : c->started;
    if (since < t->fetch->blind_until)
        since = t->fetch->blind_until;
    return !c->paused && now - since > t->fetch->worker->engine->settings.stall_timeout;
}

/* What a connection here can be expected to do: as much as its siblings. The last one has only the
 * past to be compared with, and that is worth a new connection when little is left to do. */
static int64_t expected_rate(const struct transfer *t, const struct conn *c)
{
    int64_t sum = 0, siblings = 0;
    for (size_t i = 0; i < t->conn_count; i++) {
        if (t->conns[i] != c && t->conns[i]->accepted && t->conns[i]->rate > 0) {
            sum += t->conns[i]->rate;
            siblings++;
        }
    }
    if (siblings)
        return sum / siblings;
    return c->end - c->pos < t->best_rate ? t->best_rate : 0;
}

/* Far slower than it should be for a while, with seconds left to do: another one does better. */
static bool slow(const struct transfer *t, struct conn *c, int64_t now)
{
    if (limiter_share_limit(t->fetch->share) || !t->ranges)
        return false;
    bool is_slow = c->accepted && now - c->started > SLOW_AFTER_NS &&
                   c->end - c->pos > 2 * c->rate && c->rate < expected_rate(t, c) * 3 / 10;
    if (!is_slow)
        c->slow_since = 0;
    else if (!c->slow_since)
        c->slow_since = now;
    return is_slow && now - c->slow_since > SLOW_FOR_NS;
}

static void watch_requests(struct transfer *t, int64_t now)
{
    for (size_t i = 0; i < t->conn_count; i++) {
        struct conn *c = t->conns[i];
        conn_tick(c, now);
        if (c->rate > t->best_rate)
            t->best_rate = c->rate;
        if (stalled(t, c, now)) {
            end_request(t, c, HAUL_ERR_TIMEOUT, "no byte for a while: the connection stalled");
            return;
        }
        if (slow(t, c, now)) {
            run_log(t->fetch->run, LOG_DEBUG, "%s: replacing a slow connection", transfer_label(t));
            c->cut = true; /* what is left of it goes back to the others */
            transfer_request_ended(t, c, CURLE_OK);
            return;
        }
    }
}

/* A disk that somebody else has filled may have room again by the next save. */
static void note_outdated(struct transfer *t)
{
    struct haul_fault fault;
    bool outdated = part_outdated(t->part, &fault);
    if (outdated && !t->outdated)
        run_log(t->fetch->run, LOG_WARN, "%s; going on, and trying again", fault.message);
    t->outdated = outdated;
}

static void save(struct transfer *t, int64_t now)
{
    struct haul_fault fault;
    if (part_save_error(t->part, &fault) != HAUL_OK) {
        transfer_fail(t, &fault);
        return;
    }
    note_outdated(t);
    bool due = part_unsynced(t->part) >= SAVE_EVERY || now - t->saved_at >= SAVE_EVERY_NS;
    if (due && !part_saving(t->part)) {
        for (size_t i = 0; i < t->conn_count; i++)
            if (t->conns[i]->accepted)
                conn_commit(t->conns[i]);
        t->saved_at = now;
        if ((part_unsynced(t->part) || t->outdated) && t->size >= 0)
            part_save(t->part, t->fetch->worker->disk_lane);
    }
    t->backlogged = part_saving(t->part) && part_unsynced(t->part) > BACKLOG_MAX;
}

void transfer_tick(struct transfer *t, int64_t now)
{
    int64_t rate = 0;
    watch_requests(t, now);
    if (transfer_ended(t))
        return;
    for (size_t i = 0; i < t->conn_count; i++)
        rate += t->conns[i]->rate;
    atomic_store(&t->progress->rate, rate);
    atomic_store(&t->progress->connections, (unsigned)t->conn_count);
    atomic_store(&t->progress->retry_wait, t->retry_at > now && !t->conn_count);
    if (t->part && t->phase != TRANSFER_CHECK) {
        int64_t bytes = transfer_bytes(t);
        if (bytes > atomic_load(&t->progress->bytes))
            atomic_store(&t->progress->bytes, bytes);
    }
    if (t->hash)
        atomic_store(&t->progress->hashed, digest_position(t->hash));
    if (t->part)
        part_touch(t->part, now);
    if (t->part && t->phase == TRANSFER_FETCH)
        save(t, now);
}

/* Share of the cell [begin,end) that is here, 0..255. */
static uint8_t cell(const struct ranges *have, int64_t begin, int64_t end)
{
    int64_t missing = 0, from = begin;
    struct range gap;
    while (ranges_gap(have, from, end, &gap)) {
        missing += gap.end - gap.begin;
        from = gap.end;
    }
    return (uint8_t)((end - begin - missing) * 255 / (end - begin));
}

void transfer_describe(const struct transfer *t, struct detail_view *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < t->conn_count; i++)
        conn_describe(t->conns[i], &out->conns[out->conn_count++]);
    if (t->size <= 0 || !t->part)
        return;
    int64_t cells = (int64_t)HAUL_ARRAY_LEN(out->cells);
    if (cells > t->size)
        cells = t->size;
    out->cell_count = (size_t)cells;
    for (int64_t i = 0; i < cells; i++) {
        int64_t begin = (int64_t)((double)t->size / (double)cells * (double)i);
        int64_t end = (int64_t)((double)t->size / (double)cells * (double)(i + 1));
        out->cells[i] = cell(part_have(t->part), begin, end > begin ? end : begin + 1);
    }
}
