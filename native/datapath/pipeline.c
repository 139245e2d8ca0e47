/*
 * The packet path, from top to bottom: one pass of a worker over its ports and rings. Every stage
 * runs over the whole burst; every packet gets one verdict and is let go of in burst.c alone.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "burst.h"
#include "connect.h"
#include "connection.h"
#include "forward_fullnat.h"
#include "forward_plain.h"
#include "icmp.h"
#include "packet.h"
#include "parse.h"
#include "parse_plain.h"
#include "worker.h"

static void begin_pass(struct ks_worker *worker);
static void receive(struct ks_worker *worker, uint16_t port, struct ks_burst *burst);
static void receive_steered(struct ks_worker *worker, struct ks_burst *burst);
static uint8_t decide(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet);
static uint8_t connect_new(struct ks_worker *worker, const struct ks_new_connection *connection);
static uint32_t send_injected(struct ks_worker *worker);

/* Ends what decide_new began. */
static void
connect_all(struct ks_worker *worker, struct ks_burst *burst)
{
	for (uint32_t i = 0; i < burst->new_count; i++) {
		struct ks_packet *packet = burst->news[i].packet;

		packet->verdict = connect_new(worker, &burst->news[i]);
		ks_burst_let_go(worker, burst, packet);
	}
	burst->new_count = 0;
}

/* Each stage over the whole burst; receive has parsed it and asked for the hash buckets. */
static uint32_t
run(struct ks_worker *worker, struct ks_burst *burst)
{
	struct ks_packet *end = burst->packets + burst->count;
	uint32_t forwarded = 0;

	if (burst->count == 0)
		return 0;
	burst->forwarded = burst->others_count = burst->new_count = 0;
	burst->has_tally = false;
	ks_connections_prefetch(worker->connections, burst->packets, burst->count);
	for (struct ks_packet *packet = burst->packets; packet < end; packet++) {
		if (likely(packet->kind == KS_PACKET_PLAIN && ks_forward_plain(worker, packet))) {
			packet->verdict = KS_VERDICT_forwarded;
			ks_burst_queue(worker, packet);
			forwarded++;
			continue;
		}
		if (packet->verdict == KS_VERDICT_UNDECIDED)
			packet->verdict = decide(worker, burst, packet);
		if (packet->verdict != KS_VERDICT_UNDECIDED)
			ks_burst_let_go(worker, burst, packet);
	}
	burst->forwarded += forwarded;
	connect_all(worker, burst);
	ks_burst_finish(worker, burst);
	return burst->count;
}

uint32_t
ks_pipeline_run(struct ks_worker *worker)
{
	struct ks_burst burst;
	uint32_t seen = 0;

	begin_pass(worker);
	for (uint16_t port = 0; port < worker->ports_count; port++) {
		receive(worker, port, &burst);
		seen += run(worker, &burst);
	}
	receive_steered(worker, &burst);
	seen += run(worker, &burst);
	seen += send_injected(worker);
	ks_connections_expire(worker);
	return seen;
}

static void
begin_pass(struct ks_worker *worker)
{
	rte_rcu_qsbr_quiescent(worker->qsbr, worker->index);
	worker->tables = atomic_load_explicit(worker->published, memory_order_acquire);
	worker->now_tsc = rte_rdtsc();
	if (unlikely(worker->now_tsc >= worker->next_tick_tsc)) {
		uint64_t late_tsc = worker->now_tsc - worker->next_tick_tsc;
		uint64_t ticks = late_tsc / worker->tsc_per_tick + 1;

		worker->now_ticks += (uint32_t)ticks;
		worker->next_tick_tsc += ticks * worker->tsc_per_tick;
	}
}

/* What the straight parser did not take. */
static __rte_noinline void
parse_uncommon(
	const struct ks_worker *worker, struct ks_packet *packet, const struct ks_worker_port *from)
{
	struct rte_mbuf *mbuf = packet->mbuf;

	packet->hash = 0;
	if (mbuf->nb_segs != 1) {
		packet->kind = KS_PACKET_OTHER;
		packet->verdict = KS_VERDICT_drop_truncated;
		return;
	}
	ks_parse(packet, rte_pktmbuf_mtod(mbuf, uint8_t *), mbuf->data_len, &from->mac);
	if (packet->verdict != KS_VERDICT_UNDECIDED)
		packet->kind = KS_PACKET_OTHER;
	else if (packet->kind == KS_PACKET_FLOW)
		packet->hash = ks_hash_flow(&worker->connections->secret, &packet->key);
}

