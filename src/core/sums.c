/* SPDX-License-Identifier: MIT */
/* Lists in the style of SHA256SUMS; see sums.h. */
#include "core/sums.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/lines.h"
#include "core/units.h"

#define HEX_CHARS "0123456789abcdefABCDEF"

enum verdict { NOT_A_SUM, SUM, BAD_ESCAPE };

/* Algorithms in rising strength, with BSD's names for them. */
static const struct {
    enum digest_algorithm algorithm;
    const char *names[2];
} kinds[] = {
    {DIGEST_MD5, {"MD5", NULL}},
    {DIGEST_SHA1, {"SHA1", NULL}},
    {DIGEST_SHA256, {"SHA256", "SHA2-256"}},
    {DIGEST_SHA512, {"SHA512", "SHA2-512"}},
};

static int strength(enum digest_algorithm a)
{
    int i = (int)HAUL_ARRAY_LEN(kinds) - 1;
    while (i >= 0 && kinds[i].algorithm != a)
        i--;
    return i;
}

static enum digest_algorithm algorithm_of_size(size_t size)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(kinds); i++)
        if (digest_size(kinds[i].algorithm) == size)
            return kinds[i].algorithm;
    return DIGEST_NONE;
}

static enum digest_algorithm algorithm_of_tag(const char *tag, size_t len)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(kinds); i++)
        for (size_t j = 0; j < 2; j++) {
            const char *name = kinds[i].names[j];
            if (name && strlen(name) == len && !strncasecmp(name, tag, len))
                return kinds[i].algorithm;
        }
    return DIGEST_NONE;
}

static size_t hex_span(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && s[n] && strchr(HEX_CHARS, s[n]))
        n++;
    return n;
}

/* Takes `name`. */
static void add_entry(struct sums *sums, char *name, enum digest_algorithm algorithm,
                      const char *hex)
{
    struct digest_value value = {.algorithm = algorithm};
    char *digits = xstrndup(hex, 2 * digest_size(algorithm));
    if (!units_parse_hex(digits, value.bytes, digest_size(algorithm)))
        value.algorithm = DIGEST_NONE;
    free(digits);
    sums->entries = xreallocarray(sums->entries, sums->count + 1, sizeof *sums->entries);
    sums->entries[sums->count++] = (struct sums_entry){.name = name, .value = value};
}

/* NULL for an escape that sha256sum does not write. */
static char *unescaped(const char *s, size_t len)
{
    struct buf out;
    buf_init(&out);
    bool ok = true;
    for (size_t i = 0; ok && i < len; i++) {
        static const char letters[] = "\\nr", meant[] = "\\\n\r";
        const char *at = letters;
        if (s[i] == '\\') {
            at = ++i < len && s[i] ? strchr(letters, s[i]) : NULL;
            ok = at != NULL;
            buf_add_char(&out, at ? meant[at - letters] : '\0');
        } else {
            buf_add_char(&out, s[i]);
        }
    }
    char *text = ok ? buf_detach(&out) : NULL;
    buf_release(&out);
    return text;
}

static char *name_copy(const char *s, size_t len, bool escaped)
{
    while (len > 2 && s[0] == '.' && s[1] == '/') {
        s += 2;
        len -= 2;
    }
    return escaped ? unescaped(s, len) : xstrndup(s, len);
}

/* HEX, HEX␠␠NAME, HEX␠*NAME */
static enum verdict parse_gnu(struct sums *sums, const char *s, size_t len, bool escaped)
{
    size_t hex = hex_span(s, len);
    if (hex < 32 || hex % 2)
        return NOT_A_SUM;
    const char *name = s + hex;
    size_t left = len - hex;
    if (left && *name != ' ' && *name != '\t')
        return NOT_A_SUM;
    size_t separator = left > 1 && strchr(" *\t", name[1]) ? 2 : left ? 1 : 0;
    char *copy = name_copy(name + separator, left - separator, escaped);
    if (!copy)
        return BAD_ESCAPE;
    add_entry(sums, copy, algorithm_of_size(hex / 2), s);
    return SUM;
}

/* TAG (NAME) = HEX, and OpenSSL's TAG(NAME)= HEX */
static enum verdict parse_bsd(struct sums *sums, const char *s, size_t len, bool escaped)
{
    const char *open = memchr(s, '(', len);
    const char *close = memrchr(s, ')', len);
    if (!open || !close || close < open)
        return NOT_A_SUM;
    const char *tag = s, *hex = close + 1;
    size_t tag_len = (size_t)(open - s), left = len - (size_t)(hex - s);
    lines_trim(&tag, &tag_len);
    lines_trim(&hex, &left);
    if (!left || *hex != '=')
        return NOT_A_SUM;
    hex++;
    left--;
    lines_trim(&hex, &left);
    if (!tag_len || left < 32 || hex_span(hex, left) != left)
        return NOT_A_SUM;
    enum digest_algorithm algorithm = algorithm_of_tag(tag, tag_len);
    if (algorithm != DIGEST_NONE && left != 2 * digest_size(algorithm))
        return NOT_A_SUM;
    char *copy = name_copy(open + 1, (size_t)(close - open - 1), escaped);
    if (!copy)
        return BAD_ESCAPE;
    add_entry(sums, copy, algorithm, hex);
    return SUM;
}

