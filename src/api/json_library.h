/* SPDX-License-Identifier: MIT */
/* The library as JSON: for `--json` and the HTTP API. Pure functions, any thread. */
#ifndef HAUL_API_JSON_LIBRARY_H
#define HAUL_API_JSON_LIBRARY_H

#include "core/buf.h"
#include "core/library.h"

/*
 * {"id","state","source","name","revision","layout","dir","bytes","file_count","created","verified",
 * "files":[{"path","link","bytes","state","digest":{"algorithm","value"}|null,"verified",
 * "verified_at","made"}]}; `files` only when asked for. "path" and "link" are absolute, "verified"
 * says against what (§4), times are RFC 3339 or null.
 */
void api_json_model(struct buf *out, const struct model *m, bool files);
/* {"id","removed","bytes","kept":["PATH: why"]} */
void api_json_removal(struct buf *out, const struct model *m, const struct model_removal *r);
/* {"path","bytes","removed"} */
void api_json_leftover(struct buf *out, const struct leftover *l, bool removed);

#endif
