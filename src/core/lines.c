/* SPDX-License-Identifier: MIT */
/* Lines of text files; see lines.h. */
#include "core/lines.h"

#include <string.h>

#include "core/text.h"

#define BOM "\xEF\xBB\xBF"

void lines_init(struct lines *l, const char *text, size_t len)
{
    *l = (struct lines){.at = text, .end = text + len};
    if (len >= strlen(BOM) && !memcmp(text, BOM, strlen(BOM)))
        l->at += strlen(BOM);
}

bool lines_next(struct lines *l)
{
    if (l->at == l->end)
        return false;
    size_t left = (size_t)(l->end - l->at);
    const char *newline = memchr(l->at, '\n', left);
    l->line = l->at;
    l->len = newline ? (size_t)(newline - l->at) : left;
    l->at += l->len + (newline ? 1 : 0);
    if (l->len && l->line[l->len - 1] == '\r')
        l->len--;
    l->number++;
    return true;
}

static bool has_control(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7F)
            return true;
    return false;
}

enum haul_error lines_check(const struct lines *l, const char *name, struct haul_fault *fault)
{
    const char *why = NULL;
    if (l->len > LINES_LENGTH_MAX)
        why = "the line is longer than 16384 bytes";
    else if (has_control(l->line, l->len))
        why = "the line has a control character";
    else if (!text_utf8_valid(l->line, l->len))
        why = "the line is not valid UTF-8";
    if (!why)
        return HAUL_OK;
    return fault_set(fault, HAUL_ERR_USAGE, "%s:%u: %s", name, l->number, why);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void lines_trim(const char **s, size_t *len)
{
    while (*len && is_blank(**s)) {
        (*s)++;
        (*len)--;
    }
    while (*len && is_blank((*s)[*len - 1]))
        (*len)--;
}
