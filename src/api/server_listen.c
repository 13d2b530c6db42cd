/* SPDX-License-Identifier: MIT */
/* Sockets to listen on; see server_listen.h. */
#include "api/server_listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/endpoint.h"
#include "api/server_systemd.h"
#include "core/alloc.h"
#include "core/path.h"
#include "core/units.h"

#define BACKLOG 512

static bool is_wildcard(int fd)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof addr;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
        return false;
    memcpy(&v4, &addr, sizeof v4);
    memcpy(&v6, &addr, sizeof v6);
    return addr.ss_family == AF_INET ? v4.sin_addr.s_addr == htonl(INADDR_ANY)
                                     : IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr);
}

static void add(struct listen_set *l, int fd, bool tcp, char *shown)
{
    l->any_address |= tcp && is_wildcard(fd);
    l->sockets[l->count++] = (struct listen_socket){fd, tcp, shown};
}

/* ---- the Unix socket ---- */

/* Two servers that start at once must not take the socket from one another. */
static enum haul_error lock_path(struct listen_set *l, const char *path, struct haul_fault *fault)
{
    char *name = xasprintf("%s.lock", path);
    l->lock_fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    enum haul_error err = HAUL_OK;
    if (l->lock_fd < 0)
        err = fault_set_errno(fault, errno, "cannot open %s", name);
    else if (flock(l->lock_fd, LOCK_EX | LOCK_NB) != 0)
        err =
            fault_set(fault, HAUL_ERR_BUSY,
                      "a job server listens on %s already; use it, or give another --socket", path);
    free(name);
    return err;
}

/* What an earlier server left there is removed; what is no socket, or is answered, is not. */
static enum haul_error clear_path(const struct sockaddr_un *addr, struct haul_fault *fault)
{
    struct stat st;
    if (lstat(addr->sun_path, &st) != 0)
        return errno == ENOENT ? HAUL_OK
                               : fault_set_errno(fault, errno, "cannot use %s", addr->sun_path);
    if (!S_ISSOCK(st.st_mode))
        return fault_set(fault, HAUL_ERR_EXISTS, "%s is there and no socket; give another --socket",
                         addr->sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = connect(fd, (const struct sockaddr *)addr, sizeof *addr);
    close(fd);
    if (rc == 0)
        return fault_set(fault, HAUL_ERR_BUSY,
                         "something listens on %s already; give another --socket", addr->sun_path);
    unlink(addr->sun_path);
    return HAUL_OK;
}

static enum haul_error bind_unix(struct listen_set *l, const struct sockaddr_un *addr,
                                 struct haul_fault *fault)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t old = umask(0177); /* no moment in which others could connect */
    int rc = bind(fd, (const struct sockaddr *)addr, sizeof *addr);
    umask(old);
    if (rc != 0 || listen(fd, BACKLOG) != 0) {
        fault_set_errno(fault, errno, "cannot listen on %s", addr->sun_path);
        close(fd);
        return fault ? fault->code : HAUL_ERR_DISK;
    }
    l->path = xstrdup(addr->sun_path);
    add(l, fd, false, xasprintf("unix:%s", addr->sun_path));
    return HAUL_OK;
}

static enum haul_error open_unix(struct listen_set *l, const char *path, struct haul_fault *fault)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof addr.sun_path)
        return fault_set(fault, HAUL_ERR_USAGE,
                         "%s is too long for a socket (at most %zu bytes); give another --socket",
                         path, sizeof addr.sun_path - 1);
    memcpy(addr.sun_path, path, len + 1);
    enum haul_error err = lock_path(l, path, fault);
    if (err == HAUL_OK)
        err = clear_path(&addr, fault);
    return err == HAUL_OK ? bind_unix(l, &addr, fault) : err;
}

/* ---- TCP ---- */

