#include "change.h"

#include <arpa/inet.h>
#include <errno.h>

#include "reason.h"
#include "servers.h"

static bool
has_device(enum ks_verb verb)
{
	return verb == KS_ADD_ADDRESS || verb == KS_REMOVE_ADDRESS || verb == KS_ADD_ROUTE ||
	       verb == KS_REMOVE_ROUTE || verb == KS_ADD_LOCAL_ADDRESS ||
	       verb == KS_REMOVE_LOCAL_ADDRESS;
}

int
ks_change_apply(
	const struct ks_state *state, const struct ks_change *change, struct ks_reason *reason)
{
	const struct ks_prefix prefix = {change->address_be, change->prefix_length};
	struct ks_route_entry route = {.network = ntohl(change->address_be),
		.length = change->prefix_length,
		.owner = (uint8_t)change->owner,
		.gateway_be = change->gateway_be};
	uint16_t port = 0;

	if (has_device(change->verb)) {
		int found = ks_ports_find(state->ports, change->device, reason);

		if (found < 0)
			return -ENODEV;
		port = (uint16_t)found;
		route.port = port;
	}
	switch (change->verb) {
	case KS_ADD_ADDRESS:
		return ks_addresses_add(state->addresses, prefix, port, change->owner, reason);
	case KS_REMOVE_ADDRESS:
		return ks_addresses_remove(state->addresses, prefix, reason);
	case KS_ADD_ROUTE:
		return ks_routes_add(state->routes, &route, reason);
	case KS_REMOVE_ROUTE:
		return ks_routes_remove(state->routes, &route, reason);
	case KS_ADD_SERVICE:
		return ks_services_add(state->services, change, reason);
	case KS_ALTER_SERVICE:
		return ks_services_alter(state->services, change, reason);
	case KS_REMOVE_SERVICE:
		return ks_services_remove(state->services, change, reason);
	case KS_ADD_SERVER:
		return ks_servers_add(state->services, change, reason);
	case KS_ALTER_SERVER:
		return ks_servers_alter(state->services, change, reason);
	case KS_REMOVE_SERVER:
		return ks_servers_remove(state->services, change, reason);
	case KS_ADD_LOCAL_ADDRESS:
		return ks_sources_add(state->services, change, port, reason);
	case KS_REMOVE_LOCAL_ADDRESS:
		return ks_sources_remove(state->services, change, reason);
	}
	return ks_refuse(reason, EINVAL, "unknown change %d", (int)change->verb);
}
