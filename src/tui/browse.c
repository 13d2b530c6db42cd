/* SPDX-License-Identifier: MIT */
/* See browse.h. */
#include "tui/browse.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/text.h"
#include "tui/keys.h"

/* More are not looked through by hand. */
#define NAMES_MAX 5000

void browse_init(struct browse *b)
{
    *b = (struct browse){0};
}

static void forget_names(struct browse *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->names[i]);
    free(b->names);
    b->names = NULL;
    b->count = b->cursor = b->top = 0;
}

void browse_release(struct browse *b)
{
    forget_names(b);
    free(b->dir);
    browse_init(b);
}

static bool is_directory(const char *dir, const struct dirent *e)
{
    struct stat st;
    if (e->d_name[0] == '.')
        return false;
    if (e->d_type != DT_UNKNOWN && e->d_type != DT_LNK)
        return e->d_type == DT_DIR;
    char *path = path_join(dir, e->d_name);
    bool is = !stat(path, &st) && S_ISDIR(st.st_mode);
    free(path);
    return is;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_names(struct browse *b)
{
    forget_names(b);
    DIR *d = opendir(b->dir);
    if (!d)
        return;
    for (const struct dirent *e; b->count < NAMES_MAX && (e = readdir(d));) {
        if (!is_directory(b->dir, e))
            continue;
        if (!(b->count & (b->count - 1)))
            b->names = xreallocarray(b->names, b->count ? b->count * 2 : 1, sizeof(char *));
        b->names[b->count++] = xstrdup(e->d_name);
    }
    closedir(d);
    if (b->count)
        qsort(b->names, b->count, sizeof(char *), compare_names);
}

void browse_open(struct browse *b, const char *dir)
{
    struct stat st;
    char *expanded = path_expand(dir && *dir ? dir : ".");
    free(b->dir);
    b->dir = expanded[0] == '/' ? xstrdup(expanded) : path_join(NULL, expanded);
    free(expanded);
    /* The nearest that is there: a new directory is often typed before it is made. */
    for (char *slash; stat(b->dir, &st) && (slash = strrchr(b->dir, '/')) && slash > b->dir;)
        *slash = '\0';
    b->open = true;
    read_names(b);
}

static void go_up(struct browse *b)
{
    char *slash = strrchr(b->dir, '/');
    if (!slash || !slash[1])
        return;
    slash[slash == b->dir] = '\0';
    read_names(b);
}

static void go_down(struct browse *b)
{
    if (b->cursor >= b->count)
        return;
    char *dir = path_join(b->dir, b->names[b->cursor]);
    free(b->dir);
    b->dir = dir;
    read_names(b);
}

bool browse_key(struct browse *b, uint32_t key)
{
    if (key == UI_KEY_DOWN || key == 'j')
        b->cursor += b->cursor + 1 < b->count;
    else if (key == UI_KEY_UP || key == 'k')
        b->cursor -= b->cursor > 0;
    else if (key == UI_KEY_LEFT || key == 'h' || key == UI_KEY_BACKSPACE)
        go_up(b);
    else if (key == UI_KEY_RIGHT || key == 'l')
        go_down(b);
    bool taken = key == UI_KEY_ENTER || key == ' ', left = key == UI_KEY_ESC || key == 'q';
    if (left) {
        free(b->dir);
        b->dir = NULL;
    }
    b->open = !(taken || left);
    return !b->open;
}

void browse_draw(struct browse *b, const struct area *a)
{
    struct area in = draw_box(a, "Directory");
    char *shown = text_sanitized(b->dir);
    draw_fit(&in, 0, 0, in.cols, ROLE_TITLE, CUT_LEFT, shown);
    free(shown);
    size_t rows = in.rows > 3 ? (size_t)in.rows - 3 : 1;
    if (b->cursor < b->top)
        b->top = b->cursor;
    if (b->cursor >= b->top + rows)
        b->top = b->cursor - rows + 1;
    for (size_t i = b->top; i < b->count && i < b->top + rows; i++) {
        int y = 1 + (int)(i - b->top);
        char *name = text_sanitized(b->names[i]);
        draw_fit(&in, y, 2, in.cols - 2, i == b->cursor ? ROLE_CURSOR : ROLE_NORMAL, CUT_MIDDLE,
                 name);
        if (i == b->cursor)
            draw_cursor(&in, y, 2);
        free(name);
    }
    if (!b->count)
        draw_text(&in, 1, 2, ROLE_DIM, "no directories in here");
    draw_fit(&in, in.rows - 1, 0, in.cols, ROLE_DIM, CUT_END,
             "Enter take this   Left up   Right into   Esc back");
}
