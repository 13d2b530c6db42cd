/* SPDX-License-Identifier: MIT */
/*
 * Certificates made at start-up. One authority for the whole process, so that a test with several
 * origins needs one CA file; it goes away with the last origin that holds it.
 */
#ifndef HAUL_TESTS_ORIGIN_TLS_H
#define HAUL_TESTS_ORIGIN_TLS_H

#include <openssl/ssl.h>

#include "origin/origin.h"

/* Holds the authority, making it if needed, and returns a context with a fresh certificate; NULL
 * with words on stderr. `tls` is not NONE. */
SSL_CTX *origin_tls_new(enum origin_tls tls);
/* Frees the context and lets go of the authority; NULL is fine. */
void origin_tls_free(SSL_CTX *ctx);
/* PEM file of the authority while anybody holds it. */
const char *origin_tls_ca_file(void);

#endif
