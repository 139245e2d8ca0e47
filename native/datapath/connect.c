/*
 * New connections: schedule a server, choose the way to it, insert. And their end.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "choose.h"
#include "client_address.h"
#include "connect.h"
#include "connection_path.h"
#include "forward.h"
#include "source_address.h"

static uint8_t choose_way(struct ks_worker *worker, struct ks_new_connection *connection);
static void give_back(struct ks_worker *worker, const struct ks_new_connection *connection);

/*
 * Options that count while connections live are copied when they have changed. Workers begin at
 * different servers and source addresses, or all would favour the first ones.
 */
static __rte_noinline void
adopt(const struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_scheduler_state *state)
{
	const struct ks_service_options *options = &service->options;

	if (state->revision == 0) {
		uint32_t sources_count =
			RTE_MAX(service->sources_count[KS_IPV4], service->sources_count[KS_IPV6]);

		state->position = worker->index % RTE_MAX(service->servers_count, 1u);
		state->source_position = worker->index % RTE_MAX(sources_count, 1u);
	}
	state->revision = service->revision;
	state->established_ticks = options->established_seconds * KS_TICKS_PER_SECOND;
	state->ends_gone = (options->flags & KS_SERVICE_EXPIRE_QUIESCENT) != 0;
	state->resets_gone = state->ends_gone && (options->flags & KS_SERVICE_REJECTS) != 0;
	state->is_persistent = options->persistence_seconds != 0;
	state->persistence_bits = options->persistence_bits;
}

/* Of all workers together, each may have its share of connections. */
static bool
is_full(const struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_scheduler_state *state)
{
	uint64_t most = service->options.connections_max;

	return most != 0 &&
	       state->connections >= (most + worker->workers_count - 1) / worker->workers_count;
}

uint8_t
ks_connect_begin(struct ks_worker *worker, const struct ks_virtual_server *service,
	uint32_t virtual_address_id, struct ks_packet *packet, struct ks_new_connection *connection)
{
	struct ks_scheduler_state *state = &worker->schedulers[service->id];
	const struct ks_server *server;
	uint8_t verdict;

	if (unlikely(state->revision != service->revision))
		adopt(worker, service, state);
	if (unlikely(is_full(worker, service, state)))
		return KS_VERDICT_drop_service_full;
	server = ks_server_choose(worker, service, packet);
	if (unlikely(server == NULL))
		return KS_VERDICT_drop_no_server;
	connection->packet = packet;
	connection->service = service;
	connection->server = server;
	connection->virtual_address_id = virtual_address_id;
	verdict = choose_way(worker, connection);
	if (unlikely(verdict != KS_VERDICT_UNDECIDED))
		return verdict;
	ks_connection_prefetch_new(worker->connections, connection->from_server.hash);
	/* Counted at once: the next choice of the burst looks at it. */
	worker->servers[server->id].inactive++;
	ks_server_note_taken(worker, server);
	state->connections++;
	return KS_VERDICT_UNDECIDED;
}

static rte_be16_t
server_port(const struct ks_new_connection *connection)
{
	rte_be16_t port_be = connection->server->port_be;

	return likely(port_be != 0) ? port_be : connection->packet->key.destination_port_be;
}

/* The client's own address and port towards the server: a connection may have them already. */
static uint8_t
choose_nat(struct ks_worker *worker, struct ks_new_connection *connection)
{
	const struct ks_packet *packet = connection->packet;
	const struct ks_ip addresses[2] = {connection->server->address, ks_packet_source(packet)};

	connection->local = addresses[1];
	connection->from_server = ks_flow_between(&worker->connections->secret, addresses,
		server_port(connection), packet->key.source_port_be, packet->key.protocol);
	return ks_connection_find(worker->connections, &connection->from_server.key,
		       connection->from_server.hash) == NULL
		       ? KS_VERDICT_UNDECIDED
		       : KS_VERDICT_drop_no_local_port;
}

