/* SPDX-License-Identifier: MIT */
/*
 * A fake Hub on loopback for the workload `hub`: bench/snapshot has 200 files of 1 KiB to 8 MiB,
 * bench/four and bench/vast have 4 and 10,000 files that can only be listed. Prints the value for
 * $HF_ENDPOINT, and stays until it is killed. LIST becomes a list for `haul -i` with the addresses,
 * names and digests of the 200 files; each request is a line of LOG.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/units.h"
#include "integration/fake_hub.h"

#define COMMIT     "0123456789abcdef0123456789abcdef01234567"
#define SNAPSHOT   200
#define FOUR       4
#define VAST       10000
#define SIZES      14 /* 1 KiB, 2 KiB, ... 8 MiB */
#define LARGE_FROM ((int64_t)64 << 10)
#define SHA256_LEN 32

/* Names are as long as those of real data sets: they are what a long list costs. What is only
 * listed is tiny, as each file is read once for its digests. */
static struct fake_file *make_files(size_t count, bool listed)
{
    struct fake_file *files = xcalloc(count, sizeof *files);
    for (size_t i = 0; i < count; i++) {
        int64_t size = listed ? 10 : (int64_t)1024 << i % SIZES;
        bool large = listed ? i % 2 == 0 : size >= LARGE_FROM;
        char *path = xasprintf("part-%05zu-of-%05zu-with-a-name-of-usual-length.parquet", i, count);
        files[i] = (struct fake_file){path, size, i, large};
    }
    return files;
}

static struct fake_repo add_repo(struct fake_hub *h, const char *name, size_t count, bool listed)
{
    struct fake_repo repo = {.kind = "models",
                             .name = name,
                             .revision = "main",
                             .commit = COMMIT,
                             .files = make_files(count, listed),
                             .count = count,
                             .without_bytes = listed};
    fake_hub_add(h, &repo);
    return repo;
}

static void write_entry(FILE *list, const struct origin *hub, const struct fake_repo *repo,
                        const struct fake_file *file)
{
    struct buf url;
    uint8_t digest[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    char *path = fake_hub_resolve(repo, file->path);
    buf_init(&url);
    origin_url(hub, path, &url);
    origin_sha256(file->seed, file->size, digest);
    units_format_hex(digest, sizeof digest, hex);
    fprintf(list, "%s\n  out=%s\n  sha256=%s\n", url.data, file->path, hex);
    buf_release(&url);
    free(path);
}

static void write_size(FILE *list, const struct fake_repo *repo)
{
    int64_t size = 0;
    for (size_t i = 0; i < repo->count; i++)
        size += repo->files[i].size;
    fprintf(list, "# %" PRId64 " bytes in %zu files\n", size, repo->count);
}

static bool write_list(const char *name, const struct origin *hub, const struct fake_repo *repo)
{
    FILE *list = fopen(name, "we");
    if (list) {
        write_size(list, repo);
        for (size_t i = 0; i < repo->count; i++)
            write_entry(list, hub, repo, &repo->files[i]);
    }
    if (list && fclose(list) == 0)
        return true;
    perror(name);
    return false;
}

static void announce(const struct origin *hub)
{
    struct buf url;
    buf_init(&url);
    origin_url(hub, "", &url);
    puts(url.data);
    fflush(stdout);
    buf_release(&url);
}

static void release_repo(struct fake_repo *repo)
{
    for (size_t i = 0; i < repo->count; i++)
        free((void *)(uintptr_t)repo->files[i].path);
    free((void *)(uintptr_t)repo->files);
}

static bool serve(struct fake_hub *h, const char *list, const sigset_t *ends)
{
    int number;
    struct fake_repo repos[] = {add_repo(h, "bench/snapshot", SNAPSHOT, false),
                                add_repo(h, "bench/four", FOUR, true),
                                add_repo(h, "bench/vast", VAST, true)};
    bool ok = write_list(list, h->hub, &repos[0]);
    if (ok) {
        announce(h->hub);
        sigwait(ends, &number);
    }
    for (size_t i = 0; i < HAUL_ARRAY_LEN(repos); i++)
        release_repo(&repos[i]);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: bench_hub LIST LOG\n", stderr);
        return 2;
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    struct origin_config config = {.log_path = argv[2]};
    struct fake_hub h = {origin_new(&config), origin_new(&config)};
    bool ok = h.hub && h.cdn;
    if (ok) {
        origin_set_sibling(h.hub, h.cdn);
        ok = serve(&h, argv[1], &ends);
    }
    fake_hub_release(&h);
    return !ok;
}