/* Parses one packet, hashes its flow and asks for the bucket. */
static inline void
parse(struct ks_worker *worker, struct ks_packet *packet, struct rte_mbuf *mbuf, uint8_t port)
{
	const struct ks_worker_port *from = &worker->ports[port];
	const struct ks_connection_table *table = worker->connections;

	packet->mbuf = mbuf;
	packet->in_port = port;
	if (unlikely(
		    mbuf->nb_segs != 1 || !ks_parse_plain(packet, rte_pktmbuf_mtod(mbuf, uint8_t *),
						  mbuf->data_len, from->mac_word, &table->secret)))
		parse_uncommon(worker, packet, from);
	ks_connection_prefetch_bucket(table, packet);
}

static void
complete_checksums(struct ks_worker *worker, struct ks_burst *burst)
{
	for (uint32_t i = 0; i < burst->count; i++) {
		if (burst->packets[i].kind <= KS_PACKET_FLOW)
			worker->checksums_completed +=
				ks_parse_complete_checksum(&burst->packets[i]);
	}
}

static void
receive(struct ks_worker *worker, uint16_t port, struct ks_burst *burst)
{
	struct ks_worker_port *from = &worker->ports[port];
	struct rte_mbuf *mbufs[KS_BURST];
	uint32_t count;

	burst->count = 0;
	if (unlikely(from->transmits_only))
		return;
	count = rte_eth_rx_burst(from->ethdev_id, from->queue_id, mbufs, KS_BURST);
	for (uint32_t i = 0; i < count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], const void *));
	for (uint32_t i = 0; i < count; i++)
		parse(worker, &burst->packets[i], mbufs[i], (uint8_t)port);
	burst->count = count;
	burst->received = &worker->rx;
	if (unlikely(from->completes_checksums))
		complete_checksums(worker, burst);
}

static void
receive_steered(struct ks_worker *worker, struct ks_burst *burst)
{
	struct rte_mbuf *mbufs[KS_BURST];

	burst->count = rte_ring_dequeue_burst(worker->steered, (void **)mbufs, KS_BURST, NULL);
	for (uint32_t i = 0; i < burst->count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], const void *));
	for (uint32_t i = 0; i < burst->count; i++)
		parse(worker, &burst->packets[i], mbufs[i], ks_packet_note(mbufs[i])->port);
	burst->received = &worker->steered_in;
}

/* A packet of ours that belongs to another worker, by the RSS of the port of its destination. */
static inline bool
is_of_another(const struct ks_worker *worker, uint16_t port, struct ks_packet *packet)
{
	const struct ks_flow_key *key = &packet->key;

	if (worker->workers_count == 1)
		return false;
	packet->owner = ks_rss_owner(
		worker->ports[port].rss, KS_IPV4, &key->source_be, &key->source_port_be);
	return packet->owner != worker->index;
}

/* A packet of this connection, the general way. */
static uint8_t
forward(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet)
{
	if (unlikely(!ks_address_is_held(worker->tables, half->address_id, worker->now_tsc)))
		return KS_VERDICT_drop_address_released;
	if (unlikely(!ks_server_is_available(worker->tables, half->server_id)))
		return KS_VERDICT_drop_server_gone;
	return ks_forward_fullnat(worker, half, packet);
}

