/* SPDX-License-Identifier: MIT */
/* What sources that work on this machine have in common; see local_work.h. */
#include "net/local_work.h"

#include <string.h>

#include "core/clock.h"
#include "core/units.h"

#define TICK_NS (250 * CLOCK_MS)

void local_work_begin(struct local_work *work, struct run *run, size_t file)
{
    *work = (struct local_work){.run = run, .file = run_file(run, file)};
    work->ticked_at = clock_now();
    atomic_store(&work->file->state, FILE_ACTIVE);
}

bool local_work_go_on(void *context, int64_t done)
{
    struct local_work *work = context;
    int64_t now = clock_now();
    atomic_store(&work->file->bytes, done);
    atomic_store(&work->file->hashed, done);
    if (now - work->ticked_at >= TICK_NS) {
        run_tick(work->run);
        work->ticked_at = now;
    }
    return run_stop(work->run) == STOP_NONE;
}

enum haul_error local_work_check(const char *name, const struct digest_value *got,
                                 const struct digest_value *want, struct haul_fault *fault)
{
    char want_hex[129], got_hex[129];
    size_t size = digest_size(want->algorithm);
    if (!size || !memcmp(got->bytes, want->bytes, size))
        return HAUL_OK;
    units_format_hex(want->bytes, size, want_hex);
    units_format_hex(got->bytes, size, got_hex);
    return fault_set(fault, HAUL_ERR_CHECKSUM, "%s: %s is %s, not %s as asked for", name,
                     digest_name(want->algorithm), got_hex, want_hex);
}

void local_work_done(struct run *run, size_t file, enum file_state state, const char *path,
                     const struct digest_value *got, enum digest_origin origin)
{
    char hex[65];
    bool sha256 = got->algorithm == DIGEST_SHA256;
    if (sha256)
        units_format_hex(got->bytes, 32, hex);
    else
        run_file_digest(run, file, got);
    run_set_path(run, file, path);
    run_tick(run);
    run_file_done(run, file, state, sha256 ? hex : NULL, origin);
}
