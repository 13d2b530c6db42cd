/* SPDX-License-Identifier: MIT */
/* Who gets the token of the job server on this machine, and where its socket is found. */
#include "api/endpoint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

static int listen_at(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
        abort();
    return fd;
}

static void check_found(const char *runtime_dirs, const char *expected)
{
    char *found = endpoint_found_socket_path(runtime_dirs);
    CHECK_STR(found, expected);
    free(found);
}

/* The address may come from the environment, or the config file. */
TEST(an_address_that_is_none_is_not_blamed_on_the_option_alone)
{
    struct endpoint e;
    struct haul_fault fault;
    CHECK_INT(endpoint_init(&e, "/run/haul.sock", NULL, &fault), HAUL_ERR_USAGE);
    CHECK(strstr(fault.message, "'/run/haul.sock' (--server, HAUL_SERVER) is neither"));
}

/* As cron and su start it, while the server was started at the login. */
TEST(without_a_runtime_directory_the_server_of_the_login_is_found)
{
    char dir[] = "/tmp/haul-endpoint-XXXXXX";
    ASSERT(mkdtemp(dir));
    char *own = xasprintf("%s/%lu", dir, (unsigned long)geteuid());
    char *login = xasprintf("%s/haul.sock", own), *state = xasprintf("%s/haul", dir);
    char *usual = xasprintf("%s/haul.sock", state);
    CHECK(mkdir(own, 0700) == 0 && mkdir(state, 0700) == 0);
    setenv("XDG_STATE_HOME", dir, 1);
    unsetenv("XDG_RUNTIME_DIR");
    check_found(dir, usual);
    int fd = open(login, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* no socket */
    check_found(dir, usual);
    close(fd);
    unlink(login);
    fd = listen_at(login);
    check_found(dir, login);
    if (geteuid() == 0) { /* somebody else's */
        CHECK(lchown(login, 65534, 65534) == 0);
        check_found(dir, usual);
        CHECK(lchown(login, 0, 0) == 0);
    }
    setenv("XDG_RUNTIME_DIR", "", 1);
    check_found(dir, usual);
    unsetenv("XDG_RUNTIME_DIR");
    int second = listen_at(usual); /* of a server that was started in the same way */
    check_found(dir, usual);
    close(second);
    close(fd);
    unlink(usual);
    unlink(login);
    rmdir(own);
    rmdir(state);
    rmdir(dir);
    free(own);
    free(login);
    free(state);
    free(usual);
}