static uint8_t
choose_way(struct ks_worker *worker, struct ks_new_connection *connection)
{
	enum ks_forwarding forwarding = (enum ks_forwarding)connection->server->options.forwarding;
	bool is_one_family;

	if (likely(forwarding == KS_FORWARD_FULLNAT))
		return ks_source_take(worker, connection, server_port(connection));
	is_one_family = ks_ip_is_v4(connection->server->address) !=
			(connection->packet->key.family == KS_IPV6);
	connection->source_id = KS_ADDRESS_NONE;
	connection->source_port = 0;
	connection->from_server = (struct ks_flow){.hash = 0};
	switch (forwarding) {
	case KS_FORWARD_NAT:
		return is_one_family ? choose_nat(worker, connection) : KS_VERDICT_drop_no_source;
	case KS_FORWARD_DIRECT:
		return is_one_family ? KS_VERDICT_UNDECIDED : KS_VERDICT_drop_no_source;
	case KS_FORWARD_TUNNEL:
		connection->local = ks_source_of_tunnel(worker, connection);
		return ks_ip_is_none(connection->local) ? KS_VERDICT_drop_no_source
							: KS_VERDICT_UNDECIDED;
	case KS_FORWARD_SNAT:
		return ks_source_take_outside(worker, connection);
	case KS_FORWARD_FULLNAT:
	case KS_FORWARDINGS:
		break;
	}
	return KS_VERDICT_drop_no_server;
}

static uint8_t
first_state(uint8_t protocol)
{
	if (likely(protocol == IPPROTO_TCP))
		return KS_STATE_NONE;
	switch (protocol) {
	case IPPROTO_UDP:
		return KS_STATE_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return KS_STATE_ICMP;
	}
	return KS_STATE_NONE;
}

static uint8_t
marks_of(const struct ks_new_connection *connection)
{
	switch ((enum ks_forwarding)connection->server->options.forwarding) {
	case KS_FORWARD_FULLNAT:
		return KS_MARK_HAS_PORT;
	case KS_FORWARD_SNAT:
		return KS_MARK_HAS_PORT | KS_MARK_SNAT;
	case KS_FORWARD_DIRECT:
	case KS_FORWARD_TUNNEL:
		return KS_MARK_ONE_WAY;
	case KS_FORWARD_NAT:
	case KS_FORWARDINGS:
		break;
	}
	return 0;
}

static __rte_always_inline void
set_half(struct ks_connection_half *half, const struct ks_worker *worker,
	const struct ks_new_connection *connection, uint8_t state, uint8_t marks)
{
	half->neighbor = KS_NEIGHBORS_MAX;
	half->neighbor_stamp = UINT16_MAX; /* no word has: not resolved */
	half->last_seen_ticks = worker->now_ticks;
	half->server_id = connection->server->id;
	half->state = state;
	half->slow_flags = ks_state_slow_flags(state);
	half->owner_port = connection->source_port;
	half->service_id = (uint16_t)connection->service->id;
	half->marks = marks;
	half->growth_bytes = 0;
}

/* The addresses whose loss ends the right to forward: each half's own; of NAT, the virtual one. */
static void
set_addresses(struct ks_connection_half *first, const struct ks_new_connection *connection)
{
	uint32_t virtual_id = connection->virtual_address_id;
	uint32_t source_id = connection->source_id;

	first[0].address_id = unlikely(virtual_id == KS_ADDRESS_NONE) ? source_id : virtual_id;
	first[1].address_id = unlikely(source_id == KS_ADDRESS_NONE) ? virtual_id : source_id;
}

/*
 * NAT has no port of ours that tells connections apart: one before it in the burst may have the
 * server's half already.
 */
static inline bool
is_taken(const struct ks_worker *worker, const struct ks_new_connection *connection)
{
	const struct ks_flow *from_server = &connection->from_server;

	return unlikely(connection->source_id == KS_ADDRESS_NONE) &&
	       from_server->key.protocol != 0 &&
	       ks_connection_find(worker->connections, &from_server->key, from_server->hash) !=
		       NULL;
}

uint8_t
ks_connect_finish(
	struct ks_worker *worker, const struct ks_new_connection *connection, bool *is_new)
{
	struct ks_packet *packet = connection->packet;
	const struct ks_flow from_client = {packet->key, packet->hash};
	struct ks_connection_half *first = NULL;
	uint8_t state, marks;

