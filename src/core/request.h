/* SPDX-License-Identifier: MIT */
/* What a user asks for: one spec and the options of that job. Plain data, copied into the job. */
#ifndef HAUL_CORE_REQUEST_H
#define HAUL_CORE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/digest_value.h"
#include "core/settings.h"

struct job_request {
    char *spec; /* as given: may hold a secret (URL user info, signed query) */
    char *dir;  /* NULL: the layout's default place */
    char *out;  /* file name of a one-file source; NULL: the source's own */
    enum layout layout;
    char *revision;
    struct string_list include, exclude;
    struct string_list headers;   /* "K: V", sent to the spec's origin only, never stored */
    struct digest_value checksum; /* DIGEST_NONE where none was given */
    char *checksum_file;          /* text of a SHA256SUMS-style list, already read; or NULL */
    enum on_exists on_exists;
    unsigned connections; /* 0: the settings' */
    int64_t limit_rate;   /* -1: the settings' job_limit_rate; 0: none */
    int priority;         /* higher first; 0 is normal */
    bool paused;          /* add it paused */
    bool no_resume;
    bool confirmed; /* the user has seen what a build would run and wants it; never stored */
};

void job_request_init(struct job_request *r); /* limit_rate -1, the rest zero */
void job_request_copy(struct job_request *to, const struct job_request *from); /* to: garbage */
void job_request_release(struct job_request *r);
/* "Name: value" that can be sent as it stands. */
bool request_header_valid(const char *text);

#endif
