/* SPDX-License-Identifier: MIT */
/* What a run brings; see run_note.h. Worker thread. */
#include "core/run_note.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/run_state.h"
#include "core/units.h"

void run_note_free(struct run_note *n)
{
    if (!n)
        return;
    model_release(&n->model);
    free(n);
}

void run_note_plan(struct run *r, const struct plan *plan)
{
    if (!r->table->library)
        return;
    if (!r->note)
        r->note = xcalloc(1, sizeof *r->note);
    model_note_plan(&r->note->model, plan);
    r->note->count = plan->count;
    for (size_t i = 0; i < plan->count; i++)
        r->note->model.files[i].state = MODEL_MISSING;
}

static struct model_file *noted(struct run *r, size_t file)
{
    return r->note && file < r->note->count ? &r->note->model.files[file] : NULL;
}

/* Where there is a link, the path that is told is the link's, which the plan had already. */
void run_note_path(struct run *r, size_t file, const char *path)
{
    struct model_file *f = noted(r, file);
    const char *root = f ? r->note->model.root : "";
    size_t len = strcmp(root, "/") ? strlen(root) : 0;
    if (!f || f->link || strncmp(path, root, len) != 0 || path[len] != '/')
        return;
    free(f->path);
    f->path = xstrdup(path + len + 1);
}

void run_file_digest(struct run *r, size_t file, const struct digest_value *digest)
{
    struct model_file *f = noted(r, file);
    if (f)
        f->digest = *digest;
}

void run_note_done(struct run *r, size_t file, enum file_state state, const char *sha256,
                   enum digest_origin verified)
{
    struct model_file *f = noted(r, file);
    if (!f)
        return;
    f->state = MODEL_OK;
    f->made = r->progress->infos[file].made;
    if (f->size < 0)
        f->size = progress_file_bytes(r->progress, file);
    if (sha256 && units_parse_hex(sha256, f->digest.bytes, 32))
        f->digest.algorithm = DIGEST_SHA256;
    /* A shared file that was there is taken by its name. */
    bool checked = sha256 || verified != DIGEST_BY_NONE;
    if (checked && !(f->shared && state == FILE_SKIPPED))
        f->verified_ms = clock_wall_ms();
    f->digest.origin = verified;
}

static void drop_left_out(struct model *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (m->files[i].state == MODEL_OK && m->files[i].path) {
            m->files[kept++] = m->files[i];
            continue;
        }
        free(m->files[i].path);
        free(m->files[i].link);
    }
    m->count = kept;
}

struct run_note *run_note_finish(struct run *r)
{
    struct run_note *n = r->note;
    r->note = NULL;
    if (!n)
        return NULL;
    struct model *m = &n->model;
    drop_left_out(m);
    if (!m->count) {
        run_note_free(n);
        return NULL;
    }
    m->created_ms = clock_wall_ms();
    m->verified_ms = m->created_ms;
    for (size_t i = 0; i < m->count; i++)
        if (!m->files[i].document && m->files[i].verified_ms < m->verified_ms)
            m->verified_ms = m->files[i].verified_ms;
    model_note_request(m, run_request(r), r->job->source, r->job->layout);
    return n;
}