	if (unlikely(connection->may_be_known))
		first = ks_connection_find(worker->connections, &packet->key, packet->hash);
	*is_new = first == NULL;
	if (unlikely(first == NULL && is_taken(worker, connection))) {
		give_back(worker, connection);
		return KS_VERDICT_drop_no_local_port;
	}
	if (unlikely(first == NULL))
		first = ks_connection_add(
			worker->connections, &from_client, &connection->from_server);
	if (unlikely(first == NULL || !*is_new))
		give_back(worker, connection);
	packet->half = first;
	if (unlikely(first == NULL))
		return KS_VERDICT_drop_table_full;
	if (unlikely(!*is_new))
		return KS_VERDICT_UNDECIDED;
	state = first_state(packet->key.protocol);
	marks = marks_of(connection);
	set_half(&first[0], worker, connection, state, marks);
	set_half(&first[1], worker, connection, state, marks);
	set_addresses(first, connection);
	ks_connection_set_paths(worker->connections, first, connection);
	/* The straight paths ask for an address without asking whether there is one. */
	if (unlikely(connection->source_id == KS_ADDRESS_NONE &&
		     connection->virtual_address_id == KS_ADDRESS_NONE)) {
		first[0].path |= KS_PATH_SLOW;
		first[1].path |= KS_PATH_SLOW;
	}
	if (connection->server->options.forwarding == KS_FORWARD_FULLNAT &&
		unlikely(connection->service->options.flags != KS_SERVICE_NO_CLIENT_ADDRESS ||
			 connection->service->options.proxy_protocol != KS_PROXY_OFF))
		ks_client_address_begin(worker, connection->service, first, packet);
	return KS_VERDICT_UNDECIDED;
}

static void
give_back_port(struct ks_worker *worker, const struct ks_flow_key *from_server,
	const struct ks_ip addresses[2], uint32_t source_id, uint8_t port)
{
	if (likely(from_server->family == KS_IPV4))
		ks_source_give_back(worker, from_server, &from_server->source_be, source_id, port);
	else
		ks_source_give_back(worker, from_server, addresses, source_id, port);
}

/* What a connection in the making has taken, when it is not made. */
static void
give_back(struct ks_worker *worker, const struct ks_new_connection *connection)
{
	const struct ks_ip addresses[2] = {ks_connection_remote(connection), connection->local};

	if (connection->source_id != KS_ADDRESS_NONE)
		give_back_port(worker, &connection->from_server.key, addresses,
			connection->source_id, connection->source_port);
	worker->servers[connection->server->id].inactive--;
	worker->schedulers[connection->service->id].connections--;
}

void
ks_disconnect(struct ks_worker *worker, struct ks_connection_half *first)
{
	struct ks_server_counters *server = &worker->servers[first->server_id];

	if (first->state == KS_STATE_ESTABLISHED)
		server->active--;
	else
		server->inactive--;
	worker->schedulers[first->service_id].connections--;
	if (likely((first->marks & KS_MARK_HAS_PORT) != 0)) {
		const struct ks_endpoints *of = ks_connection_endpoints(worker->connections, first);
		const struct ks_ip addresses[2] = {of->server, of->local};

		give_back_port(
			worker, &first[1].key, addresses, first[1].address_id, first[1].owner_port);
	}
	ks_connection_remove(worker->connections, first);
}

void
ks_connection_set_state(struct ks_worker *worker, struct ks_connection_half *half, uint8_t state)
{
	struct ks_server_counters *server = &worker->servers[half->server_id];
	bool was_active = half->state == KS_STATE_ESTABLISHED;
	bool is_active = state == KS_STATE_ESTABLISHED;
	struct ks_connection_half *other = ks_connection_other_half(half);
	uint8_t slow_flags = ks_state_slow_flags(state);

	half->state = other->state = state;
	half->slow_flags = other->slow_flags = slow_flags;
	server->active += (uint64_t)is_active - was_active;
	server->inactive += (uint64_t)was_active - is_active;
}
