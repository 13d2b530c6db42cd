/* SPDX-License-Identifier: MIT */
/* A name from Content-Disposition is UTF-8 without NUL, and quoted it is read as the same. */
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "fuzz.h"
#include "net/http_header.h"

static void check_quoted(const struct buf *name)
{
    struct buf header, again;
    buf_init(&header);
    buf_init(&again);
    buf_add_str(&header, "attachment; filename=\"");
    for (size_t i = 0; i < name->len; i++) {
        if (name->data[i] == '"' || name->data[i] == '\\')
            buf_add_char(&header, '\\');
        buf_add_char(&header, name->data[i]);
    }
    buf_add_char(&header, '"');
    bool named = header_content_disposition(header.data, header.len, &again);
    FUZZ_ASSERT(named && !strcmp(again.data, name->data));
    buf_release(&header);
    buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf name;
    buf_init(&name);
    buf_add_str(&name, "before");
    if (header_content_disposition((const char *)data, size, &name)) {
        FUZZ_ASSERT(name.len && text_utf8_valid(name.data, name.len));
        FUZZ_ASSERT(!memchr(name.data, 0, name.len));
        if (name.len <= 8192)
            check_quoted(&name);
    } else {
        FUZZ_ASSERT(!strcmp(name.data, "before"));
    }
    buf_release(&name);
    return 0;
}
