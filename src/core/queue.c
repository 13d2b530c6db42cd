/* SPDX-License-Identifier: MIT */
/* The order of jobs; see queue.h. */
#include "core/queue.h"

#include <string.h>

#include "core/attrs.h"

/* Room for 32 jobs to be moved, each in front of the last, between the same two. */
#define GAP (INT64_C(1) << 32)

void queue_init(struct queue *q)
{
    *q = (struct queue){.random = 2463534242U};
}

static uint32_t next_weight(struct queue *q)
{
    q->random ^= q->random << 13;
    q->random ^= q->random >> 17;
    q->random ^= q->random << 5;
    return q->random;
}

static bool before(const struct queue_node *a, const struct queue_node *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a->position != b->position)
        return a->position < b->position;
    return strcmp(a->tie, b->tie) < 0;
}

static unsigned waiting_of(const struct queue_node *n)
{
    return n ? n->waiting_below : 0;
}

static unsigned ready_of(const struct queue_node *n)
{
    return n ? n->ready_below : 0;
}

static void count(struct queue_node *n)
{
    n->waiting_below = waiting_of(n->left) + waiting_of(n->right) + n->waiting;
    n->ready_below = ready_of(n->left) + ready_of(n->right) + n->ready;
}

static void count_up(struct queue_node *n)
{
    for (; n; n = n->parent)
        count(n);
}

static struct queue_node **link_of(struct queue *q, struct queue_node *n)
{
    if (!n->parent)
        return &q->root;
    return n->parent->left == n ? &n->parent->left : &n->parent->right;
}

/* Turns n and its parent, so that n is on top; the order stays. */
static void rotate_up(struct queue *q, struct queue_node *n)
{
    struct queue_node *p = n->parent;
    struct queue_node **inner = p->left == n ? &n->right : &n->left;
    struct queue_node **outer = p->left == n ? &p->left : &p->right;
    *link_of(q, p) = n;
    n->parent = p->parent;
    *outer = *inner;
    if (*inner)
        (*inner)->parent = p;
    *inner = p;
    p->parent = n;
    count(p);
    count(n);
}

static void note_position(struct queue *q, int64_t position)
{
    if (position > q->last)
        q->last = position;
    if (position < q->first)
        q->first = position;
}

void queue_insert(struct queue *q, struct queue_node *n)
{
    struct queue_node **at = &q->root, *parent = NULL;
    while (*at) {
        parent = *at;
        at = before(n, parent) ? &parent->left : &parent->right;
    }
    n->parent = parent;
    n->left = n->right = NULL;
    n->weight = next_weight(q);
    *at = n;
    note_position(q, n->position);
    count_up(n);
    while (n->parent && n->parent->weight < n->weight)
        rotate_up(q, n);
}

void queue_append(struct queue *q, struct queue_node *n)
{
    n->position = q->last + GAP;
    queue_insert(q, n);
}

static struct queue_node *heavier_child(const struct queue_node *n)
{
    if (!n->left || !n->right)
        return n->left ? n->left : n->right;
    return n->left->weight > n->right->weight ? n->left : n->right;
}

void queue_remove(struct queue *q, struct queue_node *n)
{
    for (struct queue_node *child = heavier_child(n); child; child = heavier_child(n))
        rotate_up(q, child);
    *link_of(q, n) = NULL;
    count_up(n->parent);
    n->parent = NULL;
}

void queue_mark(struct queue_node *n, bool waiting, bool ready)
{
    n->waiting = waiting;
    n->ready = ready;
    count_up(n);
}

struct queue_node *queue_next_ready(const struct queue *q)
{
    struct queue_node *n = q->root;
    if (!ready_of(n))
        return NULL;
    for (;;) {
        if (ready_of(n->left))
            n = n->left;
        else if (n->ready)
            return n;
        else
            n = n->right;
    }
}

size_t queue_ready_count(const struct queue *q)
{
    return ready_of(q->root);
}

/* How many waiting ones stand in front of `key`. */
static unsigned rank_of(const struct queue *q, const struct queue_node *key)
{
    unsigned rank = 0;
    const struct queue_node *n = q->root;
    while (n) {
        if (before(n, key)) {
            rank += waiting_of(n->left) + n->waiting;
            n = n->right;
        } else {
            n = n->left;
        }
    }
    return rank;
}

/* The waiting node of that rank; there is one. */
static struct queue_node *at_rank(const struct queue *q, unsigned rank)
{
    struct queue_node *n = q->root;
    for (;;) {
        unsigned left = waiting_of(n->left);
        if (rank < left) {
            n = n->left;
        } else if (rank == left && n->waiting) {
            return n;
        } else {
            rank -= left + n->waiting;
            n = n->right;
        }
    }
}

static struct queue_node *leftmost(struct queue_node *n)
{
    while (n && n->left)
        n = n->left;
    return n;
}

static struct queue_node *successor(struct queue_node *n)
{
    if (n->right)
        return leftmost(n->right);
    while (n->parent && n->parent->right == n)
        n = n->parent;
    return n->parent;
}

static void renumber(struct queue *q)
{
    int64_t position = 0;
    for (struct queue_node *n = leftmost(q->root); n; n = successor(n))
        n->position = position += GAP;
    q->first = GAP;
    q->last = position;
}

/* Ranks [*begin, *end) of the waiting ones of n's priority. */
static void lane(const struct queue *q, const struct queue_node *n, unsigned *begin, unsigned *end)
{
    struct queue_node first = {.priority = n->priority, .position = INT64_MIN, .tie = ""};
    struct queue_node last = {.priority = n->priority, .position = INT64_MAX, .tie = "\x7f"};
    *begin = rank_of(q, &first);
    *end = rank_of(q, &last);
}

/* n is not in the queue. Gives it a position so that its rank will be `rank`; false when there is
 * no room between its neighbours. */
static bool place_at(struct queue *q, struct queue_node *n, unsigned rank)
{
    unsigned begin, end;
    lane(q, n, &begin, &end);
    if (rank >= end) {
        n->position = q->last + GAP;
        return true;
    }
    int64_t next = at_rank(q, rank)->position;
    int64_t prev = rank > begin ? at_rank(q, rank - 1)->position : q->first - GAP;
    n->position = prev + (next - prev) / 2;
    return n->position > prev && n->position < next;
}

static unsigned target_rank(const struct queue *q, const struct queue_node *n, int places)
{
    unsigned begin, end;
    lane(q, n, &begin, &end);
    int64_t rank = (int64_t)rank_of(q, n) + places;
    if (rank < begin)
        return begin;
    return rank >= end ? end - 1 : (unsigned)rank;
}

enum queue_moved queue_move(struct queue *q, struct queue_node *n, int places)
{
    unsigned rank = target_rank(q, n, places);
    if (rank == rank_of(q, n))
        return QUEUE_STAYED;
    queue_remove(q, n);
    enum queue_moved moved = QUEUE_MOVED;
    if (!place_at(q, n, rank)) {
        renumber(q);
        moved = QUEUE_RENUMBERED;
        (void)place_at(q, n, rank);
    }
    queue_insert(q, n);
    return moved;
}
