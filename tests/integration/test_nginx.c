/* SPDX-License-Identifier: MIT */
/*
 * A server that many people run: nginx from the distribution, with a configuration of its own, on
 * ports of its own, as whoever runs the test. Where there is no nginx, nothing is tested.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

#define MIB  ((int64_t)1 << 20)
#define SIZE (32 * MIB)

struct scene {
    struct world w;
    struct result r;
    unsigned port, tls_port;
    char *cert;
    pid_t nginx;
};

static const char *nginx_program(void)
{
    static const char *const places[] = {"/usr/sbin/nginx", "/usr/local/sbin/nginx",
                                         "/usr/bin/nginx"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(places); i++)
        if (!access(places[i], X_OK))
            return places[i];
    return NULL;
}

/* A port that is free now; somebody may take it, but hardly does. */
static unsigned free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(fd >= 0 && !bind(fd, (struct sockaddr *)&at, len) &&
           !getsockname(fd, (struct sockaddr *)&at, &len));
    close(fd);
    return ntohs(at.sin_port);
}

static bool answers(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return good;
}

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    X509_add_ext(cert, e, -1);
    X509_EXTENSION_free(e);
}

/* A certificate for 127.0.0.1 that is its own authority; cert.pem and key.pem. */
static void make_certificate(const char *cert_path, const char *key_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME *name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"haul", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(cert, NID_subject_alt_name, "IP:127.0.0.1");
    X509_sign(cert, key, EVP_sha256());
    FILE *c = fopen(cert_path, "w"), *k = fopen(key_path, "w");
    ASSERT(c && k && PEM_write_X509(c, cert) &&
           PEM_write_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL));
    fclose(c);
    fclose(k);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void write_content(const char *path, uint64_t seed, int64_t size)
{
    static uint8_t chunk[1 << 20];
    FILE *f = fopen(path, "w");
    for (int64_t at = 0; f && at < size; at += (int64_t)sizeof chunk) {
        origin_content(seed, at, chunk, sizeof chunk);
        ASSERT(fwrite(chunk, 1, sizeof chunk, f) == sizeof chunk);
    }
    ASSERT(f && !fclose(f));
}

static char *write_config(struct scene *s)
{
    char *text =
        xasprintf("daemon off;\nmaster_process off;\npid %s/nginx.pid;\nerror_log %s/nginx.log;\n"
                  "events { worker_connections 256; }\n"
                  "http {\n"
                  "  access_log off;\n"
                  "  client_body_temp_path %s/t1; proxy_temp_path %s/t2; fastcgi_temp_path %s/t3;\n"
                  "  uwsgi_temp_path %s/t4; scgi_temp_path %s/t5;\n"
                  "  server {\n"
                  "    listen 127.0.0.1:%u;\n    listen 127.0.0.1:%u ssl;\n"
                  "    ssl_certificate %s;\n    ssl_certificate_key %s/key.pem;\n    root %s/www;\n"
                  "    location /slow/ { limit_rate 1m; alias %s/www/; }\n"
                  "    location /one/ { max_ranges 0; alias %s/www/; }\n"
                  "  }\n}\n",
                  s->w.root, s->w.root, s->w.root, s->w.root, s->w.root, s->w.root, s->w.root,
                  s->port, s->tls_port, s->cert, s->w.root, s->w.root, s->w.root, s->w.root);
    char *path = world_write(&s->w, "nginx.conf", text);
    free(text);
    return path;
}

static bool scene_init(struct scene *s)
{
    *s = (struct scene){0};
    if (!nginx_program()) {
        printf("# skipped: no nginx here\n");
        return false;
    }
    world_init(&s->w);
    char *www = world_path(&s->w, "www"), *file = world_path(&s->w, "www/x.bin");
    char *key = world_path(&s->w, "key.pem");
    s->cert = world_path(&s->w, "cert.pem");
    s->port = free_port();
    s->tls_port = free_port();
    ASSERT(mkdir(www, 0755) == 0 && chmod(s->w.root, 0755) == 0);
    write_content(file, 0, SIZE);
    make_certificate(s->cert, key);
    char *config = write_config(s);
    s->nginx = fork();
    if (s->nginx == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 2);
        execl(nginx_program(), "nginx", "-c", config, (char *)NULL);
        _exit(99);
    }
    for (int i = 0; i < 500 && !answers(s->tls_port); i++)
        world_nap(10);
    free(config);
    free(key);
    free(file);
    free(www);
    return true;
}

static void scene_release(struct scene *s)
{
    kill(s->nginx, SIGTERM);
    waitpid(s->nginx, NULL, 0);
    result_release(&s->r);
    world_release(&s->w);
    free(s->cert);
}

static void check_right(const struct scene *s)
{
    CHECK_INT(s->r.exit, 0);
    CHECK_STR(content_name(content_check(s->w.dir, "x.bin", 0, SIZE)), "right");
    if (s->r.exit)
        printf("# %s\n", s->r.err.data);
}

TEST(a_file_arrives_whole_from_nginx)
{
    static const char *const folders[] = {"", "one/"};
    char sum[72];
    content_checksum(0, SIZE, sum);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(folders); i++) {
        struct scene s;
        if (!scene_init(&s))
            return;
        world_fetch(&s.w, &s.r, "--checksum %s http://127.0.0.1:%u/%sx.bin", sum, s.port,
                    folders[i]);
        check_right(&s);
        CHECK_STR(result_text(&s.r, "file", "sha256"), sum + 7);
        scene_release(&s);
    }
}

TEST(an_interrupted_download_from_nginx_goes_on)
{
    struct scene s;
    struct process p;
    if (!scene_init(&s))
        return;
    world_start_fetch(&s.w, &p, "-x 4 http://127.0.0.1:%u/slow/x.bin", s.port);
    for (int i = 0; i < 2000 && content_recorded(s.w.dir, "x.bin.part.state") <= MIB; i++)
        world_nap(10);
    process_signal(&p, SIGINT);
    process_wait(&p, &s.r, 10 * CLOCK_SEC);
    CHECK_INT(s.r.exit, 130);
    int64_t kept = content_recorded(s.w.dir, "x.bin.part.state");
    CHECK(kept > MIB);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "http://127.0.0.1:%u/x.bin", s.port);
    check_right(&s);
    CHECK_INT(result_number(&s.r, "file", "resumed_from"), kept);
    scene_release(&s);
}

TEST(nginx_over_tls_is_trusted_by_its_own_authority_only)
{
    struct scene s;
    if (!scene_init(&s))
        return;
    world_fetch(&s.w, &s.r, "--tries 1 https://127.0.0.1:%u/x.bin", s.tls_port);
    CHECK_INT(s.r.exit, 5);
    CHECK_STR(result_text(&s.r, "error", "code"), "tls");
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "--cacert %s https://127.0.0.1:%u/x.bin", s.cert, s.tls_port);
    check_right(&s);
    scene_release(&s);
}

TEST(what_nginx_does_not_have_is_not_found)
{
    struct scene s;
    if (!scene_init(&s))
        return;
    world_fetch(&s.w, &s.r, "http://127.0.0.1:%u/nothing", s.port);
    CHECK_INT(s.r.exit, 3);
    scene_release(&s);
}
