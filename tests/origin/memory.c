/* SPDX-License-Identifier: MIT */
/* Small tables searched from the front: a test uses a handful of paths. */
#include "origin/memory.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void origin_memory_init(struct origin_memory *m) HAUL_NO_TSA
{
    *m = (struct origin_memory){0};
    mutex_init(&m->lock);
}

void origin_memory_reset_counters(struct origin_memory *m)
{
    mutex_lock(&m->lock);
    for (size_t i = 0; i < m->counter_count; i++)
        free(m->counters[i].name);
    m->counter_count = 0;
    mutex_unlock(&m->lock);
}

void origin_memory_release(struct origin_memory *m) HAUL_NO_TSA
{
    origin_memory_reset_counters(m);
    for (size_t i = 0; i < m->override_count; i++)
        origin_override_release(&m->overrides[i]);
    free(m->counters);
    free(m->overrides);
    free(m->digests);
    mutex_release(&m->lock);
}

/* Takes `name`. */
static struct origin_counter *counter_locked(struct origin_memory *m, char *name)
    HAUL_REQUIRES(m->lock)
{
    for (size_t i = 0; i < m->counter_count; i++) {
        if (!strcmp(m->counters[i].name, name)) {
            free(name);
            return &m->counters[i];
        }
    }
    m->counters = xreallocarray(m->counters, m->counter_count + 1, sizeof *m->counters);
    m->counters[m->counter_count] = (struct origin_counter){.name = name};
    return &m->counters[m->counter_count++];
}

int64_t origin_memory_count(struct origin_memory *m, const char *kind, const char *name)
{
    char *full = xasprintf("%s %s", kind, name);
    mutex_lock(&m->lock);
    int64_t value = ++counter_locked(m, full)->value;
    mutex_unlock(&m->lock);
    return value;
}

void origin_override_release(struct origin_override *v)
{
    free(v->target);
    free(v->options);
    free(v->type);
    free(v->text);
}

static struct origin_override *override_locked(struct origin_memory *m, const char *target)
    HAUL_REQUIRES(m->lock)
{
    for (size_t i = 0; i < m->override_count; i++)
        if (!strcmp(m->overrides[i].target, target))
            return &m->overrides[i];
    return NULL;
}

static struct origin_override *make_override_locked(struct origin_memory *m, const char *target)
    HAUL_REQUIRES(m->lock)
{
    struct origin_override *found = override_locked(m, target);
    if (found)
        return found;
    m->overrides = xreallocarray(m->overrides, m->override_count + 1, sizeof *m->overrides);
    found = &m->overrides[m->override_count++];
    *found = (struct origin_override){.target = xstrdup(target)};
    return found;
}

static void replace(char **text, const char *with)
{
    free(*text);
    *text = xstrdup(with);
}

void origin_memory_set(struct origin_memory *m, const char *target, const char *options)
{
    mutex_lock(&m->lock);
    replace(&make_override_locked(m, target)->options, options);
    mutex_unlock(&m->lock);
}

void origin_memory_put(struct origin_memory *m, const char *target, const char *type,
                       const char *text)
{
    mutex_lock(&m->lock);
    struct origin_override *v = make_override_locked(m, target);
    replace(&v->type, type);
    replace(&v->text, text);
    mutex_unlock(&m->lock);
}

struct origin_override origin_memory_find(struct origin_memory *m, const char *target,
                                          const char *path)
{
    struct origin_override copy = {0};
    mutex_lock(&m->lock);
    const struct origin_override *found = override_locked(m, target);
    if (!found)
        found = override_locked(m, path);
    if (found && (found->options || found->text))
        copy = (struct origin_override){xstrdup(found->target), xstrdup(found->options),
                                        xstrdup(found->type), xstrdup(found->text)};
    mutex_unlock(&m->lock);
    return copy;
}

static const struct origin_digest *digest_locked(struct origin_memory *m, const char *algorithm,
                                                 uint64_t seed, int64_t size) HAUL_REQUIRES(m->lock)
{
    for (size_t i = 0; i < m->digest_count; i++) {
        const struct origin_digest *d = &m->digests[i];
        if (!strcmp(d->algorithm, algorithm) && d->seed == seed && d->size == size)
            return d;
    }
    m->digests = xreallocarray(m->digests, m->digest_count + 1, sizeof *m->digests);
    struct origin_digest *d = &m->digests[m->digest_count++];
    *d = (struct origin_digest){.algorithm = algorithm, .seed = seed, .size = size};
    d->len = origin_content_digest(algorithm, seed, size, d->bytes);
    return d;
}

size_t origin_memory_digest(struct origin_memory *m, const char *algorithm, uint64_t seed,
                            int64_t size, uint8_t out[EVP_MAX_MD_SIZE])
{
    mutex_lock(&m->lock);
    const struct origin_digest *d = digest_locked(m, algorithm, seed, size);
    size_t len = d->len;
    memcpy(out, d->bytes, len);
    mutex_unlock(&m->lock);
    return len;
}
