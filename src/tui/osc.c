/* SPDX-License-Identifier: MIT */
/* See osc.h. */
#include "tui/osc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "tui/term.h"

static void add_base64(struct buf *out, const char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        uint32_t word = 0;
        for (size_t n = 0; n < 3; n++)
            word = word << 8 | (i + n < len ? (unsigned char)data[i + n] : 0);
        for (size_t n = 0; n < 4; n++)
            buf_add_char(out, i + n > len ? '=' : digits[word >> (18 - 6 * n) & 63]);
    }
}

void osc_copy(const char *text)
{
    struct buf out;
    buf_init(&out);
    /* screen hands on only what is wrapped; tmux understands it as it is. */
    bool wrap = getenv("STY") != NULL;
    buf_add_str(&out, wrap ? "\033P\033]52;c;" : "\033]52;c;");
    add_base64(&out, text, strlen(text));
    buf_add_str(&out, wrap ? "\a\033\\" : "\a");
    term_send(out.data);
    buf_release(&out);
}
