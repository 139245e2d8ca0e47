/*
 * New connections: schedule a server, choose the way to it, precompute what the rewrite adds to
 * checksums, insert. And their end.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "checksum.h"
#include "choose.h"
#include "client_address.h"
#include "connect.h"
#include "forward.h"
#include "source_address.h"

static uint8_t choose_way(struct ks_worker *worker, struct ks_new_connection *connection);
static void give_back(struct ks_worker *worker, const struct ks_new_connection *connection);
static void set_paths(const struct ks_connection_table *table, struct ks_connection_half *first,
	const struct ks_new_connection *connection);

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
	struct ks_scheduler_state *state = state_of(worker, service);
	const struct ks_server *server;
	uint8_t verdict;

	/* Before anything is taken: a flood comes here for each of its packets. */
	if (unlikely(ks_connection_table_is_full(worker->connections)))
		return KS_VERDICT_drop_table_full;
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
	state->established_ticks = service->options.established_seconds * KS_TICKS_PER_SECOND;
	state->ends_gone = (service->options.flags & KS_SERVICE_EXPIRE_QUIESCENT) != 0;
	state->is_persistent = service->options.persistence_seconds != 0;
	state->persistence_bits = service->options.persistence_bits;
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
	set_paths(worker->connections, first, connection);
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

/* What the server is known by to packets: its address, or where SNAT leads. */
static struct ks_ip
remote_of(const struct ks_new_connection *connection)
{
	return unlikely(connection->server->options.forwarding == KS_FORWARD_SNAT)
		       ? ks_packet_destination(connection->packet)
		       : connection->server->address;
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
	const struct ks_ip addresses[2] = {remote_of(connection), connection->local};

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

	half->state = other->state = state;
	half->slow_flags = other->slow_flags = ks_state_slow_flags(state);
	server->active += (uint64_t)is_active - was_active;
	server->inactive += (uint64_t)was_active - is_active;
}

static uint32_t
ports_of(const struct ks_flow_key *key)
{
	uint32_t ports;

	memcpy(&ports, &key->source_port_be, sizeof(ports));
	return ports;
}

/* Ports that a half's packets leave with: as the other half's arrive, turned round. */
static void
set_leaving_ports(struct ks_connection_half *half, const struct ks_flow_key *other)
{
	uint32_t ports = ports_of(other);

	/* By words, as the rewrite will read them, perhaps at once. */
	ports = ports << 16 | ports >> 16;
	memcpy(&half->source_port_be, &ports, sizeof(ports));
}

static void
set_leaving_addresses(struct ks_connection_half *half, const struct ks_flow_key *other)
{
	uint64_t addresses = other->digest << 32 | other->digest >> 32;

	memcpy(&half->source_be, &addresses, sizeof(addresses));
}

/*
 * What the rewrite adds to the checksums: the difference of both keys' sums, which is the same for
 * both directions but for its sign; in ones' complement, its bits.
 */
static void
set_nat44(struct ks_connection_half *first, const struct ks_flow_key *from_server)
{
	const struct ks_flow_key *from_client = &first[0].key;
	uint64_t sum = ks_checksum_delta(0, from_client->source_be, from_server->source_be);
	uint16_t ip, l4;

	sum = ks_checksum_delta(sum, from_client->destination_be, from_server->destination_be);
	ip = ks_checksum_fold(sum);
	/* ICMP has no pseudo-header. */
	if (unlikely(from_client->protocol == IPPROTO_ICMP))
		sum = 0;
	l4 = ks_checksum_fold(ks_checksum_delta(sum, ports_of(from_client), ports_of(from_server)));
	first[0].ip_delta = ks_checksum_fold(ks_checksum_delta_ttl(ip));
	first[0].l4_delta = l4;
	first[1].ip_delta = ks_checksum_fold(ks_checksum_delta_ttl((uint16_t)~ip));
	first[1].l4_delta = (uint16_t)~l4;
	set_leaving_addresses(&first[0], from_server);
	set_leaving_addresses(&first[1], from_client);
	first[0].path = first[1].path = KS_PATH_NAT44;
}

/* Of an address as it lies in a header. */
static uint64_t
sum_of(struct ks_ip ip)
{
	const uint8_t *octets = (const uint8_t *)ip.words;

	return ks_ip_is_v4(ip) ? ks_ip_v4(ip) : ks_checksum_add(0, octets, sizeof(ip));
}

