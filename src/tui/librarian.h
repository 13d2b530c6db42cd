/* SPDX-License-Identifier: MIT */
/*
 * Works on the library in the background, because files are read and deleted there: lists, verifies
 * and removes, one after the other. UI thread only; the thread inside is nobody's business.
 */
#ifndef HAUL_TUI_LIBRARIAN_H
#define HAUL_TUI_LIBRARIAN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/session.h"
#include "tui/theme.h"

/* What has happened since the last time. */
struct library_news {
    bool listed;
    struct model_list models; /* where listed */
    char *text;               /* what to tell the user; NULL: nothing */
    enum role role;
    char *busy; /* id of the entry that is being verified; NULL: none */
    int64_t done, total;
};
void library_news_release(struct library_news *n);

struct librarian;

struct librarian *librarian_new(struct session *s); /* NULL where the system has no more threads */
/* Ends what is being verified, waits for the thread. */
void librarian_free(struct librarian *l);
/* Readable when there is news. */
int librarian_fd(const struct librarian *l);

void librarian_look(struct librarian *l); /* lists anew */
void librarian_verify(struct librarian *l, const char *id);
/* The entry that has the file of that path (sanitised). */
void librarian_verify_file(struct librarian *l, const char *path);
void librarian_remove(struct librarian *l, const char *id);
/* Ends all verifying. False: there was none. */
bool librarian_stop(struct librarian *l);
/* Released by the caller. */
void librarian_take(struct librarian *l, struct library_news *out);

#endif
