/* SPDX-License-Identifier: MIT */
/*
 * The dialog that adds downloads: what, where, which files, how. What the first line means is found
 * out in the background, so that files and sizes are seen before anything is agreed to. UI thread
 * only.
 */
#ifndef HAUL_TUI_ADD_H
#define HAUL_TUI_ADD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/app.h"
#include "tui/browse.h"
#include "tui/draw.h"
#include "tui/prompt.h"
#include "tui/resolver.h"

enum add_field {
    ADD_SPECS,
    ADD_DIR,
    ADD_ONLY,
    ADD_CONNS,
    ADD_START,
    ADD_FILES,
    ADD_OK,
    ADD_CANCEL
};
enum add_start { START_NOW, START_QUEUE, START_PAUSED, START_COUNT };

struct add_dialog {
    bool open;
    const struct tui_options *options; /* from add_open on */
    enum add_field focus;
    struct prompt specs, dir, only, conns;
    enum add_start start;
    struct browse browse;

    struct resolver *resolver; /* NULL until the dialog is first open */
    bool asking, answered;
    struct found found;
    bool *ticked; /* one a file */
    size_t file, file_top;

    char *refusal; /* why Enter did not end the dialog; NULL: nothing was refused */
};

void add_init(struct add_dialog *d);
void add_release(struct add_dialog *d);
/* The options say what is in the fields at first; they outlive the dialog. */
void add_open(struct add_dialog *d, const struct tui_options *options);
void add_close(struct add_dialog *d);
/* Enter was in vain: shows why until a text is changed. rest: the lines that stay; NULL: all, as
 * they are. */
void add_refuse(struct add_dialog *d, const char *why, const char *rest);

enum add_outcome { ADD_STAYS, ADD_CHANGED, ADD_ACCEPTED, ADD_CANCELLED, ADD_FAR };
/* ADD_CHANGED: what is to be found out is another thing now. ADD_FAR: there is no looking into
 * directories of another computer. */
enum add_outcome add_key(struct add_dialog *d, uint32_t key);
void add_paste(struct add_dialog *d, uint32_t cp);
/* A paste of lines ends with the last line, not with an empty one. */
void add_paste_end(struct add_dialog *d);

/* Asks the resolver about the first line; `request` is what it would be added with. */
void add_ask(struct add_dialog *d, const struct job_request *request);
/* Takes the answer, if there is one. */
void add_take_answer(struct add_dialog *d);

/* Lays the fields over a request; its spec stays. False with fault: a field makes no sense. */
HAUL_NODISCARD bool add_fill(const struct add_dialog *d, struct job_request *request,
                             struct haul_fault *fault);
/* The first line that is not blank; caller frees; NULL for none. */
char *add_first_spec(const struct add_dialog *d);

void add_draw(struct add_dialog *d, const struct area *a);

#endif
