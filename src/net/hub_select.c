/* SPDX-License-Identifier: MIT */
/* The choice of files; see hub_select.h. */
#include "net/hub_select.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/glob.h"
#include "core/units.h"
#include "net/hub_gguf.h"

#define LISTED_MAX ((size_t)700) /* bytes of a list in a message */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool same_stem(const char *a, const char *b)
{
    unsigned number, total_a, total_b;
    size_t len = hub_gguf_stem(a, &number, &total_a);
    return hub_gguf_stem(b, &number, &total_b) == len && total_a == total_b && !memcmp(a, b, len);
}

/* Adds to the size of a label that is listed already; shards follow one another. */
struct tally {
    struct buf label;
    int64_t size;
};

static void list_tally(struct buf *out, struct tally *t)
{
    char size[UNITS_TEXT_SIZE];
    if (!t->label.len)
        return;
    units_format_size(t->size, size);
    buf_addf(out, "%s%s (%s)", out->len ? ", " : "", t->label.data, size);
    buf_truncate(&t->label, 0);
    t->size = 0;
}

/* A model that can be chosen. */
static bool is_there(const struct hub_file *f)
{
    return hub_gguf_is_model(f->path) && !f->excluded;
}

/* "Q4_K_M (4.1 GiB), Q8_0 (7.2 GiB)": the model files by quantisation, or by name. */
static void list_models(const struct hub_tree *t, struct buf *out)
{
    struct tally tally = {.size = 0};
    const struct hub_file *before = NULL;
    buf_init(&tally.label);
    for (size_t i = 0; i < t->count && out->len < LISTED_MAX; i++) {
        const struct hub_file *f = &t->files[i];
        if (!is_there(f))
            continue;
        if (!before || !same_stem(before->path, f->path)) {
            list_tally(out, &tally);
            hub_gguf_quant(f->path, &tally.label);
            if (!tally.label.len)
                buf_add_str(&tally.label, base_name(f->path));
        }
        tally.size += f->size;
        before = f;
    }
    list_tally(out, &tally);
    if (out->len >= LISTED_MAX)
        buf_add_str(out, ", …");
    buf_release(&tally.label);
}

static void list_files(const struct hub_tree *t, struct buf *out)
{
    for (size_t i = 0; i < t->count && out->len < LISTED_MAX; i++)
        buf_addf(out, "%s%s", i ? ", " : "", t->files[i].path);
    if (out->len >= LISTED_MAX)
        buf_add_str(out, ", …");
}

enum match { MATCH_LABEL, MATCH_NAME, MATCH_PATH, MATCH_KINDS };

static bool matches(const char *path, const char *quant, enum match how)
{
    if (how != MATCH_LABEL)
        return hub_gguf_has_token(how == MATCH_NAME ? base_name(path) : path, quant);
    struct buf label;
    buf_init(&label);
    hub_gguf_quant(path, &label);
    bool same = !strcasecmp(label.data, quant);
    buf_release(&label);
    return same;
}

static bool is_candidate(const struct hub_file *f, const struct hub_wish *wish)
{
    return hub_gguf_is_model(f->path) &&
           (!wish->glob || !strcmp(wish->glob, f->path) || glob_match(wish->glob, f->path));
}

/* What says it most plainly wins: `Q4_K_M` means "UD-Q4_K_M" only where no other Q4_K_M is. Shards
 * that are excluded are chosen with the others: they are not missing in the repo. */
static size_t choose_quant(struct hub_tree *t, const struct hub_wish *wish, const char *quant)
{
    size_t found = 0;
    for (enum match how = MATCH_LABEL; how < MATCH_KINDS && !found; how++) {
        for (size_t i = 0; i < t->count; i++) {
            struct hub_file *f = &t->files[i];
            f->chosen = is_candidate(f, wish) && matches(f->path, quant, how);
            found += f->chosen && !f->excluded;
        }
    }
    return found;
}

static enum haul_error shard_missing(const char *repo, const char *path, unsigned missing,
                                     struct haul_fault *fault)
{
    unsigned number, total;
    size_t stem = hub_gguf_stem(path, &number, &total);
    return fault_set(fault, HAUL_ERR_NOT_FOUND,
                     "%s: shard %u of %u of %.*s is not in the repo; name the files that you want "
                     "with /GLOB",
                     repo, missing, total, (int)stem, path);
}

/* A model whose shards are not all there is of no use. They follow one another, being sorted. */
static enum haul_error check_shards(const struct hub_tree *t, const char *repo,
                                    struct haul_fault *fault)
{
    const char *before = NULL;
    unsigned number = 0, total = 0, have = 0, all = 0;
    for (size_t i = 0; i < t->count; i++) {
        const char *path = t->files[i].path;
        if (!t->files[i].chosen)
            continue;
        hub_gguf_stem(path, &number, &total);
        bool another = !before || !same_stem(before, path);
        if (another && have != all)
            return shard_missing(repo, before, have + 1, fault);
        have = another ? 1 : have + 1;
        if (number != have)
            return shard_missing(repo, path, have, fault);
        all = total;
        before = path;
    }
    return have == all ? HAUL_OK : shard_missing(repo, before, have + 1, fault);
}

