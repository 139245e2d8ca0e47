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

#define KS_ROUTE_LENGTH_NONE UINT32_MAX

static inline const struct ks_route *
ks_route_find_exact(const struct ks_route *routes, uint32_t count, struct ks_ip network)
{
	while (count > 0) {
		uint32_t middle = count / 2;
		int order = ks_ip_compare(routes[middle].network, network);

		if (order == 0)
			return &routes[middle];
		if (order < 0) {
			routes += middle + 1;
			count -= middle + 1;
		} else {
			count = middle;
		}
	}
	return NULL;
}

/* The longest length in use that is below `end`; KS_ROUTE_LENGTH_NONE: there is none. */
static inline uint32_t
ks_route_length_below(const struct ks_tables *tables, uint32_t end)
{
	for (uint32_t word = end / 64 + 1; word-- > 0;) {
		uint64_t lengths = tables->route_lengths[word];

		if (word == end / 64)
			lengths &= (UINT64_C(1) << (end % 64)) - 1;
		if (lengths != 0)
			return word * 64 + 63 - (uint32_t)__builtin_clzll(lengths);
	}
	return KS_ROUTE_LENGTH_NONE;
}

/* The route to the address, or NULL. Those of IPv6 are not for IPv4: it ends at ::ffff:0:0/96. */
static inline const struct ks_route *
ks_route_find(const struct ks_tables *tables, struct ks_ip address)
{
	uint32_t shortest = ks_ip_is_v4(address) ? KS_IP_V4_BITS : 0;
	uint32_t length = KS_IP_BITS + 1;

	while ((length = ks_route_length_below(tables, length)) != KS_ROUTE_LENGTH_NONE &&
		length >= shortest) {
		const struct ks_route *found =
			ks_route_find_exact(tables->routes + tables->route_first[length],
				tables->route_count[length], ks_ip_masked(address, length));

		if (found != NULL)
			return found;
	}
	return NULL;
}

#endif
