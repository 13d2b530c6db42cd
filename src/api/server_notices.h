/* SPDX-License-Identifier: MIT */
/*
 * What event streams are told, formatted once for all of them and kept for a while: a bounded ring.
 * A stream holds nothing but its place in it, so a slow one costs nothing; when it has fallen out
 * at the old end it gets a fresh snapshot. The server's thread.
 */
#ifndef HAUL_API_SERVER_NOTICES_H
#define HAUL_API_SERVER_NOTICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/view.h"

/* What a notice is; a stream takes some kinds. */
enum {
    NOTICE_STORY = 1,    /* a line for people */
    NOTICE_EVENT = 2,    /* job, file, log, error (interfaces.md §4) */
    NOTICE_PROGRESS = 4, /* likewise */
    NOTICE_UPDATE = 8,   /* what has changed of a job's snapshot */
    NOTICE_LIST = 16     /* of the list as a whole: settings, jobs that are gone */
};

struct notice {
    uint64_t seq; /* of the event; a story has that of the event it goes before */
    unsigned kind;
    char job[JOB_ID_SIZE]; /* "" for none */
    bool last;             /* nothing more will be said of the job */
    char *text;            /* as it is sent */
    size_t len;
};

struct notices {
    struct notice *ring;
    size_t room, begin, count;
    size_t bytes;
    uint64_t first; /* place of the oldest that is kept; places rise by one for ever */
    uint64_t seq;   /* of the last event */
};

/* `seq`: events are numbered from the next on; never one that an earlier server may have used. */
void notices_init(struct notices *n, uint64_t seq);
void notices_release(struct notices *n);
/* Keeps the newest so many: nobody follows now, but somebody may come back. */
void notices_trim(struct notices *n, size_t keep);

/* The number for the next event's text; counts it. */
uint64_t notices_number(struct notices *n);
/*
 * Frames the data as an event (with the last number as its id) and keeps it. name NULL: a plain
 * data line, which goes with the event that is added next.
 */
void notices_add(struct notices *n, unsigned kind, const char *job, const char *name,
                 const char *data, bool last);
/* Appends an event in the form of text/event-stream. id 0: none. */
void notices_frame(struct buf *out, const char *name, uint64_t id, const char *data);

/* What is kept while nobody follows. */
#define NOTICES_KEPT 2048

uint64_t notices_end(const struct notices *n); /* the place of the notice to come */
/* NULL: not there yet, or (place < first) not any more. */
const struct notice *notices_at(const struct notices *n, uint64_t place);
/* Where a stream goes on that has seen event `seq`; false where that is too long ago to tell. */
bool notices_find(const struct notices *n, uint64_t seq, uint64_t *place);

#endif
