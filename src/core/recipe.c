/* SPDX-License-Identifier: MIT */
/* Build recipes; see recipe.h. */
#include "core/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/text.h"
#include "core/units.h"

#define NODES_MAX 4000

void recipe_init(struct recipe *r)
{
    *r = (struct recipe){0};
}

void recipe_release(struct recipe *r)
{
    free(r->name);
    free(r->cwd);
    free(r->output);
    string_list_release(&r->command);
    string_list_release(&r->env);
    recipe_init(r);
}

/* One key of a recipe; a reader returns NULL or what is wrong with the value. */
struct key {
    const char *name;
    bool needed;
    const char *(*read)(struct recipe *r, const struct json *value, const char *folder);
};

static const char *read_name(struct recipe *r, const struct json *value, const char *folder)
{
    (void)folder;
    const char *text = json_string(value, "");
    if (!*text)
        return "must be a text that is not empty";
    r->name = text_sanitized(text);
    return NULL;
}

static const char *read_command(struct recipe *r, const struct json *value, const char *folder)
{
    static const char wrong[] = "must be a list of texts: the program and its arguments";
    (void)folder;
    if (json_type(value) != JSON_ARRAY || !json_count(value))
        return wrong;
    for (size_t i = 0; i < json_count(value); i++) {
        if (json_type(json_at(value, i)) != JSON_STRING)
            return wrong;
        string_list_add(&r->command, json_string(json_at(value, i), ""));
    }
    return r->command.items[0][0] ? NULL : wrong;
}

static const char *read_cwd(struct recipe *r, const struct json *value, const char *folder)
{
    const char *text = json_string(value, "");
    if (!*text)
        return "must be the name of a folder";
    char *expanded = path_expand(text);
    r->cwd = expanded[0] == '/' ? xstrdup(expanded) : path_join(folder, expanded);
    free(expanded);
    for (size_t len = strlen(r->cwd); len > 1; len = strlen(r->cwd)) {
        char *end = r->cwd + len;
        bool dot = end[-1] == '.' && end[-2] == '/';
        if (end[-1] != '/' && !dot)
            break;
        end[len > 2 && dot ? -2 : -1] = '\0';
    }
    return NULL;
}

static const char *read_env(struct recipe *r, const struct json *value, const char *folder)
{
    static const char wrong[] = "must be an object of texts; a name has no '='";
    (void)folder;
    if (json_type(value) != JSON_OBJECT)
        return wrong;
    for (size_t i = 0; i < json_count(value); i++) {
        const char *name = json_key_at(value, i);
        if (!*name || strchr(name, '=') || json_type(json_at(value, i)) != JSON_STRING)
            return wrong;
        char *pair = xasprintf("%s=%s", name, json_string(json_at(value, i), ""));
        string_list_add(&r->env, pair);
        free(pair);
    }
    return NULL;
}

static const char *read_output(struct recipe *r, const struct json *value, const char *folder)
{
    (void)folder;
    const char *text = json_string(value, "");
    size_t len = strlen(text);
    while (len && text[len - 1] == '/')
        len--;
    r->output = xstrndup(text, len);
    return path_check_relative(r->output, NULL) == HAUL_OK
               ? NULL
               : "must be a path below cwd, without '..'";
}

static const char *read_sha256(struct recipe *r, const struct json *value, const char *folder)
{
    (void)folder;
    r->has_sha256 = units_parse_hex(json_string(value, ""), r->sha256, sizeof r->sha256);
    return r->has_sha256 ? NULL : "must be 64 hex digits";
}

static const struct key keys[] = {
    {"name", true, read_name}, {"command", true, read_command}, {"cwd", false, read_cwd},
    {"env", false, read_env},  {"output", true, read_output},   {"sha256", false, read_sha256},
};

static bool is_known(const char *name)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(keys); i++)
        if (!strcmp(keys[i].name, name))
            return true;
    return false;
}

static enum haul_error read_keys(const char *label, const struct json *root, const char *folder,
                                 struct recipe *r, struct haul_fault *fault)
{
    if (json_type(root) != JSON_OBJECT)
        return fault_set(fault, HAUL_ERR_USAGE, "%s: a recipe is a JSON object", label);
    /* A key that is misspelt must not be passed over in silence: it may be the digest. */
    for (size_t i = 0; i < json_count(root); i++)
        if (!is_known(json_key_at(root, i)))
            return fault_set(fault, HAUL_ERR_USAGE,
                             "%s: %s: there is no such key; a recipe has name, command, cwd, env, "
                             "output, sha256",
                             label, json_key_at(root, i));
    for (size_t i = 0; i < HAUL_ARRAY_LEN(keys); i++) {
        const struct json *value = json_get(root, keys[i].name);
        const char *wrong = NULL;
        if (value)
            wrong = keys[i].read(r, value, folder);
        else if (keys[i].needed)
            wrong = "is missing";
        if (wrong)
            return fault_set(fault, HAUL_ERR_USAGE, "%s: %s: %s", label, keys[i].name, wrong);
    }
    if (!r->cwd)
        r->cwd = xstrdup(folder);
    return HAUL_OK;
}

enum haul_error recipe_parse(const char *label, const char *text, size_t len, const char *folder,
                             struct recipe *r, struct haul_fault *fault)
{
    struct haul_fault why;
    struct json *root = json_parse(text, len, NODES_MAX, HAUL_ERR_USAGE, &why);
    if (!root)
        return fault_set(fault, HAUL_ERR_USAGE, "%s: %s", label, why.message);
    enum haul_error err = read_keys(label, root, folder, r, fault);
    json_free(root);
    if (err != HAUL_OK)
        recipe_release(r);
    return err;
}

/* As one would write it in a shell, so that nothing in a word looks like the end of it. */
static void add_word(struct buf *out, const char *word)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./=:,+@%";
    bool quoted = !*word || word[strspn(word, plain)];
    if (quoted)
        buf_add_char(out, '\'');
    for (size_t len; *word; word += len) {
        len = strcspn(word, "'");
        text_sanitize(out, word, len);
        if (word[len] == '\'') {
            buf_add_str(out, "'\\''");
            len++;
        }
    }
    if (quoted)
        buf_add_char(out, '\'');
}

void recipe_describe(const struct recipe *r, struct buf *out)
{
    for (size_t i = 0; i < r->env.count; i++) {
        add_word(out, r->env.items[i]);
        buf_add_char(out, ' ');
    }
    for (size_t i = 0; i < r->command.count; i++) {
        if (i)
            buf_add_char(out, ' ');
        add_word(out, r->command.items[i]);
    }
    buf_add_str(out, " (in ");
    text_sanitize(out, r->cwd, strlen(r->cwd));
    buf_add_str(out, ", makes ");
    text_sanitize(out, r->output, strlen(r->output));
    buf_add_char(out, ')');
}
