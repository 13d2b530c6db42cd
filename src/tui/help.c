/* SPDX-License-Identifier: MIT */
/* The help screen, read off the key table: groups of keys in two columns. */
#include <string.h>

#include "tui/ui.h"

#define KEY_COLS  17
#define LINES_MAX (ACTION_COUNT + 2 * KEYS_GROUP_COUNT)

struct help_line {
    const char *head;      /* a group's name, or NULL */
    enum ui_action action; /* ACTION_NONE: an empty line */
};

/* What is asked for most stands first in both columns. */
static const enum key_group order[] = {KEYS_MOVE, KEYS_FIND, KEYS_SELECT, KEYS_PANE,
                                       KEYS_LOG,  KEYS_JOBS, KEYS_GLOBAL};
#define SECOND_COLUMN KEYS_JOBS

static size_t collect(struct help_line *lines)
{
    size_t n = 0;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(order); i++) {
        enum key_group g = order[i];
        if (n)
            lines[n++] = (struct help_line){.action = ACTION_NONE};
        lines[n++] = (struct help_line){.head = key_group_name(g), .action = ACTION_NONE};
        for (enum ui_action a = 0; a < ACTION_COUNT; a++)
            if (key_table[a].group == g && key_table[a].help)
                lines[n++] = (struct help_line){.action = a};
    }
    return n;
}

static void draw_help_line(const struct area *a, int y, int x, const struct help_line *l)
{
    if (l->head)
        draw_text(a, y, x, ROLE_TITLE, l->head);
    if (l->action == ACTION_NONE)
        return;
    struct buf keys;
    buf_init(&keys);
    key_names(&keys, l->action);
    draw_fit(a, y, x + 1, KEY_COLS - 1, ROLE_MARK, CUT_END, keys.data);
    draw_text(a, y, x + 1 + KEY_COLS, ROLE_NORMAL, key_table[l->action].help);
    buf_release(&keys);
}

static const char *const legend[] = {
    "States: Q queued  D downloading  R retry wait  P paused  V verifying",
    "C complete  X failed  - cancelled     Columns: > cursor  * marked",
};

void draw_help(struct ui *ui, const struct area *a)
{
    struct help_line lines[LINES_MAX];
    size_t count = collect(lines);
    int columns = a->cols >= 72 ? 2 : 1;
    int legends = a->rows >= 12 ? (int)HAUL_ARRAY_LEN(legend) : 0;
    int rows = a->rows - 2 - (legends ? legends + 1 : 0);
    if (rows < 1)
        rows = 1;
    size_t half = count;
    for (size_t i = 0; columns == 2 && i < count; i++)
        if (lines[i].head == key_group_name(SECOND_COLUMN))
            half = i;
    size_t longest = half > count - half ? half : count - half;
    size_t last_top = longest > (size_t)rows ? longest - (size_t)rows : 0;
    if (ui->help_top > last_top)
        ui->help_top = last_top;
    ui->page = rows;
    draw_text(a, 0, 1, ROLE_TITLE, "Help");
    draw_right(a, 0, a->cols - 1, ROLE_DIM, last_top ? "j k scroll   Esc close" : "Esc close");
    for (size_t i = 0; i < (size_t)rows; i++) {
        size_t left = ui->help_top + i, right = half + ui->help_top + i;
        if (left < half)
            draw_help_line(a, 2 + (int)i, 1, &lines[left]);
        if (columns == 2 && right < count)
            draw_help_line(a, 2 + (int)i, a->cols / 2, &lines[right]);
    }
    for (int i = 0; i < legends; i++)
        draw_text(a, a->rows - legends + i, 1, ROLE_DIM, legend[i]);
    draw_cursor(a, 0, 0);
}
