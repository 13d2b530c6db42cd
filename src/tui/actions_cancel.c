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

/* What is asked about: "" for what is marked, else the job under the cursor. */
static const char *subject(const struct ui *ui)
{
    return joblist_marks_shown(&ui->jobs) ? "" : ui->jobs.cursor_id;
}

static void ask(struct ui *ui, enum ui_dialog dialog)
{
    ui->dialog = dialog;
    snprintf(ui->asked, sizeof ui->asked, "%s", subject(ui));
}

/* The marked rows may have left the list meanwhile: what stands under the cursor then is not what
 * was asked about. */
bool actions_asked_about_this(const struct ui *ui)
{
    return !strcmp(ui->asked, subject(ui));
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
            bytes += f->bytes;
    }
    return job->file_count ? bytes : job->bytes;
}

/* The one file that a cancel is for: the cursor is on it and no mark is to be seen. */
static const struct file_view *file_to_cancel(const struct ui *ui)
{
    const struct row *row = joblist_current(&ui->jobs);
    if (!row || row->file == ROW_JOB || joblist_marks_shown(&ui->jobs) ||
        job_state_ended(row->job->state))
        return NULL;
    return &row->job->files[row->file];
}

static int64_t bytes_to_lose(const struct ui *ui)
{
    const struct file_view *file = file_to_cancel(ui);
    if (file)
        return file->state == FILE_DONE || file->state == FILE_SKIPPED ? 0 : file->bytes;
    struct targets t = targets_of(ui, false, target_is_live);
    int64_t bytes = 0;
    for (size_t i = 0; i < t.count; i++)
        bytes += partial_bytes(t.jobs[i]);
    free(t.jobs);
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

static void cancel_file(struct ui *ui, const struct file_view *file)
{
    struct haul_fault fault;
    const struct row *row = joblist_current(&ui->jobs);
    if (session_cancel_file(ui->session, row->job->id, row->file, &fault) == HAUL_OK)
        ui_say(ui, ROLE_NORMAL, "%s: cancelled, the rest goes on", file->name);
    else
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
}

void actions_cancel_confirmed(struct ui *ui)
{
    const struct file_view *file = file_to_cancel(ui);
    if (file)
        cancel_file(ui, file);
    else
        targets_control(ui, targets_of(ui, false, target_is_live), JOB_CANCEL, "cancelled",
                        "Nothing to cancel here: it has ended.");
}
