/*
 * New FNAT connections: schedule a server, take a source address and port whose return packets come
 * back to this worker, precompute what the rewrite adds to checksums, insert. And their end.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>

#include "checksum.h"
#include "connect.h"
#include "scheduler.h"

/* Ports in a row that are free by the map but cannot be used, because something else has them. */
#define UNUSABLE_PORTS_MAX 64u

struct source {
	rte_be32_t address_be;
	uint32_t address_id;
	rte_be16_t port_be; /* 0: none is left */
};

static struct source take_source(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_server *server);
static void give_back_source(
	struct ks_worker *worker, const struct ks_flow_key *from_server, uint32_t address_id);
static void set_rewrite(struct ks_connection_half *half, const struct ks_flow_key *leaves);

uint8_t
ks_connect(struct ks_worker *worker, const struct ks_virtual_server *service,
	uint32_t virtual_address_id, struct ks_packet *packet)
{
	const struct ks_server *server = ks_schedule(service, &worker->schedulers[service->id]);
	struct ks_flow_key to_server, from_server, to_client;
	struct ks_connection_half *first;
	struct source source;

	if (unlikely(server == NULL))
		return KS_VERDICT_drop_no_server;
	source = take_source(worker, service, server);
	if (unlikely(source.port_be == 0))
		return KS_VERDICT_drop_no_local_port;

	to_server = (struct ks_flow_key){source.address_be, server->address_be, source.port_be,
		server->port_be, packet->key.protocol, {0}};
	from_server = (struct ks_flow_key){server->address_be, source.address_be, server->port_be,
		source.port_be, packet->key.protocol, {0}};
	to_client = (struct ks_flow_key){packet->key.destination_be, packet->key.source_be,
		packet->key.destination_port_be, packet->key.source_port_be, packet->key.protocol,
		{0}};
	first = ks_connection_add(worker->connections, &packet->key, &from_server);
	if (unlikely(first == NULL)) {
		give_back_source(worker, &from_server, source.address_id);
		return KS_VERDICT_drop_table_full;
	}
	set_rewrite(&first[0], &to_server);
	set_rewrite(&first[1], &to_client);
	for (int i = 0; i < 2; i++) {
		first[i].server_id = server->id;
		first[i].last_seen_ticks = worker->now_ticks;
		first[i].state = packet->key.protocol == IPPROTO_UDP ? KS_STATE_UDP : KS_STATE_NONE;
	}
	first[0].address_id = virtual_address_id;
	first[1].address_id = source.address_id;
	worker->servers[server->id].inactive++;
	packet->half = first;
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
	give_back_source(worker, &first[1].key, first[1].address_id);
	ks_connection_remove(worker->connections, first);
}

void
ks_connection_set_state(struct ks_worker *worker, struct ks_connection_half *half, uint8_t state)
{
	struct ks_server_counters *server = &worker->servers[half->server_id];
	bool was_active = half->state == KS_STATE_ESTABLISHED;
	bool is_active = state == KS_STATE_ESTABLISHED;

	half->state = state;
	ks_connection_other_half(half)->state = state;
	server->active += (uint64_t)is_active - was_active;
	server->inactive += (uint64_t)was_active - is_active;
}

/* Reads the source's end of a connection off the key of its return packets. */
static struct ks_port_path
path_of(const struct ks_worker *worker, const struct ks_flow_key *from_server)
{
	return (struct ks_port_path){
		.source_be = from_server->destination_be,
		.server_be = from_server->source_be,
		.server_port_be = from_server->source_port_be,
		.protocol = from_server->protocol,
		.worker_index = worker->index,
		.workers_count = worker->workers_count,
	};
}

/*
 * The map knows this worker's FNAT connections. A service on the source address itself, or a client
 * of that service that is also a server here, are the other users of a return tuple.
 */
static bool
is_usable(const struct ks_worker *worker, const struct ks_flow_key *from_server)
{
	const struct ks_connection_table *table = worker->connections;

	return ks_virtual_server_find(worker->tables, from_server->destination_be,
		       from_server->destination_port_be, from_server->protocol) == NULL &&
	       ks_connection_find(table, from_server, ks_hash_flow(&table->secret, from_server)) ==
		       NULL;
}

static rte_be16_t
take_port(struct ks_worker *worker, const struct ks_server *server, uint8_t protocol,
	const struct ks_source_address *source)
{
	struct ks_flow_key from_server = {
		.source_be = server->address_be,
		.destination_be = source->address_be,
		.source_port_be = server->port_be,
		.protocol = protocol,
	};
	struct ks_port_path path = path_of(worker, &from_server);
	struct ks_port_map *map = &worker->connections->source_ports;

	for (uint32_t tries = 0; tries < UNUSABLE_PORTS_MAX; tries++) {
		uint16_t port =
			ks_source_port_take(map, &path, &worker->sources[source->id].cursor);

		if (port == 0)
			return 0;
		from_server.destination_port_be = rte_cpu_to_be_16(port);
		if (likely(is_usable(worker, &from_server)))
			return from_server.destination_port_be;
		ks_source_port_release(map, &path, port);
	}
	return 0;
}

/* The service's source addresses in turn, from one that is held and has a port for this server. */
static struct source
take_source(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_server *server)
{
	uint32_t *position = &worker->schedulers[service->id].source_position;

	for (uint32_t tries = 0; tries < service->sources_count; tries++) {
		const struct ks_source_address *source;
		rte_be16_t port_be;

		if (*position >= service->sources_count)
			*position = 0;
		source = &service->sources[(*position)++];
		if (!ks_address_is_held(worker->tables, source->id, worker->now_tsc))
			continue;
		port_be = take_port(worker, server, service->protocol, source);
		if (port_be != 0) {
			worker->sources[source->id].used++;
			return (struct source){source->address_be, source->id, port_be};
		}
		worker->sources[source->id].missed++;
	}
	return (struct source){0, 0, 0};
}

static void
give_back_source(
	struct ks_worker *worker, const struct ks_flow_key *from_server, uint32_t address_id)
{
	struct ks_port_path path = path_of(worker, from_server);

	ks_source_port_release(&worker->connections->source_ports, &path,
		rte_be_to_cpu_16(from_server->destination_port_be));
	worker->sources[address_id].used--;
}

static uint32_t
ports_of(const struct ks_flow_key *key)
{
	uint32_t ports;

	memcpy(&ports, &key->source_port_be, sizeof(ports));
	return ports;
}

static void
set_rewrite(struct ks_connection_half *half, const struct ks_flow_key *leaves)
{
	uint64_t sum = ks_checksum_delta(0, half->key.source_be, leaves->source_be);

	sum = ks_checksum_delta(sum, half->key.destination_be, leaves->destination_be);
	half->ip_delta = ks_checksum_fold(ks_checksum_delta_ttl(sum));
	sum = ks_checksum_delta(sum, ports_of(&half->key), ports_of(leaves));
	half->l4_delta = ks_checksum_fold(sum);
	half->source_be = leaves->source_be;
	half->destination_be = leaves->destination_be;
	half->source_port_be = leaves->source_port_be;
	half->destination_port_be = leaves->destination_port_be;
}
