/* SPDX-License-Identifier: MIT */
/*
 * The order of jobs: by priority, then by position. A treap (a search tree kept in balance by
 * random weights) whose nodes count what waits below them, so that taking the next job and moving
 * one by any number of places cost O(log n). Nodes live inside jobs; the table's mutex guards all.
 */
#ifndef HAUL_CORE_QUEUE_H
#define HAUL_CORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue_node {
    struct queue_node *parent, *left, *right;
    const char *tie; /* id of the job: decides between equal positions */
    int64_t position;
    int priority;
    uint32_t weight;
    unsigned waiting_below, ready_below; /* in this subtree, itself included */
    bool waiting;                        /* has a place that can be changed: queued or paused */
    bool ready;                          /* may be taken */
};

struct queue {
    struct queue_node *root;
    int64_t first, last; /* positions used so far */
    uint32_t random;
};

void queue_init(struct queue *q);
/* Puts the node behind all others of its priority; tie and priority are set. */
void queue_append(struct queue *q, struct queue_node *n);
/* Puts it where its position says. */
void queue_insert(struct queue *q, struct queue_node *n);
void queue_remove(struct queue *q, struct queue_node *n);
void queue_mark(struct queue_node *n, bool waiting, bool ready);

/* The next to take; NULL when nothing is ready. */
struct queue_node *queue_next_ready(const struct queue *q);
size_t queue_ready_count(const struct queue *q);

enum queue_moved { QUEUE_STAYED, QUEUE_MOVED, QUEUE_RENUMBERED };
/*
 * Moves a waiting node by so many places among the waiting ones of its priority, as far as there
 * are. RENUMBERED: there was no position left between two, so all nodes have got new ones.
 */
enum queue_moved queue_move(struct queue *q, struct queue_node *n, int places);

#endif
