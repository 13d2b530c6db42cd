/* SPDX-License-Identifier: MIT */
/* Glob patterns; see glob.h. */
#include "core/glob.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/text.h"

static uint32_t take(const char **s)
{
    uint32_t cp;
    *s += text_utf8_decode(*s, strnlen(*s, 4), &cp);
    return cp;
}

/* Behind the ']' of the set that starts behind `s`; NULL where it is never closed. A ']' that
 * comes first is a member. */
static const char *set_end(const char *s)
{
    s += *s == '!';
    s += *s == ']';
    const char *end = strchr(s, ']');
    return end ? end + 1 : NULL;
}

static bool in_set(const char *s, const char *end, uint32_t c)
{
    bool found = false, negated = *s == '!';
    s += negated;
    while (s < end - 1) {
        uint32_t low = take(&s), high = low;
        if (*s == '-' && s + 1 < end - 1) {
            s++;
            high = take(&s);
        }
        found = found || (low <= c && c <= high);
    }
    return found != negated;
}

/* Matches one character at *text against the pattern's item at *p, which is no '*'; moves both. */
static bool match_one(const char **p, const char **text)
{
    uint32_t c = take(text);
    const char *end = **p == '[' ? set_end(*p + 1) : NULL;
    if (end) {
        bool found = in_set(*p + 1, end, c);
        *p = end;
        return found;
    }
    return take(p) == c || (*p)[-1] == '?';
}

/* Only the last '*' needs to be come back to: an earlier one can gain nothing by taking more. */
bool glob_match(const char *pattern, const char *text)
{
    const char *p = pattern, *star = NULL, *from = NULL;
    size_t len = strlen(pattern);
    bool folder = len && pattern[len - 1] == '/';
    for (;;) {
        if (*p == '*') {
            star = ++p;
            from = text;
            continue;
        }
        if (!*p && folder) /* as if a '*' stood there */
            return true;
        if (!*p && !*text)
            return true;
        const char *at = text;
        if (*p && *text && match_one(&p, &text))
            continue;
        if (!star || !*at || !*from)
            return false;
        take(&from);
        p = star;
        text = from;
    }
}

bool glob_is_pattern(const char *pattern)
{
    size_t len = strlen(pattern);
    return strpbrk(pattern, "*?[") || (len && pattern[len - 1] == '/');
}

bool glob_match_any(const struct string_list *patterns, const char *text)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (glob_match(patterns->items[i], text))
            return true;
    return false;
}
