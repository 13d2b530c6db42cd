/* SPDX-License-Identifier: MIT */
/* Between the files of the spec parser; nothing else includes this. */
#ifndef HAUL_CORE_SPEC_PARSE_H
#define HAUL_CORE_SPEC_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/spec.h"

/*
 * A walk over the text of one spec. The parsers return false after spec_fail, and then leave what
 * they have set in `spec` to be released by spec_parse.
 */
struct spec_cursor {
    const char *at;
    struct spec *spec;
    const char *bad_at;   /* set by spec_fail */
    const char *expected; /* a literal */
};

bool spec_fail(struct spec_cursor *c, const char *at, const char *expected);

/* The rest of the text, after the prefix. */
bool spec_parse_hf(struct spec_cursor *c);
bool spec_parse_ollama(struct spec_cursor *c);
bool spec_parse_github(struct spec_cursor *c);
/* c->at is at the scheme. */
bool spec_parse_url(struct spec_cursor *c);

/* Whether the Hub would take this as the name of an organisation or a repo. */
bool spec_hf_name_ok(const char *s, size_t len);
bool spec_github_owner_ok(const char *s, size_t len);
bool spec_github_name_ok(const char *s, size_t len);
bool spec_ollama_name_ok(const char *s, size_t len, bool dots);

/* Percent-decodes a revision or tag; NULL for one that could not stand in a path. Caller frees. */
char *spec_revision_decoded(const char *s, size_t len);
/* The length of the revision at s: to the first of `stops`, but refs/pr/N and refs/convert/X whole.
 */
size_t spec_hf_revision_span(const char *s, const char *stops);

/*
 * Turns the spec of a URL into that of the service whose page it names. False, and *s unchanged,
 * where it names none. host and path are the URL's.
 */
bool spec_from_known_url(struct spec *s, const char *host, size_t host_len, const char *path);

#endif
