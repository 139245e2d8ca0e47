/*
 * Classification, from the connection that a packet belongs to down to the routes; and what begins
 * a connection. Whatever needs no verdict but "forwarded" is done by forward.c.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_icmp.h>

#include "classify.h"
#include "connect.h"
#include "forward.h"
#include "icmp.h"
#include "icmp_error.h"
#include "icmp_reply.h"
#include "match.h"
#include "route.h"

#define ICMPV6_ECHO_REQUEST 128u
#define ICMPV6_ECHO_REPLY 129u

void
ks_classify_hash(const struct ks_hash_secret *secret, struct ks_packet *packet)
{
	uint64_t words[2];

	if (ks_packet_is_v6(packet))
		packet->key.digest = ks_hash_digest(secret, ks_packet_addresses(packet));
	memcpy(words, &packet->key, sizeof(words));
	packet->hash = ks_hash_words(secret, words[0], words[1]);
}

/* Sets the packet's owner; whether that is another worker. */
static inline bool
is_of_another(const struct ks_worker *worker, uint16_t port, struct ks_packet *packet)
{
	if (worker->workers_count == 1)
		return false;
	packet->owner = ks_rss_owner(worker->ports[port].rss, (enum ks_family)packet->key.family,
		ks_packet_addresses(packet), &packet->key.source_port_be);
	return packet->owner != worker->index;
}

/* The same by the client alone, at one end of the packet: NAT, see rss.h. */
static inline bool
is_of_others_client(
	const struct ks_worker *worker, struct ks_packet *packet, enum ks_direction direction)
{
	const struct ks_flow_key *key = &packet->key;
	bool is_client = direction == KS_FROM_CLIENT;
	const uint8_t *addresses = ks_packet_addresses(packet);
	uint32_t address_bytes = ks_packet_is_v6(packet) ? 16 : 4;

	if (worker->workers_count == 1)
		return false;
	packet->owner = ks_rss_owner_of_client(worker->ports[0].rss, (enum ks_family)key->family,
		is_client ? addresses : addresses + address_bytes,
		is_client ? key->source_port_be : key->destination_port_be);
	return packet->owner != worker->index;
}

/* The server is no more, or takes nothing and the service ends such connections at once. */
static __rte_noinline uint8_t
drop_gone(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet)
{
	const struct ks_scheduler_state *state = &worker->schedulers[half->service_id];
	bool resets = state->resets_gone && packet->key.protocol == IPPROTO_TCP;

	if (state->ends_gone)
		ks_disconnect(worker, ks_connection_first_half(half));
	return resets ? ks_reset_reply(worker, packet, KS_VERDICT_drop_server_gone)
		      : KS_VERDICT_drop_server_gone;
}

/* A packet of this connection, the general way. */
static inline uint8_t
forward(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet)
{
	if (unlikely(ks_packet_is_v6(packet) &&
		     !ks_connection_is_of(worker->connections, half, ks_packet_addresses(packet))))
		return KS_VERDICT_drop_no_connection;
	if (unlikely(!ks_connection_is_held(worker, half)))
		return KS_VERDICT_drop_address_released;
	if (unlikely(!ks_server_is_available(worker->tables, half->server_id)))
		return drop_gone(worker, half, packet);
	return ks_forward(worker, half, packet);
}

/* A connection counts as one when its first packet went on. */
static void
keep_or_undo(struct ks_worker *worker, const struct ks_new_connection *connection, uint8_t verdict)
{
	struct ks_connection_half *first = connection->packet->half;

	if (verdict != KS_VERDICT_forwarded && verdict != KS_VERDICT_punt_resolve) {
		ks_disconnect(worker, first);
		return;
	}
	worker->servers[first->server_id].connections++;
	/* ops: the next datagram is scheduled for itself. */
	if (unlikely((connection->service->options.flags & KS_SERVICE_ONE_PACKET) != 0) &&
		(first->marks & KS_MARK_ONE_WAY) != 0)
		ks_disconnect(worker, first);
}

/* What a new one was chosen by is held and takes connections: no need to ask again. */
static inline uint8_t
connect_new(struct ks_worker *worker, const struct ks_new_connection *connection)
{
	struct ks_packet *packet = connection->packet;
	bool is_new;
	uint8_t verdict = ks_connect_finish(worker, connection, &is_new);

	if (unlikely(verdict != KS_VERDICT_UNDECIDED))
		return verdict;
	if (unlikely(!is_new))
		return forward(worker, packet->half, packet);
	verdict = ks_forward(worker, packet->half, packet);
	keep_or_undo(worker, connection, verdict);
	return verdict;
}

