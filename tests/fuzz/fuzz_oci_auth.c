/* SPDX-License-Identifier: MIT */
/* Whatever a registry sends as a challenge or a token: it ends up in a URL or a header without
 * breaking out of it. */
#include <string.h>

#include "core/alloc.h"
#include "fuzz.h"
#include "net/oci_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oci_challenge c;
    char *text = xstrndup((const char *)data, size);
    oci_challenge_parse(text, &c);
    FUZZ_ASSERT(c.scheme != OCI_SCHEME_BEARER || c.realm);
    char *url = oci_token_url("https://realm/token", &c, "ns/model");
    FUZZ_ASSERT(!strpbrk(url, " \r\n\t\"#"));
    FUZZ_ASSERT(!strncmp(url, "https://realm/token", strlen("https://realm/token")));
    free(url);
    oci_challenge_release(&c);
    char *token = oci_token_read(text, strlen(text));
    for (const char *s = token; s && *s; s++)
        FUZZ_ASSERT(*s > ' ' && *s < 0x7f);
    FUZZ_ASSERT(!token || *token);
    free(token);
    free(text);
    return 0;
}
