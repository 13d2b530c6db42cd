/* SPDX-License-Identifier: MIT */
/*
 * The library behind the session's door: listing, verifying, deleting, cleaning up. Caller's
 * thread; blocks on the disk and touches no job.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/session_local.h"
#include "core/store_library.h"

static struct session_local *local_of(struct session *s)
{
    return HAUL_CONTAINER_OF(s, struct session_local, base);
}

static enum haul_error need_store(const struct session_local *s, struct haul_fault *fault)
{
    return s->store
               ? HAUL_OK
               : fault_set(fault, HAUL_ERR_USAGE,
                           "there is no library: set HOME or XDG_STATE_HOME, where it is kept");
}

enum haul_error session_local_models(struct session *base, struct model_list *out,
                                     struct haul_fault *fault)
{
    struct session_local *s = local_of(base);
    *out = (struct model_list){0};
    enum haul_error err = need_store(s, fault);
    if (err == HAUL_OK)
        err = store_list_models(s->store, out, fault);
    for (size_t i = 0; i < out->count; i++)
        model_look(&out->items[i]);
    return err;
}

/* ---- verify ---- */

/* Counts over all files of a model. */
struct verify {
    const struct session_local *session;
    const struct digest_watch *watch;
    int64_t before;
    const char *path; /* of the file that is read */
};

static bool go_on(void *context, int64_t done)
{
    const struct verify *v = context;
    return !v->watch || v->watch->go_on(v->watch->context, v->before + done);
}

static enum haul_error hash_file(struct verify *v, struct model_file *f, int fd,
                                 struct haul_fault *fault)
{
    const struct session_local *s = v->session;
    struct digest_watch watch = {go_on, v};
    struct digest_value got;
    enum digest_algorithm algorithm = f->digest.algorithm ? f->digest.algorithm : DIGEST_SHA256;
    enum haul_error err = s->ops->digest(s->engine, fd, algorithm, f->size, &watch, &got, fault);
    if (err == HAUL_ERR_DISK && fault) {
        struct haul_fault why = *fault;
        fault_set(fault, err, "%s: %s", v->path, why.message);
    }
    if (err != HAUL_OK)
        return err;
    f->verified_ms = clock_wall_ms();
    if (!f->digest.algorithm) { /* nobody promised one: from now on it must stay as it is */
        f->digest = got;
        f->digest.origin = DIGEST_BY_NONE;
    }
    bool same = !memcmp(f->digest.bytes, got.bytes, digest_size(algorithm));
    f->state = same ? MODEL_OK : MODEL_BAD;
    return HAUL_OK;
}

static enum haul_error verify_file(struct verify *v, const struct model *m, struct model_file *f,
                                   struct haul_fault *fault)
{
    char *path = model_file_path(m, f);
    struct stat st;
    v->path = path;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    enum haul_error err = HAUL_OK;
    if (fd < 0 && errno != ENOENT && errno != ELOOP && errno != ENOTDIR)
        err = fault_set_errno(fault, errno, "cannot read %s", path);
    else if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        f->state = MODEL_MISSING;
    else if (f->size >= 0 && st.st_size != f->size)
        f->state = MODEL_BAD;
    else
        err = hash_file(v, f, fd, fault);
    if (fd >= 0)
        close(fd);
    free(path);
    return err;
}

static enum haul_error verdict(const struct model *m, struct haul_fault *fault)
{
    static const char *const words[] = {
        [MODEL_MISSING] = "is missing; fetch it again",
        [MODEL_BAD] = "is damaged; fetch it again with --on-exists overwrite"};
    const struct model_file *worst = NULL;
    for (size_t i = 0; i < m->count; i++)
        if (m->files[i].state > (worst ? worst->state : MODEL_OK))
            worst = &m->files[i];
    if (!worst)
        return HAUL_OK;
    char *shown = model_file_shown(m, worst);
    enum haul_error err = worst->state == MODEL_BAD ? HAUL_ERR_CHECKSUM : HAUL_ERR_NOT_FOUND;
    fault_set(fault, err, "%s: %s %s", m->id, shown, words[worst->state]);
    free(shown);
    return err;
}

enum haul_error session_local_model_verify(struct session *base, struct model *m,
                                           const struct digest_watch *watch,
                                           struct haul_fault *fault)
{
    struct session_local *s = local_of(base);
    struct verify v = {.session = s, .watch = watch};
    enum haul_error err = need_store(s, fault);
    for (size_t i = 0; err == HAUL_OK && i < m->count; i++) {
        struct model_file *f = &m->files[i];
        const struct model_file *same = i && f->link ? &m->files[i - 1] : NULL;
        if (f->document)
            continue;
        if (same && !strcmp(same->path, f->path)) { /* two links to one shared file */
            f->state = same->state;
            f->verified_ms = same->verified_ms;
            continue;
        }
        err = verify_file(&v, m, f, fault);
        v.before += f->size > 0 ? f->size : 0;
    }
    if (err != HAUL_OK)
        return err;
    m->verified_ms = clock_wall_ms();
    model_look(m);
    err = store_update_model(s->store, m, fault);
    return err == HAUL_OK ? verdict(m, fault) : err;
}

/* ---- rm, clean ---- */

enum haul_error session_local_model_remove(struct session *base, const struct model *m,
                                           struct model_removal *out, struct haul_fault *fault)
{
    struct session_local *s = local_of(base);
    *out = (struct model_removal){0};
    struct model_list all = {0};
    enum haul_error err = need_store(s, fault);
    if (err == HAUL_OK)
        err = store_list_models(s->store, &all, fault);
    if (err == HAUL_OK) {
        model_remove_files(m, &all, out);
        err = store_delete_model(s->store, m->id, out->heir, &out->left, fault);
    }
    model_list_release(&all);
    return err;
}

/* The engine deletes a partial under its lock; a lock that stands alone goes by itself. */
static void delete_leftover(const struct session_local *s, const char *final)
{
    s->ops->discard(s->engine, final);
    char *data = xasprintf("%s.part", final), *lock = xasprintf("%s.part.lock", final);
    if (access(data, F_OK) != 0)
        (void)unlink(lock);
    free(lock);
    free(data);
}

enum haul_error session_local_clean(struct session *base, const char *dir,
                                    const struct string_list *within, bool dry_run,
                                    struct leftover_list *out, struct haul_fault *fault)
{
    struct session_local *s = local_of(base);
    struct string_list dirs = {0}, wanted = {0};
    *out = (struct leftover_list){0};
    enum haul_error err = need_store(s, fault);
    if (err == HAUL_OK)
        err = store_places(s->store, &dirs, &wanted, fault);
    if (err == HAUL_OK && dir) {
        char *root = path_join(dir[0] == '/' ? "/" : NULL, dir + strspn(dir, "/"));
        leftovers_find(root, true, &wanted, out);
        free(root);
    }
    for (size_t i = 0; err == HAUL_OK && i < dirs.count; i++)
        if (!within || path_is_below_any(within, dirs.items[i]))
            leftovers_find(dirs.items[i], false, &wanted, out);
    for (size_t i = 0; !dry_run && i < out->count; i++)
        delete_leftover(s, out->items[i].path);
    string_list_release(&dirs);
    string_list_release(&wanted);
    return err;
}
