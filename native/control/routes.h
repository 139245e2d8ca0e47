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
#include "addresses.h"
#include "index.h"

struct ks_route_entry {
	struct ks_prefix destination; /* host bits are 0 */
	struct ks_ip gateway;         /* none: directly connected */
	uint16_t port;
	uint8_t owner; /* enum ks_owner */
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

/*
 * The port that packets to the address leave through, by these routes and those of the addresses
 * that are there now, published or not; -1: none. Looks at every one of them.
 */
int ks_routes_port(
	const struct ks_routes *routes, const struct ks_addresses *addresses, struct ks_ip address);

#endif
