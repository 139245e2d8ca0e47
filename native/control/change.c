#include "change.h"

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

static int
find_match_port(
	const struct ks_ports *ports, const char *device, uint16_t *port, struct ks_reason *reason)
{
	int found = KS_MATCH_ANY_PORT;

	if (device[0] != '\0')
		found = ks_ports_find(ports, device, reason);
	*port = (uint16_t)found;
	return found < 0 ? -ENODEV : 0;
}

/* The key as control compares it: ports as numbers, and nothing in what it has no use for. */
static int
complete_key(const struct ks_ports *ports, const struct ks_change *change,
	struct ks_service_key *key, struct ks_reason *reason)
{
	int error;

	*key = (struct ks_service_key){
		.protocol = change->service.protocol, .is_match = change->service.is_match};
	if (!key->is_match) {
		key->address = change->service.address;
		key->port_be = change->service.port_be;
		return 0;
	}
	key->match = change->service.match;
	key->match.reserved = 0;
	error = find_match_port(ports, change->in_device, &key->match.in_port, reason);
	if (error == 0)
		error = find_match_port(ports, change->out_device, &key->match.out_port, reason);
	return error;
}

static int
apply_to_service(const struct ks_state *state, const struct ks_change *change, uint16_t port,
	struct ks_reason *reason)
{
	struct ks_change completed = *change;
	int error = complete_key(state->ports, change, &completed.service, reason);

	if (error != 0)
		return error;
	switch (change->verb) {
	case KS_ADD_SERVICE:
		return ks_services_add(state->services, &completed, reason);
	case KS_ALTER_SERVICE:
		return ks_services_alter(state->services, &completed, reason);
	case KS_REMOVE_SERVICE:
		return ks_services_remove(state->services, &completed, reason);
	case KS_ADD_SERVER:
		return ks_servers_add(state->services, &completed, reason);
	case KS_ALTER_SERVER:
		return ks_servers_alter(state->services, &completed, reason);
	case KS_REMOVE_SERVER:
		return ks_servers_remove(state->services, &completed, reason);
	case KS_ADD_LOCAL_ADDRESS:
		return ks_sources_add(state->services, &completed, port, reason);
	case KS_REMOVE_LOCAL_ADDRESS:
		return ks_sources_remove(state->services, &completed, reason);
	default:
		return ks_refuse(reason, EINVAL, "unknown change %d", (int)change->verb);
	}
}

int
ks_change_apply(
	const struct ks_state *state, const struct ks_change *change, struct ks_reason *reason)
{
	const struct ks_prefix prefix = {change->address, change->prefix_bits};
	struct ks_route_entry route = {
		.destination = prefix, .owner = (uint8_t)change->owner, .gateway = change->gateway};

	if (has_device(change->verb)) {
		int found = ks_ports_find(state->ports, change->device, reason);

		if (found < 0)
			return -ENODEV;
		route.port = (uint16_t)found;
	}
	switch (change->verb) {
	case KS_ADD_ADDRESS:
		return ks_addresses_add(
			state->addresses, prefix, route.port, change->owner, reason);
	case KS_REMOVE_ADDRESS:
		return ks_addresses_remove(state->addresses, prefix, reason);
	case KS_ADD_ROUTE:
		return ks_routes_add(state->routes, &route, reason);
	case KS_REMOVE_ROUTE:
		return ks_routes_remove(state->routes, &route, reason);
	case KS_SET_SETTINGS:
		state->settings->settings = change->settings;
		state->settings->is_changed = true;
		return 0;
	default:
		return apply_to_service(state, change, route.port, reason);
	}
}
