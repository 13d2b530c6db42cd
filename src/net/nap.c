/* SPDX-License-Identifier: MIT */
/* How long small packets may gather; see nap.h. */
#include "net/nap.h"

#include "core/clock.h"

#define BYTES      ((int64_t)16 << 10)
#define MUCH_BYTES (4 * BYTES)
#define LEAST      CLOCK_MS
#define MOST       (100 * CLOCK_MS)

void nap_init(struct nap *n)
{
    *n = (struct nap){0};
}

/* It grows by and by, and not while the rate does: TCP begins slowly, and what lies in the receive
 * buffer then would keep it from getting faster. */
void nap_measured(struct nap *n, int64_t bytes, int64_t ns)
{
    int64_t rate = (int64_t)((double)bytes * (double)CLOCK_SEC / (double)ns);
    int64_t wanted = rate ? BYTES * CLOCK_SEC / rate : 0;
    int64_t allowed = n->length ? 2 * n->length : 2 * LEAST;
    if (allowed > MOST)
        allowed = MOST;
    if (wanted < LEAST || rate > n->usual + n->usual / 2)
        allowed = 0;
    n->length = wanted < allowed ? wanted : allowed;
    n->usual = (3 * n->usual + rate) / 4;
}

void nap_brought(struct nap *n, int64_t bytes)
{
    if (bytes > MUCH_BYTES)
        n->length = 0;
}
