/* SPDX-License-Identifier: MIT */
/* Whatever a head says, bytes are taken only at the place that was asked for. */
#include <string.h>

#include "core/text.h"
#include "fuzz.h"
#include "net/reply.h"

static void check_verdict(const struct reply *r, const struct range *asked)
{
    const char *why = NULL;
    enum verdict v = reply_judge(r, asked, NULL, &why);
    FUZZ_ASSERT((v == REPLY_BROKEN || v == REPLY_REFUSED) == (why != NULL));
    if (v == REPLY_RANGE) {
        FUZZ_ASSERT(asked && r->range.begin == asked->begin && r->range.end <= asked->end);
        FUZZ_ASSERT(r->length < 0 || r->length == r->range.end - r->range.begin);
        FUZZ_ASSERT(r->range.end > r->range.begin && !r->multipart);
    }
    if (v == REPLY_RANGE || v == REPLY_WHOLE)
        FUZZ_ASSERT(!r->encoded && !r->malformed && (r->status == 200 || r->status == 206));
    if (v == REPLY_WHOLE)
        FUZZ_ASSERT(r->status == 200 && (!r->has_range || r->range.begin == 0));
    if (v == REPLY_REDIRECT)
        FUZZ_ASSERT(r->locations == 1 && r->location.len);
    struct entity e;
    entity_init(&e);
    entity_from_reply(&e, r);
    if (v == REPLY_RANGE || v == REPLY_WHOLE)
        FUZZ_ASSERT(e.size >= -1 && reply_judge(r, asked, &e, NULL) == v);
    entity_release(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct range tail = {100, 200}, all = {0, INT64_MAX};
    struct reply r;
    bool taken = true;
    reply_init(&r);
    for (size_t at = 0; at < size && taken;) {
        const uint8_t *eol = memchr(data + at, '\n', size - at);
        size_t len = eol ? (size_t)(eol - data) + 1 - at : size - at;
        taken = reply_line(&r, (const char *)data + at, len);
        at += len;
    }
    FUZZ_ASSERT(r.retry_after >= -1 && r.length >= -1 && r.last_modified_ms >= -1);
    FUZZ_ASSERT(text_utf8_valid(r.error_message.data, r.error_message.len));
    if (r.complete) {
        check_verdict(&r, NULL);
        check_verdict(&r, &tail);
        check_verdict(&r, &all);
    }
    reply_release(&r);
    return 0;
}