void
ks_classify_connect(struct ks_worker *worker, struct ks_burst *burst)
{
	for (uint32_t i = 0; i < burst->new_count; i++) {
		struct ks_packet *packet = burst->news[i].packet;

		packet->verdict = connect_new(worker, &burst->news[i]);
		ks_burst_let_go(worker, burst, packet);
	}
	burst->new_count = 0;
	burst->has_connected = true;
}

/* A segment behind the SYN that begins its connection in this very burst. */
static __rte_noinline uint8_t
decide_behind_syn(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	struct ks_connection_half *half;

	ks_classify_connect(worker, burst);
	half = ks_connection_find(worker->connections, &packet->key, packet->hash);
	return half == NULL ? KS_VERDICT_drop_no_connection : forward(worker, half, packet);
}

static bool
is_being_connected(const struct ks_burst *burst, const struct ks_packet *packet)
{
	for (uint32_t i = 0; i < burst->new_count; i++) {
		if (burst->news[i].packet->hash == packet->hash)
			return true;
	}
	return false;
}

/* For the link that it came from, so perhaps for an address that the kernel alone has there. */
static bool
is_for_link(
	const struct ks_worker *worker, const struct ks_packet *packet, struct ks_ip destination)
{
	const struct ks_route *route;

	if (ks_ip_is_link_local(destination))
		return true;
	route = ks_route_find(worker->tables, destination);
	return route != NULL && ks_ip_is_none(route->gateway) && route->port == packet->in_port;
}

/* Of another than itself, whom an answer can reach beyond this link (RFC 4291, 2.5.6). */
static inline bool
is_from_afar(const struct ks_packet *packet)
{
	struct ks_ip source;

	if (likely(!ks_packet_is_v6(packet)))
		return ks_ipv4_is_unicast(packet->key.source_be) &&
		       packet->key.source_be != packet->key.destination_be;
	source = ks_packet_source(packet);
	return ks_address_is_unicast(source) && !ks_ip_is_link_local(source) &&
	       !ks_ip_equal(source, ks_packet_destination(packet));
}

/* To an address of ours where nothing listens: the kernel may know better, if it may be asked. */
static __rte_noinline uint8_t
decide_unserved(const struct ks_worker *worker, const struct ks_packet *packet)
{
	bool is_dropped =
		packet->key.protocol == IPPROTO_UDP
			? worker->tables->drops_unserved_udp
			: worker->tables->drops_stray_tcp && !ks_tcp_is_opening(packet->tcp_flags);

	return is_dropped ? KS_VERDICT_drop_no_service : KS_VERDICT_punt_kernel;
}

/* A packet for nobody here: onwards, where that is wished. */
static __rte_noinline uint8_t
decide_by_route(struct ks_worker *worker, struct ks_packet *packet)
{
	bool forwards = ks_packet_is_v6(packet) ? worker->tables->forwards_ipv6
						: worker->tables->forwards_ipv4;
	struct ks_ip destination = ks_packet_destination(packet);

	if (likely(!forwards) || is_for_link(worker, packet, destination))
		return KS_VERDICT_punt_kernel;
	if (!is_from_afar(packet) || !ks_address_is_unicast(destination))
		return KS_VERDICT_drop_martian;
	return ks_forward_by_route(worker, packet);
}

/* What a service that rejects says where another drops in silence. */
static __rte_noinline uint8_t
reject(struct ks_worker *worker, const struct ks_virtual_server *service, struct ks_packet *packet,
	uint8_t drop)
{
	if ((service->options.flags & KS_SERVICE_REJECTS) == 0)
		return drop;
	if (packet->key.protocol == IPPROTO_TCP)
		return ks_reset_reply(worker, packet, drop);
	return ks_icmp_reply(worker, packet, KS_REPLY_NO_SERVICE, 0);
}

/* ICMP has no beginning; TCP and SCTP have. */
static inline bool
may_open(const struct ks_packet *packet)
{
	return ks_tcp_is_opening(packet->tcp_flags) || packet->kind == KS_PACKET_ICMP;
}

