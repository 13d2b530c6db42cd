/* SPDX-License-Identifier: MIT */
/* Where Ollama keeps the manifest of a model: manifests/HOST/NAMESPACE/MODEL/TAG. */
#ifndef HAUL_NET_OLLAMA_STORE_H
#define HAUL_NET_OLLAMA_STORE_H

#include <stddef.h>

/*
 * The path, relative to `root`, of these parts joined by '/'. Ollama's names ignore case, so where
 * a directory or file of the same name in other letters exists, it is taken. Caller frees.
 */
char *ollama_store_path(const char *root, const char *const *parts, size_t count);

#endif
