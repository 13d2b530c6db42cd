/* SPDX-License-Identifier: MIT */
/* One file from near as JSON, there and back: its connections and the map of what is here. Pure
 * functions, any thread. */
#ifndef HAUL_API_JSON_DETAIL_H
#define HAUL_API_JSON_DETAIL_H

#include "core/buf.h"
#include "core/json.h"
#include "core/view.h"

/* {"connections":[{"host","begin","end","got","rate","state"}],"cells":[0 … 255]} */
void api_json_detail(struct buf *out, const struct detail_view *d);
void api_read_detail(const struct json *object, struct detail_view *d);

#endif
