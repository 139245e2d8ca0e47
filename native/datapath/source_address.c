#include "source_address.h"

#include <rte_branch_prediction.h>

#include "route.h"

/* Ports in a row that are free by the map but cannot be used, because something else has them. */
#define UNUSABLE_PORTS_MAX 64u

struct ks_flow
ks_flow_between(const struct ks_hash_secret *secret, const struct ks_ip addresses[2],
	rte_be16_t source_port_be, rte_be16_t destination_port_be, uint8_t protocol)
{
	enum ks_family family = ks_ip_family(addresses[0]);
	uint32_t ports = source_port_be | (uint32_t)destination_port_be << 16;
	uint64_t rest = ks_flow_key_rest(ports, protocol, family);
	uint64_t both = likely(family == KS_IPV4) ? ks_flow_key_addresses(ks_ip_v4(addresses[0]),
							    ks_ip_v4(addresses[1]))
						  : ks_hash_digest(secret, addresses);
	struct ks_flow flow;

	ks_flow_key_set(&flow.key, both, rest);
	flow.hash = ks_hash_words(secret, both, rest);
	return flow;
}

/*
 * The map knows this worker's connections with ports of the pools. A service on the source address
 * itself, or a client of that service that is also a server here, are the other users of a return
 * tuple.
 */
static bool
is_usable(const struct ks_worker *worker, struct ks_ip source, const struct ks_flow *from_server)
{
	const struct ks_flow_key *key = &from_server->key;

	return ks_virtual_server_find(
		       worker->tables, source, key->destination_port_be, key->protocol) == NULL &&
	       ks_connection_find(worker->connections, key, from_server->hash) == NULL;
}

/* Where return packets come from, and to what. */
struct way {
	struct ks_ip addresses[2]; /* the server's, the source's */
	rte_be16_t server_port_be;
	uint8_t protocol;
	uint8_t port; /* the Ethernet port that they arrive at */
};

/* The two addresses as a packet has them in a row. */
static const void *
octets_of(const struct way *way, uint64_t *ipv4)
{
	if (unlikely(!ks_ip_is_v4(way->addresses[0])))
		return way->addresses;
	*ipv4 = ks_flow_key_addresses(ks_ip_v4(way->addresses[0]), ks_ip_v4(way->addresses[1]));
	return ipv4;
}

/* Sets the flow of return packets, to a local port that is free. */
static bool
take_port(struct ks_worker *worker, const struct way *way, uint32_t source_id,
	struct ks_flow *from_server)
{
	const struct ks_connection_table *table = worker->connections;
	uint64_t ipv4;
	struct ks_port_path path = ks_port_path(&table->source_ports, worker->ports[way->port].rss,
		ks_ip_family(way->addresses[0]), octets_of(way, &ipv4), way->server_port_be,
		way->protocol, worker->index);
	struct ks_port_map *map = &worker->connections->source_ports;
	struct ks_source_counters *counters = &worker->sources[source_id];

	for (uint32_t tries = 0; tries < UNUSABLE_PORTS_MAX; tries++) {
		uint16_t port = ks_source_port_take(map, &path, &counters->cursor);

		if (unlikely(port == 0))
			break;
		*from_server = ks_flow_between(&table->secret, way->addresses, way->server_port_be,
			rte_cpu_to_be_16(port), way->protocol);
		if (likely(!worker->tables->has_shared_sources ||
			    is_usable(worker, way->addresses[1], from_server))) {
			counters->used++;
			return true;
		}
		ks_source_port_release(map, &path, port);
	}
	counters->missed[ks_source_port_has_share(&path) ? KS_MISS_EXHAUSTED : KS_MISS_NO_SHARE]++;
	counters->missed_server = way->addresses[0];
	counters->missed_server_port_be = way->server_port_be;
	return false;
}

/* Takes a port of one source address, if it is held. */
static bool
take_from(struct ks_worker *worker, struct ks_new_connection *connection, const struct way *way,
	uint32_t source_id)
{
	if (unlikely(!ks_address_is_held(worker->tables, source_id, worker->now_tsc))) {
		worker->sources[source_id].missed[KS_MISS_NOT_HELD]++;
		return false;
	}
	if (unlikely(!take_port(worker, way, source_id, &connection->from_server)))
		return false;
	connection->local = way->addresses[1];
	connection->source_id = source_id;
	connection->source_port = way->port;
	return true;
}

uint8_t
ks_source_take(
	struct ks_worker *worker, struct ks_new_connection *connection, rte_be16_t server_port_be)
{
	const struct ks_virtual_server *service = connection->service;
	uint32_t *position = &worker->schedulers[service->id].source_position;
	struct way way = {.addresses = {connection->server->address},
		.server_port_be = server_port_be,
		.protocol = connection->packet->key.protocol};
	enum ks_family family = ks_ip_family(way.addresses[0]);
	uint8_t verdict = KS_VERDICT_drop_no_source;

	for (uint32_t tries = 0; tries < service->sources_count; tries++) {
		const struct ks_source_address *source;

		if (*position >= service->sources_count)
			*position = 0;
		source = &service->sources[(*position)++];
		if (unlikely(ks_ip_family(source->address) != family))
			continue;
		way.addresses[1] = source->address;
		way.port = (uint8_t)source->port;
		if (likely(take_from(worker, connection, &way, source->id)))
			return KS_VERDICT_UNDECIDED;
		verdict = KS_VERDICT_drop_no_local_port;
	}
	return verdict;
}

uint8_t
ks_source_take_outside(struct ks_worker *worker, struct ks_new_connection *connection)
{
	const struct ks_packet *packet = connection->packet;
	const struct ks_local_address *address =
		ks_address_find(worker->tables, connection->server->address);
	struct way way = {.addresses = {ks_packet_destination(packet), connection->server->address},
		.server_port_be = packet->key.destination_port_be,
		.protocol = packet->key.protocol};

	if (address == NULL || ks_ip_family(way.addresses[0]) != ks_ip_family(way.addresses[1]))
		return KS_VERDICT_drop_no_source;
	way.port = (uint8_t)address->port;
	return take_from(worker, connection, &way, address->id) ? KS_VERDICT_UNDECIDED
								: KS_VERDICT_drop_no_local_port;
}

struct ks_ip
ks_source_of_tunnel(const struct ks_worker *worker, const struct ks_new_connection *connection)
{
	const struct ks_virtual_server *service = connection->service;
	struct ks_ip server = connection->server->address;
	enum ks_family family = ks_ip_family(server);
	const struct ks_route *route;

	for (uint32_t i = 0; i < service->sources_count; i++) {
		if (ks_ip_family(service->sources[i].address) == family)
			return service->sources[i].address;
	}
	route = ks_route_find(worker->tables, server);
	if (route == NULL || route->port >= KS_PORTS_MAX)
		return (struct ks_ip){{0, 0}};
	return worker->tables->port_addresses[route->port][family];
}

void
ks_source_give_back(struct ks_worker *worker, const struct ks_flow_key *from_server,
	const void *addresses, uint32_t source_id, uint8_t port)
{
	struct ks_port_path path = ks_port_path(&worker->connections->source_ports,
		worker->ports[port].rss, (enum ks_family)from_server->family, addresses,
		from_server->source_port_be, from_server->protocol, worker->index);

	ks_source_port_release(&worker->connections->source_ports, &path,
		rte_be_to_cpu_16(from_server->destination_port_be));
	worker->sources[source_id].used--;
}
