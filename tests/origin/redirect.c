/* SPDX-License-Identifier: MIT */
/* Redirects, honest and not. */
#include "origin/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/units.h"

/* Copies the sibling's name, since it may be set at any time; caller frees. */
static char *sibling_text(struct origin *o, bool with_scheme)
{
    mutex_lock(&o->lock);
    const char *text = with_scheme ? o->sibling_base : o->sibling_host;
    char *copy = xstrdup(text ? text : "no-sibling.invalid");
    mutex_unlock(&o->lock);
    return copy;
}

static void expand(struct origin *o, const char *target, struct buf *out)
{
    char *sibling_base = sibling_text(o, true), *sibling_host = sibling_text(o, false);
    const struct {
        const char *name, *value;
    } words[] = {{"{base}", o->base},
                 {"{host}", o->host},
                 {"{sibling}", sibling_base},
                 {"{sibling-host}", sibling_host}};
    while (*target) {
        size_t used = 0;
        for (size_t i = 0; i < HAUL_ARRAY_LEN(words) && !used; i++) {
            if (strncmp(target, words[i].name, strlen(words[i].name)))
                continue;
            used = strlen(words[i].name);
            buf_add_str(out, words[i].value);
        }
        if (!used)
            buf_add_char(out, *target);
        target += used ? used : 1;
    }
    free(sibling_base);
    free(sibling_host);
}

/* location NULL: no such header. */
static bool answer(struct origin_exchange *x, int64_t status, const char *location)
{
    origin_answer_begin(x, (int)status);
    if (location)
        origin_answer_header(x, "Location: %s", location);
    buf_add_str(&x->body.before, "Elsewhere.\n");
    return origin_answer_send(x);
}

static bool answer_asked(struct origin_exchange *x)
{
    const char *text = x->fault.redirect;
    size_t code = strcspn(text, ":");
    uint64_t status;
    if (!text[code] || !units_parse_u64_n(text, code, 999, &status))
        return origin_answer_text(x, 400, "haul-origin: redirect=CODE:TARGET\n");
    struct buf location;
    buf_init(&location);
    expand(x->origin, text + code + 1, &location);
    bool ok = answer(x, (int64_t)status, location.data);
    buf_release(&location);
    return ok;
}

static bool answer_chain(struct origin_exchange *x)
{
    static const char *const without[] = {"redirect-chain", NULL};
    struct buf location;
    buf_init(&location);
    buf_addf(&location, "%s?", x->request->path);
    origin_query_write(&x->request->query, without, &location);
    buf_addf(&location, "redirect-chain=%" PRId64, x->fault.redirect_chain - 1);
    bool ok = answer(x, 302, location.data);
    buf_release(&location);
    return ok;
}

bool origin_redirect_answer(struct origin_exchange *x, bool *ok)
{
    const struct origin_fault *f = &x->fault;
    if (f->redirect)
        *ok = answer_asked(x);
    else if (f->redirect_chain > 0)
        *ok = answer_chain(x);
    else if (f->redirect_loop)
        *ok = answer(x, 302, x->request->target);
    else if (f->no_location >= 0)
        *ok = answer(x, f->no_location, NULL);
    else
        return false;
    return true;
}
