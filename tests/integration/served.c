/* SPDX-License-Identifier: MIT */
/* A job server for one test; see served.h. */
#include "integration/served.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"

static void read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "r");
    char bytes[4096];
    for (size_t n; f && (n = fread(bytes, 1, sizeof bytes, f));)
        buf_add(out, bytes, n);
    if (f)
        fclose(f);
}

void served_log(const struct served *s, struct buf *out)
{
    read_file(s->process.err, out);
}

/* The word behind `text` in the log; NULL: it is not there. */
static char *word_behind(const struct served *s, const char *text)
{
    struct buf log;
    buf_init(&log);
    served_log(s, &log);
    const char *at = strstr(log.data, text);
    char *word = at ? xstrndup(at + strlen(text), strcspn(at + strlen(text), " \n")) : NULL;
    buf_release(&log);
    return word;
}

static char *read_token(const struct world *w)
{
    struct buf text;
    char *path = world_path(w, "state/haul/token");
    buf_init(&text);
    read_file(path, &text);
    free(path);
    text.data[strcspn(text.data, "\n")] = '\0';
    return buf_detach(&text);
}

bool served_start(struct served *s, struct world *w, const char *format, ...)
{
    char *options = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&options, format, args) < 0)
        abort();
    va_end(args);
    *s = (struct served){.world = w, .socket = world_path(w, "run/haul.sock")};
    buf_init_max(&s->body, BUF_UNBOUNDED);
    world_start(w, &s->process, "serve --listen 127.0.0.1:0 %s", options);
    free(options);
    int64_t deadline = clock_now() + 20 * CLOCK_SEC;
    while (!s->http && clock_now() < deadline && !process_ended(&s->process, 10 * CLOCK_MS)) {
        s->http = word_behind(s, "listening on http://");
        if (!s->http)
            continue;
        char *host = s->http;
        s->http = xasprintf("http://%s", host);
        free(host);
    }
    s->token = read_token(w);
    if (s->http)
        return true;
    struct buf log;
    buf_init(&log);
    served_log(s, &log);
    printf("# the server did not start: %s\n", log.data);
    buf_release(&log);
    return false;
}

void served_stop(struct served *s, struct result *r)
{
    process_signal(&s->process, SIGTERM);
    process_wait(&s->process, r, WORLD_TIMEOUT);
}

void served_release(struct served *s)
{
    free(s->socket);
    free(s->http);
    free(s->token);
    buf_release(&s->body);
}

static void add_replaced(struct buf *out, const struct served *s, const char *words)
{
    while (*words) {
        if (!strncmp(words, "@unix", 5)) {
            buf_addf(out, "--unix-socket %s http://localhost", s->socket);
            words += 5;
        } else if (!strncmp(words, "@tcp", 4)) {
            buf_addf(out, "-H 'Authorization: Bearer %s' %s", s->token, s->http);
            words += 4;
        } else {
            buf_add_char(out, *words++);
        }
    }
}

int served_ask(struct served *s, const char *format, ...)
{
    char *words = NULL, status[16] = "";
    struct buf command;
    va_list args;
    va_start(args, format);
    if (vasprintf(&words, format, args) < 0)
        abort();
    va_end(args);
    char *body = world_path(s->world, "answer");
    unlink(body);
    buf_init(&command);
    buf_addf(&command, "curl -q -s -m 20 -o %s -w '%%{http_code}' ", body);
    add_replaced(&command, s, words);
    FILE *f = popen(command.data, "r");
    if (!f || !fgets(status, sizeof status, f))
        *status = '\0';
    if (f)
        pclose(f);
    buf_truncate(&s->body, 0);
    read_file(body, &s->body);
    free(body);
    free(words);
    buf_release(&command);
    return atoi(status);
}
