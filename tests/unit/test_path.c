/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char *repeated(const char *s, size_t times)
{
    struct buf b;
    buf_init(&b);
    for (size_t i = 0; i < times; i++)
        buf_add_str(&b, s);
    return buf_detach(&b);
}

TEST(ordinary_relative_paths_are_taken)
{
    static const char *const good[] = {
        "a",
        "a/b/c.gguf",
        ".gitattributes",
        "-x",
        "a b/c d",
        "..a",
        "a..b",
        "CONSOLE",
        "COM0",
        "nulled.txt",
        "\u00fcn\u00ef/\u4e2d.bin",
        "model-00001-of-00003.safetensors",
        "a~",
    };
    for (size_t i = 0; i < COUNT(good); i++)
        if (path_check_relative(good[i], NULL) != HAUL_OK)
            HARNESS_FAIL("%s is refused", good[i]);
}

TEST(paths_that_could_leave_the_directory_are_refused_everywhere)
{
    static const char *const bad[] = {
        "",          "/x",         "//x",      "~/.x",
        "~",         "C:\\x",      "D:x",      "\\\\host\\s",
        "\\x",       "a/\\\\h\\s", "a/C:\\x",  "../x",
        "a/../../b", "a/..",       ".",        "..",
        "./a",       "a/./b",      "a//b",     "a/",
        "..\\x",     " ",          "a ",       "a.",
        "a. /b",     "a/b./c",     "a\nb",     "a\x1b[2J",
        "a\x7f",     "a\xC2\x85",  "a\xff",    "\xC0\xAE\xC0\xAE/x",
        "a\u202Eb",  "a\u2066",    "a:b",      "a|b",
        "a?",        "a*",         "<a>",      "a\"b",
        "CON",       "nul",        "NUL.txt",  "x/aux.c",
        "COM1",      "lpt9.gguf",  "con .txt", "CONIN$",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct haul_fault f = {0};
        if (path_check_relative(bad[i], &f) != HAUL_ERR_DISK || !strstr(f.message, "unsafe"))
            HARNESS_FAIL("\"%s\" is taken", bad[i]);
        CHECK(!strchr(f.message, '\x1b') && !strchr(f.message, '\n'));
    }
}

TEST(nothing_may_be_called_as_what_haul_writes_beside_a_partial_file)
{
    CHECK_INT(path_check_relative("x.part.state", NULL), HAUL_ERR_DISK);
    CHECK_INT(path_check_relative("a/x.PART.Lock", NULL), HAUL_ERR_DISK);
    CHECK_INT(path_check_relative("x.part.state.tmp", NULL), HAUL_ERR_DISK);
    CHECK_INT(path_check_relative("x.part.state/y", NULL), HAUL_OK);
    CHECK_INT(path_check_relative("x.part", NULL), HAUL_OK);
}

TEST(length_limits_hold)
{
    char *part = repeated("x", 255), *over = repeated("x", 256);
    char *path = repeated("abc/", 999), *long_path = repeated("abc/", 1001);
    path[strlen(path) - 1] = '\0';
    long_path[strlen(long_path) - 1] = 'x';
    CHECK_INT(path_check_relative(part, NULL), HAUL_OK);
    CHECK_INT(path_check_relative(over, NULL), HAUL_ERR_DISK);
    CHECK_INT(path_check_relative(path, NULL), HAUL_OK);
    CHECK_INT(path_check_relative(long_path, NULL), HAUL_ERR_DISK);
    free(part);
    free(over);
    free(path);
    free(long_path);
}

TEST(names_from_servers_are_made_safe)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        {"a.bin", "a.bin"},
        {"/etc/passwd", "passwd"},
        {"..\\..\\evil.exe", "evil.exe"},
        {"../../x/y.gguf", "y.gguf"},
        {"  spaced out.txt  ", "spaced out.txt"},
        {"trailing...", "trailing"},
        {".bashrc", "_.bashrc"},
        {"...x", "_...x"},
        {"~root", "_~root"},
        {"CON", "_CON"},
        {"nul.txt", "_nul.txt"},
        {"x.bin.part.state", "x.bin.part.state_"},
        {"x.part.lock", "x.part.lock_"},
        {"x.Part", "x.Part_"},
        {".part", "_.part_"},
        {"x.part.state ", "x.part.state_"},
        {"x.parts", "x.parts"},
        {"a:b|c?.txt", "a_b_c_.txt"},
        {"a\r\nb", "a__b"},
        {"a\u202Egpj.exe", "a_gpj.exe"},
        {"a\xff\xfe.bin", "a__.bin"},
        {"-rf", "-rf"},
        {"\u4e2d\u6587.gguf", "\u4e2d\u6587.gguf"},
        {"", NULL},
        {".", NULL},
        {"..", NULL},
        {"   ", NULL},
        {" . . ", NULL},
        {"dir/", NULL},
        {"a/..", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        buf_init(&out);
        bool ok = path_safe_name(rows[i].in, &out);
        CHECK_INT(ok, rows[i].want != NULL);
        if (ok) {
            CHECK_STR(out.data, rows[i].want);
            CHECK_INT(path_check_relative(out.data, NULL), HAUL_OK);
        }
        buf_release(&out);
    }
}

