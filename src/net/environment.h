/* SPDX-License-Identifier: MIT */
/*
 * The environment as far as sources look at it: tokens, endpoints and places of the services they
 * speak to. An empty variable counts as unset. The environment is not changed after the start, so
 * any thread may ask.
 */
#ifndef HAUL_NET_ENVIRONMENT_H
#define HAUL_NET_ENVIRONMENT_H

#include <stdbool.h>

#include "core/attrs.h"
#include "core/error.h"

/* The variable's value, NULL where it is unset or empty. Borrowed. */
const char *environment_get(const char *name);

/* What the Hub's own clients read of it (huggingface_hub's
 * package_reference/environment_variables).
 */
struct environment_hub {
    char *endpoint; /* $HF_ENDPOINT or "https://huggingface.co", without a slash at its end */
    char *token;    /* $HF_TOKEN, else what the token file holds; NULL for none */
    char *cache;    /* $HF_HUB_CACHE, else $HF_HOME/hub, else below ~/.cache; NULL without a home */
    bool offline;   /* $HF_HUB_OFFLINE */
};
/* HAUL_ERR_USAGE for an endpoint that is no URL and a token that could be none. */
HAUL_NODISCARD enum haul_error environment_hub(struct environment_hub *h, struct haul_fault *fault);
void environment_hub_release(struct environment_hub *h);

/* "https://registry.ollama.ai" or $OLLAMA_REGISTRY, without a slash at its end. Caller frees. */
char *environment_ollama_registry(void);
/* $OLLAMA_MODELS or ~/.ollama/models, absolute. Caller frees; NULL without a home. */
char *environment_ollama_models(void);

/* "https://api.github.com" or $GITHUB_API_URL, without a slash at its end. Caller frees. */
char *environment_github_api(void);
/* $GH_TOKEN, else $GITHUB_TOKEN, as GitHub's own client has it; NULL for none. Borrowed. */
const char *environment_github_token(void);

#endif
