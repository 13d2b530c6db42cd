/* SPDX-License-Identifier: MIT */
/* The server's token; see token.h. */
#include "api/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/units.h"

#define TOKEN_BYTES 32
#define TOKEN_MIN   16 /* characters of one that the user chose */
#define TOKEN_MAX   256

static enum haul_error make_token(const char *path, struct haul_fault *fault)
{
    uint8_t bytes[TOKEN_BYTES];
    char text[2 * TOKEN_BYTES + 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fault_set_errno(fault, errno, "no random numbers for a token");
    units_format_hex(bytes, sizeof bytes, text);
    text[2 * TOKEN_BYTES] = '\n';
    text[2 * TOKEN_BYTES + 1] = '\0';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return HAUL_OK; /* another server was faster */
    int err = fd < 0 ? errno : file_write_all(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return err ? fault_set_errno(fault, err, "cannot make the token file %s", path) : HAUL_OK;
}

static bool fits(const char *token)
{
    size_t len = strlen(token);
    for (const char *p = token; *p; p++)
        if (*p <= ' ' || *p > '~')
            return false;
    return len >= TOKEN_MIN && len <= TOKEN_MAX;
}

static enum haul_error parse(const char *path, char *text, char **token, struct haul_fault *fault)
{
    text[strcspn(text, "\r\n")] = '\0';
    if (!fits(text))
        return fault_set(fault, HAUL_ERR_USAGE,
                         "%s holds no token: one line of %d to %d visible characters", path,
                         TOKEN_MIN, TOKEN_MAX);
    *token = xstrdup(text);
    return HAUL_OK;
}

static enum haul_error read_token(const char *path, int fd, char **token, bool *shown,
                                  struct haul_fault *fault)
{
    struct stat st;
    char text[TOKEN_MAX + 3];
    if (fstat(fd, &st) != 0)
        return fault_set_errno(fault, errno, "cannot read %s", path);
    if (!S_ISREG(st.st_mode))
        return fault_set(fault, HAUL_ERR_USAGE, "%s is no plain file", path);
    ssize_t len = read(fd, text, sizeof text - 1);
    if (len < 0)
        return fault_set_errno(fault, errno, "cannot read %s", path);
    text[len] = '\0';
    if (shown)
        *shown = st.st_mode & 077;
    return parse(path, text, token, fault);
}

enum haul_error token_read(const char *path, bool make, char **token, bool *shown,
                           struct haul_fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT && make) {
        enum haul_error err = make_token(path, fault);
        if (err != HAUL_OK)
            return err;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (fd < 0 && errno == ENOENT)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "there is no token file %s", path);
    if (fd < 0)
        return fault_set_errno(fault, errno, "cannot read the token file %s", path);
    enum haul_error err = read_token(path, fd, token, shown, fault);
    close(fd);
    return err;
}
