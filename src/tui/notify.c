/* SPDX-License-Identifier: MIT */
/* See notify.h. */
#include "tui/notify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tui/bar.h"
#include "tui/config.h"
#include "tui/joblist.h"
#include "tui/term.h"

#define TITLE_SAVE    "\033[22;2t"
#define TITLE_RESTORE "\033[23;2t"
#define NO_PROGRESS   (-1)

HAUL_PRINTF(1, 2)
static void sendf(const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    va_end(args);
    term_send(text);
    free(text);
}

static void tell(unsigned how, const char *text)
{
    if (how & NOTIFY_BELL)
        term_send("\a");
    if (how & NOTIFY_OSC9)
        sendf("\033]9;haul: %s\033\\", text);
    if (how & NOTIFY_TITLE)
        sendf("\033]2;haul: %s\033\\", text);
}

static void show_percent(struct notifier *n, unsigned how, int percent)
{
    if (percent == n->percent)
        return;
    n->percent = percent;
    if (how & NOTIFY_OSC9)
        sendf("\033]9;4;%d;%d\033\\", percent == NO_PROGRESS ? 0 : 1,
              percent == NO_PROGRESS ? 0 : percent);
    if ((how & NOTIFY_TITLE) && percent != NO_PROGRESS)
        sendf("\033]2;haul: %d%%\033\\", percent);
}

void notify_update(struct notifier *n, unsigned how, const struct joblist_counts *counts,
                   const struct totals_view *totals)
{
    size_t busy = counts->active + counts->queued + counts->retrying;
    if (!n->begun) {
        *n = (struct notifier){
            .begun = true, .busy = busy, .failed = counts->failed, .percent = NO_PROGRESS};
        if (how & NOTIFY_TITLE)
            term_send(TITLE_SAVE);
    }
    int percent =
        busy && totals->total > 0 ? bar_share(totals->known, totals->total, 100) : NO_PROGRESS;
    show_percent(n, how, percent);
    if (counts->failed > n->failed)
        tell(how, "a download failed");
    else if (n->busy && !busy)
        tell(how, "all downloads are done");
    n->failed = counts->failed;
    n->busy = busy;
}

void notify_end(struct notifier *n, unsigned how)
{
    show_percent(n, how, NO_PROGRESS);
    if (how & NOTIFY_TITLE)
        term_send(TITLE_RESTORE);
}
