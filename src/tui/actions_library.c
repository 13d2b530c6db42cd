/* SPDX-License-Identifier: MIT */
/* What is asked of the library: to show itself, to verify, to delete. The librarian does it. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "core/units.h"
#include "tui/actions.h"
#include "tui/format.h"
#include "tui/targets.h"

static struct librarian *librarian(struct ui *ui)
{
    struct librarian *l = library_librarian(&ui->library, ui->session);
    if (!l)
        ui_say(ui, ROLE_ERROR, "The system has no room for another thread.");
    return l;
}

void action_library(struct ui *ui)
{
    ui->view = ui->view == VIEW_LIBRARY ? VIEW_JOBS : VIEW_LIBRARY;
    struct librarian *l = ui->view == VIEW_LIBRARY ? librarian(ui) : NULL;
    if (l)
        librarian_look(l);
}

void action_library_files(struct ui *ui)
{
    struct library_view *v = &ui->library;
    v->files = !v->files && library_model(v);
    v->file = v->file_top = 0;
}

bool actions_library_back(struct ui *ui)
{
    struct library_view *v = &ui->library;
    bool files = v->files;
    if (v->librarian && librarian_stop(v->librarian))
        return true;
    v->files = false;
    return files;
}

/* ---- verify ---- */

void action_library_verify(struct ui *ui)
{
    const struct model *m = library_model(&ui->library);
    if (m && ui->library.librarian)
        librarian_verify(ui->library.librarian, m->id);
}

static const char *made_path(const struct job_view *job)
{
    for (size_t i = 0; job->state == JOB_COMPLETED && i < job->file_count; i++) {
        const struct file_view *f = &job->files[i];
        if (f->path && (f->state == FILE_DONE || f->state == FILE_SKIPPED))
            return f->path;
    }
    return NULL;
}

static bool has_made(const struct job_view *job)
{
    return made_path(job);
}

void action_verify(struct ui *ui)
{
    struct targets t = targets_of(ui, false, has_made);
    struct librarian *l = t.count ? librarian(ui) : NULL;
    for (size_t i = 0; l && i < t.count; i++)
        librarian_verify_file(l, made_path(t.jobs[i]));
    if (!t.count)
        ui_say(ui, ROLE_DIM, "Only finished jobs have files to verify.");
    else if (l && t.count == 1)
        ui_say(ui, ROLE_NORMAL, "%s: verifying; Esc stops it", target_name(t.jobs[0]));
    else if (l)
        ui_say(ui, ROLE_NORMAL, "%zu jobs: verifying; Esc stops it", t.count);
    free(t.jobs);
}

void action_verify_stop(struct ui *ui)
{
    if (ui->library.librarian)
        (void)librarian_stop(ui->library.librarian);
}

/* ---- delete ---- */

void action_library_delete(struct ui *ui)
{
    const struct model *m = library_model(&ui->library);
    const char *key = keymap_keys(&ui->config->keys, ACTION_library_delete);
    char size[UNITS_TEXT_SIZE];
    if (!m)
        return;
    char *name = text_sanitized(library_label(m));
    units_format_size(model_size(m), size);
    ui->dialog = DIALOG_REMOVE;
    ui_say(ui, ROLE_WARN, "%.*s again deletes %s from the disk; any other key keeps it: %s",
           (int)strcspn(key, " "), key, size, name);
    free(name);
}

void actions_remove_confirmed(struct ui *ui)
{
    const struct model *m = library_model(&ui->library);
    if (m && ui->library.librarian)
        librarian_remove(ui->library.librarian, m->id);
}

/* ---- news ---- */

/* The question is taken back when what it was about is no longer under the cursor. */
static void take_news(struct ui *ui, struct library_news *news)
{
    const struct model *m = library_model(&ui->library);
    char *asked = ui->dialog == DIALOG_REMOVE && m ? xstrdup(m->id) : NULL;
    library_take(&ui->library, news);
    m = library_model(&ui->library);
    if (asked && (!m || strcmp(m->id, asked) != 0)) {
        ui->dialog = DIALOG_NONE;
        ui_say(ui, ROLE_NORMAL, "The library has changed.");
    }
    free(asked);
}

void ui_take_library(struct ui *ui)
{
    struct library_news news;
    librarian_take(ui->library.librarian, &news);
    take_news(ui, &news);
    const struct library_news *now = &ui->library.news;
    char percent[UNITS_TEXT_SIZE];
    format_percent(now->done, now->total, false, percent);
    if (news.text && ui->dialog) /* it must not stand where the question does */
        log_add(&ui->log, news.role == ROLE_ERROR ? LOG_WARN : LOG_INFO, news.text);
    else if (news.text)
        ui_say(ui, news.role, "%s", news.text);
    else if (now->busy && ui->view == VIEW_JOBS && !ui->dialog)
        ui_say(ui, ROLE_NORMAL, "Verifying, %s; Esc stops it: %s", percent, now->busy);
    library_news_release(&news);
}

/* A job was entered: who looks at the library sees it. */
void ui_watch_library(struct ui *ui)
{
    struct library_view *v = &ui->library;
    if (v->version == ui->snapshot.library_version || !v->librarian || ui->view != VIEW_LIBRARY)
        return;
    v->version = ui->snapshot.library_version;
    librarian_look(v->librarian);
}
