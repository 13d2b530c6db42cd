/* SPDX-License-Identifier: MIT */
/* Who gets the token of the job server on this machine. */
#include "api/endpoint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "harness.h"

static bool gets_token(const char *url)
{
    struct endpoint e;
    struct haul_fault fault;
    CHECK_INT(endpoint_init(&e, url, NULL, &fault), HAUL_OK);
    bool got = e.token != NULL;
    endpoint_release(&e);
    return got;
}

TEST(no_other_host_sees_the_token_of_the_server_that_runs_here)
{
    static const char token[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
    char dir[] = "/tmp/haul-endpoint-XXXXXX";
    ASSERT(mkdtemp(dir));
    char *folder = xasprintf("%s/haul", dir), *file = xasprintf("%s/haul/token", dir);
    CHECK(mkdir(folder, 0700) == 0);
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(write(fd, token, sizeof token - 1) == (ssize_t)sizeof token - 1);
    close(fd);
    setenv("XDG_STATE_HOME", dir, 1);
    unsetenv("HAUL_TOKEN");
    CHECK(gets_token("http://127.0.0.1:7835"));
    CHECK(gets_token("http://127.1.2.3"));
    CHECK(gets_token("http://localhost:7835/"));
    CHECK(gets_token("https://LOCALHOST"));
    CHECK(gets_token("http://[::1]:7835"));
    CHECK(!gets_token("http://127.0.0.1.example.org:7835"));
    CHECK(!gets_token("http://localhost.example.org"));
    CHECK(!gets_token("http://10.0.0.1:7835"));
    CHECK(!gets_token("http://[2001:db8::1]:7835"));
    setenv("HAUL_TOKEN", "abc", 1); /* somebody means it */
    CHECK(gets_token("http://10.0.0.1:7835"));
    unlink(file);
    rmdir(folder);
    rmdir(dir);
    free(file);
    free(folder);
}
