/* SPDX-License-Identifier: MIT */
/* What fuzz targets share: the entry point that libFuzzer or replay_main.c calls, and an assertion
 * that stays in builds with NDEBUG. */
#ifndef HAUL_TESTS_FUZZ_H
#define HAUL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_ASSERT(cond)                                                                          \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #cond);                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
