/*
 * New FNAT connections: schedule a server, take a source address and port whose return packets come
 * back to this worker, precompute what the rewrite adds to checksums, insert. And their end.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "checksum.h"
#include "connect.h"
#include "scheduler.h"

/* Ports in a row that are free by the map but cannot be used, because something else has them. */
#define UNUSABLE_PORTS_MAX 64u

static bool take_source(struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_new_connection *connection);
static void give_back_source(struct ks_worker *worker, const struct ks_flow_key *from_server,
	uint32_t address_id, uint8_t port);
static void set_rewrites(struct ks_connection_half *first, const struct ks_flow_key *from_server);

/* Workers begin at different servers and source addresses, or all would favour the first ones. */
static struct ks_scheduler_state *
state_of(struct ks_worker *worker, const struct ks_virtual_server *service)
{
	struct ks_scheduler_state *state = &worker->schedulers[service->id];

	if (unlikely(!state->has_begun)) {
		state->has_begun = true;
		state->position = worker->index % RTE_MAX(service->servers_count, 1u);
		state->source_position = worker->index % RTE_MAX(service->sources_count, 1u);
	}
	return state;
}

uint8_t
ks_connect_begin(struct ks_worker *worker, const struct ks_virtual_server *service,
	uint32_t virtual_address_id, struct ks_packet *packet, struct ks_new_connection *connection)
{
	const struct ks_server *server =
		ks_schedule(service, state_of(worker, service), worker->servers);

	if (unlikely(server == NULL))
		return KS_VERDICT_drop_no_server;
	/* Before anything is taken: a flood comes here for each of its packets. */
	if (unlikely(ks_connection_table_is_full(worker->connections)))
		return KS_VERDICT_drop_table_full;
	connection->packet = packet;
	connection->server = server;
	connection->virtual_address_id = virtual_address_id;
	if (unlikely(!take_source(worker, service, connection)))
		return KS_VERDICT_drop_no_local_port;
	ks_connection_prefetch_new(worker->connections, connection->from_server.hash);
	/* Counted at once: the next choice of the burst looks at it. */
	worker->servers[server->id].inactive++;
	return KS_VERDICT_UNDECIDED;
}

static void
set_half(struct ks_worker *worker, struct ks_connection_half *half,
	const struct ks_new_connection *connection)
{
	bool is_udp = half->key.protocol == IPPROTO_UDP;

	half->neighbor = KS_NEIGHBORS_MAX;
	half->neighbor_stamp = UINT16_MAX; /* no word has: not resolved */
	half->server_id = connection->server->id;
	half->last_seen_ticks = worker->now_ticks;
	half->state = is_udp ? KS_STATE_UDP : KS_STATE_NONE;
	half->slow_flags = ks_state_slow_flags(half->state);
	half->owner_port = connection->source_port;
}

uint8_t
ks_connect_finish(
	struct ks_worker *worker, const struct ks_new_connection *connection, bool *is_new)
{
	struct ks_packet *packet = connection->packet;
	const struct ks_flow from_client = {packet->key, packet->hash};
	struct ks_connection_half *first =
		ks_connection_find(worker->connections, &packet->key, packet->hash);

	*is_new = first == NULL;
	if (unlikely(first == NULL))
		first = ks_connection_add(
			worker->connections, &from_client, &connection->from_server);
	if (unlikely(first == NULL || !*is_new)) {
		give_back_source(worker, &connection->from_server.key, connection->source_id,
			connection->source_port);
		worker->servers[connection->server->id].inactive--;
	}
	packet->half = first;
	if (unlikely(first == NULL))
		return KS_VERDICT_drop_table_full;
	if (unlikely(!*is_new))
		return KS_VERDICT_UNDECIDED;
	set_rewrites(first, &connection->from_server.key);
	set_half(worker, &first[0], connection);
	set_half(worker, &first[1], connection);
	first[0].address_id = connection->virtual_address_id;
	first[1].address_id = connection->source_id;
	return KS_VERDICT_UNDECIDED;
}

void
ks_disconnect(struct ks_worker *worker, struct ks_connection_half *first)
{
	struct ks_server_counters *server = &worker->servers[first->server_id];

	if (first->state == KS_STATE_ESTABLISHED)
		server->active--;
	else
		server->inactive--;
	give_back_source(worker, &first[1].key, first[1].address_id, first[1].owner_port);
	ks_connection_remove(worker->connections, first);
}

void
ks_connection_set_state(struct ks_worker *worker, struct ks_connection_half *half, uint8_t state)
{
	struct ks_server_counters *server = &worker->servers[half->server_id];
	bool was_active = half->state == KS_STATE_ESTABLISHED;
	bool is_active = state == KS_STATE_ESTABLISHED;

	struct ks_connection_half *other = ks_connection_other_half(half);

	half->state = other->state = state;
	half->slow_flags = other->slow_flags = ks_state_slow_flags(state);
	server->active += (uint64_t)is_active - was_active;
	server->inactive += (uint64_t)was_active - is_active;
}

/* Reads the source's end of a connection off the key of its return packets. */
static struct ks_port_path
path_of(const struct ks_worker *worker, const struct ks_flow_key *from_server, uint8_t port)
{
	return ks_port_path(&worker->connections->source_ports, worker->ports[port].rss, KS_IPV4,
		&from_server->source_be, from_server->source_port_be, from_server->protocol,
		worker->index);
}

