/* SPDX-License-Identifier: MIT */
/* What deletes files: cancelling, which asks where much is lost, and deleting, which always asks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "tui/actions.h"
#include "tui/targets.h"

/* The length of the first of its keys. */
static int key_width(const struct ui *ui, enum ui_action action)
{
    return (int)strcspn(keymap_keys(&ui->config->keys, action), " ");
}

/* Whose row is asked about: "" for what is marked, else that of the job under the cursor. */
static const char *subject(const struct ui *ui)
{
    return joblist_marks_shown(&ui->jobs) ? "" : ui->jobs.cursor_id;
}

static void ask(struct ui *ui, enum ui_dialog dialog)
{
    ui->dialog = dialog;
    snprintf(ui->asked, sizeof ui->asked, "%s", subject(ui));
    ui->asked_file = ui->jobs.cursor_file;
}

/* The marked rows may have left the list meanwhile: what stands under the cursor then is not what
 * was asked about. */
bool actions_asked_about_this(const struct ui *ui)
{
    return !strcmp(ui->asked, subject(ui)) &&
           (!ui->asked[0] || ui->asked_file == ui->jobs.cursor_file);
}

static bool has_files(const struct job_view *job)
{
    return job->state == JOB_COMPLETED && job->file_count;
}

void action_delete(struct ui *ui)
{
    struct targets t = targets_of(ui, false, has_files);
    size_t files = 0;
    int64_t bytes = 0;
    char size[UNITS_TEXT_SIZE];
    for (size_t i = 0; i < t.count; i++) {
        for (size_t n = 0; n < t.jobs[i]->file_count; n++) {
            bool made = t.jobs[i]->files[n].state == FILE_DONE;
            files += made;
            bytes += made ? t.jobs[i]->files[n].bytes : 0;
        }
    }
    size_t count = t.count;
    free(t.jobs);
    if (!count) {
        ui_say(ui, ROLE_DIM, "Only finished jobs have files to delete; c cancels the others.");
        return;
    }
    units_format_size(bytes, size);
    ask(ui, DIALOG_DELETE);
    ui_say(ui, ROLE_WARN, "%.*s again deletes %zu finished file%s, %s; any other key keeps %s",
           key_width(ui, ACTION_delete), keymap_keys(&ui->config->keys, ACTION_delete), files,
           files == 1 ? "" : "s", size, files == 1 ? "it" : "them");
}

void actions_delete_confirmed(struct ui *ui)
{
    targets_control(ui, targets_of(ui, false, has_files), JOB_DELETE, "files deleted",
                    "Nothing to delete.");
}

/* ---- cancel ---- */

static int64_t partial_bytes(const struct job_view *job)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < job->file_count; i++) {
        const struct file_view *f = &job->files[i];
        if (f->state != FILE_DONE && f->state != FILE_SKIPPED)
            bytes = units_add(bytes, f->bytes);
    }
    return job->file_count ? bytes : job->bytes;
}

static int64_t bytes_to_lose(const struct ui *ui)
{
    struct targets t = targets_whole(ui, target_is_live);
    struct target_files f = targets_files(ui);
    int64_t bytes = 0;
    for (size_t i = 0; i < t.count; i++)
        bytes = units_add(bytes, partial_bytes(t.jobs[i]));
    for (size_t i = 0; i < f.count; i++)
        bytes = units_add(bytes, row_file(&f.rows[i])->bytes);
    free(t.jobs);
    free(f.rows);
    return bytes;
}

void action_cancel(struct ui *ui)
{
    int64_t bytes = bytes_to_lose(ui), from = ui->options->confirm_cancel;
    char size[UNITS_TEXT_SIZE];
    units_format_size(bytes, size);
    if (from < 0 || bytes < from) {
        actions_cancel_confirmed(ui);
        return;
    }
    ask(ui, DIALOG_CANCEL);
    ui_say(ui, ROLE_WARN, "%.*s again deletes %s of partial data, any other key keeps it",
           key_width(ui, ACTION_cancel), keymap_keys(&ui->config->keys, ACTION_cancel), size);
}

/* Both return how many were cancelled; first keeps the first refusal. */
static size_t cancel_jobs(struct ui *ui, const struct targets *t, struct haul_fault *first)
{
    struct haul_fault fault;
    size_t done = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (session_control(ui->session, t->jobs[i]->id, JOB_CANCEL, &fault) == HAUL_OK)
            done++;
        else if (first->code == HAUL_OK)
            *first = fault;
    }
    return done;
}

static size_t cancel_files(struct ui *ui, const struct target_files *f, struct haul_fault *first)
{
    struct haul_fault fault;
    size_t done = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct row *row = &f->rows[i];
        if (session_cancel_file(ui->session, row->job->id, row->file, &fault) == HAUL_OK)
            done++;
        else if (first->code == HAUL_OK)
            *first = fault;
    }
    return done;
}

static void say_cancelled(struct ui *ui, size_t jobs, size_t files)
{
    char first[40] = "", second[40] = "";
    if (jobs)
        snprintf(first, sizeof first, "%zu job%s", jobs, jobs == 1 ? "" : "s");
    if (files)
        snprintf(second, sizeof second, "%zu file%s", files, files == 1 ? "" : "s");
    ui_say(ui, ROLE_NORMAL, "%s%s%s: cancelled", first, jobs && files ? ", " : "", second);
}

void actions_cancel_confirmed(struct ui *ui)
{
    struct targets t = targets_whole(ui, target_is_live);
    struct target_files f = targets_files(ui);
    struct haul_fault first = {0};
    size_t jobs = cancel_jobs(ui, &t, &first), files = cancel_files(ui, &f, &first);
    if (first.code != HAUL_OK)
        ui_say(ui, ROLE_ERROR, "%s", first.message);
    else if (!jobs && !files)
        ui_say(ui, ROLE_DIM, "Nothing to cancel here: it has ended.");
    else if (jobs + files > 1)
        say_cancelled(ui, jobs, files);
    else if (jobs)
        ui_say(ui, ROLE_NORMAL, "%s: cancelled", target_name(t.jobs[0]));
    else
        ui_say(ui, ROLE_NORMAL, "%s: cancelled, the rest goes on", row_file(&f.rows[0])->name);
    free(t.jobs);
    free(f.rows);
}
