/* SPDX-License-Identifier: MIT */
/* Compiler attributes under one name each, empty where the compiler lacks them. */
#ifndef HAUL_CORE_ATTRS_H
#define HAUL_CORE_ATTRS_H

#define HAUL_NODISCARD         __attribute__((warn_unused_result))
#define HAUL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define HAUL_NORETURN          __attribute__((noreturn))
#define HAUL_ARRAY_LEN(a)      (sizeof(a) / sizeof((a)[0]))
/* The struct that `pointer` is the member of; offsetof comes from <stddef.h>. */
#define HAUL_CONTAINER_OF(pointer, type, member)                                                   \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* clang's thread-safety analysis (-Wthread-safety); gcc sees nothing of it. */
#if defined(__clang__)
#define HAUL_TSA(x) __attribute__((x))
#else
#define HAUL_TSA(x)
#endif
#define HAUL_CAPABILITY(name) HAUL_TSA(capability(name))
#define HAUL_GUARDED_BY(m)    HAUL_TSA(guarded_by(m))
#define HAUL_REQUIRES(...)    HAUL_TSA(requires_capability(__VA_ARGS__))
#define HAUL_EXCLUDES(...)    HAUL_TSA(locks_excluded(__VA_ARGS__))
#define HAUL_ACQUIRE(...)     HAUL_TSA(acquire_capability(__VA_ARGS__))
#define HAUL_RELEASE(...)     HAUL_TSA(release_capability(__VA_ARGS__))
#define HAUL_NO_TSA           HAUL_TSA(no_thread_safety_analysis)

#endif
