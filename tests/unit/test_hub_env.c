/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "net/environment.h"

#include <unistd.h>

#include "core/alloc.h"

static struct haul_fault fault;

static void clean(void)
{
    static const char *const names[] = {"HF_ENDPOINT",
                                        "HF_TOKEN",
                                        "HUGGING_FACE_HUB_TOKEN",
                                        "HF_TOKEN_PATH",
                                        "HF_HOME",
                                        "HF_HUB_CACHE",
                                        "HUGGINGFACE_HUB_CACHE",
                                        "XDG_CACHE_HOME",
                                        "HF_HUB_OFFLINE",
                                        "TRANSFORMERS_OFFLINE",
                                        "HF_HUB_DISABLE_IMPLICIT_TOKEN"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(names); i++)
        unsetenv(names[i]);
    setenv("HOME", "/home/nobody-there", 1);
}

#define CHECK_HUB(field, want)                                                                     \
    do {                                                                                           \
        struct environment_hub checked;                                                            \
        CHECK_INT(environment_hub(&checked, &fault), HAUL_OK);                                     \
        CHECK_STR(checked.field, want);                                                            \
        environment_hub_release(&checked);                                                         \
    } while (0)

TEST(without_settings_it_is_the_hub_itself_and_the_cache_below_home)
{
    struct environment_hub hub;
    clean();
    CHECK_INT(environment_hub(&hub, &fault), HAUL_OK);
    CHECK_STR(hub.endpoint, "https://huggingface.co");
    CHECK_STR(hub.cache, "/home/nobody-there/.cache/huggingface/hub");
    CHECK(!hub.token);
    CHECK(!hub.offline);
    environment_hub_release(&hub);
}

TEST(the_cache_is_where_the_nearest_setting_says)
{
    clean();
    setenv("XDG_CACHE_HOME", "/c", 1);
    CHECK_HUB(cache, "/c/huggingface/hub");
    setenv("HF_HOME", "~/hf/", 1);
    CHECK_HUB(cache, "/home/nobody-there/hf/hub");
    setenv("HF_HOME", "$HOME/hf", 1);
    CHECK_HUB(cache, "/home/nobody-there/hf/hub");
    setenv("HUGGINGFACE_HUB_CACHE", "/old", 1);
    CHECK_HUB(cache, "/old");
    setenv("HF_HUB_CACHE", "/new/", 1);
    CHECK_HUB(cache, "/new");
}

TEST(a_token_is_trimmed_and_an_empty_one_is_none)
{
    struct environment_hub hub;
    clean();
    setenv("HUGGING_FACE_HUB_TOKEN", " hf_old\r\n", 1);
    CHECK_HUB(token, "hf_old");
    setenv("HF_TOKEN", "hf_new", 1);
    CHECK_HUB(token, "hf_new");
    clean();
    setenv("HF_TOKEN", " \n", 1);
    CHECK_INT(environment_hub(&hub, &fault), HAUL_OK);
    CHECK(!hub.token);
    environment_hub_release(&hub);
}

TEST(a_token_that_could_not_stand_in_a_header_is_refused)
{
    static const char *const bad[] = {"a b", "a\nb", "a\x01", "a\x7f", "\xc3\xa4"};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        struct environment_hub hub;
        clean();
        setenv("HF_TOKEN", bad[i], 1);
        CHECK_INT(environment_hub(&hub, &fault), HAUL_ERR_USAGE);
        CHECK(!strstr(fault.message, bad[i]));
        environment_hub_release(&hub);
    }
}

TEST(the_token_file_is_read_unless_that_is_switched_off)
{
    char path[] = "/tmp/haul-token-XXXXXX";
    struct environment_hub hub;
    int fd = mkstemp(path);
    ASSERT(fd >= 0 && write(fd, "hf_file\n", 8) == 8 && !close(fd));
    clean();
    setenv("HF_TOKEN_PATH", path, 1);
    CHECK_HUB(token, "hf_file");
    setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1", 1);
    CHECK_INT(environment_hub(&hub, &fault), HAUL_OK);
    CHECK(!hub.token);
    environment_hub_release(&hub);
    unlink(path);
}

TEST(the_endpoint_loses_its_slash_and_must_be_an_address)
{
    static const char *const bad[] = {"huggingface.co", "ftp://x",       "https://",
                                      "https://x/?a",   "https://u:p@x", "https://x/#a"};
    clean();
    setenv("HF_ENDPOINT", "http://127.0.0.1:8080//", 1);
    CHECK_HUB(endpoint, "http://127.0.0.1:8080");
    setenv("HF_ENDPOINT", "https://mirror.example/hf/", 1);
    CHECK_HUB(endpoint, "https://mirror.example/hf");
    for (size_t i = 0; i < HAUL_ARRAY_LEN(bad); i++) {
        struct environment_hub hub;
        setenv("HF_ENDPOINT", bad[i], 1);
        CHECK_INT(environment_hub(&hub, &fault), HAUL_ERR_USAGE);
        environment_hub_release(&hub);
    }
}

TEST(offline_is_what_the_hubs_client_takes_for_yes)
{
    static const struct {
        const char *value;
        bool offline;
    } cases[] = {{"1", true},    {"ON", true}, {"yes", true},
                 {"True", true}, {"0", false}, {"", false}};
    for (size_t i = 0; i < HAUL_ARRAY_LEN(cases); i++) {
        struct environment_hub hub;
        clean();
        setenv("HF_HUB_OFFLINE", cases[i].value, 1);
        CHECK_INT(environment_hub(&hub, &fault), HAUL_OK);
        CHECK_INT(hub.offline, cases[i].offline);
        environment_hub_release(&hub);
    }
}
