/* SPDX-License-Identifier: MIT */
/*
 * The unit-test harness: a test is a function whose name is a sentence, registered by TEST; CHECK
 * reports and goes on, ASSERT ends the test. Prints TAP; exit status 1 if any test failed.
 * A program argument runs only the tests whose name contains it.
 */
#ifndef HAUL_TESTS_HARNESS_H
#define HAUL_TESTS_HARNESS_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct harness_test {
    const char *name;
    void (*run)(void);
    struct harness_test *next;
};

static struct harness_test *harness_first, **harness_last = &harness_first;
static jmp_buf harness_abort;
static bool harness_failed;

#define TEST(name)                                                                                 \
    static void name(void);                                                                        \
    static struct harness_test harness_##name = {#name, name, NULL};                               \
    __attribute__((constructor)) static void harness_add_##name(void)                              \
    {                                                                                              \
        *harness_last = &harness_##name;                                                           \
        harness_last = &harness_##name.next;                                                       \
    }                                                                                              \
    static void name(void)

#define HARNESS_FAIL(...)                                                                          \
    do {                                                                                           \
        harness_failed = true;                                                                     \
        printf("# %s:%d: ", __FILE__, __LINE__);                                                   \
        printf(__VA_ARGS__);                                                                       \
        putchar('\n');                                                                             \
    } while (0)

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond))                                                                               \
            HARNESS_FAIL("not true: %s", #cond);                                                   \
    } while (0)

#define ASSERT(cond)                                                                               \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            HARNESS_FAIL("not true: %s", #cond);                                                   \
            longjmp(harness_abort, 1);                                                             \
        }                                                                                          \
    } while (0)

#define CHECK_INT(got, want)                                                                       \
    do {                                                                                           \
        int64_t harness_got = (int64_t)(got), harness_want = (int64_t)(want);                      \
        if (harness_got != harness_want)                                                           \
            HARNESS_FAIL("%s is %" PRId64 ", not %" PRId64, #got, harness_got, harness_want);      \
    } while (0)

#define CHECK_STR(got, want)                                                                       \
    do {                                                                                           \
        const char *harness_got = (got), *harness_want = (want);                                   \
        if (!harness_got || !harness_want || strcmp(harness_got, harness_want))                    \
            HARNESS_FAIL("%s is \"%s\", not \"%s\"", #got, harness_got ? harness_got : "(null)",   \
                         harness_want ? harness_want : "(null)");                                  \
    } while (0)

/* Apart from main, whose variables longjmp would clobber. */
static bool harness_fails(const struct harness_test *t)
{
    harness_failed = false;
    if (!setjmp(harness_abort))
        t->run();
    return harness_failed;
}

int main(int argc, char **argv)
{
    int number = 0, failures = 0;
    for (struct harness_test *t = harness_first; t; t = t->next) {
        if (argc > 1 && !strstr(t->name, argv[1]))
            continue;
        bool fails = harness_fails(t);
        failures += fails;
        printf("%s %d - %s\n", fails ? "not ok" : "ok", ++number, t->name);
        fflush(stdout);
    }
    printf("1..%d\n", number);
    return failures || !number;
}

#endif
