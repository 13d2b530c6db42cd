/* SPDX-License-Identifier: MIT */
/* Which form a spec has, and what is said of a bad one; see spec.h. */
#include "core/spec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/spec_parse.h"
#include "core/text.h"
#include "core/text_class.h"

#define BLANKS " \t\r\n"

static const char forms[] =
    "https://HOST/PATH[#sha256=HEX], hf:ORG/NAME[@REV][:QUANT][/GLOB] (or bare ORG/NAME), "
    "hf:datasets/ORG/NAME, hf:spaces/ORG/NAME (or space:ORG/NAME), ollama:[HOST/][NS/]MODEL[:TAG], "
    "github:OWNER/REPO[@TAG][/GLOB], build:RECIPE.json, file:PATH";

bool spec_fail(struct spec_cursor *c, const char *at, const char *expected)
{
    c->bad_at = at;
    c->expected = expected;
    return false;
}

static bool parse_space(struct spec_cursor *c)
{
    c->spec->repo = SPEC_SPACE;
    return spec_parse_hf(c);
}

static bool parse_build(struct spec_cursor *c)
{
    if (!*c->at)
        return spec_fail(c, c->at, "the path of a recipe");
    c->spec->path = xstrdup(c->at);
    return true;
}

/* file:PATH is a path as it stands; file:///PATH is a URL, with its encoding. */
static bool parse_file(struct spec_cursor *c)
{
    if (!*c->at)
        return spec_fail(c, c->at, "the path of a file");
    if (strncmp(c->at, "//", 2) != 0) {
        c->spec->path = xstrdup(c->at);
        return true;
    }
    c->at += 2;
    if (*c->at != '/')
        return spec_fail(c, c->at, "a path on this machine, as in file:///PATH");
    struct buf path;
    buf_init(&path);
    bool ok = text_percent_decode(&path, c->at, strlen(c->at));
    if (ok)
        c->spec->path = buf_detach(&path);
    buf_release(&path);
    return ok || spec_fail(c, c->at, "a path whose % are each followed by two hex digits");
}

static const struct form {
    const char *prefix;
    enum spec_kind kind;
    bool (*parse)(struct spec_cursor *c);
    bool keeps_prefix;
} form_table[] = {
    {"https://", SPEC_URL, spec_parse_url, true},
    {"http://", SPEC_URL, spec_parse_url, true},
    {"hf://", SPEC_HF, spec_parse_hf, false},
    {"hf:", SPEC_HF, spec_parse_hf, false},
    {"hf.co/", SPEC_HF, spec_parse_hf, false},
    {"huggingface.co/", SPEC_HF, spec_parse_hf, false},
    {"space:", SPEC_HF, parse_space, false},
    {"ollama:", SPEC_OLLAMA, spec_parse_ollama, false},
    {"github:", SPEC_GITHUB, spec_parse_github, false},
    {"gh:", SPEC_GITHUB, spec_parse_github, false},
    {"build:", SPEC_BUILD, parse_build, false},
    {"file:", SPEC_FILE, parse_file, false},
};

static const struct form *form_of(const char *text)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(form_table); i++)
        if (!strncasecmp(text, form_table[i].prefix, strlen(form_table[i].prefix)))
            return &form_table[i];
    return NULL;
}

/* ORG/NAME[…] without a prefix; a lone word could be anything. */
static bool parse_bare(struct spec_cursor *c)
{
    size_t word = strcspn(c->at, "/:");
    if (c->at[word] == ':')
        return spec_fail(c, c->at, "one of the forms below (this prefix is none of them)");
    if (!c->at[word])
        return spec_fail(c, c->at + word, "/NAME behind the organisation");
    c->spec->kind = SPEC_HF;
    return spec_parse_hf(c);
}

static bool check_characters(struct spec_cursor *c)
{
    size_t len = strlen(c->at);
    for (size_t i = text_plain_run(c->at, len); i < len;) {
        uint32_t cp;
        size_t used = text_utf8_decode(c->at + i, len - i, &cp);
        if (text_is_control(cp))
            return spec_fail(c, c->at + i, "no control character");
        if (used == 1 && (unsigned char)c->at[i] >= 0x80)
            return spec_fail(c, c->at + i, "valid UTF-8");
        i += used + text_plain_run(c->at + i + used, len - i - used);
    }
    return true;
}