/*
 * The map knows this worker's FNAT connections. A service on the source address itself, or a client
 * of that service that is also a server here, are the other users of a return tuple.
 */
static bool
is_usable(const struct ks_worker *worker, const struct ks_flow *from_server)
{
	const struct ks_flow_key *key = &from_server->key;

	return ks_virtual_server_find(worker->tables, key->destination_be, key->destination_port_be,
		       key->protocol) == NULL &&
	       ks_connection_find(worker->connections, key, from_server->hash) == NULL;
}

/* Sets the flow of return packets, to a local port that is free. */
static bool
take_port(struct ks_worker *worker, const struct ks_source_address *source,
	const struct ks_server *server, uint8_t protocol, struct ks_flow *from_server)
{
	const struct ks_connection_table *table = worker->connections;
	uint64_t addresses = ks_flow_key_addresses(server->address_be, source->address_be);
	struct ks_port_path path =
		ks_port_path(&table->source_ports, worker->ports[source->port].rss, KS_IPV4,
			&addresses, server->port_be, protocol, worker->index);
	struct ks_port_map *map = &worker->connections->source_ports;
	struct ks_source_counters *counters = &worker->sources[source->id];

	for (uint32_t tries = 0; tries < UNUSABLE_PORTS_MAX; tries++) {
		uint16_t port = ks_source_port_take(map, &path, &counters->cursor);
		uint32_t ports = server->port_be | (uint32_t)rte_cpu_to_be_16(port) << 16;
		uint64_t rest = ks_flow_key_rest(ports, protocol);

		if (unlikely(port == 0))
			break;
		ks_flow_key_set(&from_server->key, addresses, rest);
		from_server->hash = ks_hash_words(&table->secret, addresses, rest);
		if (likely(!worker->tables->has_shared_sources || is_usable(worker, from_server))) {
			counters->used++;
			return true;
		}
		ks_source_port_release(map, &path, port);
	}
	counters->missed[ks_source_port_has_share(&path) ? KS_MISS_EXHAUSTED : KS_MISS_NO_SHARE]++;
	return false;
}

/* The service's source addresses in turn, from one that is held and has a port for this server. */
static bool
take_source(struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_new_connection *connection)
{
	uint32_t *position = &worker->schedulers[service->id].source_position;
	const struct ks_server *server = connection->server;

	for (uint32_t tries = 0; tries < service->sources_count; tries++) {
		const struct ks_source_address *source;

		if (*position >= service->sources_count)
			*position = 0;
		source = &service->sources[(*position)++];
		if (!ks_address_is_held(worker->tables, source->id, worker->now_tsc)) {
			worker->sources[source->id].missed[KS_MISS_NOT_HELD]++;
			continue;
		}
		if (likely(take_port(
			    worker, source, server, service->protocol, &connection->from_server))) {
			connection->source_id = source->id;
			connection->source_port = (uint8_t)source->port;
			return true;
		}
		worker->sources[source->id].missed_server_be = server->address_be;
		worker->sources[source->id].missed_server_port_be = server->port_be;
	}
	return false;
}

static void
give_back_source(struct ks_worker *worker, const struct ks_flow_key *from_server,
	uint32_t address_id, uint8_t port)
{
	struct ks_port_path path = path_of(worker, from_server, port);

	ks_source_port_release(&worker->connections->source_ports, &path,
		rte_be_to_cpu_16(from_server->destination_port_be));
	worker->sources[address_id].used--;
}

/* Addresses and ports that a half's packets leave with: as the other half's arrive, turned round.
 */
static void
set_leaving(struct ks_connection_half *half, const struct ks_flow_key *other)
{
	uint64_t addresses = ks_flow_key_addresses(other->destination_be, other->source_be);
	uint32_t ports = other->destination_port_be | (uint32_t)other->source_port_be << 16;

	/* By words, as the rewrite will read them, perhaps at once. */
	memcpy(&half->source_be, &addresses, sizeof(addresses));
	memcpy(&half->source_port_be, &ports, sizeof(ports));
}

static uint32_t
ports_of(const struct ks_flow_key *key)
{
	uint32_t ports;

	memcpy(&ports, &key->source_port_be, sizeof(ports));
	return ports;
}

/*
 * What the rewrite adds to the checksums: the difference of both keys' sums, which is the same for
 * both directions but for its sign; in ones' complement, its bits.
 */
static void
set_rewrites(struct ks_connection_half *first, const struct ks_flow_key *from_server)
{
	const struct ks_flow_key *from_client = &first[0].key;
	uint64_t sum = ks_checksum_delta(0, from_client->source_be, from_server->source_be);
	uint16_t ip, l4;

	sum = ks_checksum_delta(sum, from_client->destination_be, from_server->destination_be);
	ip = ks_checksum_fold(sum);
	l4 = ks_checksum_fold(ks_checksum_delta(sum, ports_of(from_client), ports_of(from_server)));
	first[0].ip_delta = ks_checksum_fold(ks_checksum_delta_ttl(ip));
	first[0].l4_delta = l4;
	first[1].ip_delta = ks_checksum_fold(ks_checksum_delta_ttl((uint16_t)~ip));
	first[1].l4_delta = (uint16_t)~l4;
	set_leaving(&first[0], from_server);
	set_leaving(&first[1], from_client);
}
