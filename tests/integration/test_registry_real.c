/* SPDX-License-Identifier: MIT */
/*
 * A registry that many people run: Debian's docker-registry, with a folder and a port of its own.
 * A model is pushed with curl as the distribution specification says, and fetched with haul. Where
 * there is no docker-registry, nothing is tested.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"
#include "integration/content.h"
#include "integration/world.h"

#define MIB        ((int64_t)1 << 20)
#define MODEL_SIZE (24 * MIB)
#define TYPE       "application/vnd.docker.distribution.manifest.v2+json"
/* bcrypt of "password" */
#define HTPASSWD "user:$2y$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu\n"

struct scene {
    struct world w;
    struct result r;
    unsigned port;
    pid_t registry;
    const char *login; /* for curl: "-u user:password" */
    char *manifest;    /* a file */
};

static const char *program(void)
{
    static const char *const places[] = {"/usr/bin/docker-registry", "/usr/sbin/docker-registry",
                                         "/usr/local/bin/docker-registry"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(places); i++)
        if (!access(places[i], X_OK))
            return places[i];
    printf("# no docker-registry here, nothing is tested\n");
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

static void start(struct scene *s, const char *config)
{
    s->registry = fork();
    if (s->registry == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it does not outlive a test that fails */
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execl(program(), "docker-registry", "serve", config, (char *)NULL);
        _exit(99);
    }
    struct timespec nap = {0, 20000000};
    for (int i = 0; i < 500 && !answers(s->port); i++)
        nanosleep(&nap, NULL);
    ASSERT(answers(s->port));
}

/* With `login`, the registry lets in user:password only. */
static void scene_init(struct scene *s, bool login)
{
    *s = (struct scene){.port = free_port(), .login = login ? "-u user:password" : ""};
    world_init(&s->w);
    char *users = world_write(&s->w, "users", HTPASSWD);
    char *auth =
        login ? xasprintf("auth: {htpasswd: {realm: test, path: %s}}\n", users) : xstrdup("");
    char *text = xasprintf("version: 0.1\n"
                           "log: {level: error, accesslog: {disabled: true}}\n"
                           "storage: {filesystem: {rootdirectory: %s/registry}}\n"
                           "http: {addr: '127.0.0.1:%u'}\n%s",
                           s->w.root, s->port, auth);
    char *config = world_write(&s->w, "registry.yml", text);
    start(s, config);
    free(config);
    free(text);
    free(auth);
    free(users);
}

static void scene_release(struct scene *s)
{
    kill(s->registry, SIGTERM);
    waitpid(s->registry, NULL, 0);
    result_release(&s->r);
    world_release(&s->w);
    free(s->manifest);
}

/* What a shell command prints, without its end of line; caller frees. */
HAUL_PRINTF(1, 2) static char *shell(const char *format, ...)
{
    va_list args;
    char *command = NULL, chunk[4096];
    struct buf out;
    va_start(args, format);
    ASSERT(vasprintf(&command, format, args) >= 0);
    va_end(args);
    buf_init(&out);
    FILE *f = popen(command, "r");
    for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_add(&out, chunk, n);
    ASSERT(f && pclose(f) == 0);
    free(command);
    while (out.len && strchr("\r\n", out.data[out.len - 1]))
        buf_truncate(&out, out.len - 1);
    return buf_detach(&out);
}

static char *write_content(const struct scene *s, const char *name, uint64_t seed, int64_t size)
{
    static uint8_t chunk[MIB];
    char *path = world_path(&s->w, name);
    FILE *f = fopen(path, "w");
    ASSERT(f);
    for (int64_t at = 0; at < size; at += MIB) {
        size_t len = size - at < MIB ? (size_t)(size - at) : (size_t)MIB;
        origin_content(seed, at, chunk, len);
        ASSERT(fwrite(chunk, 1, len, f) == len);
    }
    ASSERT(!fclose(f));
    return path;
}

static void push_blob(const struct scene *s, uint64_t seed, int64_t size)
{
    char digest[72];
    content_checksum(seed, size, digest);
    char *file = write_content(s, "blob", seed, size);
    char *place = shell("curl -sSf %s -X POST -o /dev/null -w '%%header{location}' "
                        "http://127.0.0.1:%u/v2/ns/model/blobs/uploads/",
                        s->login, s->port);
    char *status = shell("curl -sS %s -X PUT -o /dev/null -w '%%{http_code}' --data-binary @%s "
                         "-H 'Content-Type: application/octet-stream' '%s&digest=%s'",
                         s->login, file, place, digest);
    CHECK_STR(status, "201");
    free(status);
    free(place);
    free(file);
}

static void push_model(struct scene *s)
{
    char config[72], model[72], license[72];
    content_checksum(1, 400, config);
    content_checksum(2, MODEL_SIZE, model);
    content_checksum(3, 5000, license);
    push_blob(s, 1, 400);
    push_blob(s, 2, MODEL_SIZE);
    push_blob(s, 3, 5000);
    char *text = xasprintf(
        "{\n  \"schemaVersion\": 2, \"mediaType\": \"" TYPE "\",\n  \"config\": {\"mediaType\": "
        "\"application/vnd.docker.container.image.v1+json\", \"digest\": \"%s\", \"size\": 400},\n"
        "  \"layers\": [{\"mediaType\": \"application/vnd.ollama.image.model\", \"digest\": "
        "\"%s\", \"size\": %lld},\n    {\"mediaType\": \"application/vnd.ollama.image.license\", "
        "\"digest\": \"%s\", \"size\": 5000}]\n}\n",
        config, model, (long long)MODEL_SIZE, license);
    s->manifest = world_write(&s->w, "manifest", text);
    char *status =
        shell("curl -sS %s -X PUT -o /dev/null -w '%%{http_code}' --data-binary @%s "
              "-H 'Content-Type: " TYPE "' http://127.0.0.1:%u/v2/ns/model/manifests/tag",
              s->login, s->manifest, s->port);
    CHECK_STR(status, "201");
    free(status);
    free(text);
}

static void check_store(const struct scene *s)
{
    char *store = world_path(&s->w, "home/.ollama/models");
    char digest[72];
    content_checksum(2, MODEL_SIZE, digest);
    digest[6] = '-';
    char *blob = xasprintf("blobs/%s", digest);
    CHECK_STR(content_name(content_check(store, blob, 2, MODEL_SIZE)), "right");
    char *same = shell("cmp -s %s %s/manifests/127.0.0.1:%u/ns/model/tag && echo same || true",
                       s->manifest, store, s->port);
    CHECK_STR(same, "same");
    free(same);
    free(blob);
    free(store);
}

TEST(a_model_of_a_real_registry_lands_in_the_store_and_in_a_folder)
{
    struct scene s;
    if (!program())
        return;
    scene_init(&s, false);
    push_model(&s);
    world_run(&s.w, &s.r, "--batch --json ollama:http://127.0.0.1:%u/ns/model:tag", s.port);
    CHECK_INT(s.r.exit, 0);
    check_store(&s);
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "-x 4 ollama:http://127.0.0.1:%u/ns/model:tag", s.port);
    CHECK_INT(s.r.exit, 0);
    CHECK_STR(content_name(content_check(s.w.dir, "model/model-tag.gguf", 2, MODEL_SIZE)), "right");
    CHECK_STR(content_name(content_check(s.w.dir, "model/license-1", 3, 5000)), "right");
    CHECK_STR(content_name(content_check(s.w.dir, "model/config.json", 1, 400)), "right");
    scene_release(&s);
}

