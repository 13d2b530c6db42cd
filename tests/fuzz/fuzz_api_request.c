/* SPDX-License-Identifier: MIT */
/* Whatever a client posts: it is refused in words, or a request that comes back the same. */
#include <string.h>

#include "api/json_request.h"
#include "core/alloc.h"
#include "fuzz.h"

static void check_return(const struct job_request *r)
{
    struct buf first, second;
    struct job_request back;
    struct haul_fault fault;
    buf_init_max(&first, BUF_UNBOUNDED);
    buf_init_max(&second, BUF_UNBOUNDED);
    job_request_init(&back);
    api_json_request(&first, r);
    struct json *root = json_parse(first.data, first.len, 100000, HAUL_ERR_USAGE, &fault);
    FUZZ_ASSERT(root && api_read_request(root, &back, &fault) == HAUL_OK);
    api_json_request(&second, &back);
    FUZZ_ASSERT(!strcmp(first.data, second.data));
    FUZZ_ASSERT(back.connections <= CONNECTIONS_MAX && back.limit_rate >= -1);
    FUZZ_ASSERT(!back.dir || back.dir[0] == '/');
    for (size_t i = 0; i < back.headers.count; i++)
        FUZZ_ASSERT(!strpbrk(back.headers.items[i], "\r\n"));
    json_free(root);
    job_request_release(&back);
    buf_release(&first);
    buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct job_request r;
    struct haul_fault fault = {0};
    struct json *root = json_parse((const char *)data, size, 100000, HAUL_ERR_USAGE, &fault);
    job_request_init(&r);
    if (root && api_read_request(root, &r, &fault) == HAUL_OK)
        check_return(&r);
    else
        FUZZ_ASSERT(*fault.message);
    json_free(root);
    job_request_release(&r);
    return 0;
}
