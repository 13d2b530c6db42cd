/* SPDX-License-Identifier: MIT */
/*
 * Plain URLs: one file, named and measured by its first reply. Nothing is asked beforehand, so
 * that two thousand small files cost two thousand requests and not four.
 */
#include <string.h>

#include "core/alloc.h"
#include "net/sources.h"

static enum haul_error resolve(const struct source *source, const struct spec *spec,
                               const struct job_request *request, struct http_client *client,
                               struct plan *plan, struct haul_fault *fault)
{
    (void)source;
    (void)client;
    (void)fault;
    plan->name = request->out ? xstrdup(request->out) : spec_display_name(spec);
    plan->root = source_folder(request->dir, NULL);
    struct plan_file *file = plan_add(plan);
    file->url = xstrdup(spec->url);
    file->path = xstrdup(request->out);
    if (spec->has_sha256) {
        file->digest = (struct digest_value){DIGEST_SHA256, DIGEST_BY_PINNED, {0}};
        memcpy(file->digest.bytes, spec->sha256, sizeof spec->sha256);
    }
    return HAUL_OK;
}

const struct source source_url = {
    .kind = SPEC_URL,
    .name = "URL",
    .resolve = resolve,
};