TEST(a_real_registry_that_lacks_it_says_so)
{
    struct scene s;
    if (!program())
        return;
    scene_init(&s, false);
    push_model(&s);
    world_fetch(&s.w, &s.r, "ollama:http://127.0.0.1:%u/ns/model:other", s.port);
    CHECK_INT(s.r.exit, 3);
    CHECK(strstr(result_text(&s.r, "error", "message"), "no such model or tag"));
    result_release(&s.r);
    world_fetch(&s.w, &s.r, "ollama:http://127.0.0.1:%u/ns/other", s.port);
    CHECK_INT(s.r.exit, 3);
    scene_release(&s);
}

TEST(a_real_registry_with_a_password_takes_it_from_netrc)
{
    struct scene s;
    if (!program())
        return;
    scene_init(&s, true);
    push_model(&s);
    world_run(&s.w, &s.r, "--batch --json ollama:http://127.0.0.1:%u/ns/model:tag", s.port);
    CHECK_INT(s.r.exit, 4);
    CHECK(strstr(result_text(&s.r, "error", "message"), "~/.netrc"));
    result_release(&s.r);
    char *netrc =
        world_write(&s.w, "home/.netrc", "machine 127.0.0.1 login user password password\n");
    CHECK(chmod(netrc, 0600) == 0);
    free(netrc);
    world_run(&s.w, &s.r, "--batch --json ollama:http://127.0.0.1:%u/ns/model:tag", s.port);
    CHECK_INT(s.r.exit, 0);
    check_store(&s);
    scene_release(&s);
}
