/* SPDX-License-Identifier: MIT */
/* See remedy.h. The fault's own message comes first and knows more; this adds what holds for all
 * errors of a kind. */
#include "tui/remedy.h"

#include <string.h>

static const char *const remedies[HAUL_ERR_COUNT] = {
    [HAUL_ERR_INTERNAL] = "This is a defect of haul. The log (L) says what happened before; please "
                          "report it.",
    [HAUL_ERR_USAGE] = "The options do not fit this source. Drop the job (x) and add it again.",
    [HAUL_ERR_BAD_SPEC] = "Check the spelling. URL, hf:ORG/NAME, ollama:NAME and github:OWNER/REPO "
                          "are known.",
    [HAUL_ERR_AMBIGUOUS] = "Say which one: add :QUANT or /GLOB to the name and add it again.",
    [HAUL_ERR_NOT_FOUND] = "Check the name, the revision and the file. A private one also says not "
                           "found without a token.",
    [HAUL_ERR_UNAUTHORIZED] = "A model: accept its licence, and set a token (HF_TOKEN, "
                              "GITHUB_TOKEN). Any other URL: give the login in ~/.netrc or "
                              "--header. Then press r.",
    [HAUL_ERR_NETWORK] = "Check the connection and the proxy, then press r. What has been fetched "
                         "is kept.",
    [HAUL_ERR_TIMEOUT] = "The server did not answer in time. Press r to go on where it stopped.",
    [HAUL_ERR_TLS] = "The server's certificate was not accepted. Check the clock and --cacert; use "
                     "--insecure only where you know why.",
    [HAUL_ERR_HTTP_STATUS] = "The server has a problem. Press r later; what has been fetched is "
                             "kept.",
    [HAUL_ERR_RATE_LIMITED] = "The server asks for a pause. Press r later, or set a token for a "
                              "higher limit.",
    [HAUL_ERR_CHECKSUM] = "What arrived is not what was promised. Press r to fetch it again; if it "
                          "fails twice, the source or a proxy is at fault.",
    [HAUL_ERR_DISK_FULL] = "Free some space, then press r (or p, if it is paused).",
    [HAUL_ERR_DISK] = "Check the name, the permissions and the health of the disk, then press r.",
    [HAUL_ERR_EXISTS] = "A different file has that name. Move it away and press r, or add the job "
                        "again with --on-exists.",
    [HAUL_ERR_BUSY] = "Another process writes that file. Wait for it, then press r.",
    [HAUL_ERR_SERVER] = "Check that the job server runs and that the address and token are right.",
    [HAUL_ERR_CANCELLED] = "It was cancelled. Press r to start it again.",
};

const char *remedy_for(const struct haul_fault *fault)
{
    if (fault->code == HAUL_ERR_UNAUTHORIZED && strstr(fault->message, "; add it again"))
        return "Drop it and add it again, with what it needs.";
    return remedies[fault->code] ? remedies[fault->code] : "Press r to try again.";
}
