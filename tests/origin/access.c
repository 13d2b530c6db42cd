/* SPDX-License-Identifier: MIT */
/* Who may have the file: tokens, and signed links that end. */
#include "origin/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"

static const char *authorization(const struct origin_exchange *x)
{
    return origin_request_header(x->request, "Authorization");
}

static bool token_holds(const struct origin_exchange *x)
{
    const char *got = authorization(x);
    return got && !strncmp(got, "Bearer ", 7) && !strcmp(got + 7, x->fault.need_auth);
}

static bool basic_holds(const struct origin_exchange *x)
{
    const char *got = authorization(x);
    size_t len = strlen(x->fault.need_basic);
    char *wanted = xcalloc(len / 3 + 1, 4 + 1);
    EVP_EncodeBlock((unsigned char *)wanted, (const unsigned char *)x->fault.need_basic, (int)len);
    bool holds = got && !strncmp(got, "Basic ", 6) && !strcmp(got + 6, wanted);
    free(wanted);
    return holds;
}

static bool answer_401(struct origin_exchange *x, const char *scheme)
{
    origin_answer_begin(x, 401);
    origin_answer_header(x, "WWW-Authenticate: %s realm=\"haul-origin\"", scheme);
    buf_add_str(&x->body.before, "Who are you?\n");
    return origin_answer_send(x);
}

/* The link keeps every option but those that were settled here. */
static bool answer_signed(struct origin_exchange *x)
{
    static const char *const without[] = {"sign",       "ttl",          "need-auth",
                                          "need-basic", "sign-sibling", NULL};
    struct origin *o = x->origin;
    struct buf link;
    buf_init(&link);
    mutex_lock(&o->lock);
    if (x->fault.sign_sibling && o->sibling_base)
        buf_add_str(&link, o->sibling_base);
    mutex_unlock(&o->lock);
    const char *name = strchr(x->request->path + 1, '/');
    buf_addf(&link, "/signed%s?", name ? name : "/");
    origin_query_write(&x->request->query, without, &link);
    if (x->fault.ttl >= 0)
        buf_addf(&link, "expires=%" PRId64 "&", clock_wall_ms() + x->fault.ttl / CLOCK_MS);
    buf_addf(&link, "ticket=%u-%" PRIu64, x->origin->port, x->serial);
    origin_answer_begin(x, (int)x->fault.sign);
    origin_answer_header(x, "Location: %s", link.data);
    buf_release(&link);
    return origin_answer_send(x);
}

static bool link_ended(struct origin_exchange *x)
{
    const struct origin_fault *f = &x->fault;
    if (f->expires >= 0 && clock_wall_ms() >= f->expires)
        return true;
    return f->ticket && f->uses >= 0 &&
           origin_memory_count(&x->origin->memory, "ticket", f->ticket) > f->uses;
}

bool origin_access_answer(struct origin_exchange *x, bool *ok)
{
    const struct origin_fault *f = &x->fault;
    if (f->need_auth && !token_holds(x))
        *ok = answer_401(x, "Bearer");
    else if (f->need_basic && !basic_holds(x))
        *ok = answer_401(x, "Basic");
    else if (f->sign >= 0)
        *ok = answer_signed(x);
    else if (f->need_no_auth && authorization(x))
        *ok = origin_answer_text(x, 400, "Only one authorization, please.\n");
    else if (link_ended(x))
        *ok = origin_answer_text(x, 403, "This link has ended.\n");
    else
        return false;
    return true;
}
