#include "source_address.h"

#include <rte_branch_prediction.h>

#include "route.h"

struct ks_flow
ks_flow_between(const struct ks_hash_secret *secret, const struct ks_ip addresses[2],
	rte_be16_t source_port_be, rte_be16_t destination_port_be, uint8_t protocol)
{
	uint32_t ports = source_port_be | (uint32_t)destination_port_be << 16;
	uint64_t ipv4;

	if (unlikely(!ks_ip_is_v4(addresses[0])))
		return ks_flow_of(secret, KS_IPV6, addresses, ports, protocol);
	ipv4 = ks_flow_key_addresses(ks_ip_v4(addresses[0]), ks_ip_v4(addresses[1]));
	return ks_flow_of(secret, KS_IPV4, &ipv4, ports, protocol);
}

/*
 * The map knows this worker's connections with ports of the pools. A service on the source address
 * itself, or a client of that service that is also a server here, are the other users of a return
 * tuple.
 */
bool
ks_source_is_usable(
	const struct ks_worker *worker, struct ks_ip source, const struct ks_flow *from_server)
{
	const struct ks_flow_key *key = &from_server->key;

	return ks_virtual_server_find(
		       worker->tables, source, key->destination_port_be, key->protocol) == NULL &&
	       ks_connection_find(worker->connections, key, from_server->hash) == NULL;
}

void
ks_source_note_miss(struct ks_source_counters *counters, const struct ks_port_path *path,
	const void *octets, enum ks_family family, rte_be16_t remote_port_be)
{
	rte_be32_t ipv4;

	memcpy(&ipv4, octets, sizeof(ipv4));
	counters->missed[ks_source_port_has_share(path) ? KS_MISS_EXHAUSTED : KS_MISS_NO_SHARE]++;
	counters->missed_server =
		family == KS_IPV4 ? ks_ip_from_v4(ipv4) : ks_ip_from_octets(octets);
	counters->missed_server_port_be = remote_port_be;
}

bool
ks_source_take_port_v6(struct ks_worker *worker, struct ks_ip remote, rte_be16_t remote_port_be,
	uint8_t protocol, const struct ks_source_address *source, struct ks_flow *from_server)
{
	const struct ks_ip octets[2] = {remote, source->address};

	return ks_source_take_port(
		worker, KS_IPV6, octets, remote_port_be, protocol, source, from_server);
}

uint8_t
ks_source_take_outside(struct ks_worker *worker, struct ks_new_connection *connection)
{
	const struct ks_packet *packet = connection->packet;
	const struct ks_local_address *address =
		ks_address_find(worker->tables, connection->server->address);
	struct ks_ip remote = ks_packet_destination(packet);
	struct ks_source_address source;

	if (address == NULL || ks_ip_is_v4(remote) != ks_ip_is_v4(connection->server->address))
		return KS_VERDICT_drop_no_source;
	source = (struct ks_source_address){
		.address = address->address, .id = address->id, .port = address->port};
	return ks_source_take_from(worker, connection, ks_ip_family(remote), remote,
		       packet->key.destination_port_be, &source)
		       ? KS_VERDICT_UNDECIDED
		       : KS_VERDICT_drop_no_local_port;
}

struct ks_ip
ks_source_of_tunnel(const struct ks_worker *worker, const struct ks_new_connection *connection)
{
	const struct ks_virtual_server *service = connection->service;
	struct ks_ip server = connection->server->address;
	enum ks_family family = ks_ip_family(server);
	const struct ks_route *route;

	if (service->sources_count[family] > 0)
		return service->sources[family][0].address;
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
