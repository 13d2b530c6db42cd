/* SPDX-License-Identifier: MIT */
/*
 * The help screen, read off the key table: what holds where it was asked for, in two columns. A
 * search shows the rows of all places that have the word in them.
 */
#include <string.h>

#include "tui/ui.h"

#define KEY_COLS  17 /* and less where half the screen is less */
#define LINES_MAX (ACTION_COUNT + 2 * KEYS_GROUP_COUNT)

struct help_line {
    const char *head;      /* a group's name, or NULL */
    enum ui_action action; /* ACTION_NONE: a head or an empty line */
};

struct help_page {
    const struct ui *ui;
    enum key_place place;
    struct help_line lines[LINES_MAX];
    size_t count, second; /* where the second column begins */
};

static const struct {
    enum key_group group;
    bool second;
} order[] = {{KEYS_MOVE, false}, {KEYS_FIND, false}, {KEYS_SELECT, false},
             {KEYS_LOG, true},   {KEYS_JOBS, true},  {KEYS_GLOBAL, true}};

static enum key_place place_of(const struct ui *ui)
{
    static const enum key_place places[] = {[VIEW_LOG] = IN_LOG,
                                            [VIEW_LIBRARY] = IN_LIBRARY,
                                            [VIEW_JOBS] = IN_LIST,
                                            [VIEW_HELP] = IN_HELP};
    if (ui->help_needle)
        return IN_ALL;
    return ui->view_before_help == VIEW_JOBS && ui->pane_open ? IN_PANE
                                                              : places[ui->view_before_help];
}

static bool is_wanted(const struct help_page *p, enum ui_action a)
{
    const char *needle = p->ui->help_needle;
    if (!(key_table[a].places & p->place) || !key_table[a].help)
        return false;
    struct buf keys;
    buf_init(&keys);
    keymap_names(&p->ui->config->keys, &keys, a, p->place);
    bool wanted = !needle || strcasestr(key_table[a].help, needle) ||
                  strcasestr(key_table[a].name, needle) || strstr(keys.data, needle);
    buf_release(&keys);
    return wanted;
}

static void collect_group(struct help_page *p, enum key_group g)
{
    bool headed = false;
    for (enum ui_action a = 0; a < ACTION_COUNT; a++) {
        if (key_table[a].group != g || !is_wanted(p, a))
            continue;
        if (!headed)
            p->lines[p->count++] =
                (struct help_line){.head = key_group_name(g), .action = ACTION_NONE};
        headed = true;
        p->lines[p->count++] = (struct help_line){.action = a};
    }
}

static void collect(struct help_page *p)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(order); i++) {
        if (order[i].second && !(i && order[i - 1].second))
            p->second = p->count;
        collect_group(p, order[i].group);
    }
    if (!p->ui->help_needle)
        return;
    collect_group(p, KEYS_OTHER);
    p->second = (p->count + 1) / 2;
}

static void draw_help_line(const struct help_page *p, const struct area *a, int y, int x,
                           const struct help_line *l)
{
    if (l->head)
        draw_text(a, y, x, ROLE_TITLE, l->head);
    if (l->action == ACTION_NONE)
        return;
    struct buf keys;
    buf_init(&keys);
    keymap_names(&p->ui->config->keys, &keys, l->action, p->place);
    int cols = a->cols / 2 < KEY_COLS ? a->cols / 2 : KEY_COLS;
    draw_fit(a, y, x + 1, cols - 1, ROLE_MARK, CUT_END, keys.data);
    draw_text(a, y, x + 1 + cols, ROLE_NORMAL, key_table[l->action].help);
    buf_release(&keys);
}

static const char *const legend[] = {
    " State letters: Q queued  D downloading  R retry wait  P paused  V verifying",
    " C complete  X failed  - cancelled   First column: > cursor  Second: * marked",
};
#define LEGENDS ((int)HAUL_ARRAY_LEN(legend) + 1)

/* What holds everywhere, in one line: "m mouse   ^L repaint". */
static void draw_others(const struct help_page *p, const struct area *a, int y)
{
    int x = 2;
    for (enum ui_action action = 0; action < ACTION_COUNT; action++) {
        if (key_table[action].group != KEYS_OTHER || !is_wanted(p, action))
            continue;
        struct buf keys;
        buf_init(&keys);
        keymap_names(&p->ui->config->keys, &keys, action, p->place);
        x += draw_text(a, y, x, ROLE_MARK, keys.data);
        x += draw_textf(a, y, x, ROLE_NORMAL, " %s  ", key_table[action].help);
        buf_release(&keys);
    }
}

static void draw_title(const struct help_page *p, const struct area *a, bool scrolls)
{
    static const char *const names[] = {[VIEW_JOBS] = "main list",
                                        [VIEW_LOG] = "log",
                                        [VIEW_HELP] = "help",
                                        [VIEW_LIBRARY] = "library"};
    int x = 1 + draw_text(a, 0, 1, ROLE_TITLE, "Help: ");
    if (p->ui->help_needle)
        draw_textf(a, 0, x, ROLE_MARK, "keys with '%s'", p->ui->help_needle);
    else
        draw_text(a, 0, x, ROLE_TITLE,
                  p->place == IN_PANE ? "list and detail" : names[p->ui->view_before_help]);
    if (a->cols >= 60)
        draw_right(a, 0, a->cols - 1, ROLE_DIM,
                   scrolls ? "j k scroll   / search   Esc close" : "/ search   Esc close");
}

static void draw_columns(const struct help_page *p, const struct area *a, int rows, size_t top)
{
    bool two = a->cols >= 72;
    for (size_t i = 0; i < (size_t)rows; i++) {
        size_t left = top + i, right = p->second + top + i;
        if (left < (two ? p->second : p->count))
            draw_help_line(p, a, 2 + (int)i, 1, &p->lines[left]);
        if (two && right < p->count)
            draw_help_line(p, a, 2 + (int)i, a->cols / 2 + 2, &p->lines[right]);
    }
}

void draw_help(struct ui *ui, const struct area *a)
{
    struct help_page p = {.ui = ui, .place = place_of(ui)};
    collect(&p);
    int legends = a->rows >= 18 && a->cols >= 72 ? LEGENDS : 0;
    int rows = a->rows - 2 - legends;
    if (rows < 1)
        rows = 1;
    size_t longest = p.count;
    if (a->cols >= 72)
        longest = p.second > p.count - p.second ? p.second : p.count - p.second;
    size_t last_top = longest > (size_t)rows ? longest - (size_t)rows : 0;
    if (ui->help_top > last_top)
        ui->help_top = last_top;
    ui->page = rows;
    draw_title(&p, a, last_top > 0);
    draw_columns(&p, a, rows, ui->help_top);
    for (int i = 0; i < LEGENDS - 1 && legends; i++)
        draw_text(a, a->rows - legends + i, 0, ROLE_DIM, legend[i]);
    if (legends && !ui->help_needle)
        draw_others(&p, a, a->rows - 1);
    draw_cursor(a, 0, 0);
}
