/* SPDX-License-Identifier: MIT */
/* What clients may ask for; see server_policy.h. */
#include "api/server_policy.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/path.h"
#include "core/spec.h"

static enum haul_error check_source(const struct server *s, const struct spec *spec,
                                    struct haul_fault *fault)
{
    bool local = spec->kind == SPEC_BUILD || spec->kind == SPEC_FILE;
    if (!local || s->config->allow_local)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                     "%s: is refused here, as it reaches into the server's machine; 'haul serve "
                     "--allow-local' lets clients do that",
                     spec_kind_name(spec->kind));
}

/* Who comes over TCP is somewhere else, and writes nowhere but where the server was told to. */
bool policy_bounds(const struct server *s, bool tcp, struct string_list *out)
{
    const struct string_list *roots = &s->config->settings->roots;
    *out = (struct string_list){0};
    string_list_copy(out, roots);
    if (roots->count || !tcp)
        return roots->count;
    char *cwd = getcwd(NULL, 0);
    const char *own = s->config->defaults->dir ? s->config->defaults->dir : cwd;
    if (own)
        string_list_add(out, own);
    free(cwd);
    return true;
}

enum haul_error policy_check_dir(const struct server *s, bool tcp, const char *dir,
                                 struct haul_fault *fault)
{
    struct string_list bounds;
    bool bound = policy_bounds(s, tcp, &bounds);
    bool may = !dir || !bound || path_is_below_any(&bounds, dir);
    string_list_release(&bounds);
    if (may)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_UNAUTHORIZED,
                     "%s: files may not go there; 'haul serve --serve-root DIR' says where they "
                     "may",
                     dir);
}

/* What is in a store of its ecosystem came there without a directory that anybody named. */
enum haul_error policy_check_removal(const struct server *s, bool tcp, enum layout layout,
                                     const char *dir, struct haul_fault *fault)
{
    bool named = layout == LAYOUT_PLAIN || s->config->settings->roots.count;
    return named ? policy_check_dir(s, tcp, dir, fault) : HAUL_OK;
}

enum haul_error policy_check(const struct server *s, bool tcp, const struct job_request *r,
                             struct haul_fault *fault)
{
    struct spec spec;
    enum haul_error err = spec_parse(r->spec, &spec, fault);
    if (err != HAUL_OK)
        return err;
    err = check_source(s, &spec, fault);
    spec_release(&spec);
    return err == HAUL_OK ? policy_check_dir(s, tcp, r->dir, fault) : err;
}
