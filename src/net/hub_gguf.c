/* SPDX-License-Identifier: MIT */
/* Names of GGUF files; see hub_gguf.h. */
#include "net/hub_gguf.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/attrs.h"
#include "core/units.h"

#define SUFFIX     ".gguf"
#define SUFFIX_LEN (sizeof SUFFIX - 1)

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool hub_gguf_is_model(const char *path)
{
    static const char *const anywhere[] = {"mmproj", "imatrix"};
    static const char *const in_front[] = {"mtp-", "eagle3-", "dflash-", "dspark-"};
    const char *base = base_name(path);
    size_t len = strlen(base);
    if (len <= SUFFIX_LEN || strcasecmp(base + len - SUFFIX_LEN, SUFFIX) != 0)
        return false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(anywhere); i++)
        if (strcasestr(base, anywhere[i]))
            return false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(in_front); i++)
        if (!strncasecmp(base, in_front[i], strlen(in_front[i])))
            return false;
    return true;
}

static bool five_digits(const char *s, unsigned *out)
{
    uint64_t n;
    if (!units_parse_u64_n(s, 5, 99999, &n))
        return false;
    *out = (unsigned)n;
    return true;
}

size_t hub_gguf_stem(const char *path, unsigned *number, unsigned *total)
{
    static const char of[] = "-of-";
    size_t len = strlen(path);
    if (len >= SUFFIX_LEN && !strcasecmp(path + len - SUFFIX_LEN, SUFFIX))
        len -= SUFFIX_LEN;
    *number = *total = 1;
    size_t tail = strlen("-00001-of-00003");
    const char *at = path + len - (len > tail ? tail : len);
    if (len > tail && at[0] == '-' && !memcmp(at + 6, of, 4) && five_digits(at + 1, number) &&
        five_digits(at + 10, total))
        return len - tail;
    *number = *total = 1;
    return len;
}

static bool ends_token(char c)
{
    return !isalnum((unsigned char)c) && c != '_';
}

/* Q4_K_M, IQ3_XXS, TQ1_0, BF16, F16, FP16, MXFP4_MOE, NVFP4: letters that are known, then digits.
 */
static size_t quant_length(const char *s)
{
    static const char *const heads[] = {"IQ", "TQ", "Q", "BF", "FP", "F", "MXFP", "NVFP"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(heads); i++) {
        size_t head = strlen(heads[i]), len = head;
        if (strncasecmp(s, heads[i], head) != 0)
            continue;
        while (isdigit((unsigned char)s[len]))
            len++;
        if (len == head)
            continue;
        while (s[len] == '_' && isalnum((unsigned char)s[len + 1]))
            len += 1 + strspn(s + len + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789");
        if (ends_token(s[len]))
            return len;
    }
    return 0;
}

void hub_gguf_quant(const char *path, struct buf *out)
{
    unsigned number, total;
    const char *base = base_name(path), *found = NULL;
    const char *end = path + hub_gguf_stem(path, &number, &total);
    size_t len = 0;
    for (const char *s = base; s < end; s++) { /* the last one counts */
        bool starts = s == base || !isalnum((unsigned char)s[-1]);
        size_t n = starts ? quant_length(s) : 0;
        if (!n)
            continue;
        found = s;
        len = n;
        s += n - 1;
    }
    if (found && found - base >= 3 && !strncasecmp(found - 3, "UD-", 3)) {
        found -= 3;
        len += 3;
    }
    for (size_t i = 0; i < len; i++)
        buf_add_char(out, (char)toupper((unsigned char)found[i]));
}

/* An underscore parts tokens in front of what is a quantisation by its form ("model_q4_0"), but is
 * inside of one else ("K_M" is no token of Q4_K_M). */
bool hub_gguf_has_token(const char *text, const char *quant)
{
    size_t len = strlen(quant);
    bool formed = quant_length(quant) > 0;
    for (const char *s = text; (s = strcasestr(s, quant)); s++) {
        bool starts = s == text || ends_token(s[-1]) || (formed && s[-1] == '_');
        if (starts && ends_token(s[len]))
            return true;
    }
    return false;
}
