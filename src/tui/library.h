/* SPDX-License-Identifier: MIT */
/* The library as the UI knows it: the last list of entries, cursor and what is going on. UI thread
 * only. */
#ifndef HAUL_TUI_LIBRARY_H
#define HAUL_TUI_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/librarian.h"

struct library_view {
    struct librarian *librarian; /* NULL until it is first needed */
    struct model_list models;
    bool listed;
    uint64_t version;   /* of the snapshot that it was last asked for */
    size_t cursor, top; /* of the entries */
    bool files;         /* those of the entry under the cursor are shown */
    size_t file, file_top;
    struct library_news news; /* the last; its list and text have been taken out */
};

void library_release(struct library_view *v);
/* Starts the librarian where there is none; NULL when it cannot be started. */
struct librarian *library_librarian(struct library_view *v, struct session *s);
/* Takes the news in; text and role of n stay for the caller. */
void library_take(struct library_view *v, struct library_news *n);

/* What the cursor is on; NULL for none. */
const struct model *library_model(const struct library_view *v);
/* What to call an entry in a list: an address is long and begins like all others of its host, so
 * that the name says more; else its id. Borrowed; not sanitised. */
const char *library_label(const struct model *m);
const struct model_file *library_file(const struct library_view *v);
/* The path that belongs to the cursor; caller frees; NULL for none. */
char *library_path(const struct library_view *v);
void library_move(struct library_view *v, ptrdiff_t lines);
/* The next entry with the text in its name, id or source; false: there is none. */
bool library_search(struct library_view *v, const char *text, int step, bool at_cursor);

#endif