/* A segment behind the SYN that begins its connection in this very burst. */
static uint8_t
decide_behind_syn(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	struct ks_connection_half *half;

	connect_all(worker, burst);
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

/*
 * TCP or UDP that belongs to no connection here: for another worker, neither, or a new connection,
 * which is begun (UNDECIDED).
 */
static uint8_t
decide_new(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	const struct ks_flow_key *key = &packet->key;
	const struct ks_local_address *address =
		ks_address_find(worker->tables, key->destination_be);
	const struct ks_virtual_server *service;
	uint8_t verdict;

	if (address == NULL || !ks_address_is_held(worker->tables, address->id, worker->now_tsc))
		return KS_VERDICT_punt_kernel;
	service = ks_virtual_server_find(
		worker->tables, key->destination_be, key->destination_port_be, key->protocol);
	if (service == NULL && !address->is_source)
		return KS_VERDICT_punt_kernel;
	if (is_of_another(worker, address->port, packet))
		return KS_VERDICT_steered;
	if (service == NULL)
		return KS_VERDICT_punt_kernel;
	if (key->protocol == IPPROTO_TCP && !ks_tcp_is_opening(packet->tcp_flags))
		return is_being_connected(burst, packet) ? decide_behind_syn(worker, burst, packet)
							 : KS_VERDICT_drop_no_connection;
	if (!ks_address_is_unicast(key->source_be))
		return KS_VERDICT_drop_malformed;
	verdict = ks_connect_begin(
		worker, service, address->id, packet, &burst->news[burst->new_count]);
	burst->new_count += verdict == KS_VERDICT_UNDECIDED;
	return verdict;
}

/* A connection counts as one when its first packet went on. */
static void
keep_or_undo(struct ks_worker *worker, struct ks_connection_half *first, uint8_t verdict)
{
	if (verdict == KS_VERDICT_forwarded || verdict == KS_VERDICT_punt_resolve)
		worker->servers[first->server_id].connections++;
	else
		ks_disconnect(worker, first);
}

static uint8_t
decide_flow(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	const struct ks_connection_table *table = worker->connections;
	struct ks_connection_half *half = packet->half;

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key)))
		half = ks_connection_find(table, &packet->key, packet->hash);
	if (unlikely(half != NULL && half->direction == KS_FROM_CLIENT &&
		     ks_state_is_over(half->state) && ks_tcp_is_opening(packet->tcp_flags))) {
		ks_disconnect(worker, half);
		half = NULL;
	}
	return half == NULL ? decide_new(worker, burst, packet) : forward(worker, half, packet);
}

static uint8_t
connect_new(struct ks_worker *worker, const struct ks_new_connection *connection)
{
	bool is_new;
	uint8_t verdict = ks_connect_finish(worker, connection, &is_new);

	if (verdict != KS_VERDICT_UNDECIDED)
		return verdict;
	verdict = forward(worker, connection->packet->half, connection->packet);
	if (likely(is_new))
		keep_or_undo(worker, connection->packet->half, verdict);
	return verdict;
}

/* Unicast IPv4 that is neither TCP nor UDP, or a fragment of anything. */
static uint8_t
decide_local(const struct ks_worker *worker, struct ks_packet *packet)
{
	const struct ks_local_address *address =
		ks_address_find(worker->tables, packet->key.destination_be);

	if (address == NULL || !ks_address_is_held(worker->tables, address->id, worker->now_tsc))
		return KS_VERDICT_punt_kernel;
	if (packet->kind == KS_PACKET_FRAGMENT)
		return KS_VERDICT_drop_fragment;
	return packet->kind == KS_PACKET_ICMP ? ks_icmp_answer(packet) : KS_VERDICT_punt_kernel;
}

static uint8_t
decide(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	if (likely(packet->kind <= KS_PACKET_FLOW))
		return decide_flow(worker, burst, packet);
	return decide_local(worker, packet);
}

/*
 * Complete frames of the slow thread, and of workers without a transmit queue. They are not counted
 * among the packets received.
 */
static uint32_t
send_injected(struct ks_worker *worker)
{
	struct rte_mbuf *mbufs[KS_BURST];
	uint32_t count = rte_ring_dequeue_burst(worker->inject, (void **)mbufs, KS_BURST, NULL);

	for (uint32_t i = 0; i < count; i++) {
		uint8_t port = ks_packet_note(mbufs[i])->port;
		struct ks_worker_port *to = &worker->ports[port];

		if (likely(port < worker->ports_count &&
			    rte_eth_tx_burst(to->ethdev_id, to->queue_id, &mbufs[i], 1) == 1)) {
			worker->injected++;
		} else {
			rte_pktmbuf_free(mbufs[i]);
			worker->inject_failed++;
		}
	}
	return count;
}
