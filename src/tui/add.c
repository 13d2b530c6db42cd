/* SPDX-License-Identifier: MIT */
/* Fields and keys of the add dialog; see add.h. It is drawn in add_draw.c. */
#include "tui/add.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/units.h"
#include "tui/keys.h"

#define CTRL(c) ((c) - '@')

void add_init(struct add_dialog *d)
{
    *d = (struct add_dialog){.start = START_QUEUE};
    struct prompt *all[] = {&d->specs, &d->dir, &d->only, &d->conns};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(all); i++)
        prompt_init(all[i]);
    browse_init(&d->browse);
}

static void forget_answer(struct add_dialog *d)
{
    found_release(&d->found);
    free(d->ticked);
    d->ticked = NULL;
    d->answered = false;
    d->file = d->file_top = 0;
}

static void forget_refusal(struct add_dialog *d)
{
    free(d->refusal);
    d->refusal = NULL;
}

void add_release(struct add_dialog *d)
{
    struct prompt *all[] = {&d->specs, &d->dir, &d->only, &d->conns};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(all); i++)
        prompt_release(all[i]);
    forget_answer(d);
    forget_refusal(d);
    browse_release(&d->browse);
    resolver_free(d->resolver);
    d->resolver = NULL;
}

void add_open(struct add_dialog *d, const struct tui_options *options)
{
    const struct job_request *defaults = options->defaults;
    unsigned connections =
        defaults && defaults->connections ? defaults->connections : options->connections;
    char conns[16];
    snprintf(conns, sizeof conns, "%u", connections);
    d->options = options;
    forget_answer(d);
    forget_refusal(d);
    d->open = true;
    d->focus = ADD_SPECS;
    d->asking = false;
    prompt_open(&d->specs, "", NULL);
    prompt_open(&d->dir, "", defaults ? defaults->dir : NULL);
    prompt_open(&d->only, "", NULL);
    prompt_open(&d->conns, "", connections ? conns : NULL);
}

void add_close(struct add_dialog *d)
{
    d->open = d->asking = false;
    forget_answer(d);
    forget_refusal(d);
    prompt_close(&d->specs);
    if (d->resolver)
        resolver_ask(d->resolver, NULL);
}

void add_refuse(struct add_dialog *d, const char *why, const char *rest)
{
    forget_refusal(d);
    d->refusal = xstrdup(why);
    d->focus = ADD_SPECS;
    if (!rest)
        return;
    prompt_open(&d->specs, "", rest);
    d->specs.cursor = strcspn(rest, "\n"); /* the reason is that of the first */
}

/* ---- what is to be found out ---- */

char *add_first_spec(const struct add_dialog *d)
{
    const char *s = d->specs.text.data;
    while (*s) {
        s += strspn(s, " \t\r\n");
        size_t len = strcspn(s, "\n");
        while (len && strchr(" \t\r", s[len - 1]))
            len--;
        if (len && *s != '#')
            return xstrndup(s, len);
        s += strcspn(s, "\n");
    }
    return NULL;
}

void add_ask(struct add_dialog *d, const struct job_request *request)
{
    forget_answer(d);
    d->asking = request->spec != NULL;
    if (d->resolver)
        resolver_ask(d->resolver, d->asking ? request : NULL);
}

void add_take_answer(struct add_dialog *d)
{
    struct found found;
    if (!d->resolver || !resolver_take(d->resolver, &found))
        return;
    if (!d->open) {
        found_release(&found);
        return;
    }
    forget_answer(d);
    d->found = found;
    d->answered = true;
    d->asking = false;
    d->ticked = xcalloc(found.count, sizeof *d->ticked);
    for (size_t i = 0; i < found.count; i++)
        d->ticked[i] = true;
}

/* ---- the request ---- */

/* A name as a pattern that matches nothing else. */
static void add_literal(struct string_list *l, const char *name)
{
    struct buf text;
    buf_init(&text);
    for (; *name; name++) {
        if (strchr("*?[\\", *name))
            buf_add_char(&text, '\\');
        buf_add_char(&text, *name);
    }
    string_list_add(l, text.data);
    buf_release(&text);
}

static void fill_files(const struct add_dialog *d, struct job_request *r)
{
    size_t ticked = 0;
    for (size_t i = 0; i < d->found.count; i++)
        ticked += d->ticked[i] && d->found.files[i].path;
    if (!d->answered || ticked == d->found.count || prompt_lines(&d->specs) > 1)
        return;
    for (size_t i = 0; i < d->found.count; i++)
        if (d->ticked[i] && d->found.files[i].path)
            add_literal(&r->include, d->found.files[i].path);
}

static void fill_globs(const struct add_dialog *d, struct job_request *r)
{
    const char *s = d->only.text.data;
    for (size_t len; *s; s += len + strspn(s + len, ", ")) {
        len = strcspn(s, ", ");
        char *glob = xstrndup(s, len);
        if (len)
            string_list_add(&r->include, glob);
        free(glob);
    }
}

