/* SPDX-License-Identifier: MIT */
/* Room and documents of a plan; see plan_disk.h. */
#include "net/plan_disk.h"

#include <stdlib.h>
#include <sys/statvfs.h>

#include "core/path.h"
#include "core/units.h"
#include "net/part.h"
#include "net/place.h"

static bool is_partial(struct run *run, const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (atomic_load(&run_file(run, i)->state) == FILE_CANCELLED)
            return true;
    return false;
}

enum haul_error plan_place_documents(struct run *run, const struct plan *plan,
                                     struct haul_fault *fault)
{
    enum haul_error err = HAUL_OK;
    bool partial = is_partial(run, plan);
    for (size_t i = 0; err == HAUL_OK && i < plan->document_count; i++) {
        const struct plan_document *document = &plan->documents[i];
        if (document->whole && partial) {
            run_log(run, LOG_WARN, "%s was not written: some of its files were cancelled",
                    document->path);
            continue;
        }
        if (document->whole)
            err = place_check(plan, fault);
        if (err == HAUL_OK)
            err = place_document(plan->root, document, fault);
    }
    return err;
}

enum haul_error plan_check_room(struct run *run, const struct plan *plan, struct haul_fault *fault)
{
    struct statvfs fs;
    int64_t needed = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->files[i].size < 0 || !plan->files[i].path)
            return HAUL_OK;
        if (atomic_load(&run_file(run, i)->cancel))
            continue;
        char *final = path_join(plan->root, plan->files[i].path);
        needed = units_add(needed, part_missing_on_disk(final, plan->files[i].size));
        free(final);
    }
    enum haul_error err = path_make_dirs(plan->root, 0777, fault);
    if (err != HAUL_OK || statvfs(plan->root, &fs) != 0)
        return err;
    int64_t available = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    if (needed <= available)
        return HAUL_OK;
    char need[UNITS_TEXT_SIZE], have[UNITS_TEXT_SIZE];
    units_format_size(needed, need);
    units_format_size(available, have);
    return fault_set(fault, HAUL_ERR_DISK_FULL,
                     "no room in %s: the job needs %s more, %s is free; make room and resume",
                     plan->root, need, have);
}
