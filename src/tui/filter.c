/* SPDX-License-Identifier: MIT */
/* See filter.h. A filter is a list of atoms; those of one alternative stand together. */
#include "tui/filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/units.h"
#include "tui/bar.h"
#include "tui/joblist.h"

enum comparison { LESS = 1, EQUAL = 2, GREATER = 4 };

struct atom {
    bool (*holds)(const struct atom *a, const struct job_view *job);
    bool not ;
    unsigned alternative;
    char *text;
    unsigned compare; /* enum comparison */
    int64_t number;
};

struct filter {
    struct atom *atoms;
    size_t count;
};

static bool contains(const char *s, const char *part)
{
    return s && strcasestr(s, part);
}

static bool text_holds(const struct atom *a, const struct job_view *job)
{
    return contains(job->name, a->text) || contains(job->source, a->text);
}

static bool is_letter(const char *text)
{
    return text[0] && !text[1] && strchr("QDRPVXC-", text[0]);
}

/* The letter of the list, or how the name of a state begins. */
static bool names_state(const char *text)
{
    static const char *const others[] = {"retry", "waiting", "active", "done"};
    bool known = is_letter(text);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(others); i++)
        known = known || !strncasecmp(others[i], text, strlen(text));
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        known = known || !strncasecmp(job_state_name((enum job_state)i), text, strlen(text));
    return known;
}

static bool state_holds(const struct atom *a, const struct job_view *job)
{
    size_t len = strlen(a->text);
    if (is_letter(a->text))
        return job_letter(job) == a->text[0];
    if (job_letter(job) == 'R')
        return !strncasecmp("retry", a->text, len) || !strncasecmp("waiting", a->text, len);
    return !strncasecmp(job_state_name(job->state), a->text, len) ||
           (job_state_active(job->state) && !strncasecmp("active", a->text, len)) ||
           (job->state == JOB_COMPLETED && !strncasecmp("done", a->text, len));
}

/* The part of a URL between "//" and the next '/'. */
static bool host_has(const char *url, const char *part)
{
    const char *host = url ? strstr(url, "//") : NULL;
    if (!host)
        return false;
    host += 2;
    char *name = xstrndup(host, strcspn(host, "/?#"));
    bool has = strcasestr(name, part);
    free(name);
    return has;
}

static bool host_holds(const struct atom *a, const struct job_view *job)
{
    if (host_has(job->source, a->text))
        return true;
    for (size_t i = 0; i < job->file_count; i++)
        if (host_has(job->files[i].url, a->text))
            return true;
    return false;
}

static bool dir_holds(const struct atom *a, const struct job_view *job)
{
    return contains(job->dir, a->text);
}

static bool compares(const struct atom *a, int64_t value)
{
    unsigned is = value < a->number ? LESS : value > a->number ? GREATER : EQUAL;
    return (a->compare & is) != 0;
}

static bool size_holds(const struct atom *a, const struct job_view *job)
{
    return job->total >= 0 && compares(a, job->total);
}

static bool done_holds(const struct atom *a, const struct job_view *job)
{
    return job->total > 0 && compares(a, bar_share(job->bytes, job->total, 100));
}

static bool speed_holds(const struct atom *a, const struct job_view *job)
{
    return compares(a, job->rate);
}

static const struct {
    const char *name; /* with what follows it */
    bool (*holds)(const struct atom *a, const struct job_view *job);
    bool number;
} fields[] = {
    {"state:", state_holds, false}, {"host:", host_holds, false}, {"dir:", dir_holds, false},
    {"size", size_holds, true},     {"done", done_holds, true},   {"speed", speed_holds, true},
};

static size_t read_comparison(const char *s, unsigned *compare)
{
    size_t len = 0;
    *compare = 0;
    for (; s[len] && strchr("<=>", s[len]); len++)
        *compare |= s[len] == '<' ? LESS : s[len] == '>' ? GREATER : EQUAL;
    return len;
}

static enum haul_error read_atom(struct atom *a, char *word, struct haul_fault *fault)
{
    a->holds = text_holds;
    a->text = word;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(fields); i++) {
        size_t len = strlen(fields[i].name);
        if (strncmp(word, fields[i].name, len) != 0)
            continue;
        size_t sign = fields[i].number ? read_comparison(word + len, &a->compare) : 0;
        if (fields[i].number && !sign)
            continue; /* a word that only begins like one */
        const char *value = word + len + sign;
        if (!*value)
            return fault_set(fault, HAUL_ERR_USAGE, "Filter: nothing follows '%s'.", word);
        if (fields[i].number && !units_parse_size(value, &a->number))
            return fault_set(fault, HAUL_ERR_USAGE,
                             "Filter: '%s' is not a number; write size>1G, done<50.", value);
        if (fields[i].holds == state_holds && !names_state(value))
            return fault_set(fault, HAUL_ERR_USAGE,
                             "Filter: '%s' is no state; write one of the list's letters, queued, "
                             "active, retry, paused, failed, done or cancelled.",
                             value);
        a->holds = fields[i].holds;
        a->text = xstrdup(value);
        free(word);
        return HAUL_OK;
    }
    return HAUL_OK;
}

static struct atom *add_atom(struct filter *f)
{
    f->atoms = xreallocarray(f->atoms, f->count + 1, sizeof *f->atoms);
    struct atom *a = &f->atoms[f->count++];
    *a = (struct atom){0};
    return a;
}

static enum haul_error read_words(struct filter *f, const char *text, struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    unsigned alternative = 0;
    for (bool not = false; *text && err == HAUL_OK;) {
        size_t len = strcspn(text, " |");
        if (*text == '!') {
            not = !not ;
            text++;
        } else if (len) {
            struct atom *a = add_atom(f);
            a->not = not ;
            a->alternative = alternative;
            err = read_atom(a, xstrndup(text, len), fault);
            not = false;
            text += len;
        } else {
            alternative += *text++ == '|';
        }
    }
    return err;
}

enum haul_error filter_new(const char *text, struct filter **out, struct haul_fault *fault)
{
    *out = NULL;
    struct filter *f = xcalloc(1, sizeof *f);
    enum haul_error err = read_words(f, text, fault);
    if (err == HAUL_OK && f->count)
        *out = f;
    else
        filter_free(f);
    return err;
}

void filter_free(struct filter *f)
{
    for (size_t i = 0; f && i < f->count; i++)
        free(f->atoms[i].text);
    if (f)
        free(f->atoms);
    free(f);
}

bool filter_shows(const struct filter *f, const struct job_view *job)
{
    for (size_t i = 0; f && i < f->count;) {
        unsigned alternative = f->atoms[i].alternative;
        bool all = true;
        for (; i < f->count && f->atoms[i].alternative == alternative; i++)
            all = all && f->atoms[i].holds(&f->atoms[i], job) != f->atoms[i].not ;
        if (all)
            return true;
    }
    return !f;
}