static enum verdict parse_line(struct sums *sums, const char *s, size_t len)
{
    if (len > LINES_LENGTH_MAX || memchr(s, '\0', len))
        return NOT_A_SUM;
    bool escaped = len && s[0] == '\\';
    s += escaped ? 1 : 0;
    len -= escaped ? 1 : 0;
    enum verdict verdict = parse_gnu(sums, s, len, escaped);
    return verdict == NOT_A_SUM ? parse_bsd(sums, s, len, escaped) : verdict;
}

enum haul_error sums_parse(const char *label, const char *text, size_t len, struct sums *sums,
                           struct haul_fault *fault)
{
    *sums = (struct sums){0};
    enum haul_error rc = HAUL_OK;
    struct lines l;
    lines_init(&l, text, len);
    while (rc == HAUL_OK && lines_next(&l))
        if (parse_line(sums, l.line, l.len) == BAD_ESCAPE)
            rc = fault_set(fault, HAUL_ERR_USAGE, "%s:%u: bad escape in a name", label, l.number);
    if (rc == HAUL_OK && !sums->count)
        rc = fault_set(fault, HAUL_ERR_USAGE, "%s holds no checksums", label);
    if (rc != HAUL_OK)
        sums_release(sums);
    return rc;
}

void sums_release(struct sums *sums)
{
    for (size_t i = 0; i < sums->count; i++)
        free(sums->entries[i].name);
    free(sums->entries);
    *sums = (struct sums){0};
}

static const char *last_component(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether several of the sorted texts are that one. */
static bool has_several(const char *const *sorted, size_t count, const char *text)
{
    const char *const *at = bsearch(&text, sorted, count, sizeof *sorted, by_text);
    if (!at)
        return false;
    bool before = at > sorted && !strcmp(at[-1], text);
    return before || (at + 1 < sorted + count && !strcmp(at[1], text));
}

void sums_share(struct sums *sums, const char *const *names, size_t count)
{
    const char **last = xcalloc(count + 1, sizeof *last);
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (names[i])
            last[known++] = last_component(names[i]);
    qsort(last, known, sizeof *last, by_text);
    for (size_t i = 0; i < sums->count; i++) {
        struct sums_entry *e = &sums->entries[i];
        e->exact = e->name[0] ? has_several(last, known, last_component(e->name)) : count > 1;
    }
    free(last);
}

static bool same_name(const struct sums_entry *e, const char *name)
{
    return !strcmp(e->name, name);
}

static bool same_component(const struct sums_entry *e, const char *name)
{
    return e->name[0] && !e->exact && !strcmp(last_component(e->name), last_component(name));
}

struct match {
    size_t count;
    bool contradiction; /* among those of best's algorithm */
    const struct digest_value *best;
};

static struct match find(const struct sums *sums, const char *name,
                         bool (*matches)(const struct sums_entry *e, const char *name))
{
    struct match m = {0};
    for (size_t i = 0; i < sums->count; i++) {
        const struct digest_value *v = &sums->entries[i].value;
        if (!matches(&sums->entries[i], name))
            continue;
        m.count++;
        int rank = strength(v->algorithm), best = m.best ? strength(m.best->algorithm) : -1;
        if (rank < best)
            continue;
        if (rank == best && m.best && memcmp(v->bytes, m.best->bytes, sizeof v->bytes) != 0)
            m.contradiction = true;
        if (rank > best) {
            m.best = v;
            m.contradiction = false;
        }
    }
    return m;
}

enum haul_error sums_find(const struct sums *sums, const char *name, struct digest_value *value,
                          struct haul_fault *fault)
{
    while (!strncmp(name, "./", 2))
        name += 2;
    struct match m = find(sums, name, same_name);
    if (!m.count)
        m = find(sums, name, same_component);
    if (!m.count && sums->count == 1 && !sums->entries[0].name[0] && !sums->entries[0].exact)
        m = (struct match){1, false, &sums->entries[0].value};
    if (!m.count)
        return fault_set(fault, HAUL_ERR_NOT_FOUND, "the checksum list does not name %s", name);
    if (m.contradiction)
        return fault_set(fault, HAUL_ERR_AMBIGUOUS,
                         "the checksum list has different digests for %s", name);
    if (!m.best || m.best->algorithm == DIGEST_NONE)
        return fault_set(fault, HAUL_ERR_CHECKSUM,
                         "the checksum list has no digest for %s that haul can check", name);
    *value = *m.best;
    return HAUL_OK;
}
