/*
 * The packet path, from top to bottom: one pass of a worker over its ports and rings. Every stage
 * runs over the whole burst; every packet gets one verdict and is let go of in finish() alone.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "connect.h"
#include "connection.h"
#include "forward_fullnat.h"
#include "forward_plain.h"
#include "icmp.h"
#include "packet.h"
#include "parse.h"
#include "parse_plain.h"
#include "worker.h"

struct burst {
	uint32_t count;
	uint32_t others_count;
	struct ks_packet *others[KS_BURST]; /* that do not simply leave through a port */
	struct ks_packet packets[KS_BURST];
};

static void begin_pass(struct ks_worker *worker);
static void receive(struct ks_worker *worker, uint16_t port, struct burst *burst);
static void receive_steered(struct ks_worker *worker, struct burst *burst);
static uint8_t decide(struct ks_worker *worker, struct ks_packet *packet);
static void finish(struct ks_worker *worker, struct burst *burst);
static uint32_t send_injected(struct ks_worker *worker);

static inline void
queue(struct ks_worker *worker, const struct ks_packet *packet)
{
	uint8_t port = packet->out_port;

	worker->tx[port][worker->tx_count[port]++] = packet->mbuf;
}

/* Each stage over the whole burst; receive has parsed it and asked for the hash buckets. */
static uint32_t
run(struct ks_worker *worker, struct burst *burst)
{
	struct ks_packet *end = burst->packets + burst->count;
	uint32_t forwarded = 0;

	if (burst->count == 0)
		return 0;
	burst->others_count = 0;
	ks_connections_prefetch(worker->connections, burst->packets, burst->count);
	for (struct ks_packet *packet = burst->packets; packet < end; packet++) {
		if (likely(packet->kind == KS_PACKET_PLAIN && ks_forward_plain(worker, packet)))
			packet->verdict = KS_VERDICT_forwarded;
		else if (packet->verdict == KS_VERDICT_UNDECIDED)
			packet->verdict = decide(worker, packet);
		if (likely(packet->verdict == KS_VERDICT_forwarded)) {
			queue(worker, packet);
			forwarded++;
		} else {
			burst->others[burst->others_count++] = packet;
		}
	}
	worker->verdicts[KS_VERDICT_forwarded] += forwarded;
	finish(worker, burst);
	return burst->count;
}

uint32_t
ks_pipeline_run(struct ks_worker *worker)
{
	struct burst burst;
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
parse_uncommon(struct ks_packet *packet, const struct ks_worker_port *from)
{
	struct rte_mbuf *mbuf = packet->mbuf;

	if (mbuf->nb_segs != 1) {
		packet->kind = KS_PACKET_OTHER;
		packet->verdict = KS_VERDICT_drop_truncated;
		return;
	}
	ks_parse(packet, rte_pktmbuf_mtod(mbuf, uint8_t *), mbuf->data_len, &from->mac);
	if (packet->verdict != KS_VERDICT_UNDECIDED)
		packet->kind = KS_PACKET_OTHER;
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
						  mbuf->data_len, from->mac_word)))
		parse_uncommon(packet, from);
	packet->hash = likely(packet->kind <= KS_PACKET_FLOW)
			       ? ks_hash_flow(&table->secret, &packet->key)
			       : 0;
	ks_connection_prefetch_bucket(table, packet);
}

static void
complete_checksums(struct ks_worker *worker, struct burst *burst)
{
	for (uint32_t i = 0; i < burst->count; i++) {
		if (burst->packets[i].kind <= KS_PACKET_FLOW)
			worker->checksums_completed +=
				ks_parse_complete_checksum(&burst->packets[i]);
	}
}

static void
receive(struct ks_worker *worker, uint16_t port, struct burst *burst)
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
	worker->rx += count;
	if (unlikely(from->completes_checksums))
		complete_checksums(worker, burst);
}

static void
receive_steered(struct ks_worker *worker, struct burst *burst)
{
	struct rte_mbuf *mbufs[KS_BURST];

	burst->count = rte_ring_dequeue_burst(worker->steered, (void **)mbufs, KS_BURST, NULL);
	for (uint32_t i = 0; i < burst->count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], const void *));
	for (uint32_t i = 0; i < burst->count; i++)
		parse(worker, &burst->packets[i], mbufs[i], ks_packet_note(mbufs[i])->port);
	worker->steered_in += burst->count;
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

/* TCP or UDP that belongs to no connection here: for another worker, a new connection, or neither.
 */
static uint8_t
decide_new(struct ks_worker *worker, struct ks_packet *packet)
{
	const struct ks_flow_key *key = &packet->key;
	const struct ks_local_address *address =
		ks_address_find(worker->tables, key->destination_be);
	const struct ks_virtual_server *service;

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
		return KS_VERDICT_drop_no_connection;
	if (!ks_address_is_unicast(key->source_be))
		return KS_VERDICT_drop_malformed;
	return ks_connect(worker, service, address->id, packet);
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
decide_flow(struct ks_worker *worker, struct ks_packet *packet)
{
	const struct ks_connection_table *table = worker->connections;
	struct ks_connection_half *half = packet->half;
	bool is_new = false;
	uint8_t verdict;

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key)))
		half = ks_connection_find(table, &packet->key, packet->hash);
	if (unlikely(half != NULL && half->direction == KS_FROM_CLIENT &&
		     ks_state_is_over(half->state) && ks_tcp_is_opening(packet->tcp_flags))) {
		ks_disconnect(worker, half);
		half = NULL;
	}
	if (unlikely(half == NULL)) {
		verdict = decide_new(worker, packet);
		if (verdict != KS_VERDICT_UNDECIDED)
			return verdict;
		half = packet->half;
		is_new = true;
	}
	if (unlikely(!ks_address_is_held(worker->tables, half->address_id, worker->now_tsc)))
		return KS_VERDICT_drop_address_released;
	if (unlikely(!ks_server_is_available(worker->tables, half->server_id)))
		return KS_VERDICT_drop_server_gone;
	verdict = ks_forward_fullnat(worker, half, packet);
	if (unlikely(is_new))
		keep_or_undo(worker, half, verdict);
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
decide(struct ks_worker *worker, struct ks_packet *packet)
{
	if (likely(packet->kind <= KS_PACKET_FLOW))
		return decide_flow(worker, packet);
	return decide_local(worker, packet);
}

