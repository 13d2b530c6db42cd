/* SPDX-License-Identifier: MIT */
/* The engine of src/net, for main.c to plug into the core. */
#ifndef HAUL_NET_ENGINE_H
#define HAUL_NET_ENGINE_H

#include <stdatomic.h>

#include "core/buf.h"
#include "core/engine.h"
#include "core/settings.h"

extern const struct engine_ops net_engine_ops;

/* Copies the settings. NULL with fault when libcurl cannot start or a file that the settings name
 * cannot be read. Once a process, before any thread. */
struct engine *net_engine_new(const struct settings *settings, struct haul_fault *fault);

/* A small text from a URL (a list of checksums), at most max bytes. Blocks; *stop ends it. */
HAUL_NODISCARD enum haul_error net_fetch_text(struct engine *e, const char *url, size_t max,
                                              const atomic_bool *stop, struct buf *out,
                                              struct haul_fault *fault);

#endif