/* Begins a connection of this service, unless the packet may not. */
static __rte_always_inline uint8_t
begin(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet,
	const struct ks_virtual_server *service, uint32_t address_id)
{
	uint8_t verdict;

	if (packet->key.protocol != IPPROTO_UDP && !may_open(packet))
		return is_being_connected(burst, packet)
			       ? decide_behind_syn(worker, burst, packet)
			       : reject(worker, service, packet, KS_VERDICT_drop_no_connection);
	if (unlikely(!is_from_afar(packet)))
		return KS_VERDICT_drop_martian;
	/* Before anything is taken: a flood comes here for each of its packets. */
	if (unlikely(ks_connection_table_is_full(worker->connections)))
		return KS_VERDICT_drop_table_full;
	verdict = ks_connect_begin(
		worker, service, address_id, packet, &burst->news[burst->new_count]);
	if (likely(verdict == KS_VERDICT_UNDECIDED))
		ks_burst_add_new(burst, packet);
	else if (verdict == KS_VERDICT_drop_no_server)
		return reject(worker, service, packet, verdict);
	return verdict;
}

/*
 * TCP, UDP or SCTP to an address that is not ours: of a NAT server that answers, of a service by
 * match, or for the routes.
 */
static __rte_noinline uint8_t
decide_transit(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	const struct ks_tables *tables = worker->tables;
	const struct ks_virtual_server *service;

	if (ks_nat_server_is_known(tables, ks_packet_source(packet), packet->key.source_port_be,
		    packet->key.protocol) &&
		is_of_others_client(worker, packet, KS_FROM_SERVER))
		return KS_VERDICT_steered;
	service = ks_match_find(tables, packet);
	if (service != NULL) {
		if (service->has_nat ? is_of_others_client(worker, packet, KS_FROM_CLIENT)
				     : is_of_another(worker, packet->in_port, packet))
			return KS_VERDICT_steered;
		return begin(worker, burst, packet, service, KS_ADDRESS_NONE);
	}
	return decide_by_route(worker, packet);
}

/*
 * TCP, UDP or SCTP that belongs to no connection here: for another worker, neither, or a new
 * connection, which is begun (UNDECIDED).
 */
static inline uint8_t
decide_new(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	const struct ks_flow_key *key = &packet->key;
	struct ks_ip destination = ks_packet_destination(packet);
	const struct ks_local_address *address = ks_address_find(worker->tables, destination);
	const struct ks_virtual_server *service;

	if (address == NULL)
		return decide_transit(worker, burst, packet);
	if (!ks_address_is_held(worker->tables, address->id, worker->now_tsc))
		return KS_VERDICT_punt_kernel;
	service = ks_virtual_server_find(
		worker->tables, destination, key->destination_port_be, key->protocol);
	if (service == NULL && !address->is_source)
		return decide_unserved(worker, packet);
	if (service != NULL && service->has_nat
			? is_of_others_client(worker, packet, KS_FROM_CLIENT)
			: is_of_another(worker, address->port, packet))
		return KS_VERDICT_steered;
	if (service == NULL)
		return KS_VERDICT_punt_kernel;
	return begin(worker, burst, packet, service, address->id);
}

/* The half of the packet, or NULL: most often the one that was found for it ahead. */
static inline struct ks_connection_half *
find(const struct ks_connection_table *table, const struct ks_burst *burst,
	const struct ks_packet *packet)
{
	if (likely(ks_flow_keys_equal(&packet->half->key, &packet->key)))
		return packet->half;
	if (likely(packet->half == table->halves && !burst->has_connected))
		return ks_connection_find_displaced(table, &packet->key, packet->hash);
	return ks_connection_find(table, &packet->key, packet->hash);
}

static uint8_t
decide_flow(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	struct ks_connection_half *half = find(worker->connections, burst, packet);

	if (unlikely(half != NULL && half->direction == KS_FROM_CLIENT &&
		     ks_state_is_over(half->state) && ks_tcp_is_opening(packet->tcp_flags))) {
		ks_disconnect(worker, half);
		half = NULL;
	}
	return half == NULL ? decide_new(worker, burst, packet) : forward(worker, half, packet);
}

/*
 * ICMP echo of SNAT: its identifier stands for a port, of the inside. UNDECIDED with
 * nothing begun: not such a packet.
 */
