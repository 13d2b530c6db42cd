/* SPDX-License-Identifier: MIT */
/* What the name of a GGUF file says: its quantisation, its place among shards. Pure. */
#ifndef HAUL_NET_HUB_GGUF_H
#define HAUL_NET_HUB_GGUF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/* A .gguf that is a model by itself, or a shard of one: no projector, no importance matrix, no
 * draft head. */
bool hub_gguf_is_model(const char *path);
/* Length of the path up to "-00001-of-00003.gguf" or ".gguf": all shards of a file share it.
 * number and total are 1 for a file that is whole. */
size_t hub_gguf_stem(const char *path, unsigned *number, unsigned *total);
/* Appends the quantisation in upper case, "UD-Q4_K_XL"; nothing where the name tells none. */
void hub_gguf_quant(const char *path, struct buf *out);
/* `quant` stands in text as a whole token, in whatever case. */
bool hub_gguf_has_token(const char *text, const char *quant);

#endif
