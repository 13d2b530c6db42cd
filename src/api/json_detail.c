/* SPDX-License-Identifier: MIT */
/* One file from near; see json_detail.h. */
#include "api/json_detail.h"

#include <stdio.h>
#include <string.h>

#include "api/json_put.h"

static const char *const states[] = {[CONN_CONNECTING] = "connecting",
                                     [CONN_WAITING] = "waiting",
                                     [CONN_RECEIVING] = "receiving",
                                     [CONN_STALLED] = "stalled"};

static void put_connection(struct json_writer *w, const struct conn_view *c)
{
    json_object_begin(w);
    api_put_string(w, "host", c->host);
    api_put_int_or_null(w, "begin", c->begin);
    api_put_int_or_null(w, "end", c->end);
    api_put_int(w, "got", c->got);
    api_put_int(w, "rate", c->rate);
    api_put_string(w, "state", states[c->state]);
    json_object_end(w);
}

void api_json_detail(struct buf *out, const struct detail_view *d)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    json_key(&w, "connections");
    json_array_begin(&w);
    for (size_t i = 0; i < d->conn_count; i++)
        put_connection(&w, &d->conns[i]);
    json_array_end(&w);
    json_key(&w, "cells");
    json_array_begin(&w);
    for (size_t i = 0; i < d->cell_count; i++)
        json_write_int(&w, d->cells[i]);
    json_array_end(&w);
    json_object_end(&w);
}

static void read_connection(const struct json *object, struct conn_view *c)
{
    const char *state = json_string(json_get(object, "state"), "");
    *c = (struct conn_view){.begin = json_int(json_get(object, "begin"), -1),
                            .end = json_int(json_get(object, "end"), -1),
                            .got = json_int(json_get(object, "got"), 0),
                            .rate = json_int(json_get(object, "rate"), 0)};
    snprintf(c->host, sizeof c->host, "%s", json_string(json_get(object, "host"), ""));
    for (size_t i = 0; i < HAUL_ARRAY_LEN(states); i++)
        if (!strcmp(states[i], state))
            c->state = (enum conn_state)i;
}

void api_read_detail(const struct json *object, struct detail_view *d)
{
    const struct json *conns = json_get(object, "connections"), *cells = json_get(object, "cells");
    *d = (struct detail_view){0};
    for (; d->conn_count < json_count(conns) && d->conn_count < CONNECTIONS_MAX; d->conn_count++)
        read_connection(json_at(conns, d->conn_count), &d->conns[d->conn_count]);
    for (; d->cell_count < json_count(cells) && d->cell_count < sizeof d->cells; d->cell_count++) {
        int64_t n = json_int(json_at(cells, d->cell_count), 0);
        d->cells[d->cell_count] = (uint8_t)(n > UINT8_MAX ? UINT8_MAX : n);
    }
}
