/* SPDX-License-Identifier: MIT */
/*
 * Writes what the terminal UI looks like while it downloads from our own server: a few screens as
 * text, on standard output. Made from the real program, so it cannot say what is not true.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/alloc.h"
#include "real.h"

static void pause_for(struct screen *s, int ms)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += ms / 1000;
    do {
        screen_settle(s, 100);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec <= end.tv_sec);
}

static void show(const struct screen *s, const char *title)
{
    char *text = screen_text(s);
    printf("--- %s\n%s\n", title, text);
    free(text);
}

static void add(struct real *r, const char *const *paths, size_t count)
{
    struct buf keys;
    buf_init(&keys);
    buf_add_str(&keys, "\033[200~");
    for (size_t i = 0; i < count; i++) {
        char *url = real_url(r, paths[i]);
        buf_addf(&keys, "%s\r", url);
        free(url);
    }
    buf_add_str(&keys, "\033[201~");
    screen_keys(&r->screen, keys.data);
    buf_release(&keys);
}

int main(void)
{
    static const char *const paths[] = {
        "/file/model-00001-of-00002.gguf?size=96M&rate=500K",
        "/file/model-00002-of-00002.gguf?size=64M&rate=400K",
        "/file/tokenizer.json?size=2M",
        "/file/missing.bin?status=404",
        "/file/dataset.parquet?size=48M&rate=300K",
        "/file/readme.md?size=4K",
    };
    struct real r;
    real_open(&r, 24, 80, NULL);
    if (!screen_shows(&r.screen, "Nothing to download yet"))
        return EXIT_FAILURE;
    add(&r, paths, HAUL_ARRAY_LEN(paths));
    pause_for(&r.screen, 1500);
    show(&r.screen, "URLs pasted into the list open the dialog");
    screen_keys(&r.screen, "\r");
    pause_for(&r.screen, 6000);
    show(&r.screen, "six seconds later");
    screen_keys(&r.screen, "\r");
    pause_for(&r.screen, 1500);
    show(&r.screen, "Enter: the file from near");
    screen_keys(&r.screen, "\033");
    screen_keys(&r.screen, "c");
    pause_for(&r.screen, 1000);
    show(&r.screen, "c: cancelled, its partial file is gone");
    real_close(&r);
    return EXIT_SUCCESS;
}
