/* SPDX-License-Identifier: MIT */
/* Where a key goes: to a paste, a prompt, a dialog, the add dialog, or by the key table to an
 * action; see ui.h. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "tui/actions.h"

static void remember(char **slot, const char *text)
{
    free(*slot);
    *slot = text[0] ? xstrdup(text) : NULL;
}

static void accept_filter(struct ui *ui, const char *text)
{
    struct haul_fault fault;
    if (joblist_set_filter(&ui->jobs, text, &fault) == HAUL_OK)
        ui->disorder = true;
    else
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
}

static void accept_search(struct ui *ui, const char *text)
{
    if (ui->view == VIEW_HELP) {
        remember(&ui->help_needle, text);
        ui->help_top = 0;
        return;
    }
    remember(&ui->needle, text);
    if (ui->needle)
        actions_search(ui, ui->needle, 1, true);
}

static void accept_prompt(struct ui *ui)
{
    static void (*const accept[])(struct ui * ui, const char *text) = {
        [PROMPT_SEARCH] = accept_search,
        [PROMPT_FILTER] = accept_filter,
        [PROMPT_LIMIT] = actions_set_limit,
        [PROMPT_WRITE] = actions_write_log,
    };
    char *text = xstrdup(ui->prompt.text.data);
    prompt_close(&ui->prompt);
    accept[ui->prompt_kind](ui, text);
    free(text);
}

/* The search runs along while it is typed, always from where it began. */
static void search_along(struct ui *ui)
{
    if (ui->prompt_kind != PROMPT_SEARCH || ui->view != VIEW_JOBS)
        return;
    joblist_move_to(&ui->jobs, ui->search_from);
    actions_search(ui, ui->prompt.text.data, 1, true);
}

static void prompt_takes(struct ui *ui, uint32_t key)
{
    if (key == UI_KEY_ENTER || key == '\n') {
        accept_prompt(ui);
    } else if (key == UI_KEY_ESC) {
        if (ui->prompt_kind == PROMPT_SEARCH)
            joblist_move_to(&ui->jobs, ui->search_from);
        prompt_close(&ui->prompt);
    } else if (key == UI_KEY_TAB && ui->prompt_kind == PROMPT_LIMIT) {
        actions_limit_other(ui);
    } else if (prompt_key(&ui->prompt, key)) {
        search_along(ui);
    }
}

/* What asks for the same key again; any other closes it. Nobody agrees to what he cannot see. */
static void same_key_takes(struct ui *ui, uint32_t key)
{
    enum ui_dialog dialog = ui->dialog;
    const struct keymap *keys = &ui->config->keys;
    enum ui_action again = keymap_action(keys, key, IN_LIST);
    ui->dialog = DIALOG_NONE;
    ui_unsay(ui);
    if (ui->unseen && dialog != DIALOG_EXPLAIN) {
        ui_say(ui, ROLE_WARN, "Nothing was deleted: the question had not reached the screen yet.");
        return;
    }
    if ((dialog == DIALOG_CANCEL || dialog == DIALOG_DELETE) && !actions_asked_about_this(ui)) {
        ui_say(ui, ROLE_WARN, "Nothing was deleted: that job has left the list.");
        return;
    }
    if (dialog == DIALOG_CANCEL && again == ACTION_cancel)
        actions_cancel_confirmed(ui);
    if (dialog == DIALOG_DELETE && again == ACTION_delete)
        actions_delete_confirmed(ui);
    if (dialog == DIALOG_REMOVE && keymap_action(keys, key, IN_LIBRARY) == ACTION_library_delete)
        actions_remove_confirmed(ui);
}

static void dialog_takes(struct ui *ui, uint32_t key)
{
    if (ui->dialog == DIALOG_BUILD) {
        actions_build_takes(ui, key);
        return;
    }
    if (ui->dialog != DIALOG_QUIT) {
        same_key_takes(ui, key);
        return;
    }
    if (key == 's' || key == 'w' || key == 'n' || key == UI_KEY_ESC)
        ui->dialog = DIALOG_NONE;
    if (key == 's')
        ui_leave(ui, 0);
    if (key == 'w' || key == 'n')
        ui->leave_when_done = key == 'w';
}

