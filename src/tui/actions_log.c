/* SPDX-License-Identifier: MIT */
/* Actions of the log view. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "tui/actions.h"
#include "tui/osc.h"

void action_log(struct ui *ui)
{
    ui->view = ui->view == VIEW_LOG ? VIEW_JOBS : VIEW_LOG;
    ui->log.job[0] = '\0';
}

void action_log_follow(struct ui *ui)
{
    ui->log.follow = !ui->log.follow;
    if (ui->log.follow)
        ui->log.back = 0;
}

static void log_from(struct ui *ui, enum log_level level)
{
    ui->log.level = level;
    ui->log.back = 0;
}

void action_log_all(struct ui *ui)
{
    log_from(ui, LOG_INFO);
}

void action_log_warnings(struct ui *ui)
{
    log_from(ui, LOG_WARN);
}

void action_log_errors(struct ui *ui)
{
    log_from(ui, LOG_ERROR);
}

void action_log_job(struct ui *ui)
{
    const struct row *row = joblist_current(&ui->jobs);
    bool only = row && !ui->log.job[0];
    memset(ui->log.job, 0, sizeof ui->log.job);
    if (only)
        memcpy(ui->log.job, row->job->id, sizeof ui->log.job);
    ui->log.back = 0;
}

void action_log_copy(struct ui *ui)
{
    const struct event *e = log_last_shown(&ui->log);
    if (!e)
        return;
    struct buf text;
    buf_init(&text);
    log_text(e, &text);
    osc_copy(text.data);
    ui_say(ui, ROLE_NORMAL, "Copied the last line shown (OSC 52).");
    buf_release(&text);
}

void action_log_write(struct ui *ui)
{
    ui->prompt_kind = PROMPT_WRITE;
    prompt_open(&ui->prompt, "Write the log to:", "haul.log");
}

static void shown_text(const struct log_view *l, struct buf *text)
{
    for (size_t i = 0; i < l->count; i++)
        if (log_shows(l, log_line(l, i)))
            log_text(log_line(l, i), text);
}

static bool write_all(int fd, const char *data, size_t len)
{
    for (ssize_t n; len; data += n, len -= (size_t)n)
        if ((n = write(fd, data, len)) <= 0)
            return false;
    return true;
}

/* A file that is there already stays as it is. */
void actions_write_log(struct ui *ui, const char *path)
{
    if (!path[0])
        return;
    struct buf text;
    buf_init(&text);
    char *name = path_expand(path);
    shown_text(&ui->log, &text);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool written = fd >= 0 && write_all(fd, text.data, text.len);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (written)
        ui_say(ui, ROLE_OK, "Written to %s", name);
    else
        ui_say(ui, ROLE_ERROR, "%s: %s", name, strerror(why));
    free(name);
    buf_release(&text);
}
