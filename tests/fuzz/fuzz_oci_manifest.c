/* SPDX-License-Identifier: MIT */
/* Whatever a registry sends as a manifest: no size is negative or adds up past the largest number,
 * and every name it leads to stays in its folder and is nobody else's. */
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/path.h"
#include "fuzz.h"
#include "net/oci_manifest.h"
#include "net/oci_names.h"

static void check_blobs(const struct oci_manifest *m)
{
    int64_t total = 0;
    for (size_t i = 0; i < m->count; i++) {
        char text[OCI_DIGEST_SIZE];
        struct digest_value back;
        FUZZ_ASSERT(m->blobs[i].size >= 0 && m->blobs[i].size <= INT64_MAX - total);
        total += m->blobs[i].size;
        oci_digest_format(&m->blobs[i].digest, text);
        FUZZ_ASSERT(oci_digest_parse(text, &back) && oci_digest_equal(&back, &m->blobs[i].digest));
    }
}

static void check_names(const struct oci_manifest *m)
{
    char **names = xcalloc(m->count + 1, sizeof *names);
    enum haul_error err = oci_names(m, "model-tag", names, NULL);
    for (size_t i = 0; i < m->count; i++) {
        FUZZ_ASSERT(err == HAUL_OK || !names[i]);
        if (!names[i])
            continue;
        FUZZ_ASSERT(path_check_relative(names[i], NULL) == HAUL_OK);
        for (size_t k = 0; k < i; k++)
            FUZZ_ASSERT(!names[k] || strcasecmp(names[k], names[i]) != 0);
    }
    for (size_t i = 0; i < m->count; i++)
        free(names[i]);
    free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oci_manifest m;
    struct haul_fault fault = {0};
    const struct oci_blob *chosen;
    char *text = xstrndup((const char *)data, size); /* as a buf ends: with NUL */
    enum haul_error err = oci_manifest_parse("x", text, strlen(text), &m, &fault);
    FUZZ_ASSERT(err == HAUL_OK || (err == HAUL_ERR_NETWORK && !fault.retryable && !m.count));
    check_blobs(&m);
    if (m.index && oci_manifest_choose("x", &m, "linux", "amd64", &chosen, &fault) == HAUL_OK)
        FUZZ_ASSERT(chosen >= m.blobs && chosen < m.blobs + m.count);
    if (!m.index)
        check_names(&m);
    oci_manifest_release(&m);
    free(text);
    return 0;
}
