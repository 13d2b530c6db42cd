/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "net/hub_select.h"

#include "core/alloc.h"
#include "net/hub_gguf.h"

/* Names of real repos, shortened. */
static const char *const quants[] = {
    "README.md",         "imatrix.dat",      "imatrix-Q4_K_M.gguf", "m-IQ2_XXS.gguf",
    "m-Q2_K.gguf",       "m-Q4_K_M.gguf",    "m-Q4_K_S.gguf",       "m-UD-Q4_K_M.gguf",
    "m-UD-Q4_K_XL.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf",     "params",
};

struct wanted {
    const char *quant, *glob, *include, *exclude;
};

static struct haul_fault fault;

/* Appends the chosen ones, a blank between two; "!code" where nothing can be chosen. */
static void choose(const char *const *names, size_t count, struct wanted w, bool models,
                   struct buf *out)
{
    struct hub_tree t;
    struct string_list include = {0}, exclude = {0};
    hub_tree_init(&t);
    for (size_t i = 0; i < count; i++)
        hub_tree_add(&t, names[i])->size = 1024 * (int64_t)(i + 1);
    if (hub_tree_sort(&t, &fault) != HAUL_OK)
        abort();
    if (w.include)
        string_list_add(&include, w.include);
    if (w.exclude)
        string_list_add(&exclude, w.exclude);
    struct hub_wish wish = {"o/n", w.quant, w.glob, &include, &exclude, models};
    enum haul_error err = hub_select(&t, &wish, &fault);
    if (err != HAUL_OK)
        buf_addf(out, "!%s", haul_error_code(err));
    for (size_t i = 0; err == HAUL_OK && i < t.count; i++)
        if (t.files[i].chosen)
            buf_addf(out, "%s%s", out->len ? " " : "", t.files[i].path);
    string_list_release(&include);
    string_list_release(&exclude);
    hub_tree_release(&t);
}

#define CHOOSE(names, wanted, expected)                                                            \
    do {                                                                                           \
        struct buf got;                                                                            \
        buf_init(&got);                                                                            \
        choose(names, HAUL_ARRAY_LEN(names), wanted, true, &got);                                  \
        CHECK_STR(got.data, expected);                                                             \
        buf_release(&got);                                                                         \
    } while (0)
#define WANT(...) ((struct wanted){__VA_ARGS__})

TEST(without_a_quantisation_the_first_of_the_usual_ones_is_taken)
{
    static const char *const two[] = {"a.Q5_0.gguf", "a.Q8_0.gguf", "a.F16.gguf"};
    static const char *const full[] = {"a-F16.gguf", "a-Q2_K.gguf"};
    static const char *const five[] = {"a-Q4_0.gguf", "a-Q5_K_M.gguf"};
    CHOOSE(quants, WANT(.quant = NULL), "m-Q4_K_M.gguf");
    CHOOSE(two, WANT(.quant = NULL), "a.Q5_0.gguf");
    CHOOSE(full, WANT(.quant = NULL), "a-F16.gguf");
    CHOOSE(five, WANT(.quant = NULL), "a-Q5_K_M.gguf");
}

TEST(the_only_model_is_taken_whatever_it_is_called)
{
    static const char *const one[] = {"README.md", "mmproj-F16.gguf", "strange.gguf"};
    static const char *const shards[] = {"x-00001-of-00002.gguf", "x-00002-of-00002.gguf"};
    CHOOSE(one, WANT(.quant = NULL), "strange.gguf");
    CHOOSE(shards, WANT(.quant = NULL), "x-00001-of-00002.gguf x-00002-of-00002.gguf");
}

TEST(several_models_without_a_usual_one_are_ambiguous)
{
    static const char *const names[] = {"a-IQ1_S.gguf", "a-Q6_K-00001-of-00002.gguf",
                                        "a-Q6_K-00002-of-00002.gguf", "other.gguf"};
    CHOOSE(names, WANT(.quant = NULL), "!ambiguous");
    CHECK_STR(fault.message, "o/n has several models; choose one as o/n:QUANT from IQ1_S (1.0 "
                             "KiB), Q6_K (5.0 KiB), other.gguf (4.0 KiB)");
}

