/* SPDX-License-Identifier: MIT */
/*
 * File names that come from elsewhere, and the one way to reach a file below a directory. A name
 * from a server is refused or made safe here, in one place, by the rules of POSIX and of Windows
 * alike, so that what was fetched here can be copied there.
 */
#ifndef HAUL_CORE_PATH_H
#define HAUL_CORE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attrs.h"
#include "core/buf.h"
#include "core/error.h"
#include "core/settings.h"

/*
 * Checks a relative path of one or more components, separated by '/'. Refused: empty, absolute,
 * `~` first, backslash, drive letter or any ':', components `.`, `..` or empty, control characters,
 * invalid UTF-8, bidi controls, `<>"|?*`, trailing dot or blank in a component, Windows device
 * names (CON, NUL, COM1.., with or without extension), a component over 255 or a path over 4000
 * bytes, an end that only haul's own state and lock files may have. The fault names the value,
 * sanitised, and the rule.
 */
HAUL_NODISCARD enum haul_error path_check_relative(const char *path, struct haul_fault *fault);

/*
 * Turns one name from a header or a URL into a safe file name: percent-decoding is the caller's
 * and done before. Cuts at the last '/' or '\', replaces what path_check_relative refuses by '_',
 * trims, and appends the result to `out`. Over 255 - PATH_SUFFIX_RESERVE bytes it is shortened; the
 * extension stays and a hash of the whole keeps different names apart.
 * Dot files and device names get a leading '_', names that end as partial files do one behind.
 * Returns false where nothing usable is left.
 */
HAUL_NODISCARD bool path_safe_name(const char *name, struct buf *out);

/*
 * What haul writes beside a file until it is whole. What a server could put there under such a name
 * would be taken for the beginning of another file.
 */
#define PATH_PART       ".part"
#define PATH_PART_STATE ".part.state"
#define PATH_PART_TEMP  ".part.state.tmp"
#define PATH_PART_LOCK  ".part.lock"
/* Room that they need behind a final name, and `.9999` in it, which --on-exists rename may add. */
#define PATH_SUFFIX_RESERVE 20
/* HAUL_ERR_DISK where the last component of rel is too long for these names: over 240 bytes. */
HAUL_NODISCARD enum haul_error path_check_partial(const char *rel, struct haul_fault *fault);

/*
 * For names from users too: of the rules above only those are applied that keep rel below root.
 * Opens the directory that holds `rel` below `root`, making missing directories (0777 & ~umask)
 * when `create`. No component below root may be a symbolic link. Returns a descriptor that the
 * caller closes, and *base: the last component, a pointer into rel. -1 with fault set.
 */
int path_open_parent(const char *root, const char *rel, bool create, const char **base,
                     struct haul_fault *fault);

/* For a/x.gz the first of a/x.1.gz, a/x.2.gz, ... that is not there, from number *n on; *n is the
 * number after it then. `dirfd` is the directory that holds `rel`. Caller frees; NULL with 10,000
 * that are there. */
char *path_free_name(int dirfd, const char *rel, unsigned *n);

/* dir + "/" + rel, made absolute against the working directory, without resolving links; caller
 * frees. dir NULL or "" is the working directory. "~/" is not expanded. */
char *path_join(const char *dir, const char *rel);
/* "~", "~/x" and "$VAR", "${VAR}" at the start replaced by the environment's; caller frees. */
char *path_expand(const char *path);
/*
 * Whether an absolute path is the absolute root or lies below it, symbolic links followed, also
 * where part of it does not exist yet. False for a path with `..` in it.
 */
bool path_is_below(const char *root, const char *path);
bool path_is_below_any(const struct string_list *roots, const char *path);
/* mkdir -p with that mode for what is missing. */
HAUL_NODISCARD enum haul_error path_make_dirs(const char *path, unsigned mode,
                                              struct haul_fault *fault);
/* $XDG_STATE_HOME/haul, $XDG_CONFIG_HOME/haul (with their defaults; relative values are ignored,
 * as the XDG specification asks). Caller frees; NULL without HOME. */
char *path_state_dir(void);
char *path_config_dir(void);

#endif
