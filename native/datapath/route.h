/*
 * Owner: struct ks_tables holds the routes. Threads: workers and the slow thread read. Lifetime: a
 * burst, as the tables'.
 *
 * Longest prefix match: one binary search per prefix length in use. Off the common path, since
 * connections remember their next hop.
 */
#ifndef KS_DATAPATH_ROUTE_H
#define KS_DATAPATH_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "tables.h"

static inline const struct ks_route *
ks_route_find_exact(const struct ks_route *routes, uint32_t count, uint32_t network)
{
	while (count > 0) {
		uint32_t middle = count / 2;

		if (routes[middle].network == network)
			return &routes[middle];
		if (routes[middle].network < network) {
			routes += middle + 1;
			count -= middle + 1;
		} else {
			count = middle;
		}
	}
	return NULL;
}

/* The route to the address, or NULL. */
static inline const struct ks_route *
ks_route_find(const struct ks_tables *tables, rte_be32_t address_be)
{
	uint32_t address = rte_be_to_cpu_32(address_be);

	for (uint64_t lengths = tables->route_lengths; lengths != 0;) {
		uint32_t length = 63 - (uint32_t)__builtin_clzll(lengths);
		uint32_t mask = length == 0 ? 0 : UINT32_MAX << (32 - length);
		const struct ks_route *found =
			ks_route_find_exact(tables->routes + tables->route_first[length],
				tables->route_count[length], address & mask);

		if (found != NULL)
			return found;
		lengths &= ~(UINT64_C(1) << length);
	}
	return NULL;
}

#endif
