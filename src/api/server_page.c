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

static void send_file(struct exchange *x, const struct web_file *file)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(file->len, file->data, MHD_RESPMEM_PERSISTENT);
    if (!r)
        abort();
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, file->type);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    MHD_add_response_header(r, "Content-Security-Policy", policy);
    MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    exchange_respond(x, 200, r);
}

void handle_page(struct exchange *x)
{
    for (size_t i = 0; i < web_file_count; i++)
        if (!strcmp(web_files[i].path, x->route->pattern))
            send_file(x, &web_files[i]);
}
