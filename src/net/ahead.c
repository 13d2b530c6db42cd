/* SPDX-License-Identifier: MIT */
/* TLS records that are read ahead; see ahead.h. */
#include "net/ahead.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/attrs.h"

/* From here on libcurl does it by itself. */
#define CURL_READS_AHEAD 0x080f00

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool possible;

/* The context that libcurl hands out must be one of the OpenSSL that this was compiled for. */
static void look(void)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    char ours[32];
    snprintf(ours, sizeof ours, "OpenSSL/%d.", OPENSSL_VERSION_MAJOR);
    possible = curl->version_num < CURL_READS_AHEAD && curl->ssl_version &&
               !strncmp(curl->ssl_version, ours, strlen(ours));
}

/* Of a record that has not come whole OpenSSL reads the rest and no more, so only those whose
 * header it has not looked at can lie behind the socket. */
static void on_message(int sent, int version, int type, const void *data, size_t len, SSL *ssl,
                       void *arg)
{
    (void)version;
    (void)data;
    (void)len;
    (void)ssl;
    uint64_t *records = arg;
    if (!sent && type == SSL3_RT_HEADER)
        ++*records;
}

static CURLcode on_context(CURL *easy, void *context, void *arg)
{
    (void)easy;
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_msg_callback(context, on_message);
    SSL_CTX_set_msg_callback_arg(context, arg);
    return CURLE_OK;
}

void ahead_setup(CURL *easy, uint64_t *records)
{
    pthread_once(&once, look);
    if (!possible)
        return;
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, records);
}
