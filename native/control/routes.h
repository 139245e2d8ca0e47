/*
 * Owner: struct ks_dataplane. Threads: control. Lifetime: the data plane's.
 *
 * The routes that were added, one per destination. Connected routes are not kept here: they follow
 * from the addresses and join when the tables are built.
 */
#ifndef KS_CONTROL_ROUTES_H
#define KS_CONTROL_ROUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "../api.h"
#include "index.h"

struct ks_route_entry {
	uint32_t network; /* host order */
	uint8_t length;
	uint8_t owner; /* enum ks_owner */
	uint16_t port;
	uint32_t gateway_be; /* 0: directly connected */
};

struct ks_routes {
	struct ks_route_entry *entries;
	uint32_t count;
	uint32_t capacity;
	struct ks_index by_destination;
	bool is_changed; /* since the last publication */
};

/* `route` has its host bits cleared here. */
int ks_routes_add(
	struct ks_routes *routes, const struct ks_route_entry *route, struct ks_reason *reason);
int ks_routes_remove(
	struct ks_routes *routes, const struct ks_route_entry *route, struct ks_reason *reason);
void ks_routes_free(struct ks_routes *routes);

/* The network mask of a prefix length, host order. */
static inline uint32_t
ks_prefix_mask(uint8_t length)
{
	return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

#endif
