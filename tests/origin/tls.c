/* SPDX-License-Identifier: MIT */
/* TLS contexts with certificates, good and bad; see tls.h. */
#include "origin/tls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/alloc.h"
#include "core/mutex.h"

#define DAY 86400

struct variant {
    const char *name;
    long not_before, not_after; /* seconds from now */
    const char *names, *use;
    bool self_signed;
    int max_version; /* 0: the newest */
};

#define HERE "IP:127.0.0.1,DNS:localhost"

static const struct variant variants[ORIGIN_TLS_COUNT] = {
    [ORIGIN_TLS_NONE] = {.name = "none"},
    [ORIGIN_TLS_GOOD] = {"good", -DAY, DAY, HERE, "serverAuth", false, 0},
    [ORIGIN_TLS_GOOD_1_2] = {"tls1.2", -DAY, DAY, HERE, "serverAuth", false, TLS1_2_VERSION},
    [ORIGIN_TLS_WRONG_HOST] = {"wrong-host", -DAY, DAY, "DNS:wrong.example", "serverAuth", false,
                               0},
    [ORIGIN_TLS_EXPIRED] = {"expired", -2 * DAY, -DAY, HERE, "serverAuth", false, 0},
    [ORIGIN_TLS_SELF_SIGNED] = {"self-signed", -DAY, DAY, HERE, "serverAuth", true, 0},
    [ORIGIN_TLS_WRONG_USE] = {"wrong-use", -DAY, DAY, HERE, "clientAuth", false, 0},
    [ORIGIN_TLS_OLD] = {"old", -DAY, DAY, HERE, "serverAuth", false, TLS1_VERSION},
};

static struct {
    pthread_mutex_t lock; /* guards the rest */
    unsigned holders;
    EVP_PKEY *key;
    X509 *certificate;
    char *file;
} authority = {.lock = PTHREAD_MUTEX_INITIALIZER};

const char *origin_tls_name(enum origin_tls tls)
{
    return variants[tls].name;
}

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

static X509 *certificate_new(EVP_PKEY *key, const char *common_name, long from, long until)
{
    static long serial; /* under authority.lock */
    X509 *cert = X509_new();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), from);
    X509_gmtime_adj(X509_getm_notAfter(cert), until);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)common_name, -1, -1, 0);
    return cert;
}

static void sign(X509 *cert, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509_set_issuer_name(cert, X509_get_subject_name(issuer));
    add_extension(cert, issuer, NID_subject_key_identifier, "hash");
    X509_sign(cert, issuer_key, EVP_sha256());
}

static char *write_pem(X509 *cert)
{
    const char *dir = getenv("TMPDIR");
    char *path = xasprintf("%s/haul-origin-ca-XXXXXX", dir ? dir : "/tmp");
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        fprintf(stderr, "haul-origin: cannot write %s\n", path);
        abort();
    }
    PEM_write_X509(file, cert);
    fclose(file);
    return path;
}

static void make_authority(void)
{
    authority.key = EVP_EC_gen("P-256");
    authority.certificate =
        certificate_new(authority.key, "haul-origin test CA", -DAY * 30L, DAY * 30L);
    add_extension(authority.certificate, authority.certificate, NID_basic_constraints,
                  "critical,CA:TRUE");
    add_extension(authority.certificate, authority.certificate, NID_key_usage,
                  "critical,keyCertSign,cRLSign");
    sign(authority.certificate, authority.certificate, authority.key);
    authority.file = write_pem(authority.certificate);
}

static void drop_authority(void)
{
    unlink(authority.file);
    free(authority.file);
    EVP_PKEY_free(authority.key);
    X509_free(authority.certificate);
    authority.file = NULL;
}

static X509 *leaf_new(const struct variant *v, EVP_PKEY *key)
{
    X509 *leaf = certificate_new(key, "haul-origin", v->not_before, v->not_after);
    add_extension(leaf, leaf, NID_subject_alt_name, v->names);
    add_extension(leaf, leaf, NID_ext_key_usage, v->use);
    if (v->self_signed)
        sign(leaf, leaf, key);
    else
        sign(leaf, authority.certificate, authority.key);
    return leaf;
}

static bool set_up(SSL_CTX *ctx, const struct variant *v)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *leaf = leaf_new(v, key);
    bool ok = SSL_CTX_use_certificate(ctx, leaf) && SSL_CTX_use_PrivateKey(ctx, key);
    /* OpenSSL 3 speaks TLS 1.0 only at security level 0. */
    if (v->max_version)
        ok = ok && SSL_CTX_set_min_proto_version(ctx, v->max_version) &&
             SSL_CTX_set_max_proto_version(ctx, v->max_version) &&
             SSL_CTX_set_cipher_list(ctx, "DEFAULT@SECLEVEL=0");
    X509_free(leaf);
    EVP_PKEY_free(key);
    return ok;
}

SSL_CTX *origin_tls_new(enum origin_tls tls)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    pthread_mutex_lock(&authority.lock);
    if (authority.holders++ == 0)
        make_authority();
    bool ok = ctx && set_up(ctx, &variants[tls]);
    pthread_mutex_unlock(&authority.lock);
    if (ok)
        return ctx;
    ERR_print_errors_fp(stderr);
    origin_tls_free(ctx);
    return NULL;
}

void origin_tls_free(SSL_CTX *ctx)
{
    if (!ctx)
        return;
    SSL_CTX_free(ctx);
    pthread_mutex_lock(&authority.lock);
    if (--authority.holders == 0)
        drop_authority();
    pthread_mutex_unlock(&authority.lock);
}

const char *origin_tls_ca_file(void)
{
    pthread_mutex_lock(&authority.lock);
    const char *file = authority.file;
    pthread_mutex_unlock(&authority.lock);
    return file;
}