enum haul_error listen_split(const char *text, char **host, char **port, struct haul_fault *fault)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    bool bracket = len > 2 && text[0] == '[' && text[len - 1] == ']';
    uint64_t number;
    if (!len || !units_parse_u64(colon + 1, 65535, &number) || (!bracket && memchr(text, ':', len)))
        return fault_set(fault, HAUL_ERR_USAGE,
                         "--listen: '%s' is not ADDR:PORT, such as 127.0.0.1:7835 or [::1]:7835",
                         text);
    *host = bracket ? xstrndup(text + 1, len - 2) : xstrndup(text, len);
    *port = xstrdup(colon + 1);
    return HAUL_OK;
}

static char *shown_address(int fd)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof addr;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0 ||
        getnameinfo((struct sockaddr *)&addr, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return xstrdup("http://?");
    bool v6 = addr.ss_family == AF_INET6;
    return xasprintf("http://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

/* -1 with errno. */
static int bind_tcp(const struct addrinfo *a)
{
    int on = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int err = errno;
    close(fd);
    errno = err;
    return -1;
}

static enum haul_error open_tcp(struct listen_set *l, const char *text, struct haul_fault *fault)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *list;
    char *port = NULL;
    enum haul_error err = listen_split(text, &l->host, &port, fault);
    if (err != HAUL_OK)
        return err;
    int rc = getaddrinfo(l->host, port, &hints, &list);
    free(port);
    if (rc != 0)
        return fault_set(fault, HAUL_ERR_USAGE, "--listen: %s: %s", text, gai_strerror(rc));
    int fd = -1;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        fd = bind_tcp(a);
    int why = errno;
    freeaddrinfo(list);
    if (fd >= 0) {
        add(l, fd, true, shown_address(fd));
        return HAUL_OK;
    }
    fault_set_errno(fault, why, "cannot listen on %s", text);
    if (why == EADDRINUSE)
        fault->code = HAUL_ERR_BUSY;
    return fault->code;
}

/* ---- all ---- */

/* Sockets that systemd opened: it also decided who may connect. */
static void take_inherited(struct listen_set *l)
{
    size_t count = systemd_listen_fds(LISTEN_MAX);
    for (size_t i = 0; i < count; i++) {
        int fd = SYSTEMD_FIRST_FD + (int)i, domain = 0;
        socklen_t len = sizeof domain;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0)
            continue;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        bool tcp = domain != AF_UNIX;
        add(l, fd, tcp, tcp ? shown_address(fd) : xstrdup("unix: (from the service manager)"));
    }
}

void listen_init(struct listen_set *l)
{
    *l = (struct listen_set){.lock_fd = -1};
}

/* The default place is made where it is missing; a place that the user names must be there. */
static char *default_path(struct haul_fault *fault)
{
    char *path = endpoint_socket_path();
    if (!path) {
        fault_set(fault, HAUL_ERR_DISK, "no place for the socket: set HOME or --socket");
        return NULL;
    }
    char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    enum haul_error err = path_make_dirs(dir, 0700, fault);
    free(dir);
    if (err == HAUL_OK)
        return path;
    free(path);
    return NULL;
}

enum haul_error listen_open(struct listen_set *l, const char *path, const char *tcp,
                            struct haul_fault *fault)
{
    listen_init(l);
    take_inherited(l);
    char *own = l->count ? NULL : path ? xstrdup(path) : default_path(fault);
    enum haul_error err = l->count ? HAUL_OK : own ? open_unix(l, own, fault) : fault->code;
    if (err == HAUL_OK && tcp)
        err = open_tcp(l, tcp, fault);
    free(own);
    if (err != HAUL_OK)
        listen_release(l);
    return err;
}

void listen_release(struct listen_set *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->sockets[i].fd >= 0)
            close(l->sockets[i].fd);
        free(l->sockets[i].shown);
    }
    if (l->path)
        unlink(l->path);
    if (l->lock_fd >= 0)
        close(l->lock_fd);
    free(l->path);
    free(l->host);
    listen_init(l);
}
