/* SPDX-License-Identifier: MIT */
/*
 * A build recipe (interfaces.md §1): what a `build:` job runs and what comes out of it. Pure
 * parsing; a recipe is read by whoever is about to run it.
 */
#ifndef HAUL_CORE_RECIPE_H
#define HAUL_CORE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"
#include "core/settings.h"

#define RECIPE_SIZE_MAX ((size_t)1 << 20)

struct recipe {
    char *name;
    struct string_list command; /* run as it is, without a shell */
    char *cwd;                  /* absolute */
    struct string_list env;     /* "NAME=value", on top of haul's own */
    char *output;               /* relative to cwd: file or directory */
    bool has_sha256;
    uint8_t sha256[32];
};

void recipe_init(struct recipe *r);
void recipe_release(struct recipe *r);

/* Parses text; `folder` (absolute) is where the recipe lies. HAUL_ERR_USAGE names `label`, the key
 * and what is wrong with it. *r is initialised; on error it is as after init. */
HAUL_NODISCARD enum haul_error recipe_parse(const char *label, const char *text, size_t len,
                                            const char *folder, struct recipe *r,
                                            struct haul_fault *fault);

/* What would run, for people: words that need it in quotes. Sanitised. */
void recipe_describe(const struct recipe *r, struct buf *out);

#endif
