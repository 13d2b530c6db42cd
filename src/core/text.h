/* SPDX-License-Identifier: MIT */
/*
 * Text from outside made fit to be shown: on a screen, in a log, in JSON, in an error. Pure
 * functions, any thread.
 */
#ifndef HAUL_CORE_TEXT_H
#define HAUL_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/buf.h"

/*
 * Decodes one UTF-8 character of s[0..len). Returns its length (1 to 4) and sets *cp; a byte that
 * starts no valid character (overlong, surrogate, > U+10FFFF, truncated) gives length 1 and
 * U+FFFD. len must be > 0.
 */
size_t text_utf8_decode(const char *s, size_t len, uint32_t *cp);
bool text_utf8_valid(const char *s, size_t len);
/* How many bytes at the start are printable ASCII: most texts are nothing else. */
size_t text_plain_run(const char *s, size_t len);
/* Appends cp as UTF-8. */
void text_utf8_append(struct buf *out, uint32_t cp);

/*
 * Appends s as valid UTF-8 that cannot move a cursor, reorder or hide text: C0, DEL, C1, bidi
 * controls, zero-width, line and paragraph separators, BOM, surrogates, noncharacters, private use
 * and invalid bytes become U+FFFD (a run of invalid bytes: one each); at most 2 combining marks
 * stay on one base character, and a mark with no base is replaced. Cuts at out->max on a character
 * boundary.
 */
void text_sanitize(struct buf *out, const char *s, size_t len);
/* The same as a new string, caller frees. */
char *text_sanitized(const char *s);

/*
 * Appends s with each %XX turned into its byte, once. False, with part of it appended, for a % that
 * two hex digits do not follow, for %00, and where out->max cuts.
 */
HAUL_NODISCARD bool text_percent_decode(struct buf *out, const char *s, size_t len);

/*
 * Appends a URL for people: password and user name become `***`, and so do the values of query
 * and fragment parameters that can let somebody in: by their name (token, key, sig, X-Amz-*, …), by
 * their length (a key's or a signature's), or because something is encoded in them. Sanitised too.
 */
void text_mask_url(struct buf *out, const char *url);
/* The same as a new string, caller frees. */
char *text_masked_url(const char *url);

#endif
