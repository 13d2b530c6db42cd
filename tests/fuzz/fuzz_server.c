/* SPDX-License-Identifier: MIT */
/* Whatever bytes somebody sends to the job server: it answers or closes, and goes on serving. */
#include "fuzz.h"
#include "unit/serving.h"

static struct serving serving;
static bool serves;

static void stop(void)
{
    serving_stop(&serving);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;
    if (!serves) {
        serving_start(&serving, 1);
        serves = true;
        atexit(stop);
    }
    int fd = serving_connect(&serving);
    FUZZ_ASSERT(fd >= 0);
    (void)!send(fd, data, size, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    buf_init(&out);
    serving_read(fd, &out, "\r\n\r\n", 20);
    FUZZ_ASSERT(!out.len || !strncmp(out.data, "HTTP/1.", 7));
    close(fd);
    buf_release(&out);
    return 0;
}
