/* SPDX-License-Identifier: MIT */
/* What a client may ask this server to do: where files go, and which sources. The server's thread.
 */
#ifndef HAUL_API_SERVER_POLICY_H
#define HAUL_API_SERVER_POLICY_H

#include "api/server_internal.h"

/*
 * HAUL_ERR_BAD_SPEC, HAUL_ERR_UNAUTHORIZED (the fault names the option that would allow it). Where
 * the files go in the end is checked again when the job is carried out (settings.roots).
 */
HAUL_NODISCARD enum haul_error policy_check(const struct server *s, bool tcp,
                                            const struct job_request *r, struct haul_fault *fault);

/* The directories below which a client may have the server write, or tidy up; false: everywhere.
 * The caller releases the list. */
bool policy_bounds(const struct server *s, bool tcp, struct string_list *out);
/* Whether a client may have the server write, or tidy up, there. dir may be NULL. */
HAUL_NODISCARD enum haul_error policy_check_dir(const struct server *s, bool tcp, const char *dir,
                                                struct haul_fault *fault);

/* Whether it may have it delete what is there. */
HAUL_NODISCARD enum haul_error policy_check_removal(const struct server *s, bool tcp,
                                                    enum layout layout, const char *dir,
                                                    struct haul_fault *fault);

#endif
