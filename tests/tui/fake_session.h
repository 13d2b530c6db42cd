/* SPDX-License-Identifier: MIT */
/*
 * A session that downloads nothing: scenes of jobs made by hand, and a record of what the UI asked
 * for. One thread.
 */
#ifndef HAUL_TESTS_TUI_FAKE_SESSION_H
#define HAUL_TESTS_TUI_FAKE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/session.h"

enum fake_scene {
    SCENE_EMPTY,
    SCENE_MIXED,   /* one job in each state, two of many files */
    SCENE_IDLE,    /* the same, nothing active */
    SCENE_HOSTILE, /* names of all widths */
    SCENE_BUILD,   /* a build that was refused, because nobody has confirmed it */
    SCENE_MANY,    /* 10,000 jobs */
    SCENE_BUSY     /* three jobs whose figures change from frame to frame; its clock goes on */
};

/* The question how much room is there takes half a minute. */
#define FAKE_DIR_THAT_HANGS "/mnt/hangs"

struct session *fake_session_new(enum fake_scene scene);

/* Clocks that stand still, so that screens are the same each time. */
void fake_clock_stop(void);

#endif
