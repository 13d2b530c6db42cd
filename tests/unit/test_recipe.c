/* SPDX-License-Identifier: MIT */
#include "core/recipe.h"

#include "harness.h"

static struct recipe recipe;
static struct haul_fault fault;

static bool parse(const char *text)
{
    recipe_release(&recipe);
    return recipe_parse("r.json", text, strlen(text), "/home/a", &recipe, &fault) == HAUL_OK;
}

/* Refused, and the message has this in it. */
static void refused(const char *text, const char *words)
{
    CHECK(!parse(text));
    CHECK(fault.code == HAUL_ERR_USAGE);
    if (!strstr(fault.message, words))
        HARNESS_FAIL("\"%s\" is not in: %s", words, fault.message);
    CHECK(!recipe.name && !recipe.cwd && !recipe.command.count);
}

TEST(a_recipe_says_what_runs_where_and_what_it_makes)
{
    ASSERT(parse("{\"name\":\"n\",\"command\":[\"make\",\"all of it\"],\"cwd\":\"sub/\",\"env\":"
                 "{\"A\":\"b=c\"},\"output\":\"out/x/\"}"));
    CHECK_STR(recipe.name, "n");
    CHECK_STR(recipe.cwd, "/home/a/sub");
    CHECK_STR(recipe.output, "out/x");
    CHECK_STR(recipe.env.items[0], "A=b=c");
    CHECK(!recipe.has_sha256);
    struct buf text;
    buf_init(&text);
    recipe_describe(&recipe, &text);
    CHECK_STR(text.data, "A=b=c make 'all of it' (in /home/a/sub, makes out/x)");
    buf_release(&text);
    recipe_release(&recipe);
}

TEST(a_quote_in_a_word_does_not_end_it)
{
    struct buf text;
    buf_init(&text);
    ASSERT(parse("{\"name\":\"n\",\"command\":[\"a\",\"b' '; c\"],\"output\":\"o\"}"));
    recipe_describe(&recipe, &text);
    CHECK_STR(text.data, "a 'b'\\'' '\\''; c' (in /home/a, makes o)");
    buf_release(&text);
    recipe_release(&recipe);
}

TEST(its_folder_is_where_it_runs_unless_it_says_otherwise)
{
    ASSERT(parse("{\"name\":\"n\",\"command\":[\"x\"],\"output\":\"o\"}"));
    CHECK_STR(recipe.cwd, "/home/a");
    ASSERT(parse("{\"name\":\"n\",\"command\":[\"x\"],\"cwd\":\".\",\"output\":\"o\"}"));
    CHECK_STR(recipe.cwd, "/home/a");
    ASSERT(parse("{\"name\":\"n\",\"command\":[\"x\"],\"cwd\":\"/\",\"output\":\"o\"}"));
    CHECK_STR(recipe.cwd, "/");
    recipe_release(&recipe);
}

TEST(what_is_wrong_in_a_recipe_is_named)
{
    refused("[]", "JSON object");
    refused("{", "r.json");
    refused("{\"command\":[\"x\"],\"output\":\"o\"}", "name: is missing");
    refused("{\"name\":\"n\",\"output\":\"o\"}", "command: is missing");
    refused("{\"name\":\"n\",\"command\":\"rm -rf\",\"output\":\"o\"}", "command: must be a list");
    refused("{\"name\":\"n\",\"command\":[],\"output\":\"o\"}", "command: must be a list");
    refused("{\"name\":\"n\",\"command\":[\"x\",1],\"output\":\"o\"}", "command: must be a list");
    refused("{\"name\":\"n\",\"command\":[\"x\"],\"output\":\"../o\"}", "output: must be");
    refused("{\"name\":\"n\",\"command\":[\"x\"],\"output\":\"/o\"}", "output: must be");
    refused("{\"name\":\"n\",\"command\":[\"x\"],\"output\":\"o\",\"sha265\":\"\"}", "sha265");
    refused("{\"name\":\"n\",\"command\":[\"x\"],\"output\":\"o\",\"sha256\":\"12\"}", "64 hex");
    refused("{\"name\":\"n\",\"command\":[\"x\"],\"output\":\"o\",\"env\":{\"A=\":\"b\"}}", "env");
}
