/* SPDX-License-Identifier: MIT */
/* Narration; see server_story.h. */
#include "api/server_story.h"

#include <string.h>

#include "core/text.h"

static const char *failure(const struct job_view *job)
{
    return job && job->fault.code ? job->fault.message : "failed";
}

void story_of_state(struct buf *out, enum job_state state, const char *name, const char *source,
                    const struct job_view *job)
{
    switch (state) {
    case JOB_QUEUED:
        buf_addf(out, "⏳ Queued: %s", name);
        break;
    case JOB_RESOLVING:
        buf_addf(out, "🔍 Looking up: %s", source);
        break;
    case JOB_RUNNING:
        buf_addf(out, "📥 Downloading file: %s", name);
        break;
    case JOB_VERIFYING:
        buf_addf(out, "🔒 Verifying: %s", name);
        break;
    case JOB_PAUSED:
        buf_addf(out, "⏸ Paused: %s", name);
        break;
    case JOB_COMPLETED:
        buf_addf(out, "✅ Download complete: %s", name);
        break;
    case JOB_FAILED:
        buf_addf(out, "❌ %s", failure(job));
        break;
    case JOB_CANCELLED:
        buf_add_str(out, "❌ Download cancelled");
        break;
    case JOB_STATE_COUNT:
        break;
    }
}

bool story_of_event(struct buf *out, const struct event *e, const struct job_view *job)
{
    const char *path = e->path ? e->path : e->name ? e->name : "";
    switch (e->type) {
    case EVENT_JOB:
        story_of_state(out, e->state, e->name, e->source, job);
        return true;
    case EVENT_FILE:
        buf_add_str(out, "✅ File complete: ");
        text_sanitize(out, path, strlen(path));
        return true;
    case EVENT_LOG:
        if (e->level == LOG_DEBUG)
            return false;
        buf_addf(out, "%s%s", e->level >= LOG_WARN ? "⚠️ " : "", e->message);
        return true;
    case EVENT_ERROR: /* the state that follows says it */
        return false;
    }
    return false;
}