TEST(a_quantisation_is_a_whole_token_in_whatever_case)
{
    static const char *const names[] = {"model_q4_0.gguf", "x.IQ4_XS.gguf", "y-BF16.gguf"};
    CHOOSE(quants, WANT(.quant = "q2_k"), "m-Q2_K.gguf");
    CHOOSE(quants, WANT(.quant = "Q4_K"), "!not_found");
    CHOOSE(quants, WANT(.quant = "K_M"), "!not_found");
    CHOOSE(quants, WANT(.quant = "Q4_K_M"), "m-Q4_K_M.gguf");
    CHOOSE(quants, WANT(.quant = "UD-Q4_K_M"), "m-UD-Q4_K_M.gguf");
    CHOOSE(quants, WANT(.quant = "UD-Q4_K_XL"), "m-UD-Q4_K_XL.gguf");
    CHOOSE(quants, WANT(.quant = "Q4_K_XL"), "m-UD-Q4_K_XL.gguf");
    CHOOSE(names, WANT(.quant = "Q4_0"), "model_q4_0.gguf");
    CHOOSE(names, WANT(.quant = "Q4_XS"), "!not_found");
    CHOOSE(names, WANT(.quant = "F16"), "!not_found");
    CHOOSE(names, WANT(.quant = "bf16"), "y-BF16.gguf");
}

TEST(a_quantisation_that_is_not_there_lists_those_that_are)
{
    CHOOSE(quants, WANT(.quant = "Q8_0"), "!not_found");
    CHECK_STR(fault.message, "o/n has no Q8_0; there is IQ2_XXS (4.0 KiB), Q2_K (5.0 KiB), Q4_K_M "
                             "(6.0 KiB), Q4_K_S (7.0 KiB), UD-Q4_K_M (8.0 KiB), UD-Q4_K_XL (9.0 "
                             "KiB)");
}

TEST(a_quantisation_can_be_the_name_of_a_folder)
{
    static const char *const names[] = {"Q8_0/m-00001-of-00002.gguf", "Q8_0/m-00002-of-00002.gguf",
                                        "Q2_K/m.gguf"};
    CHOOSE(names, WANT(.quant = "Q8_0"), "Q8_0/m-00001-of-00002.gguf Q8_0/m-00002-of-00002.gguf");
}

TEST(a_model_with_a_shard_missing_is_refused)
{
    static const char *const last[] = {"m-Q8_0-00001-of-00003.gguf", "m-Q8_0-00002-of-00003.gguf"};
    static const char *const first[] = {"m-Q8_0-00002-of-00002.gguf", "n-Q2_K.gguf"};
    static const char *const fine[] = {"m-Q8_0-00001-of-00001.gguf", "m-Q8_0-00001-of-00001.txt"};
    CHOOSE(last, WANT(.quant = "Q8_0"), "!not_found");
    CHECK(strstr(fault.message, "shard 3 of 3 of m-Q8_0 is not in the repo"));
    CHOOSE(first, WANT(.quant = "Q8_0"), "!not_found");
    CHECK(strstr(fault.message, "shard 1 of 2"));
    CHOOSE(fine, WANT(.quant = "Q8_0"), "m-Q8_0-00001-of-00001.gguf");
}

TEST(a_repo_without_gguf_is_fetched_whole)
{
    static const char *const names[] = {"config.json", "model.safetensors", "mmproj-F16.gguf"};
    CHOOSE(names, WANT(.quant = NULL), "config.json mmproj-F16.gguf model.safetensors");
    CHOOSE(names, WANT(.quant = "Q4_0"), "!not_found");
    CHECK(strstr(fault.message, "leave out :Q4_0"));
}

TEST(only_a_repo_of_models_has_a_usual_quantisation)
{
    struct buf got;
    buf_init(&got);
    choose(quants, HAUL_ARRAY_LEN(quants), WANT(.quant = NULL), false, &got);
    CHECK(strstr(got.data, "README.md") && strstr(got.data, "params"));
    buf_release(&got);
}

TEST(an_include_adds_companions_to_a_quantisation)
{
    CHOOSE(quants, WANT(.quant = "Q2_K", .include = "mmproj-F16*"), "m-Q2_K.gguf mmproj-F16.gguf");
    CHOOSE(quants, WANT(.quant = "Q2_K", .include = "*"),
           "README.md imatrix-Q4_K_M.gguf imatrix.dat m-Q2_K.gguf mmproj-BF16.gguf "
           "mmproj-F16.gguf params");
}

TEST(an_include_alone_chooses_among_all_files)
{
    CHOOSE(quants, WANT(.include = "*Q4_K_S*"), "m-Q4_K_S.gguf");
    CHOOSE(quants, WANT(.include = "*.md"), "README.md");
    CHOOSE(quants, WANT(.include = "*.none"), "!not_found");
}