TEST(long_names_keep_their_extension_and_stay_apart)
{
    char *stem = repeated("\u20AC", 200);
    char *one = xasprintf("%s1.gguf", stem), *two = xasprintf("%s2.gguf", stem);
    struct buf a, b;
    buf_init(&a);
    buf_init(&b);
    CHECK(path_safe_name(one, &a) && path_safe_name(two, &b));
    CHECK(a.len <= 255 - PATH_SUFFIX_RESERVE && a.len > 200);
    CHECK(text_utf8_valid(a.data, a.len));
    CHECK_STR(a.data + a.len - 5, ".gguf");
    CHECK(strcmp(a.data, b.data) != 0);
    buf_release(&a);
    buf_release(&b);
    free(stem);
    free(one);
    free(two);
}

TEST(a_name_is_refused_that_leaves_no_room_for_its_partial)
{
    char *most = repeated("n", 240), *more = repeated("n", 241);
    char *deep = xasprintf("%s/%s", more, most);
    struct haul_fault fault = {0};
    CHECK_INT(path_check_partial(most, &fault), HAUL_OK);
    CHECK_INT(path_check_partial(deep, &fault), HAUL_OK);
    CHECK_INT(path_check_partial(more, &fault), HAUL_ERR_DISK);
    CHECK(strstr(fault.message, "241 bytes") != NULL);
    free(most);
    free(more);
    free(deep);
}

static char *scratch(void)
{
    char *dir = xstrdup("/tmp/haul-test-path-XXXXXX");
    ASSERT(mkdtemp(dir));
    return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_tree(char *dir)
{
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(dir);
}

static bool exists(int fd, const char *name)
{
    struct stat st;
    return !fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW);
}

