/* SPDX-License-Identifier: MIT */
/* The web page: files of assets/web, in the binary. It holds no secret, so it wants no token; what
 * it asks for does. */
#include <stdlib.h>
#include <string.h>

#include "api/server_exchange.h"
#include "api/web_files.h"

/* Nothing from elsewhere, no inline script, nobody frames it. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
                             "img-src 'self'; connect-src 'self'; base-uri 'none'; "
                             "form-action 'none'; frame-ancestors 'none'";

static const struct {
    const char *path, *type;
    unsigned char *data;
    const size_t *len;
} files[] = {
    {"/", "text/html; charset=utf-8", web_index, &web_index_len},
    {"/haul.css", "text/css; charset=utf-8", web_style, &web_style_len},
    {"/haul.js", "text/javascript; charset=utf-8", web_script, &web_script_len},
    {"/haul.svg", "image/svg+xml", web_icon, &web_icon_len},
};

static void send_file(struct exchange *x, size_t i)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(*files[i].len, files[i].data, MHD_RESPMEM_PERSISTENT);
    if (!r)
        abort();
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, files[i].type);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    MHD_add_response_header(r, "Content-Security-Policy", policy);
    MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    exchange_respond(x, 200, r);
}

void handle_page(struct exchange *x)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(files); i++)
        if (!strcmp(files[i].path, x->route->pattern))
            send_file(x, i);
}
