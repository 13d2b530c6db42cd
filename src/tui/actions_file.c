/* SPDX-License-Identifier: MIT */
/* What is done with the address or the file under the cursor: copied, opened. */
#include <stdlib.h>

#include "tui/actions.h"
#include "tui/opener.h"
#include "tui/osc.h"

static const struct file_view *file_here(const struct ui *ui)
{
    size_t index;
    return ui_current_file(ui, &index);
}

static const char *text_to_copy(const struct ui *ui)
{
    const struct file_view *file = file_here(ui);
    const struct row *row = joblist_current(&ui->jobs);
    if (row && row->file == ROW_JOB)
        return row->job->source;
    return file ? file->url : NULL;
}

void action_copy(struct ui *ui)
{
    const char *text = text_to_copy(ui);
    if (!text) {
        ui_say(ui, ROLE_DIM, "Nothing to copy here.");
        return;
    }
    osc_copy(text);
    ui_say(ui, ROLE_NORMAL, "Copied: %s", text);
}

static bool is_whole(const struct file_view *f)
{
    return f && f->path && (f->state == FILE_DONE || f->state == FILE_SKIPPED);
}

static void open_path(struct ui *ui, const char *path)
{
    struct haul_fault fault;
    if (ui->options->far)
        ui_say(ui, ROLE_WARN, "It is on the server's disk, not on this computer.");
    else if (!ui->config->open)
        ui_say(ui, ROLE_WARN,
               "No program to open files with: write open = xdg-open in the config.");
    else if (opener_run(ui->config->open, path, &fault) != HAUL_OK)
        ui_say(ui, ROLE_ERROR, "%s", fault.message);
    else
        ui_say(ui, ROLE_NORMAL, "Opened with %s: %s", ui->config->open, path);
}

void action_open(struct ui *ui)
{
    const struct file_view *file = file_here(ui);
    if (ui->config->open && !is_whole(file))
        ui_say(ui, ROLE_DIM, "Only a finished file can be opened.");
    else
        open_path(ui, file ? file->path : NULL);
}

void action_library_copy(struct ui *ui)
{
    char *path = library_path(&ui->library);
    if (!path)
        return;
    osc_copy(path);
    ui_say(ui, ROLE_NORMAL, "Copied: %s", path);
    free(path);
}

void action_library_open(struct ui *ui)
{
    char *path = library_path(&ui->library);
    if (path)
        open_path(ui, path);
    free(path);
}
