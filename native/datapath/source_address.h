/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * Source addresses of connections: those of a service in turn, with a port whose return packets
 * come back to this worker (source_port.h).
 */
#ifndef KS_DATAPATH_SOURCE_ADDRESS_H
#define KS_DATAPATH_SOURCE_ADDRESS_H

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "connect.h"

/* Ports in a row that are free by the map but cannot be used, because something else has them. */
#define KS_UNUSABLE_PORTS_MAX 64u

/* For those below: whether nothing else has the return tuple; and why there is no port. */
bool ks_source_is_usable(
	const struct ks_worker *worker, struct ks_ip source, const struct ks_flow *from_server);
void ks_source_note_miss(struct ks_source_counters *counters, const struct ks_port_path *path,
	const void *octets, enum ks_family family, rte_be16_t remote_port_be);
bool ks_source_take_port_v6(struct ks_worker *worker, struct ks_ip remote,
	rte_be16_t remote_port_be, uint8_t protocol, const struct ks_source_address *source,
	struct ks_flow *from_server);

/* The flow between addresses that lie in a row, as in a packet: 8 octets, or 32. */
static __rte_always_inline struct ks_flow
ks_flow_of(const struct ks_hash_secret *secret, enum ks_family family, const void *octets,
	uint32_t ports, uint8_t protocol)
{
	uint64_t rest = ks_flow_key_rest(ports, protocol, family);
	struct ks_flow flow;
	uint64_t both;

	if (family == KS_IPV4)
		memcpy(&both, octets, sizeof(both));
	else
		both = ks_hash_digest(secret, octets);
	ks_flow_key_set(&flow.key, both, rest);
	flow.hash = ks_hash_words(secret, both, rest);
	return flow;
}

/* Sets the flow of return packets between the addresses in a row, to a local port that is free. */
static __rte_always_inline bool
ks_source_take_port(struct ks_worker *worker, enum ks_family family, const void *octets,
	rte_be16_t remote_port_be, uint8_t protocol, const struct ks_source_address *source,
	struct ks_flow *from_server)
{
	struct ks_connection_table *table = worker->connections;
	struct ks_port_path path =
		ks_port_path(&table->source_ports, worker->ports[source->port].rss, family, octets,
			remote_port_be, protocol, worker->index);
	struct ks_source_counters *counters = &worker->sources[source->id];

	for (uint32_t tries = 0; tries < KS_UNUSABLE_PORTS_MAX; tries++) {
		uint16_t port = ks_source_port_take(&table->source_ports, &path, &counters->cursor);

		if (unlikely(port == 0))
			break;
		*from_server = ks_flow_of(&table->secret, family, octets,
			remote_port_be | (uint32_t)rte_cpu_to_be_16(port) << 16, protocol);
		if (likely(!worker->tables->has_shared_sources ||
			    ks_source_is_usable(worker, source->address, from_server))) {
			counters->used++;
			return true;
		}
		ks_source_port_release(&table->source_ports, &path, port);
	}
	ks_source_note_miss(counters, &path, octets, family, remote_port_be);
	return false;
}

/* Takes a port of one source address towards the remote one, of the same family, if it is held. */
static __rte_always_inline bool
ks_source_take_from(struct ks_worker *worker, struct ks_new_connection *connection,
	enum ks_family family, struct ks_ip remote, rte_be16_t remote_port_be,
	const struct ks_source_address *source)
{
	uint8_t protocol = connection->packet->key.protocol;
	uint64_t ipv4;

	if (unlikely(!ks_address_is_held(worker->tables, source->id, worker->now_tsc))) {
		worker->sources[source->id].missed[KS_MISS_NOT_HELD]++;
		return false;
	}
	connection->local = source->address;
	connection->source_id = source->id;
	connection->source_port = (uint8_t)source->port;
	if (unlikely(family == KS_IPV6))
		return ks_source_take_port_v6(
			worker, remote, remote_port_be, protocol, source, &connection->from_server);
	ipv4 = ks_flow_key_addresses(ks_ip_v4(remote), ks_ip_v4(source->address));
	return ks_source_take_port(
		worker, KS_IPV4, &ipv4, remote_port_be, protocol, source, &connection->from_server);
}

/*
 * FNAT: sets local, from_server and the source's id and port, towards the server's address and this
 * port. KS_VERDICT_UNDECIDED, or why there is none.
 */
static inline uint8_t
ks_source_take(
	struct ks_worker *worker, struct ks_new_connection *connection, rte_be16_t server_port_be)
{
	const struct ks_virtual_server *service = connection->service;
	uint32_t *position = &worker->schedulers[service->id].source_position;
	struct ks_ip remote = connection->server->address;
	enum ks_family family = ks_ip_family(remote);
	uint32_t count = service->sources_count[family];

	for (uint32_t tries = 0; tries < count; tries++) {
		const struct ks_source_address *source;

		if (*position >= count)
			*position = 0;
		source = &service->sources[family][(*position)++];
		if (likely(ks_source_take_from(
			    worker, connection, family, remote, server_port_be, source)))
			return KS_VERDICT_UNDECIDED;
	}
	return count == 0 ? KS_VERDICT_drop_no_source : KS_VERDICT_drop_no_local_port;
}

/* SNAT: the same with the chosen "server" as the only source, towards the packet's destination. */
uint8_t ks_source_take_outside(struct ks_worker *worker, struct ks_new_connection *connection);

/* TUN: an address for the outer header; none: there is none of the server's family. */
struct ks_ip ks_source_of_tunnel(
	const struct ks_worker *worker, const struct ks_new_connection *connection);

/* addresses: of return packets, source first, 8 octets or 32. */
void ks_source_give_back(struct ks_worker *worker, const struct ks_flow_key *from_server,
	const void *addresses, uint32_t source_id, uint8_t port);

/* The flow of packets from one address to another; of IPv6 with their digest. */
struct ks_flow ks_flow_between(const struct ks_hash_secret *secret, const struct ks_ip addresses[2],
	rte_be16_t source_port_be, rte_be16_t destination_port_be, uint8_t protocol);

#endif
