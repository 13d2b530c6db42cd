/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without libFuzzer: every file of the corpus directories given, and mutations
 * of each that are the same in every run. On a crash the input is left in the file that is named
 * on stderr. One thread.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "fuzz.h"

#define MUTATIONS 300
#define INPUT_MAX ((size_t)1 << 20)

struct input {
    uint8_t *data;
    size_t size;
};

static struct input current;
static char crash_file[64];

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(next_random(state) % limit) : 0;
}

/* Uses only calls that a signal handler may make. */
static void keep_input(int number)
{
    static const char note[] = "the input that crashed is in ";
    int fd = open(crash_file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0 && write(fd, current.data, current.size) == (ssize_t)current.size &&
        write(STDERR_FILENO, note, sizeof note - 1) > 0 &&
        write(STDERR_FILENO, crash_file, strlen(crash_file)) > 0)
        (void)!write(STDERR_FILENO, "\n", 1);
    signal(number, SIG_DFL);
    raise(number);
}

/* The target gets memory of its exact size, so that a sanitizer sees a read past the end. */
static void run(const uint8_t *data, size_t size)
{
    current.data = xmalloc(size);
    current.size = size;
    if (size)
        memcpy(current.data, data, size);
    LLVMFuzzerTestOneInput(current.data, size);
    free(current.data);
}

static void flip_bits(struct input *in, uint64_t *state)
{
    for (size_t n = 1 + below(state, 4); n && in->size; n--)
        in->data[below(state, in->size)] ^= (uint8_t)(1u << below(state, 8));
}

static void replace_byte(struct input *in, uint64_t *state)
{
    static const uint8_t telling[] = "\0\n\r\"\\/.%#:@=[]{}?& \x1b\x7f\x80\xc0\xed\xff"
                                     "09";
    if (in->size)
        in->data[below(state, in->size)] = telling[below(state, sizeof telling)];
}

static void truncate_end(struct input *in, uint64_t *state)
{
    in->size = below(state, in->size + 1);
}

/* Puts a copy of a part of the input behind it; the memory holds twice the size. */
static void duplicate_part(struct input *in, uint64_t *state)
{
    size_t start = below(state, in->size), len = below(state, in->size - start + 1);
    size_t at = below(state, in->size + 1);
    uint8_t *part = xmalloc(len);
    if (len)
        memcpy(part, in->data + start, len);
    memmove(in->data + at + len, in->data + at, in->size - at);
    if (len)
        memcpy(in->data + at, part, len);
    in->size += len;
    free(part);
}

static void remove_part(struct input *in, uint64_t *state)
{
    size_t start = below(state, in->size), len = below(state, in->size - start + 1);
    memmove(in->data + start, in->data + start + len, in->size - start - len);
    in->size -= len;
}

static void mutate(const struct input *seed, uint64_t *state)
{
    static void (*const steps[])(struct input * in, uint64_t * state) = {
        flip_bits, replace_byte, truncate_end, duplicate_part, remove_part};
    const size_t most = 3;
    struct input in = {xmalloc(seed->size << most), seed->size};
    if (in.size)
        memcpy(in.data, seed->data, in.size);
    for (size_t n = 1 + below(state, most); n; n--)
        steps[below(state, sizeof steps / sizeof steps[0])](&in, state);
    run(in.data, in.size);
    free(in.data);
}

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    struct input seed = {xmalloc(INPUT_MAX), 0};
    seed.size = fread(seed.data, 1, INPUT_MAX, file);
    fclose(file);
    run(seed.data, seed.size);
    /* From the bytes, not from the order of the directory: a run is the same on every machine. */
    uint64_t state = UINT64_C(88172645463325252) + seed.size;
    for (size_t i = 0; i < seed.size; i++)
        state = state * 31 + seed.data[i];
    state |= 1;
    for (int i = 0; i < MUTATIONS; i++)
        mutate(&seed, &state);
    free(seed.data);
}

/* Returns the number of files run. */
static size_t run_directory(const char *dir)
{
    DIR *handle = opendir(dir);
    size_t count = 0;
    for (struct dirent *e; handle && (e = readdir(handle));) {
        char *path = xasprintf("%s/%s", dir, e->d_name);
        struct stat st;
        if (!stat(path, &st) && S_ISREG(st.st_mode)) {
            run_file(path);
            count++;
        }
        free(path);
    }
    if (handle)
        closedir(handle);
    return count;
}

int main(int argc, char **argv)
{
    snprintf(crash_file, sizeof crash_file, "fuzz-crash-%ld", (long)getpid());
    signal(SIGABRT, keep_input);
    signal(SIGSEGV, keep_input);
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        count += run_directory(argv[i]);
    printf("%zu files, %d mutations each\n", count, MUTATIONS);
    return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
