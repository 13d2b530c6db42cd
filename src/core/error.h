/* SPDX-License-Identifier: MIT */
/*
 * What can go wrong, in one table: the name that programs see (`code` in JSON), the exit code, and
 * whether trying again can help. A function that can fail returns enum haul_error and fills the
 * caller's struct haul_fault with words for people.
 */
#ifndef HAUL_CORE_ERROR_H
#define HAUL_CORE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"

/* NAME, code in JSON, exit code, retryable, short text */
#define HAUL_ERRORS(X)                                                                             \
    X(OK, "ok", 0, false, "ok")                                                                    \
    X(INTERNAL, "internal", 1, false, "internal error")                                            \
    X(USAGE, "usage", 2, false, "usage")                                                           \
    X(BAD_SPEC, "bad_spec", 2, false, "not a source")                                              \
    X(AMBIGUOUS, "ambiguous", 2, false, "ambiguous")                                               \
    X(NOT_FOUND, "not_found", 3, false, "not found")                                               \
    X(UNAUTHORIZED, "unauthorized", 4, false, "not allowed")                                       \
    X(NETWORK, "network", 5, true, "network")                                                      \
    X(TIMEOUT, "timeout", 5, true, "timed out")                                                    \
    X(TLS, "tls", 5, false, "TLS")                                                                 \
    X(HTTP_STATUS, "http_status", 5, true, "HTTP error")                                           \
    X(RATE_LIMITED, "rate_limited", 5, true, "rate limited")                                       \
    X(CHECKSUM, "checksum", 6, false, "checksum")                                                  \
    X(DISK_FULL, "disk_full", 7, false, "disk full")                                               \
    X(DISK, "disk", 7, false, "disk")                                                              \
    X(EXISTS, "exists", 8, false, "exists")                                                        \
    X(BUSY, "busy", 8, false, "busy")                                                              \
    X(SERVER, "server", 9, false, "job server")                                                    \
    X(CANCELLED, "cancelled", 130, false, "cancelled")

enum haul_error {
#define X(name, code, exit, retryable, text) HAUL_ERR_##name,
    HAUL_ERRORS(X)
#undef X
        HAUL_ERR_COUNT
};
#define HAUL_OK HAUL_ERR_OK

#define HAUL_FAULT_MESSAGE_MAX 1024

/* Held by the caller; plain data, copied by assignment. */
struct haul_fault {
    enum haul_error code;
    int http_status; /* 0 where none was received */
    bool retryable;  /* the same request may succeed later */
    /* What failed, on what, why, and what to do. UTF-8, no secret, no control characters. */
    char message[HAUL_FAULT_MESSAGE_MAX];
};

const char *haul_error_code(enum haul_error e); /* "not_found" */
const char *haul_error_text(enum haul_error e); /* "not found" */
int haul_error_exit(enum haul_error e);
/* The error of that JSON code; HAUL_ERR_INTERNAL where there is none. */
enum haul_error haul_error_from_code(const char *code);

/*
 * Fills *f (which may be NULL) and returns `code`, so that a function can `return fault_set(…)`.
 * retryable is the table's default; http_status is 0. Control characters become U+FFFD.
 */
enum haul_error fault_set(struct haul_fault *f, enum haul_error code, const char *fmt, ...)
    HAUL_PRINTF(3, 4);
/* The same for a failed system call: appends ": " and the text of `err`; ENOSPC and EDQUOT turn
 * the code into HAUL_ERR_DISK_FULL. */
enum haul_error fault_set_errno(struct haul_fault *f, int err, const char *fmt, ...)
    HAUL_PRINTF(3, 4);

#endif