static void
set_endpoints(const struct ks_connection_table *table, const struct ks_connection_half *first,
	const struct ks_new_connection *connection)
{
	*ks_connection_endpoints(table, first) = (struct ks_endpoints){
		.client = ks_packet_source(connection->packet),
		.virtual_address = ks_packet_destination(connection->packet),
		.local = connection->local,
		.server = remote_of(connection),
	};
}

/* NAT with IPv6 on at least one side. */
static void
set_nat(const struct ks_connection_table *table, struct ks_connection_half *first,
	const struct ks_flow_key *from_server)
{
	static const uint8_t paths[KS_FAMILIES][KS_FAMILIES] = {
		{KS_PATH_NAT44, KS_PATH_NAT46}, {KS_PATH_NAT64, KS_PATH_NAT66}};
	const struct ks_flow_key *from_client = &first[0].key;
	const struct ks_endpoints *of = ks_connection_endpoints(table, first);
	uint16_t before = ks_checksum_fold(
		sum_of(of->client) + sum_of(of->virtual_address) + ports_of(from_client));
	uint16_t after =
		ks_checksum_fold(sum_of(of->local) + sum_of(of->server) + ports_of(from_server));

	first[0].l4_delta = ks_checksum_fold(ks_checksum_delta(0, before, after));
	first[1].l4_delta = (uint16_t)~first[0].l4_delta;
	first[0].path = paths[from_client->family][from_server->family];
	first[1].path = paths[from_server->family][from_client->family];
	for (uint32_t i = 0; i < 2; i++) {
		if (first[i].path == KS_PATH_NAT46)
			first[i].growth_bytes =
				sizeof(struct rte_ipv6_hdr) - sizeof(struct rte_ipv4_hdr);
	}
}

/*
 * What the outer header of IPv4 adds to the checksum of the inner one, which it copies; never 0.
 */
static uint16_t
tunnel_delta(const struct ks_connection_half *first)
{
	const struct ks_flow_key *key = &first->key;
	uint64_t sum = ks_checksum_delta(
		0, rte_cpu_to_be_16(key->protocol), rte_cpu_to_be_16(first->tunnel_protocol));

	sum = ks_checksum_delta(sum, key->source_be, first->source_be);
	sum = ks_checksum_delta(sum, key->destination_be, first->destination_be);
	return ks_checksum_fold(sum + rte_cpu_to_be_16(first->growth_bytes));
}

static void
set_tunnel(struct ks_connection_half *first, const struct ks_server *server, struct ks_ip local)
{
	const struct ks_server_options *options = &server->options;
	enum ks_tunnel tunnel = (enum ks_tunnel)options->tunnel;
	bool is_v6 = !ks_ip_is_v4(server->address);

	first->path = KS_PATH_TUNNEL;
	first->tunnel = options->tunnel;
	first->tunnel_has_checksum = options->tunnel_has_checksum && tunnel != KS_TUNNEL_IPIP;
	first->tunnel_protocol = ks_tunnel_protocol(tunnel, first->key.family == KS_IPV6);
	first->growth_bytes = (uint8_t)ks_tunnel_bytes(tunnel, options->tunnel_has_checksum, is_v6);
	first->source_be = ks_ip_v4(local);
	first->destination_be = ks_ip_v4(server->address);
	first->source_port_be = ks_tunnel_source_port(&first->key);
	first->destination_port_be = options->tunnel_port_be;
	if (first->tunnel_has_checksum || is_v6 != (first->key.family == KS_IPV6))
		first->ip_delta = 0;
	else
		first->ip_delta = is_v6 ? 1 : tunnel_delta(first);
}

static void
set_one_way(struct ks_connection_half *first, const struct ks_server *server, struct ks_ip local)
{
	const struct ks_server_options *options = &server->options;

	if (options->forwarding == KS_FORWARD_DIRECT) {
		first->path = KS_PATH_DIRECT;
		first->destination_be = ks_ip_v4(server->address);
		return;
	}
	set_tunnel(first, server, local);
}

static void
set_paths(const struct ks_connection_table *table, struct ks_connection_half *first,
	const struct ks_new_connection *connection)
{
	const struct ks_flow_key *from_server = &connection->from_server.key;
	bool is_one_way = from_server->protocol == 0;

	if (likely(!is_one_way)) {
		set_leaving_ports(&first[0], from_server);
		set_leaving_ports(&first[1], &first[0].key);
		if (likely(first[0].key.family == KS_IPV4 && from_server->family == KS_IPV4)) {
			set_nat44(first, from_server);
			return;
		}
	}
	set_endpoints(table, first, connection);
	if (is_one_way)
		set_one_way(first, connection->server, connection->local);
	else
		set_nat(table, first, from_server);
}
