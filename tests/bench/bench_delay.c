/* SPDX-License-Identifier: MIT */
/*
 * A wire with a delay between two network namespaces: two TUN devices, each packet written to the
 * other side so many milliseconds after it was read. It does what veth with tc-netem does, on
 * kernels that were built without netem too. Packets keep their segmentation offload
 * (IFF_VNET_HDR), so that the wire itself costs little. One thread for each direction; nothing is
 * lost unless QUEUE_MAX bytes are on their way.
 *
 *     bench_delay MS NAMESPACE ADDRESS/BITS NAMESPACE ADDRESS/BITS
 *
 * Makes the devices, prints "ready" and runs until it is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"

#define PACKET_MAX ((size_t)(64 << 10) + 256)
#define QUEUE_MAX  ((size_t)256 << 20)
#define DEVICE     "haul-far"

struct packet {
    struct packet *next;
    int64_t due;
    size_t len;
    char data[];
};

struct direction {
    int from, to;
    int64_t delay;
    struct packet *first, **last;
    size_t queued;
};

static void die(const char *what)
{
    fprintf(stderr, "bench_delay: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* A TUN device is made in the namespace the thread is in, and stays there. */
static int open_device(const char *namespace)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
    memcpy(request.ifr_name, DEVICE, sizeof DEVICE);
    char *path = xasprintf("/run/netns/%s", namespace);
    int ns = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    if (ns < 0 || setns(ns, CLONE_NEWNET) != 0)
        die(namespace);
    close(ns);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0)
        die("/dev/net/tun");
    if (ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0)
        die("segmentation offload");
    return fd;
}

static void configure(const char *namespace, const char *address)
{
    char *command = xasprintf("ip -n %s addr add %s dev " DEVICE " && ip -n %s link set " DEVICE
                              " mtu 1500 txqueuelen 10000 up && ip -n %s link set lo up",
                              namespace, address, namespace, namespace);
    int status = system(command); /* names come from tests/bench, which runs as root anyway */
    free(command);
    if (status != 0)
        die("ip");
}

static bool take_in(struct direction *d, char *room)
{
    ssize_t n = read(d->from, room, PACKET_MAX);
    if (n <= 0)
        return false;
    if (d->queued + (size_t)n > QUEUE_MAX)
        return true;
    struct packet *p = xmalloc(sizeof *p + (size_t)n);
    *p = (struct packet){.due = clock_now() + d->delay, .len = (size_t)n};
    memcpy(p->data, room, p->len);
    *d->last = p;
    d->last = &p->next;
    d->queued += p->len;
    return true;
}

static void send_due(struct direction *d, int64_t now)
{
    while (d->first && d->first->due <= now) {
        struct packet *p = d->first;
        if (write(d->to, p->data, p->len) < 0 && errno == EAGAIN)
            return;
        d->first = p->next;
        if (!d->first)
            d->last = &d->first;
        d->queued -= p->len;
        free(p);
    }
}

static void sleep_until_news(const struct direction *d)
{
    struct pollfd in = {.fd = d->from, .events = POLLIN};
    struct timespec wait, *limit = NULL;
    if (d->first) {
        int64_t ns = d->first->due - clock_now();
        ns = ns < 0 ? 0 : ns;
        wait = (struct timespec){ns / CLOCK_SEC, ns % CLOCK_SEC};
        limit = &wait;
    }
    ppoll(&in, 1, limit, NULL);
}

static void *carry(void *arg)
{
    struct direction *d = arg;
    char *room = xmalloc(PACKET_MAX);
    for (;;) {
        for (int i = 0; i < 64 && take_in(d, room); i++)
            ;
        send_due(d, clock_now());
        sleep_until_news(d);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    uint64_t ms;
    if (argc != 6 || !units_parse_u64(argv[1], 10000, &ms)) {
        fputs("usage: bench_delay MS NAMESPACE ADDRESS/BITS NAMESPACE ADDRESS/BITS\n", stderr);
        return 2;
    }
    int near = open_device(argv[2]), far = open_device(argv[4]);
    configure(argv[2], argv[3]);
    configure(argv[4], argv[5]);
    struct direction there = {.from = near, .to = far, .delay = (int64_t)ms * CLOCK_MS},
                     back = {.from = far, .to = near, .delay = (int64_t)ms * CLOCK_MS};
    there.last = &there.first;
    back.last = &back.first;
    puts("ready");
    fflush(stdout);
    pthread_t thread;
    if (pthread_create(&thread, NULL, carry, &there) != 0)
        die("thread");
    carry(&back);
}
