/* SPDX-License-Identifier: MIT */
/* The server's table of routes, a line each: method, pattern, and whether it is open to all. */
#include <stdio.h>

#include "api/server_routes.h"

int main(void)
{
    for (size_t i = 0; i < route_count; i++)
        printf("%s %s %s\n", routes[i].method, routes[i].pattern,
               routes[i].open ? "open" : "token");
    return 0;
}
