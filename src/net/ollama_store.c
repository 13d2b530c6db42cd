/* SPDX-License-Identifier: MIT */
/* Names in Ollama's store; see ollama_store.h. */
#include "net/ollama_store.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/path.h"

/* The entry of the directory that is called `name`, in those letters if there is one; caller
 * frees. */
static char *existing_name(const char *directory, const char *name)
{
    char *found = NULL;
    bool exact = false;
    DIR *d = opendir(directory);
    for (struct dirent *e; d && !exact && (e = readdir(d));) {
        exact = !strcmp(e->d_name, name);
        if (exact || (!found && !strcasecmp(e->d_name, name))) {
            free(found);
            found = xstrdup(e->d_name);
        }
    }
    if (d)
        closedir(d);
    return found ? found : xstrdup(name);
}

char *ollama_store_path(const char *root, const char *const *parts, size_t count)
{
    struct buf path;
    buf_init(&path);
    for (size_t i = 0; i < count; i++) {
        char *directory = path_join(root, path.data);
        char *name = existing_name(directory, parts[i]);
        buf_addf(&path, "%s%s", i ? "/" : "", name);
        free(name);
        free(directory);
    }
    return buf_detach(&path);
}