static __rte_noinline uint8_t
decide_echo(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet,
	const struct ks_local_address *address)
{
	const struct rte_icmp_hdr *icmp = (const struct rte_icmp_hdr *)ks_packet_l4(packet);
	bool is_v6 = ks_packet_is_v6(packet);
	uint8_t request = is_v6 ? ICMPV6_ECHO_REQUEST : RTE_IP_ICMP_ECHO_REQUEST;
	uint8_t reply = is_v6 ? ICMPV6_ECHO_REPLY : RTE_IP_ICMP_ECHO_REPLY;
	const struct ks_virtual_server *service;
	struct ks_connection_half *half;

	if (icmp->icmp_type == request && address == NULL)
		packet->key.source_port_be = icmp->icmp_ident;
	else if (icmp->icmp_type == reply && address != NULL && address->is_source)
		packet->key.destination_port_be = icmp->icmp_ident;
	else
		return KS_VERDICT_UNDECIDED;
	ks_classify_hash(&worker->connections->secret, packet);
	half = ks_connection_find(worker->connections, &packet->key, packet->hash);
	if (half != NULL)
		return forward(worker, half, packet);
	if (address != NULL)
		return is_of_another(worker, address->port, packet) ? KS_VERDICT_steered
								    : KS_VERDICT_punt_kernel;
	service = ks_match_find(worker->tables, packet);
	if (service == NULL)
		return decide_by_route(worker, packet);
	if (is_of_another(worker, packet->in_port, packet))
		return KS_VERDICT_steered;
	return begin(worker, burst, packet, service, KS_ADDRESS_NONE);
}

static uint8_t
decide_icmp(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet,
	const struct ks_local_address *address)
{
	uint8_t verdict = ks_icmp_error(worker, packet);

	if (verdict != KS_VERDICT_UNDECIDED)
		return verdict;
	if (worker->tables->matches_count > 0 &&
		ks_packet_l4_bytes(packet) >= sizeof(struct rte_icmp_hdr)) {
		uint32_t news = burst->new_count;

		verdict = decide_echo(worker, burst, packet, address);
		if (verdict != KS_VERDICT_UNDECIDED || burst->new_count != news)
			return verdict;
	}
	if (address == NULL)
		return decide_by_route(worker, packet);
	if (!ks_address_is_held(worker->tables, address->id, worker->now_tsc))
		return KS_VERDICT_punt_kernel;
	return ks_icmp_answer(packet);
}

static bool
is_first_fragment(const struct ks_packet *packet)
{
	const uint8_t *ip = ks_packet_ip(packet), *header = ks_packet_l4(packet) - 8;

	if (ks_packet_is_v6(packet))
		return (header[2] << 8 | header[3]) >> 3 == 0;
	return (((const struct rte_ipv4_hdr *)ip)->fragment_offset &
		       RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK)) == 0;
}

/*
 * A fragment of what would be translated if it were whole: it must not go on as it is, as its
 * source means nothing outside. Of NAT servers only the first says so; the others are lost without.
 */
static bool
is_to_be_translated(const struct ks_tables *tables, const struct ks_packet *packet)
{
	rte_be16_t port_be;

	if (ks_match_may_fit(tables, packet))
		return true;
	if (!is_first_fragment(packet) || ks_packet_l4_bytes(packet) < sizeof(port_be))
		return false;
	memcpy(&port_be, ks_packet_l4(packet), sizeof(port_be));
	return ks_nat_server_is_known(
		tables, ks_packet_source(packet), port_be, packet->key.protocol);
}

/* Unicast IP that is neither TCP, UDP nor SCTP, or a fragment of anything. */
static __rte_noinline uint8_t
decide_other(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	const struct ks_local_address *address =
		ks_address_find(worker->tables, ks_packet_destination(packet));

	if (packet->kind == KS_PACKET_ICMP)
		return decide_icmp(worker, burst, packet, address);
	if (address == NULL && packet->kind == KS_PACKET_FRAGMENT &&
		is_to_be_translated(worker->tables, packet))
		return KS_VERDICT_drop_fragment;
	if (address == NULL)
		return decide_by_route(worker, packet);
	if (!ks_address_is_held(worker->tables, address->id, worker->now_tsc))
		return KS_VERDICT_punt_kernel;
	if (packet->kind == KS_PACKET_OPAQUE)
		return KS_VERDICT_drop_header_chain;
	return packet->kind == KS_PACKET_FRAGMENT ? KS_VERDICT_drop_fragment
						  : KS_VERDICT_punt_kernel;
}

uint8_t
ks_classify(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	if (likely(packet->kind <= KS_PACKET_FLOW))
		return decide_flow(worker, burst, packet);
	return decide_other(worker, burst, packet);
}
