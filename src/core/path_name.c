/* SPDX-License-Identifier: MIT */
/* Names that come from elsewhere: refused or made safe. See path.h. */
#include <string.h>
#include <strings.h>

#include "core/path.h"
#include "core/text.h"
#include "core/text_class.h"

#define COMPONENT_MAX   255
#define PATH_LENGTH_MAX 4000
/* A longer "extension" is part of a sentence, not a type. */
#define EXTENSION_MAX 32

/* Windows takes these for devices whatever follows the first dot. */
static bool is_device(const char *name, size_t len)
{
    static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    static const char *const ports[] = {"COM", "LPT"};
    const char *dot = memchr(name, '.', len);
    size_t stem = dot ? (size_t)(dot - name) : len;
    while (stem && name[stem - 1] == ' ')
        stem--;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(devices); i++)
        if (strlen(devices[i]) == stem && !strncasecmp(name, devices[i], stem))
            return true;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(ports); i++)
        if (stem == 4 && !strncasecmp(name, ports[i], 3) && name[3] >= '1' && name[3] <= '9')
            return true;
    return false;
}

static bool ends_as(const char *name, size_t len, const char *const *suffixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t end = strlen(suffixes[i]);
        if (len >= end && !strncasecmp(name + len - end, suffixes[i], end))
            return true;
    }
    return false;
}

static bool is_partial(const char *name, size_t len)
{
    static const char *const all[] = {PATH_PART, PATH_PART_STATE, PATH_PART_TEMP, PATH_PART_LOCK};
    return ends_as(name, len, all, HAUL_ARRAY_LEN(all));
}

/* A ".part" alone is believed by nobody, and may be what the user asked for. */
static bool is_state(const char *name, size_t len)
{
    static const char *const own[] = {PATH_PART_STATE, PATH_PART_TEMP, PATH_PART_LOCK};
    return ends_as(name, len, own, HAUL_ARRAY_LEN(own));
}

static bool is_reserved(uint32_t cp)
{
    return cp < 0x80 && cp && strchr("<>\"|?*:\\", (int)cp);
}

/* What no name may hold: the rule that it breaks, or NULL. */
static const char *character_fault(const char *s, size_t len)
{
    if (!text_utf8_valid(s, len))
        return "it is not valid UTF-8";
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        i += text_utf8_decode(s + i, len - i, &cp);
        if (text_is_control(cp))
            return "it has a control character";
        if (text_is_bidi(cp))
            return "it has a character that reorders text";
        if (is_reserved(cp))
            return "it has one of < > \" | ? * : \\";
    }
    return NULL;
}

static const char *component_fault(const char *s, size_t len)
{
    if (!len)
        return "a part of it is empty";
    if ((len == 1 && s[0] == '.') || (len == 2 && s[0] == '.' && s[1] == '.'))
        return "`.` and `..` are not allowed";
    if (len > COMPONENT_MAX)
        return "a part of it is longer than 255 bytes";
    if (s[len - 1] == '.' || s[len - 1] == ' ')
        return "a part of it ends with a dot or a blank";
    if (is_device(s, len))
        return "it is the name of a Windows device";
    return NULL;
}

static const char *path_fault(const char *path)
{
    size_t len = strlen(path);
    if (!len)
        return "it is empty";
    if (len > PATH_LENGTH_MAX)
        return "it is longer than 4000 bytes";
    if (path[0] == '/')
        return "it is absolute";
    if (path[0] == '~')
        return "it starts with ~";
    const char *why = character_fault(path, len);
    for (const char *s = path; !why; s++) {
        size_t part = strcspn(s, "/");
        why = component_fault(s, part);
        s += part;
        if (!*s)
            break;
    }
    if (!why && is_state(path, len))
        why = "haul's own files beside a partial one are called so";
    return why;
}

enum haul_error path_check_relative(const char *path, struct haul_fault *fault)
{
    const char *why = path_fault(path);
    if (!why)
        return HAUL_OK;
    /* Long enough to know it by, short enough to leave room for the rule. */
    return fault_set(fault, HAUL_ERR_DISK, "unsafe file name \"%.200s\": %s", path, why);
}

enum haul_error path_check_partial(const char *rel, struct haul_fault *fault)
{
    const size_t max = COMPONENT_MAX - strlen(PATH_PART_TEMP); /* the longest of them */
    const char *slash = strrchr(rel, '/'), *base = slash ? slash + 1 : rel;
    size_t len = strlen(base);
    if (len <= max)
        return HAUL_OK;
    return fault_set(
        fault, HAUL_ERR_DISK,
        "the name \"%.60s...\" has %zu bytes; over %zu there is no room for those of its "
        "partial file; choose a shorter one with -o",
        base, len, max);
}

/* Appends s with every character that character_fault refuses as '_'. */
static void replace_characters(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t used = text_utf8_decode(s + i, len - i, &cp);
        bool invalid = used == 1 && (unsigned char)s[i] >= 0x80;
        if (invalid || text_is_control(cp) || text_is_bidi(cp) || is_reserved(cp))
            buf_add_char(out, '_');
        else
            buf_add(out, s + i, used);
        i += used;
    }
}

/* The longest prefix of s of at most `max` bytes that ends between two characters. */
static size_t cut_utf8(const char *s, size_t len, size_t max)
{
    size_t cut = len < max ? len : max;
    while (cut && cut < len && ((unsigned char)s[cut] & 0xC0) == 0x80)
        cut--;
    return cut;
}

/* FNV-1a: keeps names apart that are equal as far as they fit. */
static unsigned name_hash(const char *s, size_t len)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)s[i]) * 16777619u;
    return hash;
}

static void append_shortened(struct buf *out, const char *s, size_t len)
{
    const size_t max = COMPONENT_MAX - PATH_SUFFIX_RESERVE;
    if (len <= max) {
        buf_add(out, s, len);
        return;
    }
    const char *dot = memrchr(s, '.', len);
    size_t extension = dot ? len - (size_t)(dot - s) : 0;
    if (extension > EXTENSION_MAX)
        extension = 0;
    size_t stem = cut_utf8(s, len - extension, max - extension - strlen("_01234567"));
    buf_add(out, s, stem);
    buf_addf(out, "_%08x", name_hash(s, len));
    buf_add(out, s + len - extension, extension);
}

bool path_safe_name(const char *name, struct buf *out)
{
    const char *cut = name + strlen(name);
    while (cut > name && cut[-1] != '/' && cut[-1] != '\\')
        cut--;
    size_t len = strlen(cut);
    while (len && cut[0] == ' ') {
        cut++;
        len--;
    }
    while (len && (cut[len - 1] == ' ' || cut[len - 1] == '.'))
        len--;
    if (!len)
        return false;
    struct buf clean;
    buf_init(&clean);
    if (cut[0] == '.' || cut[0] == '~' || is_device(cut, len))
        buf_add_char(&clean, '_');
    replace_characters(&clean, cut, len);
    if (is_partial(cut, len))
        buf_add_char(&clean, '_');
    append_shortened(out, clean.data, clean.len);
    buf_release(&clean);
    return true;
}
