/* SPDX-License-Identifier: MIT */
/* Cancels that wait until they are true. The server's thread. */
#ifndef HAUL_API_SERVER_CANCEL_H
#define HAUL_API_SERVER_CANCEL_H

#include "api/server_internal.h"

/* Answers those whose job has ended. The snapshot is up to date. */
void server_settle_cancels(struct server *s);
/* {"job_id","status"}, once what was asked for is written down. */
void server_reply_status(struct exchange *x, unsigned status, const char *id, const char *word);

#endif
