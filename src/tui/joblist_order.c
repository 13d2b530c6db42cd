/* SPDX-License-Identifier: MIT */
/* Tabs, filter, order; see joblist_order.h. */
#include "tui/joblist_order.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tui/bar.h"

static const struct {
    const char *name;
    const char *letters; /* of the jobs shown; NULL: all */
} tabs[TAB_COUNT] = {
    [TAB_ALL] = {"All", NULL},      [TAB_ACTIVE] = {"Active", "DV"}, [TAB_QUEUE] = {"Queue", "QR"},
    [TAB_PAUSED] = {"Paused", "P"}, [TAB_FAILED] = {"Failed", "X"},  [TAB_DONE] = {"Done", "C-"},
};

const char *tab_name(enum tab t)
{
    return tabs[t].name;
}

bool tab_shows(enum tab t, const struct job_view *job)
{
    return !tabs[t].letters || strchr(tabs[t].letters, job_letter(job));
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_name(const struct job_view *a, const struct job_view *b)
{
    return strcasecmp(a->name ? a->name : "", b->name ? b->name : "");
}

static int by_size(const struct job_view *a, const struct job_view *b)
{
    return compare_numbers(b->total, a->total);
}

static int by_done(const struct job_view *a, const struct job_view *b)
{
    int left = a->total > 0 ? bar_share(a->bytes, a->total, 1000) : -1;
    int right = b->total > 0 ? bar_share(b->bytes, b->total, 1000) : -1;
    return compare_numbers(right, left);
}

static int by_speed(const struct job_view *a, const struct job_view *b)
{
    return compare_numbers(b->rate, a->rate);
}

static int by_state(const struct job_view *a, const struct job_view *b)
{
    static const char order[] = "DVRQPXC-";
    return compare_numbers(strchr(order, job_letter(a)) - order,
                           strchr(order, job_letter(b)) - order);
}

static const struct {
    const char *name;
    int (*compare)(const struct job_view *a, const struct job_view *b);
} sorts[SORT_COUNT] = {
    [SORT_QUEUE] = {"queue", NULL},     [SORT_NAME] = {"name", by_name},
    [SORT_SIZE] = {"size", by_size},    [SORT_DONE] = {"done", by_done},
    [SORT_SPEED] = {"speed", by_speed}, [SORT_STATE] = {"state", by_state},
};

const char *sort_name(enum sort_key k)
{
    return sorts[k].name;
}

struct placed {
    const struct job_view *job;
    size_t place;
};

static int compare_placed(const void *a, const void *b, void *key)
{
    const struct placed *left = a, *right = b;
    int order = sorts[*(const enum sort_key *)key].compare(left->job, right->job);
    return order ? order : compare_numbers((int64_t)left->place, (int64_t)right->place);
}

static void sort_jobs(const struct job_view **jobs, size_t count, enum sort_key key)
{
    struct placed *placed = xcalloc(count + 1, sizeof *placed);
    for (size_t i = 0; i < count; i++)
        placed[i] = (struct placed){.job = jobs[i], .place = i};
    qsort_r(placed, count, sizeof *placed, compare_placed, &key);
    for (size_t i = 0; i < count; i++)
        jobs[i] = placed[i].job;
    free(placed);
}

void order_jobs(const struct job_view **jobs, size_t count, enum sort_key key, bool inverted)
{
    if (sorts[key].compare)
        sort_jobs(jobs, count, key);
    for (size_t i = 0; inverted && i < count / 2; i++) {
        const struct job_view *job = jobs[i];
        jobs[i] = jobs[count - 1 - i];
        jobs[count - 1 - i] = job;
    }
}