static enum haul_error by_quant(struct hub_tree *t, const struct hub_wish *wish,
                                struct haul_fault *fault)
{
    if (choose_quant(t, wish, wish->quant))
        return check_shards(t, wish->repo, fault);
    struct buf there;
    buf_init(&there);
    list_models(t, &there);
    enum haul_error err =
        there.len ? fault_set(fault, HAUL_ERR_NOT_FOUND, "%s has no %s; there is %s", wish->repo,
                              wish->quant, there.data)
                  : fault_set(fault, HAUL_ERR_NOT_FOUND,
                              "%s has no GGUF file, so no %s; leave out :%s to fetch all of it",
                              wish->repo, wish->quant, wish->quant);
    buf_release(&there);
    return err;
}

/* All model files when they are one model. */
static bool choose_only_one(struct hub_tree *t)
{
    const struct hub_file *first = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct hub_file *f = &t->files[i];
        if (is_there(f) && first && !same_stem(first->path, f->path))
            return false;
        if (is_there(f))
            first = f;
    }
    for (size_t i = 0; first && i < t->count; i++)
        t->files[i].chosen = same_stem(first->path, t->files[i].path);
    return first != NULL;
}

static enum haul_error by_default(struct hub_tree *t, const struct hub_wish *wish,
                                  struct haul_fault *fault)
{
    static const char *const order[] = {"Q4_K_M", "Q5_K_M", "Q4_0", "Q5_0", "Q8_0", "F16"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(order); i++)
        if (choose_quant(t, wish, order[i]))
            return check_shards(t, wish->repo, fault);
    if (choose_only_one(t))
        return check_shards(t, wish->repo, fault);
    struct buf there;
    buf_init(&there);
    list_models(t, &there);
    fault_set(fault, HAUL_ERR_AMBIGUOUS, "%s has several models; choose one as %s:QUANT from %s",
              wish->repo, wish->repo, there.data);
    buf_release(&there);
    return fault->code;
}

static enum haul_error by_glob(struct hub_tree *t, const struct hub_wish *wish,
                               struct haul_fault *fault)
{
    bool exact = false, any = false;
    for (size_t i = 0; i < t->count; i++) {
        t->files[i].chosen = !strcmp(wish->glob, t->files[i].path);
        exact = exact || t->files[i].chosen;
    }
    for (size_t i = 0; !exact && i < t->count; i++) {
        t->files[i].chosen = glob_match(wish->glob, t->files[i].path);
        any = any || t->files[i].chosen;
    }
    if (exact || any)
        return HAUL_OK;
    struct buf there;
    buf_init(&there);
    list_files(t, &there);
    fault_set(fault, HAUL_ERR_NOT_FOUND, "%s has no file %s%s; there is %s", wish->repo,
              glob_is_pattern(wish->glob) ? "that matches " : "", wish->glob,
              there.len ? there.data : "none at all");
    buf_release(&there);
    return fault->code;
}

static bool has_models(const struct hub_tree *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (is_there(&t->files[i]))
            return true;
    return false;
}

/* Whoever excludes a quantisation wants another one: it is no choice. */
static void mark_excluded(struct hub_tree *t, const struct hub_wish *wish)
{
    for (size_t i = 0; i < t->count; i++)
        t->files[i].excluded = glob_match_any(wish->exclude, t->files[i].path);
}

static enum haul_error first_choice(struct hub_tree *t, const struct hub_wish *wish,
                                    struct haul_fault *fault)
{
    if (wish->quant)
        return by_quant(t, wish, fault);
    if (wish->glob)
        return by_glob(t, wish, fault);
    mark_excluded(t, wish);
    if (wish->models && !wish->include->count && has_models(t))
        return by_default(t, wish, fault);
    for (size_t i = 0; i < t->count; i++)
        t->files[i].chosen = true;
    return HAUL_OK;
}

enum haul_error hub_select(struct hub_tree *t, const struct hub_wish *wish,
                           struct haul_fault *fault)
{
    size_t before = 0, left = 0;
    enum haul_error err = first_choice(t, wish, fault);
    for (size_t i = 0; err == HAUL_OK && i < t->count; i++) {
        struct hub_file *f = &t->files[i];
        before += f->chosen;
        bool included = glob_match_any(wish->include, f->path);
        if (wish->quant)
            f->chosen = f->chosen || (included && !hub_gguf_is_model(f->path));
        else if (wish->include->count)
            f->chosen = f->chosen && included;
        f->chosen = f->chosen && !glob_match_any(wish->exclude, f->path);
        left += f->chosen;
    }
    if (err != HAUL_OK || left)
        return err;
    if (!t->count)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "%s has no files at this revision", wish->repo);
    return fault_set(fault, HAUL_ERR_NOT_FOUND,
                     "%s: --include and --exclude leave none of the %zu file%s that it names",
                     wish->repo, before, before == 1 ? "" : "s");
}