TEST(the_parent_is_opened_and_made_when_asked)
{
    char *root = scratch();
    char *below = path_join(root, "new/root");
    const char *base = NULL;
    struct haul_fault f;
    CHECK_INT(path_open_parent(below, "a/b/c.bin", false, &base, &f), -1);
    int fd = path_open_parent(below, "a/b/c.bin", true, &base, &f);
    ASSERT(fd >= 0);
    CHECK_STR(base, "c.bin");
    int file = openat(fd, base, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(file >= 0);
    close(file);
    close(fd);
    char *path = path_join(below, "a/b/c.bin");
    CHECK(!access(path, R_OK));
    free(path);
    fd = path_open_parent(below, "top", false, &base, &f);
    CHECK(fd >= 0 && exists(fd, "a"));
    CHECK_STR(base, "top");
    close(fd);
    free(below);
    remove_tree(root);
}

TEST(links_below_the_root_are_never_followed)
{
    char *root = scratch(), *outside = scratch();
    char *link = path_join(root, "link"), *dangling = path_join(root, "dangling");
    char *file = path_join(root, "file"), *deep = path_join(root, "d");
    char *deep_link = path_join(root, "d/up");
    ASSERT(!symlink(outside, link) && !symlink("/tmp/haul-no-such-place", dangling));
    ASSERT(!mkdir(deep, 0700) && !symlink("..", deep_link));
    int made = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT(made >= 0);
    close(made);
    static const char *const bad[] = {"link/x", "dangling/x", "file/x", "d/up/x", "link/a/b"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        const char *base;
        struct haul_fault f;
        CHECK_INT(path_open_parent(root, bad[i], true, &base, &f), -1);
        CHECK_INT(f.code, HAUL_ERR_DISK);
        CHECK(strstr(f.message, "link or not a directory"));
    }
    CHECK(access("/tmp/haul-no-such-place", F_OK) != 0);
    const char *base;
    struct haul_fault f;
    int fd = path_open_parent(link, "x", false, &base, &f);
    CHECK(fd >= 0); /* the root itself may be a link */
    close(fd);
    free(link);
    free(dangling);
    free(file);
    free(deep);
    free(deep_link);
    remove_tree(root);
    remove_tree(outside);
}

TEST(nothing_that_leads_out_is_opened)
{
    char *root = scratch();
    static const char *const bad[] = {"",  "/etc/x", "../x", "a/../x", "a/..",
                                      ".", "./x",    "a//x", "a/"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        const char *base;
        struct haul_fault f;
        if (path_open_parent(root, bad[i], true, &base, &f) != -1)
            HARNESS_FAIL("\"%s\" is opened", bad[i]);
    }
    remove_tree(root);
}

TEST(joining_makes_absolute_paths)
{
    char *cwd = getcwd(NULL, 0);
    struct {
        const char *dir, *rel, *prefix, *want;
    } rows[] = {
        {"/a", "b/c", "", "/a/b/c"}, {"/", "b", "", "/b"},    {"/a/", "b", "", "/a/b"},
        {"/a", "", "", "/a"},        {"x", "y", cwd, "/x/y"}, {NULL, "y", cwd, "/y"},
        {"", "y", cwd, "/y"},        {".", "y", cwd, "/y"},   {"./x", "y", cwd, "/x/y"},
        {NULL, "", cwd, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *want = xasprintf("%s%s", rows[i].prefix, rows[i].want);
        char *got = path_join(rows[i].dir, rows[i].rel);
        CHECK_STR(got, want);
        free(got);
        free(want);
    }
    free(cwd);
}

TEST(home_and_variables_are_expanded_at_the_start_only)
{
    setenv("HOME", "/home/me", 1);
    setenv("HAUL_T", "/t", 1);
    unsetenv("HAUL_UNSET");
    static const struct {
        const char *in, *want;
    } rows[] = {
        {"~", "/home/me"},
        {"~/x", "/home/me/x"},
        {"~you/x", "~you/x"},
        {"$HAUL_T/x", "/t/x"},
        {"${HAUL_T}x", "/tx"},
        {"${HAUL_T", "${HAUL_T"},
        {"a/~", "a/~"},
        {"a$HAUL_T", "a$HAUL_T"},
        {"$HAUL_UNSET/x", "$HAUL_UNSET/x"},
        {"$", "$"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *got = path_expand(rows[i].in);
        CHECK_STR(got, rows[i].want);
        free(got);
    }
}

TEST(the_xdg_directories_have_their_defaults)
{
    setenv("HOME", "/home/me", 1);
    setenv("XDG_STATE_HOME", "/s", 1);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    char *state = path_state_dir(), *config = path_config_dir();
    CHECK_STR(state, "/s/haul");
    CHECK_STR(config, "/home/me/.config/haul");
    free(state);
    free(config);
    unsetenv("XDG_STATE_HOME");
    state = path_state_dir();
    CHECK_STR(state, "/home/me/.local/state/haul");
    free(state);
    unsetenv("HOME");
    CHECK(!path_state_dir());
}

TEST(a_free_name_has_its_number_before_the_extension)
{
    static const struct {
        const char *rel, *free_name;
    } rows[] = {
        {"x.tar", "x.2.tar"}, {"a.b/x", "a.b/x.2"}, {"a/x.tar.gz", "a/x.tar.2.gz"},
        {".x", ".x.2"},       {"x.", "x.2."},
    };
    struct haul_fault f;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *root = scratch();
        const char *base;
        unsigned n = 1;
        int dirfd = path_open_parent(root, rows[i].rel, true, &base, &f);
        char *first = path_free_name(dirfd, rows[i].rel, &n);
        int fd = openat(dirfd, first + (base - rows[i].rel), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        CHECK(fd >= 0);
        close(fd);
        n = 1;
        char *second = path_free_name(dirfd, rows[i].rel, &n);
        CHECK_STR(second, rows[i].free_name);
        CHECK_INT(n, 3);
        n = 10000;
        CHECK(!path_free_name(dirfd, rows[i].rel, &n));
        close(dirfd);
        free(second);
        free(first);
        remove_tree(root);
    }
}

TEST(directories_are_made_with_their_mode)
{
    char *root = scratch();
    char *dir = path_join(root, "a/b/c");
    mode_t mask = umask(022);
    CHECK_INT(path_make_dirs(dir, 0700, NULL), HAUL_OK);
    CHECK_INT(path_make_dirs(dir, 0700, NULL), HAUL_OK);
    umask(mask);
    struct stat st;
    CHECK(!stat(dir, &st) && (st.st_mode & 0777) == 0700);
    char *file = path_join(dir, "f");
    int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    close(fd);
    char *under = path_join(file, "g");
    struct haul_fault f;
    CHECK_INT(path_make_dirs(under, 0700, &f), HAUL_ERR_DISK);
    CHECK_INT(path_make_dirs(file, 0700, &f), HAUL_ERR_DISK);
    free(under);
    free(file);
    free(dir);
    remove_tree(root);
}