static bool parse(struct spec_cursor *c)
{
    if (!*c->at)
        return spec_fail(c, c->at, "a source");
    if (!check_characters(c))
        return false;
    const struct form *form = form_of(c->at);
    if (!form)
        return parse_bare(c);
    c->spec->kind = form->kind;
    if (!form->keeps_prefix)
        c->at += strlen(form->prefix);
    return form->parse(c);
}

/* A text of our own forms cannot hold a password unless there is a URL in it; a `?` in it is a
 * pattern, not a query. */
static char *masked_text(const char *text, bool own_form)
{
    return own_form && !strstr(text, ":/") ? text_sanitized(text) : text_masked_url(text);
}

/* Columns as an editor counts them. */
static size_t column_of(const char *text, const char *at)
{
    size_t column = 1;
    for (const char *s = text; s < at; s++)
        column += ((unsigned char)*s & 0xC0) != 0x80;
    return column;
}

static enum haul_error bad_spec(const struct spec_cursor *c, const char *text,
                                struct haul_fault *fault)
{
    const struct form *form = form_of(c->spec->text);
    char *shown = masked_text(c->spec->text, form && form->kind != SPEC_URL);
    enum haul_error rc = fault_set(fault, HAUL_ERR_BAD_SPEC,
                                   "bad source \"%.200s\" at position %zu: expected %s. Forms: %s",
                                   shown, column_of(text, c->bad_at), c->expected, forms);
    free(shown);
    return rc;
}

enum haul_error spec_parse(const char *text, struct spec *s, struct haul_fault *fault)
{
    const char *start = text + strspn(text, BLANKS);
    size_t len = strlen(start);
    while (len && strchr(BLANKS, start[len - 1]))
        len--;
    *s = (struct spec){.text = xstrndup(start, len)};
    struct spec_cursor c = {.at = s->text, .spec = s};
    if (parse(&c))
        return HAUL_OK;
    c.bad_at = start + (c.bad_at - s->text);
    enum haul_error rc = bad_spec(&c, text, fault);
    spec_release(s);
    return rc;
}

void spec_release(struct spec *s)
{
    char *strings[] = {s->text,     s->url,   s->host, s->owner, s->name,
                       s->revision, s->quant, s->glob, s->path};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(strings); i++)
        free(strings[i]);
    *s = (struct spec){0};
}

const char *spec_kind_name(enum spec_kind kind)
{
    static const char *const names[] = {
        [SPEC_URL] = "url",       [SPEC_HF] = "hf",       [SPEC_OLLAMA] = "ollama",
        [SPEC_GITHUB] = "github", [SPEC_BUILD] = "build", [SPEC_FILE] = "file",
    };
    return names[kind];
}

char *spec_masked(const struct spec *s)
{
    return masked_text(s->text, s->kind != SPEC_URL);
}

static void append_url_name(struct buf *out, const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t end = strcspn(url, "?#");
    size_t start = end;
    while (start && url[start - 1] != '/')
        start--;
    if (start == end || url + start <= host) {
        const char *at = memchr(host, '@', strcspn(host, "/?#"));
        host = at ? at + 1 : host;
        buf_add(out, host, strcspn(host, "/?#"));
        return;
    }
    if (text_percent_decode(out, url + start, end - start))
        return;
    buf_truncate(out, 0);
    buf_add(out, url + start, end - start);
}

static void append_repo_name(struct buf *out, const struct spec *s)
{
    static const char marks[] = {[SPEC_OLLAMA] = ':', [SPEC_GITHUB] = '@'};
    if (s->owner)
        buf_addf(out, "%s/", s->owner);
    buf_add_str(out, s->name);
    if (s->kind != SPEC_HF && s->revision)
        buf_addf(out, "%c%s", marks[s->kind], s->revision);
}

char *spec_display_name(const struct spec *s)
{
    struct buf name, out;
    buf_init(&name);
    buf_init(&out);
    if (s->kind == SPEC_URL) {
        append_url_name(&name, s->url);
    } else if (s->path) {
        const char *slash = strrchr(s->path, '/');
        buf_add_str(&name, slash && slash[1] ? slash + 1 : s->path);
    } else {
        append_repo_name(&name, s);
    }
    text_sanitize(&out, name.data, name.len);
    buf_release(&name);
    return buf_detach(&out);
}
