/* SPDX-License-Identifier: MIT */
/*
 * What the Hub means by an error, in one table: status, X-Error-Code and words of the server
 * decide, in the order that its own client has (huggingface_hub utils/_http.py).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/text.h"
#include "net/hub_api.h"
#include "net/retry.h"

enum token { TOKEN_ANY, TOKEN_SENT, TOKEN_NONE };

/* In the texts %R is the repo, %P its page, %V the revision. An empty `code` stands for an answer
 * without one. */
static const struct {
    int status;
    const char *code; /* NULL: any */
    const char *said; /* part of the server's words; NULL: any */
    enum token token;
    enum haul_error error;
    const char *text;
} meanings[] = {
    {404, "RevisionNotFound", NULL, TOKEN_ANY, HAUL_ERR_NOT_FOUND,
     "%R has no revision %V; its branches and tags are at %P/tree/main"},
    {404, "EntryNotFound", NULL, TOKEN_ANY, HAUL_ERR_NOT_FOUND,
     "%R has no such file at revision %V; its files are at %P/tree/main"},
    {401, "GatedRepo", NULL, TOKEN_SENT, HAUL_ERR_UNAUTHORIZED,
     "%R is gated and the Hub does not accept the token; renew it and set HF_TOKEN"},
    {401, "GatedRepo", NULL, TOKEN_NONE, HAUL_ERR_UNAUTHORIZED,
     "%R is gated; accept its licence at %P and set HF_TOKEN"},
    {403, "GatedRepo", "awaiting", TOKEN_ANY, HAUL_ERR_UNAUTHORIZED,
     "%R is gated and its authors have not let you in yet; wait for their answer at %P"},
    {403, "GatedRepo", NULL, TOKEN_ANY, HAUL_ERR_UNAUTHORIZED,
     "%R is gated and you are not on its list; ask for access at %P"},
    {403, NULL, "Access to this resource is disabled", TOKEN_ANY, HAUL_ERR_UNAUTHORIZED,
     "the Hub has disabled %R, nobody can fetch it now; %P may tell why"},
    {404, "RepoNotFound", NULL, TOKEN_ANY, HAUL_ERR_NOT_FOUND,
     "there is no repo %R, or it is private and the token does not open it; check the name, then "
     "the token's rights"},
    {401, NULL, "Invalid credentials in Authorization header", TOKEN_ANY, HAUL_ERR_UNAUTHORIZED,
     "the Hub does not accept the token; set HF_TOKEN to a valid one, or unset it"},
    {401, "", "Invalid username or password", TOKEN_SENT, HAUL_ERR_UNAUTHORIZED,
     "the Hub does not accept the token; set HF_TOKEN to a valid one, or unset it"},
    {401, "RepoNotFound", NULL, TOKEN_ANY, HAUL_ERR_NOT_FOUND,
     "there is no repo %R, or it is private; check the name, and set HF_TOKEN if it is private"},
    {401, "", NULL, TOKEN_ANY, HAUL_ERR_NOT_FOUND,
     "there is no repo %R, or it is private; check the name, and set HF_TOKEN if it is private"},
    {403, NULL, NULL, TOKEN_SENT, HAUL_ERR_UNAUTHORIZED,
     "the Hub forbids %R to this token; a fine-grained one needs the right to read it (gated "
     "repos have a right of their own)"},
    {403, NULL, NULL, TOKEN_NONE, HAUL_ERR_UNAUTHORIZED,
     "the Hub forbids %R; set HF_TOKEN if you have access"},
    {400, NULL, NULL, TOKEN_ANY, HAUL_ERR_HTTP_STATUS, "the Hub cannot make sense of the request"},
    {404, NULL, NULL, TOKEN_ANY, HAUL_ERR_NOT_FOUND,
     "the Hub has no %R at revision %V; check the name and HF_ENDPOINT"},
    {429, NULL, NULL, TOKEN_NONE, HAUL_ERR_RATE_LIMITED,
     "the Hub limits how often it is asked; with HF_TOKEN set it allows more"},
    {429, NULL, NULL, TOKEN_SENT, HAUL_ERR_RATE_LIMITED,
     "the Hub limits how often this account may ask; wait some minutes"},
    {451, NULL, NULL, TOKEN_ANY, HAUL_ERR_NOT_FOUND, "%R is withheld for legal reasons"},
};

static bool code_fits(const char *wanted, const char *code)
{
    return !wanted || !strcmp(wanted, code);
}

static const char *find(const struct hub_refusal *r, const struct reply *reply,
                        enum haul_error *error)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(meanings); i++) {
        bool token =
            meanings[i].token == TOKEN_ANY || (meanings[i].token == TOKEN_SENT) == r->with_token;
        bool said = !meanings[i].said || strcasestr(r->said, meanings[i].said);
        *error = meanings[i].error;
        if (meanings[i].status == reply->status && token && said &&
            code_fits(meanings[i].code, reply->error_code.data))
            return meanings[i].text;
    }
    return NULL;
}

static void expand(struct buf *out, const char *text, const struct hub_refusal *r)
{
    for (; *text; text++) {
        if (*text != '%') {
            buf_add_char(out, *text);
            continue;
        }
        text++;
        buf_add_str(out, *text == 'R'   ? r->repo
                         : *text == 'P' ? r->page
                         : r->revision  ? r->revision
                                        : "main");
    }
}

void hub_explain(const struct hub_refusal *r, const struct reply *reply, struct haul_fault *fault)
{
    enum haul_error error;
    const char *text = find(r, reply, &error);
    bool retryable = fault->retryable;
    if (!text)
        return;
    struct buf words;
    buf_init(&words);
    expand(&words, text, r);
    if (*r->said)
        buf_addf(&words, " (HTTP %d, the Hub says: %s)", reply->status, r->said);
    else
        buf_addf(&words, " (HTTP %d)", reply->status);
    fault_set(fault, error, "%s", words.data);
    fault->http_status = reply->status;
    if (error == HAUL_ERR_RATE_LIMITED)
        retry_gave_up(fault, 1, retry_asked_wait(reply));
    fault->retryable = retryable;
    buf_release(&words);
}
