/* SPDX-License-Identifier: MIT */
/*
 * What haul asks of the Hugging Face Hub: which commit a revision is, which files it has.
 * Addresses, requests, and what the Hub's errors mean. Worker thread.
 */
#ifndef HAUL_NET_HUB_API_H
#define HAUL_NET_HUB_API_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/spec.h"
#include "net/environment.h"
#include "net/http.h"
#include "net/hub_tree.h"

#define HUB_COMMIT_SIZE 41

/* A repo as one job speaks of it. */
struct hub {
    struct http_client *client;
    const struct string_list *headers; /* the request's own */
    const struct environment_hub *environment;
    enum spec_repo type;
    char *name; /* "org/name" as the user wrote it */
    char *id;   /* its name on the Hub: another one when it was renamed */
    char *revision;
    char commit[HUB_COMMIT_SIZE]; /* hub_api_find_commit */
    bool gated;
};

void hub_release(struct hub *h);

/* 40 digits of lower-case hex: a commit, and no branch's name. */
bool hub_is_commit(const char *revision);

/* Asks which commit the revision is at now, and notes what the Hub says of the repo. */
HAUL_NODISCARD enum haul_error hub_api_find_commit(struct hub *h, struct haul_fault *fault);
/* For a repo that is gated: HAUL_ERR_UNAUTHORIZED when its files would be refused. */
HAUL_NODISCARD enum haul_error hub_api_check_access(struct hub *h, struct haul_fault *fault);
/* All files of the commit, page by page, sorted. */
HAUL_NODISCARD enum haul_error hub_api_list(struct hub *h, struct hub_tree *tree,
                                            struct haul_fault *fault);

/* The address of a file's bytes at the commit. Caller frees. */
char *hub_file_url(const struct hub *h, const char *path);
/* Of the repo, for people. Caller frees. */
char *hub_page_url(const struct hub *h);

/*
 * Puts the Hub's meaning of an error status into *fault, which holds that of retry.h: hub_error.c.
 * `page` is the repo's address, `said` the server's words or "".
 */
struct hub_refusal {
    const char *repo, *page, *revision; /* revision may be NULL */
    const char *said;
    bool with_token;
};
void hub_explain(const struct hub_refusal *r, const struct reply *reply, struct haul_fault *fault);

#endif
