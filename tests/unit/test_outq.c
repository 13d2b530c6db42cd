/* SPDX-License-Identifier: MIT */
#include "cli/outq.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

TEST(a_list_of_any_length_is_written_whole)
{
    static char line[1 << 20];
    struct outq q;
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    ASSERT(fd >= 0);
    memset(line, 'x', sizeof line);
    outq_init(&q, fd);
    for (int i = 0; i < 20; i++)
        CHECK(buf_add(&q.text, line, sizeof line));
    CHECK_INT(outq_pending(&q), 20 * sizeof line);
    outq_drain(&q, -1);
    CHECK_INT(outq_pending(&q), 0);
    CHECK_INT(q.error, 0);
    outq_release(&q);
    close(fd);
}
