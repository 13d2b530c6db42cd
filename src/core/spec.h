/* SPDX-License-Identifier: MIT */
/* The grammar of source specs (interfaces.md §1): one string names what to fetch. Pure parsing,
 * nothing is contacted. Any thread. */
#ifndef HAUL_CORE_SPEC_H
#define HAUL_CORE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"

enum spec_kind { SPEC_URL, SPEC_HF, SPEC_OLLAMA, SPEC_GITHUB, SPEC_BUILD, SPEC_FILE };
enum spec_repo { SPEC_MODEL, SPEC_DATASET, SPEC_SPACE };

/* Strings are owned by the spec; NULL where the form has no such part or it was left out. */
struct spec {
    enum spec_kind kind;
    char *text; /* as given, trimmed */
    /* url */
    char *url;          /* without the fragment */
    bool has_sha256;    /* also when the URL became another kind */
    uint8_t sha256[32]; /* from `#sha256=HEX` */
    /* hf, ollama, github */
    enum spec_repo repo;
    char *host;      /* ollama registry host[:port] */
    bool plain_http; /* ollama:http://… */
    char *owner;     /* hf ORG (NULL: canonical id), ollama NS ("library"), github OWNER */
    char *name;      /* hf NAME, ollama MODEL, github REPO */
    char *revision;  /* hf REV, ollama TAG ("latest"), github TAG */
    char *quant;     /* hf */
    char *glob;      /* hf, github; may be a plain path, which a file's own path equals */
    /* build, file */
    char *path;
};

void spec_release(struct spec *s);

/*
 * Parses `text`. On HAUL_ERR_BAD_SPEC the fault gives the 1-based position, what was expected
 * there and the forms that exist; *s is then as after release. URLs of known services
 * (huggingface.co /resolve/ /blob/ /raw/ /tree/ and repo pages, hf.co; github.com releases;
 * ollama.com/library pages) become that service's kind. Only http and https URLs are taken;
 * control characters, blanks and an empty host are refused. The tree page of a folder gets
 * the glob of all below it. hf:// and a bare hf.co/ or huggingface.co/ mean hf: too.
 */
HAUL_NODISCARD enum haul_error spec_parse(const char *text, struct spec *s,
                                          struct haul_fault *fault);

/* A short name for lists: last path segment of a URL (decoded, sanitised), ORG/NAME, NS/MODEL:TAG,
 * OWNER/REPO@TAG, base name of a path. Caller frees. */
char *spec_display_name(const struct spec *s);
/* The spec's text with secrets masked, for people, logs, events and state. Caller frees. */
char *spec_masked(const struct spec *s);

/* "hf", "url", … */
const char *spec_kind_name(enum spec_kind kind);

#endif