static uint8_t
punt(struct ks_worker *worker, struct ks_packet *packet)
{
	bool is_final = packet->verdict == KS_VERDICT_punt_resolve;

	*ks_packet_note(packet->mbuf) = (struct ks_packet_note){
		.verdict = packet->verdict,
		.port = is_final ? packet->out_port : packet->in_port,
		.next_hop_be = is_final ? packet->next_hop_be : 0,
	};
	return rte_ring_enqueue(worker->punt, packet->mbuf) == 0 ? packet->verdict
								 : KS_VERDICT_drop_punt_full;
}

/* Hands packets of other workers over, those of one owner together. */
static void
steer(struct ks_worker *worker, struct ks_packet *packets[], uint32_t count)
{
	while (count > 0) {
		void *mbufs[KS_BURST];
		struct ks_packet *same[KS_BURST];
		uint32_t owner = packets[0]->owner;
		uint32_t same_count = 0, left = 0, taken;

		for (uint32_t i = 0; i < count; i++) {
			if (packets[i]->owner != owner) {
				packets[left++] = packets[i];
				continue;
			}
			ks_packet_note(packets[i]->mbuf)->port = packets[i]->in_port;
			mbufs[same_count] = packets[i]->mbuf;
			same[same_count++] = packets[i];
		}
		taken = rte_ring_enqueue_burst(worker->steer[owner], mbufs, same_count, NULL);
		worker->verdicts[KS_VERDICT_steered] += taken;
		for (uint32_t i = 0; i < same_count; i++)
			worker->ports[same[i]->in_port].misdirected +=
				worker->ports[same[i]->in_port].is_hashed;
		worker->verdicts[KS_VERDICT_drop_steer_full] += same_count - taken;
		rte_pktmbuf_free_bulk((struct rte_mbuf **)&mbufs[taken], same_count - taken);
		count = left;
	}
}

/* How many the port took, or the worker that sends for us. */
static uint16_t
transmit_some(struct ks_worker_port *to, struct rte_mbuf **mbufs, uint16_t count, uint16_t port)
{
	if (likely(to->relay == NULL))
		return rte_eth_tx_burst(to->ethdev_id, to->queue_id, mbufs, count);
	for (uint16_t i = 0; i < count; i++)
		ks_packet_note(mbufs[i])->port = (uint8_t)port;
	return (uint16_t)rte_ring_enqueue_burst(to->relay, (void **)mbufs, count, NULL);
}

/* Hands the port what was queued for it; what it does not take gets another verdict. */
static void
transmit(struct ks_worker *worker, uint16_t port, struct burst *burst)
{
	struct rte_mbuf **mbufs = worker->tx[port];
	uint16_t count = worker->tx_count[port];
	uint16_t sent = transmit_some(&worker->ports[port], mbufs, count, port);

	worker->tx_count[port] = 0;
	if (likely(sent == count))
		return;
	worker->verdicts[KS_VERDICT_drop_tx_full] += (uint64_t)(count - sent);
	for (uint32_t i = 0, at = sent; at < count; i++) {
		if (burst->packets[i].mbuf == mbufs[at]) {
			worker->verdicts[burst->packets[i].verdict]--;
			at++;
		}
	}
	rte_pktmbuf_free_bulk(&mbufs[sent], (unsigned int)(count - sent));
}

static const uint8_t verdict_class[KS_VERDICT_COUNT] = {
#define KS_VERDICT(name, class, sentence) [KS_VERDICT_##name] = KS_CLASS_##class,
#include "verdict.def"
#undef KS_VERDICT
};

/* Lets go of the packets that were not queued yet, and counts their verdicts. */
static __rte_noinline void
finish_others(struct ks_worker *worker, struct burst *burst)
{
	struct rte_mbuf *dropped[KS_BURST];
	struct ks_packet *steered[KS_BURST];
	uint32_t dropped_count = 0, steered_count = 0;

	for (uint32_t i = 0; i < burst->others_count; i++) {
		struct ks_packet *packet = burst->others[i];
		uint8_t class = verdict_class[packet->verdict];

		if (class == KS_CLASS_STEER) {
			steered[steered_count++] = packet;
			continue;
		}
		if (class == KS_CLASS_PUNT)
			packet->verdict = punt(worker, packet);
		worker->verdicts[packet->verdict]++;
		if (class == KS_CLASS_REPLY)
			queue(worker, packet);
		else if (verdict_class[packet->verdict] == KS_CLASS_DROP)
			dropped[dropped_count++] = packet->mbuf;
	}
	steer(worker, steered, steered_count);
	rte_pktmbuf_free_bulk(dropped, dropped_count);
}

/* Sends what was queued, and lets go of the rest. */
static void
finish(struct ks_worker *worker, struct burst *burst)
{
	if (burst->others_count > 0)
		finish_others(worker, burst);
	for (uint16_t port = 0; port < worker->ports_count; port++) {
		if (worker->tx_count[port] > 0)
			transmit(worker, port, burst);
	}
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
