/* SPDX-License-Identifier: MIT */
/* Whether a place lies below another, links followed; see path.h. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"

static bool climbs(const char *path)
{
    for (const char *p = path; *p; p += strcspn(p, "/")) {
        p += strspn(p, "/");
        size_t len = strcspn(p, "/");
        if (len == 2 && !strncmp(p, "..", 2))
            return true;
    }
    return false;
}

/* With links followed as far as the path exists; what does not stands behind it as it is. */
static char *real(const char *path)
{
    char *there = xstrdup(path), *found;
    while (!(found = realpath(there, NULL))) {
        char *slash = strrchr(there, '/');
        if (!slash || slash == there)
            break;
        *slash = '\0';
    }
    const char *rest = path + strlen(there);
    char *out = found ? xasprintf("%s%s", strcmp(found, "/") ? found : "", rest) : xstrdup(path);
    free(found);
    free(there);
    return out;
}

bool path_is_below(const char *root, const char *path)
{
    if (*root != '/' || *path != '/' || climbs(path))
        return false;
    char *top = real(root), *place = real(path);
    size_t len = strlen(top);
    while (len && top[len - 1] == '/')
        len--;
    bool below = !strncmp(top, place, len) && (!place[len] || place[len] == '/');
    free(top);
    free(place);
    return below;
}

bool path_is_below_any(const struct string_list *roots, const char *path)
{
    for (size_t i = 0; i < roots->count; i++)
        if (path_is_below(roots->items[i], path))
            return true;
    return false;
}
