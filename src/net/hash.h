/* SPDX-License-Identifier: MIT */
/* A digest computed in one go, by the caller's thread; digest.h follows a download instead. */
#ifndef HAUL_NET_HASH_H
#define HAUL_NET_HASH_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/digest_value.h"
#include "core/error.h"

/* The algorithm, begun; aborts where the library has no memory. git's blob id begins with the size.
 */
EVP_MD_CTX *hash_begin(enum digest_algorithm algorithm, int64_t size);
/* Ends and frees it. */
void hash_end(EVP_MD_CTX *md, enum digest_algorithm algorithm, struct digest_value *out);

/* Bytes read at once; the watch is asked after each of these. */
#define HASH_CHUNK ((size_t)1 << 20)

/* All that fd holds, from its start; name is for the fault. HAUL_ERR_CANCELLED: the watch (may be
 * NULL) ended it. */
HAUL_NODISCARD enum haul_error hash_fd(int fd, enum digest_algorithm algorithm, int64_t size,
                                       const char *name, const struct digest_watch *watch,
                                       struct digest_value *out, struct haul_fault *fault);

#endif
