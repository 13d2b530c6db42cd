/* SPDX-License-Identifier: MIT */
/* What the parts of a manifest are called as files in a folder. Pure, any thread. */
#ifndef HAUL_NET_OCI_NAMES_H
#define HAUL_NET_OCI_NAMES_H

#include "core/attrs.h"
#include "core/error.h"
#include "net/oci_manifest.h"

/*
 * A name for each blob of the manifest, NULL for one that is not worth a file (an empty config, a
 * second layer of the same name and digest): the name that it brings along, checked, else one by
 * its role: `stem`.gguf, template, license-1, config.json. No two are alike. names: an array of
 * m->count, each freed by the caller; all NULL on error.
 */
HAUL_NODISCARD enum haul_error oci_names(const struct oci_manifest *m, const char *stem,
                                         char **names, struct haul_fault *fault);

#endif
