/* SPDX-License-Identifier: MIT */
/*
 * Checksum files among the assets of a release, for assets that GitHub itself has no digest of
 * (those from before June 2025). A list from the same release proves integrity, not origin.
 */
#ifndef HAUL_NET_GITHUB_SUMS_H
#define HAUL_NET_GITHUB_SUMS_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"
#include "net/github_api.h"

/* `name` is what people call a list of checksums of several files: SHA256SUMS, checksums.txt. */
bool github_sums_is_list(const char *name);
/* `name` holds the checksum of `file` alone: FILE.sha256. */
bool github_sums_is_of(const char *name, const char *file);

/*
 * Gives each of the chosen assets that has none the digest that a checksum file of the release
 * names, if one does; asks for each such file once. HAUL_ERR_CHECKSUM where the files contradict
 * themselves.
 */
HAUL_NODISCARD enum haul_error github_sums_apply(const struct github_api *api,
                                                 const struct github_release *release,
                                                 struct github_asset *const *chosen, size_t count,
                                                 struct haul_fault *fault);

#endif