TEST(an_exclude_takes_away_from_everything)
{
    CHOOSE(quants, WANT(.glob = "m-*", .exclude = "*UD*"),
           "m-IQ2_XXS.gguf m-Q2_K.gguf m-Q4_K_M.gguf m-Q4_K_S.gguf");
    CHOOSE(quants, WANT(.quant = "Q2_K", .exclude = "*"), "!not_found");
    CHECK(strstr(fault.message, "--exclude leave none of the 1 file"));
}

TEST(what_is_excluded_is_not_what_is_chosen_without_a_quantisation)
{
    static const char *const shards[] = {"README.md", "a-Q2_K-00001-of-00002.gguf",
                                         "a-Q2_K-00002-of-00002.gguf", "b-Q3_K.gguf"};
    CHOOSE(quants, WANT(.exclude = "m-Q4_K_M*"), "m-UD-Q4_K_M.gguf");
    CHOOSE(quants, WANT(.exclude = "*Q4_K_*"), "!ambiguous");
    CHECK(strstr(fault.message, "choose one as o/n:QUANT from IQ2_XXS (4.0 KiB), Q2_K (5.0 KiB)"));
    CHOOSE(shards, WANT(.exclude = "b-*"), "a-Q2_K-00001-of-00002.gguf a-Q2_K-00002-of-00002.gguf");
    CHOOSE(shards, WANT(.exclude = "a-*"), "b-Q3_K.gguf");
    CHOOSE(shards, WANT(.exclude = "*.gguf"), "README.md");
    CHOOSE(quants, WANT(.exclude = "*"), "!not_found");
    CHECK(strstr(fault.message, "--exclude leave none of the 12 files"));
}

TEST(a_glob_is_a_path_before_it_is_a_pattern)
{
    static const char *const names[] = {"a[1].bin", "a1.bin", "dir/x", "dir/y/z"};
    CHOOSE(names, WANT(.glob = "a[1].bin"), "a[1].bin");
    CHOOSE(names, WANT(.glob = "a[12].bin"), "a1.bin");
    CHOOSE(names, WANT(.glob = "dir/"), "dir/x dir/y/z");
    CHOOSE(names, WANT(.glob = "none"), "!not_found");
    CHECK_STR(fault.message, "o/n has no file none; there is a1.bin, a[1].bin, dir/x, dir/y/z");
}

TEST(a_glob_and_a_quantisation_must_both_hold)
{
    static const char *const names[] = {"big/m-Q4_0.gguf", "small/m-Q4_0.gguf"};
    CHOOSE(names, WANT(.quant = "Q4_0", .glob = "small/*"), "small/m-Q4_0.gguf");
}

TEST(an_empty_repo_is_not_found)
{
    struct buf got;
    buf_init(&got);
    choose(NULL, 0, WANT(.quant = NULL), true, &got);
    CHECK_STR(got.data, "!not_found");
    buf_release(&got);
}

static const struct {
    const char *path, *quant;
} labels[] = {
    {"Qwen3-8B-Q4_K_M.gguf", "Q4_K_M"},
    {"dir/llama-2-7b.Q5_K_S.gguf", "Q5_K_S"},
    {"m-UD-IQ1_M-00001-of-00004.gguf", "UD-IQ1_M"},
    {"gpt-oss-20b-MXFP4.gguf", "MXFP4"},
    {"x-mxfp4_moe.gguf", "MXFP4_MOE"},
    {"model-fp16.gguf", "FP16"},
    {"Q8_0.gguf", "Q8_0"},
    {"TQ1_0-model.gguf", "TQ1_0"},
    {"model.gguf", ""},
    {"FAQ4.gguf", ""},
    {"Qwen-7B.gguf", ""},
};

TEST(the_label_of_a_file_is_its_quantisation)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(labels); i++) {
        struct buf label;
        buf_init(&label);
        hub_gguf_quant(labels[i].path, &label);
        CHECK_STR(label.data, labels[i].quant);
        buf_release(&label);
    }
}

TEST(companions_are_no_models)
{
    CHECK(hub_gguf_is_model("a/b.gguf"));
    CHECK(hub_gguf_is_model("a/b.GGUF"));
    CHECK(!hub_gguf_is_model(".gguf"));
    CHECK(!hub_gguf_is_model("a.gguf/b"));
    CHECK(!hub_gguf_is_model("model.mmproj-f16.gguf"));
    CHECK(!hub_gguf_is_model("MMPROJ-x.gguf"));
    CHECK(!hub_gguf_is_model("m.imatrix.gguf"));
    CHECK(!hub_gguf_is_model("eagle3-m.gguf"));
    CHECK(hub_gguf_is_model("smtp-helper.gguf"));
}
