/* SPDX-License-Identifier: MIT */
/*
 * A session on the real engine in the test's own process, for what cannot be seen from outside, and
 * for ThreadSanitizer. One thread.
 */
#ifndef HAUL_TESTS_INTEGRATION_INSIDE_H
#define HAUL_TESTS_INTEGRATION_INSIDE_H

#include "core/session.h"
#include "integration/content.h"
#include "integration/world.h"

struct inside {
    struct world w;
    struct origin *o;
    struct session *session;
    struct watcher *watcher;
    struct snapshot snapshot;
};

/* With so many jobs at once, and its state in the world's. Ends the program where that fails. */
void inside_init(struct inside *s, unsigned jobs);
void inside_release(struct inside *s);
/* A download into the world's directory; sha256 (hex) may be NULL. */
HAUL_NODISCARD enum haul_error inside_add(struct inside *s, const char *url, const char *sha256,
                                          char id[JOB_ID_SIZE]);
/* As it is now; NULL: there is none. Valid until the next look. */
const struct job_view *inside_look(struct inside *s, const char *id);

#endif
