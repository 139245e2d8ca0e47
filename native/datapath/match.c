#include "match.h"

#include <rte_branch_prediction.h>

#include "route.h"

static bool
is_address_in(struct ks_ip address, struct ks_ip first, struct ks_ip last)
{
	return ks_ip_is_none(last) ||
	       (ks_ip_compare(first, address) <= 0 && ks_ip_compare(address, last) <= 0);
}

static bool
is_port_in(rte_be16_t port_be, uint16_t first, uint16_t last)
{
	uint16_t port = rte_be_to_cpu_16(port_be);

	return last == 0 || (first <= port && port <= last);
}

static bool
leaves_through(const struct ks_tables *tables, struct ks_ip destination, uint16_t port)
{
	const struct ks_route *route;

	if (port == KS_MATCH_ANY_PORT)
		return true;
	route = ks_route_find(tables, destination);
	return route != NULL && route->port == port;
}

/* But for the ports. */
static bool
fits_addresses(const struct ks_tables *tables, const struct ks_match *match,
	const struct ks_packet *packet)
{
	struct ks_ip source = ks_packet_source(packet);
	struct ks_ip destination = ks_packet_destination(packet);

	return match->is_ipv6 == ks_packet_is_v6(packet) &&
	       (match->in_port == KS_MATCH_ANY_PORT || match->in_port == packet->in_port) &&
	       is_address_in(source, match->source_first, match->source_last) &&
	       is_address_in(destination, match->destination_first, match->destination_last) &&
	       leaves_through(tables, destination, match->out_port);
}

static bool
fits(const struct ks_tables *tables, const struct ks_match *match, const struct ks_packet *packet)
{
	const struct ks_flow_key *key = &packet->key;

	return is_port_in(key->source_port_be, match->source_port_first, match->source_port_last) &&
	       is_port_in(key->destination_port_be, match->destination_port_first,
		       match->destination_port_last) &&
	       fits_addresses(tables, match, packet);
}

const struct ks_virtual_server *
ks_match_find(const struct ks_tables *tables, const struct ks_packet *packet)
{
	for (uint32_t i = 0; i < tables->matches_count; i++) {
		const struct ks_virtual_server *service = tables->matches[i];

		if (service->protocol == packet->key.protocol &&
			fits(tables, service->match, packet))
			return service;
	}
	return NULL;
}

bool
ks_match_may_fit(const struct ks_tables *tables, const struct ks_packet *packet)
{
	for (uint32_t i = 0; i < tables->matches_count; i++) {
		const struct ks_virtual_server *service = tables->matches[i];

		if (service->protocol == packet->key.protocol &&
			fits_addresses(tables, service->match, packet))
			return true;
	}
	return false;
}
