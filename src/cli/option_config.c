/* SPDX-License-Identifier: MIT */
/* The config file laid over the defaults; see option_config.h. */
#include "cli/option_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"
#include "cli/text_file.h"
#include "core/config.h"
#include "core/path.h"

static bool parse_bool(const char *text, bool *value)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(words); i++)
        if (!strcmp(text, words[i])) {
            *value = i % 2;
            return true;
        }
    return false;
}

/* The file stands below the command line, so "no" is what holds already. */
static enum haul_error store_switch(const struct option_row *row, const char *text,
                                    struct cli_options *o, struct haul_fault *fault)
{
    bool on;
    if (!parse_bool(text, &on))
        return fault_set(fault, HAUL_ERR_USAGE, "%s: '%s' is neither yes nor no", row->name, text);
    return on ? option_store(row, row->name, NULL, o, fault) : HAUL_OK;
}

/* No shell has read these: "~" and "$VAR" in front are expanded here. */
static enum haul_error store_expanded(const struct option_row *row, const char *text,
                                      struct cli_options *o, struct haul_fault *fault)
{
    char *path = path_expand(text);
    enum haul_error err = option_store(row, row->name, path, o, fault);
    free(path);
    return err;
}

static enum haul_error store_pair(void *data, const char *key, const char *value, unsigned line,
                                  struct haul_fault *fault)
{
    struct cli_options *o = data;
    (void)line;
    if (!strncmp(key, "key.", 4) || !strncmp(key, "color.", 6)) {
        ui_settings_add(&o->ui_settings, key, value);
        return HAUL_OK;
    }
    const struct option_row *row = option_by_name(key, strlen(key));
    if (!row)
        return fault_set(fault, HAUL_ERR_USAGE, "'%s' is not the long name of an option", key);
    if (!row->config)
        return fault_set(fault, HAUL_ERR_USAGE, "'%s' can only stand on the command line", key);
    if (!row->arg)
        return store_switch(row, value, o, fault);
    if (row->kind == KIND_FILE || row->kind == KIND_DIR || row->kind == KIND_DIRS)
        return store_expanded(row, value, o, fault);
    return option_store(row, row->name, value, o, fault);
}

enum haul_error option_config_load(struct cli_options *o, struct haul_fault *fault)
{
    bool given = o->config_file;
    if (!given) {
        char *dir = path_config_dir();
        o->config_file = dir ? path_join(dir, "config") : NULL;
        free(dir);
    }
    if (!o->config_file)
        return HAUL_OK;
    struct buf text;
    buf_init(&text);
    int errnum;
    enum haul_error err = text_file_read(o->config_file, &text, &errnum, fault);
    if (!err)
        err = config_parse(o->config_file, text.data, text.len, store_pair, o, fault);
    else if (!given && (errnum == ENOENT || errnum == ENOTDIR || errnum == EACCES))
        err = HAUL_OK; /* as with sudo -u, which may leave $HOME somebody else's */
    buf_release(&text);
    return err;
}
