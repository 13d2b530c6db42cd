/* SPDX-License-Identifier: MIT */
/* haul-origin: the misbehaving server as a program. The first line of its output is its URL. */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "origin/fault.h"
#include "origin/origin.h"

static void usage(FILE *to)
{
    fputs("usage: haul-origin [--port N] [--tls[=KIND]] [--log FILE] [--sibling]\n\n"
          "A web server on 127.0.0.1 for tests. The first line it prints is its URL, then, with\n"
          "--tls, 'ca FILE', with --sibling, 'sibling URL' of a second server without TLS. It runs "
          "until\n"
          "SIGINT or SIGTERM. KIND of the certificate:",
          to);
    for (int i = ORIGIN_TLS_GOOD; i < ORIGIN_TLS_COUNT; i++)
        fprintf(to, " %s", origin_tls_name((enum origin_tls)i));
    fputs(".\n\n"
          "Paths: /file/NAME, /sums, /control/{log,reset,live,set?path=P&...}. What is wrong with\n"
          "an answer is said in the query: /file/a.bin?size=64M&etag=weak&cut=1M\n\n",
          to);
    origin_fault_help(to);
}

static bool parse_tls(const char *name, enum origin_tls *out)
{
    for (int i = ORIGIN_TLS_GOOD; i < ORIGIN_TLS_COUNT; i++) {
        *out = (enum origin_tls)i;
        if (!name || !strcmp(name, origin_tls_name(*out)))
            return true;
    }
    return false;
}

static bool parse_port(const char *text, uint16_t *out)
{
    uint64_t port;
    if (!units_parse_u64(text, UINT16_MAX, &port))
        return false;
    *out = (uint16_t)port;
    return true;
}

/* Exits for --help and for what it does not understand. */
static void parse_options(int argc, char **argv, struct origin_config *config, bool *sibling)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'}, {"tls", optional_argument, NULL, 't'},
        {"log", required_argument, NULL, 'l'},  {"sibling", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},       {0},
    };
    int c;
    bool good = true;
    while (good && (c = getopt_long(argc, argv, "p:t::l:sh", options, NULL)) != -1) {
        if (c == 'p')
            good = parse_port(optarg, &config->port);
        else if (c == 't')
            good = parse_tls(optarg, &config->tls);
        else if (c == 'l')
            config->log_path = optarg;
        else if (c == 's')
            *sibling = true;
        else {
            usage(c == 'h' ? stdout : stderr);
            exit(c == 'h' ? 0 : 2);
        }
    }
    if (good && optind == argc)
        return;
    usage(stderr);
    exit(2);
}

static void announce(const char *what, const struct origin *o)
{
    struct buf url;
    buf_init(&url);
    origin_url(o, "", &url);
    printf("%s%s\n", what, url.data);
    buf_release(&url);
}

static void run(struct origin *o, struct origin *other, const sigset_t *ends)
{
    int sig;
    announce("", o);
    if (origin_ca_file(o))
        printf("ca %s\n", origin_ca_file(o));
    if (other) {
        origin_set_sibling(o, other);
        origin_set_sibling(other, o);
        announce("sibling ", other);
    }
    fflush(stdout);
    sigwait(ends, &sig);
}

int main(int argc, char **argv)
{
    struct origin_config config = {0};
    bool sibling = false;
    parse_options(argc, argv, &config, &sibling);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    struct origin *o = origin_new(&config);
    config.port = 0;
    config.tls = ORIGIN_TLS_NONE;
    struct origin *other = sibling && o ? origin_new(&config) : NULL;
    if (o && (other || !sibling))
        run(o, other, &ends);
    bool failed = !o || (sibling && !other);
    origin_free(other);
    origin_free(o);
    return failed;
}
