#include "routes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../datapath/tables.h"
#include "reason.h"

static uint64_t
key_of(uint32_t network, uint8_t length)
{
	return ((uint64_t)network << 8) | length;
}

static bool
has_route(const struct ks_routes *routes, uint32_t network, uint8_t length)
{
	return ks_index_find(&routes->by_destination, key_of(network, length)) != KS_INDEX_NONE;
}

int
ks_routes_add(
	struct ks_routes *routes, const struct ks_route_entry *route, struct ks_reason *reason)
{
	uint32_t network = route->network & ks_prefix_mask(route->length);
	uint64_t key = key_of(network, route->length);

	if (has_route(routes, network, route->length))
		return ks_refuse(reason, EEXIST, "a route to %s exists already",
			ks_prefix_text(htonl(network), route->length).text);
	if (routes->count == KS_ROUTES_MAX)
		return ks_refuse(reason, ENOSPC, "no room for more than %u routes", KS_ROUTES_MAX);

	routes->entries = ks_make_room(
		routes->entries, routes->count, &routes->capacity, sizeof(*routes->entries));
	routes->entries[routes->count] = *route;
	routes->entries[routes->count].network = network;
	ks_index_add(&routes->by_destination, key, routes->count++);
	routes->is_changed = true;
	return 0;
}

int
ks_routes_remove(
	struct ks_routes *routes, const struct ks_route_entry *route, struct ks_reason *reason)
{
	uint32_t network = route->network & ks_prefix_mask(route->length);
	uint64_t key = key_of(network, route->length);
	uint32_t position = ks_index_find(&routes->by_destination, key);

	if (position == KS_INDEX_NONE || routes->entries[position].port != route->port ||
		routes->entries[position].gateway_be != route->gateway_be)
		return ks_refuse(reason, ENOENT, "there is no such route to %s",
			ks_prefix_text(htonl(network), route->length).text);

	/* The last one takes its place. */
	const struct ks_route_entry *last = &routes->entries[--routes->count];

	ks_index_remove(&routes->by_destination, key);
	if (position != routes->count) {
		uint64_t last_key = key_of(last->network, last->length);

		ks_index_remove(&routes->by_destination, last_key);
		ks_index_add(&routes->by_destination, last_key, position);
		routes->entries[position] = *last;
	}
	routes->is_changed = true;
	return 0;
}

void
ks_routes_free(struct ks_routes *routes)
{
	ks_index_free(&routes->by_destination);
	free(routes->entries);
	memset(routes, 0, sizeof(*routes));
}
