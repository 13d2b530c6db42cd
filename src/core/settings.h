/* SPDX-License-Identifier: MIT */
/*
 * Everything a user can set about downloading, whatever front end asks: the values of the options
 * table after defaults, config file, environment and command line were laid over one another.
 */
#ifndef HAUL_CORE_SETTINGS_H
#define HAUL_CORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum layout { LAYOUT_DEFAULT, LAYOUT_PLAIN, LAYOUT_HF_CACHE, LAYOUT_OLLAMA };
/* ON_EXISTS_DEFAULT: skip when size and digest match, else fail. */
enum on_exists {
    ON_EXISTS_DEFAULT,
    ON_EXISTS_SKIP,
    ON_EXISTS_OVERWRITE,
    ON_EXISTS_RENAME,
    ON_EXISTS_FAIL
};
enum ip_family { IP_ANY, IP_V4, IP_V6 };

/* As users write them, from LAYOUT_PLAIN and ON_EXISTS_SKIP on; each ends with NULL. */
extern const char *const layout_names[];
extern const char *const on_exists_names[];
const char *layout_name(enum layout l);       /* NULL for LAYOUT_DEFAULT */
const char *on_exists_name(enum on_exists e); /* NULL for ON_EXISTS_DEFAULT */
/* The index of a word in a list that ends with NULL; -1: it is not there. */
int word_index(const char *const *words, const char *word);

#define CONNECTIONS_MAX 64

/* A list of strings that owns them. */
struct string_list {
    char **items;
    size_t count;
};
void string_list_add(struct string_list *l, const char *s);                    /* copies s */
void string_list_copy(struct string_list *to, const struct string_list *from); /* to: zeroed */
void string_list_release(struct string_list *l);

struct settings {
    unsigned jobs;          /* downloads at once */
    unsigned connections;   /* for one download, at most; 1..CONNECTIONS_MAX */
    int64_t limit_rate;     /* bytes/s over all downloads; 0 = none */
    int64_t job_limit_rate; /* bytes/s for each job; 0 = none */
    unsigned tries;
    int64_t retry_wait;      /* ns, first wait */
    int64_t connect_timeout; /* ns */
    int64_t stall_timeout;   /* ns */
    bool resume;             /* false: --no-resume */
    enum ip_family ip_family;
    bool insecure;
    char *user_agent;
    char *proxy;              /* NULL: curl's variables */
    char *cacert;             /* NULL: the system's */
    struct string_list roots; /* absolute; files go only below these; none: anywhere */
    bool deny_private;        /* connect to no loopback, private or link-local address */
};

void settings_init(struct settings *s); /* the defaults of interfaces.md §3 */
void settings_copy(struct settings *to, const struct settings *from); /* to: garbage */
void settings_release(struct settings *s);

#endif
