/* SPDX-License-Identifier: MIT */
/* The error table and faults; see error.h. */
#include "core/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"

static const struct {
    const char *code;
    int exit;
    bool retryable;
    const char *text;
} errors[] = {
#define X(name, code, exit, retryable, text) {code, exit, retryable, text},
    HAUL_ERRORS(X)
#undef X
};

const char *haul_error_code(enum haul_error e)
{
    return errors[e].code;
}

const char *haul_error_text(enum haul_error e)
{
    return errors[e].text;
}

int haul_error_exit(enum haul_error e)
{
    return errors[e].exit;
}

enum haul_error haul_error_from_code(const char *code)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(errors); i++)
        if (!strcmp(errors[i].code, code))
            return (enum haul_error)i;
    return HAUL_ERR_INTERNAL;
}

static void fill(struct haul_fault *f, enum haul_error code, const char *text)
{
    *f = (struct haul_fault){.code = code, .retryable = errors[code].retryable};
    struct buf clean;
    buf_init_max(&clean, sizeof f->message - 1);
    text_sanitize(&clean, text, strlen(text));
    memcpy(f->message, clean.data, clean.len + 1);
    buf_release(&clean);
}

HAUL_PRINTF(1, 0) static char *format(const char *fmt, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    return text;
}

enum haul_error fault_set(struct haul_fault *f, enum haul_error code, const char *fmt, ...)
{
    if (!f)
        return code;
    va_list args;
    va_start(args, fmt);
    char *text = format(fmt, args);
    va_end(args);
    fill(f, code, text);
    free(text);
    return code;
}

enum haul_error fault_set_errno(struct haul_fault *f, int err, const char *fmt, ...)
{
    enum haul_error code = err == ENOSPC || err == EDQUOT ? HAUL_ERR_DISK_FULL : HAUL_ERR_DISK;
    if (!f)
        return code;
    va_list args;
    va_start(args, fmt);
    char *what = format(fmt, args);
    va_end(args);
    struct buf text;
    buf_init(&text);
    buf_addf(&text, "%s: %s", what, strerror(err));
    if (err == EMFILE)
        buf_add_str(&text, "; raise the limit (ulimit -n), or lower --jobs");
    fill(f, code, text.data);
    buf_release(&text);
    free(what);
    return code;
}