bool add_fill(const struct add_dialog *d, struct job_request *r, struct haul_fault *fault)
{
    uint64_t conns = r->connections;
    const char *text = d->conns.text.data;
    if (*text && (!units_parse_u64(text, CONNECTIONS_MAX, &conns) || !conns)) {
        fault_set(fault, HAUL_ERR_USAGE, "Conns: '%s' is not a number from 1 to %d", text,
                  CONNECTIONS_MAX);
        return false;
    }
    r->connections = (unsigned)conns;
    if (d->dir.text.len) {
        free(r->dir);
        r->dir = path_expand(d->dir.text.data);
    }
    r->paused = d->start == START_PAUSED;
    fill_globs(d, r);
    fill_files(d, r);
    return true;
}

/* ---- keys ---- */

static struct prompt *field_text(struct add_dialog *d)
{
    struct prompt *const texts[] = {[ADD_SPECS] = &d->specs,
                                    [ADD_DIR] = &d->dir,
                                    [ADD_ONLY] = &d->only,
                                    [ADD_CONNS] = &d->conns};
    return d->focus <= ADD_CONNS ? texts[d->focus] : NULL;
}

static void move_focus(struct add_dialog *d, int step)
{
    const int fields = ADD_CANCEL + 1;
    do
        d->focus = (enum add_field)(((int)d->focus + step + fields) % fields);
    while (d->focus == ADD_FILES && d->found.count < 2);
}

static enum add_outcome key_in_files(struct add_dialog *d, uint32_t key)
{
    if (key == ' ')
        d->ticked[d->file] = !d->ticked[d->file];
    if ((key == ' ' || key == UI_KEY_DOWN) && d->file + 1 < d->found.count)
        d->file++;
    if (key == UI_KEY_UP && d->file)
        d->file--;
    for (size_t i = 0; key == 'A' && i < d->found.count; i++)
        d->ticked[i] = true;
    for (size_t i = 0; key == 'U' && i < d->found.count; i++)
        d->ticked[i] = false;
    return ADD_STAYS;
}

static enum add_outcome key_in_choice(struct add_dialog *d, uint32_t key)
{
    if (key == ' ' || key == UI_KEY_RIGHT)
        d->start = (d->start + 1) % START_COUNT;
    if (key == UI_KEY_LEFT)
        d->start = (d->start + START_COUNT - 1) % START_COUNT;
    return ADD_STAYS;
}

/* What a spec means can depend on where it goes and which files are wanted, on no more. */
static enum add_outcome key_in_text(struct add_dialog *d, uint32_t key)
{
    struct prompt *p = field_text(d);
    size_t len = p->text.len;
    bool changed = false;
    if (key == CTRL('N') && d->focus == ADD_SPECS)
        prompt_paste(p, '\n');
    else if (key == UI_KEY_DOWN || key == UI_KEY_UP)
        move_focus(d, key == UI_KEY_DOWN ? 1 : -1);
    else
        changed = prompt_key(p, key) && d->focus != ADD_CONNS;
    if (p->text.len != len) /* who only moves the cursor still reads what is wrong */
        forget_refusal(d);
    return changed ? ADD_CHANGED : ADD_STAYS;
}

static enum add_outcome key_in_browser(struct add_dialog *d, uint32_t key)
{
    if (!browse_key(&d->browse, key) || !d->browse.dir)
        return ADD_STAYS;
    prompt_open(&d->dir, "", d->browse.dir);
    forget_refusal(d);
    d->focus = ADD_DIR;
    return ADD_CHANGED;
}

void add_paste_end(struct add_dialog *d)
{
    struct prompt *p = &d->specs;
    size_t len = p->text.len;
    while (len && p->text.data[len - 1] == '\n')
        len--;
    if (p->cursor == p->text.len)
        p->cursor = len;
    if (p->cursor <= len)
        buf_truncate(&p->text, len);
}

enum add_outcome add_key(struct add_dialog *d, uint32_t key)
{
    if (d->browse.open)
        return key_in_browser(d, key);
    if (key == UI_KEY_ESC || (key == UI_KEY_ENTER && d->focus == ADD_CANCEL))
        return ADD_CANCELLED;
    if (key == UI_KEY_ENTER || key == '\n')
        return ADD_ACCEPTED;
    if (key == UI_KEY_F0 + 2 && d->options->far)
        return ADD_FAR;
    if (key == UI_KEY_F0 + 2)
        browse_open(&d->browse, d->dir.text.data);
    else if (key == UI_KEY_TAB || key == UI_KEY_BACK_TAB)
        move_focus(d, key == UI_KEY_TAB ? 1 : -1);
    else if (field_text(d))
        return key_in_text(d, key);
    else if (d->focus == ADD_START)
        return key_in_choice(d, key);
    else if (d->focus == ADD_FILES)
        return key_in_files(d, key);
    else if (key == UI_KEY_LEFT || key == UI_KEY_RIGHT)
        d->focus = d->focus == ADD_OK ? ADD_CANCEL : ADD_OK;
    return ADD_STAYS;
}

void add_paste(struct add_dialog *d, uint32_t cp)
{
    struct prompt *text = field_text(d);
    bool line_end = cp == '\r' || cp == '\n';
    forget_refusal(d);
    if (text && (d->focus == ADD_SPECS || !line_end))
        prompt_paste(text, cp);
}
