/* SPDX-License-Identifier: MIT */
/*
 * Who a job belongs to: a text that names one session of one process on one machine, and the
 * question whether that session can still be alive. File locks are not asked: they lie on network
 * file systems.
 */
#ifndef HAUL_CORE_LEASE_H
#define HAUL_CORE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#define LEASE_SIZE         320
#define LEASE_HEARTBEAT_MS 20000
#define LEASE_STALE_MS     60000

/* "HOST BOOT PIDNS PID START NONCE", parts that cannot be known are "-". Never the same twice. */
void lease_make(char out[LEASE_SIZE]);
/*
 * On the same machine, boot and pid namespace: whether the process is there and was started when
 * the lease says. Elsewhere only its heartbeat (wall time) can tell.
 */
bool lease_alive(const char *lease, int64_t heartbeat_ms, int64_t now_ms);
/* For messages: the pid, and the host when it is another one; caller frees. */
char *lease_owner(const char *lease);

#endif
