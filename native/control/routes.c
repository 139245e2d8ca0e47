#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../datapath/tables.h"
#include "reason.h"

struct wanted_route {
	const struct ks_routes *routes;
	struct ks_prefix destination;
};

static bool
is_wanted(const void *wanted_pointer, uint32_t position)
{
	const struct wanted_route *wanted = wanted_pointer;
	const struct ks_prefix *found = &wanted->routes->entries[position].destination;

	return ks_ip_equal(found->address, wanted->destination.address) &&
	       found->bits == wanted->destination.bits;
}

static uint64_t
hash_of(struct ks_prefix destination)
{
	return ks_index_hash(destination.bits, &destination.address, sizeof(destination.address));
}

static uint32_t
find(const struct ks_routes *routes, struct ks_prefix destination)
{
	const struct wanted_route wanted = {routes, destination};

	return ks_index_find(&routes->by_destination, hash_of(destination), is_wanted, &wanted);
}

static struct ks_prefix
network_of(struct ks_prefix prefix)
{
	prefix.address = ks_ip_masked(prefix.address, prefix.bits);
	return prefix;
}

static int
check(const struct ks_route_entry *route, struct ks_reason *reason)
{
	struct ks_ip gateway = route->gateway;

	if (ks_ip_is_none(gateway))
		return 0;
	if (ks_ip_is_v4(gateway) != ks_ip_is_v4(route->destination.address))
		return ks_refuse(reason, EINVAL,
			"the route to %s is %s, but its gateway %s is %s; give a gateway of the "
			"same family",
			ks_prefix_text(route->destination).text,
			ks_family_text(route->destination.address), ks_address_text(gateway).text,
			ks_family_text(gateway));
	return ks_address_check(gateway, reason);
}

static bool
is_same_of_vrrp(const struct ks_route_entry *present, const struct ks_route_entry *wanted)
{
	return present->owner == KS_OWNER_VRRP && wanted->owner == KS_OWNER_VRRP &&
	       present->port == wanted->port && ks_ip_equal(present->gateway, wanted->gateway);
}

int
ks_routes_add(
	struct ks_routes *routes, const struct ks_route_entry *route, struct ks_reason *reason)
{
	struct ks_prefix destination = network_of(route->destination);
	int error = check(route, reason);

	if (error != 0)
		return error;

	uint32_t present = find(routes, destination);

	/* Whoever was killed may have put it there. */
	if (present != KS_INDEX_NONE && is_same_of_vrrp(&routes->entries[present], route))
		return 0;
	if (present != KS_INDEX_NONE)
		return ks_refuse(reason, EEXIST, "a route to %s exists already",
			ks_prefix_text(destination).text);
	if (routes->count == KS_ROUTES_MAX)
		return ks_refuse(reason, ENOSPC, "no room for more than %u routes", KS_ROUTES_MAX);

	routes->entries = ks_make_room(
		routes->entries, routes->count, &routes->capacity, sizeof(*routes->entries));
	routes->entries[routes->count] = *route;
	routes->entries[routes->count].destination = destination;
	ks_index_add(&routes->by_destination, hash_of(destination), routes->count++);
	routes->is_changed = true;
	return 0;
}

int
ks_routes_remove(
	struct ks_routes *routes, const struct ks_route_entry *route, struct ks_reason *reason)
{
	struct ks_prefix destination = network_of(route->destination);
	uint32_t position = find(routes, destination);

	if (position == KS_INDEX_NONE || routes->entries[position].port != route->port ||
		!ks_ip_equal(routes->entries[position].gateway, route->gateway))
		return ks_refuse(reason, ENOENT, "there is no such route to %s",
			ks_prefix_text(destination).text);
	if ((routes->entries[position].owner == KS_OWNER_VRRP) != (route->owner == KS_OWNER_VRRP))
		return ks_refuse(reason, EPERM, "the route to %s %s",
			ks_prefix_text(destination).text,
			route->owner == KS_OWNER_VRRP
				? "is none of VRRP's"
				: "is a virtual route of VRRP; change it there");

	/* The last one takes its place. */
	const struct ks_route_entry *last = &routes->entries[--routes->count];

	ks_index_remove(&routes->by_destination, hash_of(destination), position);
	if (position != routes->count) {
		uint64_t last_hash = hash_of(last->destination);

		ks_index_remove(&routes->by_destination, last_hash, routes->count);
		ks_index_add(&routes->by_destination, last_hash, position);
		routes->entries[position] = *last;
	}
	routes->is_changed = true;
	return 0;
}

static bool
has_prefix(struct ks_ip address, struct ks_prefix prefix)
{
	/* Prefixes of IPv6 that hold the IPv4 addresses among theirs are not meant for these. */
	return ks_ip_is_v4(address) == ks_ip_is_v4(prefix.address) &&
	       ks_ip_equal(ks_ip_masked(address, prefix.bits),
		       ks_ip_masked(prefix.address, prefix.bits));
}

int
ks_routes_port(
	const struct ks_routes *routes, const struct ks_addresses *addresses, struct ks_ip address)
{
	int longest_bits = -1;
	int port = -1;

	for (uint32_t i = 0; i < routes->count; i++) {
		const struct ks_route_entry *route = &routes->entries[i];

		if (route->destination.bits > longest_bits &&
			has_prefix(address, route->destination)) {
			longest_bits = route->destination.bits;
			port = route->port;
		}
	}
	for (uint32_t id = 0; id < addresses->count; id++) {
		const struct ks_address_entry *entry = &addresses->entries[id];

		if (entry->prefix_bits > longest_bits && ks_address_is_used(entry) &&
			has_prefix(
				address, (struct ks_prefix){entry->address, entry->prefix_bits})) {
			longest_bits = entry->prefix_bits;
			port = entry->port;
		}
	}
	return port;
}

void
ks_routes_free(struct ks_routes *routes)
{
	ks_index_free(&routes->by_destination);
	free(routes->entries);
	memset(routes, 0, sizeof(*routes));
}