static void add_takes(struct ui *ui, uint32_t key)
{
    switch (add_key(&ui->add, key)) {
    case ADD_CHANGED:
        actions_ask_source(ui);
        break;
    case ADD_ACCEPTED:
        actions_add_accepted(ui);
        break;
    case ADD_CANCELLED:
        add_close(&ui->add);
        break;
    case ADD_FAR:
        ui_say(ui, ROLE_WARN, "The directory is on the server's disk: type it.");
        break;
    case ADD_STAYS:
        break;
    }
}

/* A paste into the list is a list of things to fetch. */
static bool paste_takes(struct ui *ui, uint32_t key)
{
    if (key == UI_KEY_PASTE_BEGIN) {
        ui->pasting = true;
        ui->dialog = DIALOG_NONE;
        if (!ui->prompt.label && !ui->add.open)
            action_add(ui);
    } else if (key == UI_KEY_PASTE_END) {
        ui->pasting = false;
        if (ui->add.open) {
            add_paste_end(&ui->add);
            actions_ask_source(ui);
        }
    } else if (ui->pasting && ui->prompt.label) {
        if (key != '\r' && key != '\n')
            prompt_paste(&ui->prompt, key);
    } else if (ui->pasting) {
        add_paste(&ui->add, key);
    } else {
        return false;
    }
    return true;
}

enum key_place ui_place(const struct ui *ui)
{
    static const enum key_place places[] = {[VIEW_LOG] = IN_LOG,
                                            [VIEW_HELP] = IN_HELP,
                                            [VIEW_LIBRARY] = IN_LIBRARY,
                                            [VIEW_JOBS] = IN_LIST};
    return ui->view == VIEW_JOBS && ui->pane_open ? IN_PANE : places[ui->view];
}

/* A key that does nothing says so, if it is one that people press on purpose. */
static void say_unbound(struct ui *ui, uint32_t key)
{
    const char *help = keymap_keys(&ui->config->keys, ACTION_help);
    struct buf name;
    buf_init(&name);
    if (key > ' ' && key < UI_KEY_SPECIAL)
        text_utf8_append(&name, key);
    else if (key > UI_KEY_F0 && key <= UI_KEY_F0 + 12)
        buf_addf(&name, "F%d", (int)(key - UI_KEY_F0));
    else if (key == UI_KEY_ALT)
        buf_add_str(&name, "with Alt");
    char *clean = text_sanitized(name.data);
    if (name.len)
        ui_say(ui, ROLE_DIM, "The key %s does nothing here. %.*s shows what does.", clean,
               (int)strcspn(help, " "), help);
    free(clean);
    buf_release(&name);
}

#define CTRL_C 3
#define CTRL_L 12
#define CTRL_Z 26

static bool takes_text(const struct ui *ui)
{
    return ui->prompt.label || ui->dialog || ui->add.open;
}

void ui_key(struct ui *ui, uint32_t key)
{
    *ui->sought = '\0'; /* the cursor is the user's from now on */
    if (paste_takes(ui, key))
        return;
    if (key == CTRL_C) {
        ui->dialog = DIALOG_NONE;
        action_interrupt(ui);
    } else if (key == CTRL_Z && takes_text(ui)) {
        action_suspend(ui);
    } else if (key == CTRL_L && takes_text(ui)) {
        action_repaint(ui);
    } else if (ui->prompt.label) {
        prompt_takes(ui, key);
    } else if (ui->dialog) {
        dialog_takes(ui, key);
    } else if (ui->add.open) {
        ui_unsay(ui);
        add_takes(ui, key);
    } else {
        ui_unsay(ui);
        enum ui_action action = keymap_action(&ui->config->keys, key, ui_place(ui));
        if (action == ACTION_NONE)
            say_unbound(ui, key);
        actions_run(ui, action);
    }
    if (ui->disorder)
        ui_put_in_order(ui);
}
