/*
 * The packet path, from top to bottom: one pass of a worker over its ports and rings. Every stage
 * runs over the whole burst; every packet gets one verdict and is let go of in burst.c alone.
 */
#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "burst.h"
#include "classify.h"
#include "connection.h"
#include "connection_dump.h"
#include "forward_plain.h"
#include "forward_plain6.h"
#include "packet.h"
#include "parse.h"
#include "parse_plain.h"
#include "parse_plain6.h"
#include "worker.h"

static void begin_pass(struct ks_worker *worker);
static void receive(struct ks_worker *worker, uint16_t port, struct ks_burst *burst);
static void receive_steered(struct ks_worker *worker, struct ks_burst *burst);
static uint32_t send_injected(struct ks_worker *worker);

/* Each stage over the whole burst; receive has parsed it and asked for the hash buckets. */
static uint32_t
run(struct ks_worker *worker, struct ks_burst *burst)
{
	struct ks_packet *end = burst->packets + burst->count;
	uint32_t forwarded = 0;

	if (burst->count == 0)
		return 0;
	burst->forwarded = burst->others_count = burst->new_count = 0;
	burst->has_tally = burst->has_connected = false;
	ks_connections_prefetch(worker->connections, burst->packets, burst->count);
	for (struct ks_packet *packet = burst->packets; packet < end; packet++) {
		bool is_sent = likely(packet->kind == KS_PACKET_PLAIN)
				       ? ks_forward_plain(worker, packet)
				       : packet->kind == KS_PACKET_PLAIN6 &&
						 ks_forward_plain6(worker, packet);

		if (likely(is_sent)) {
			packet->verdict = KS_VERDICT_forwarded;
			ks_burst_queue(worker, packet);
			forwarded++;
			continue;
		}
		if (packet->verdict == KS_VERDICT_UNDECIDED)
			packet->verdict = ks_classify(worker, burst, packet);
		if (packet->verdict != KS_VERDICT_UNDECIDED)
			ks_burst_let_go(worker, burst, packet);
	}
	burst->forwarded += forwarded;
	ks_classify_connect(worker, burst);
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
	ks_connection_dump_run(worker, worker->dump);
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
		worker->replies_left = KS_REPLIES_PER_TICK;
	}
}

/* What the straight parser did not take. */
static __rte_noinline void
parse_uncommon(
	const struct ks_worker *worker, struct ks_packet *packet, const struct ks_worker_port *from)
{
	struct rte_mbuf *mbuf = packet->mbuf;
	const struct ks_hash_secret *secret = &worker->connections->secret;

	if (mbuf->nb_segs == 1 && ks_parse_plain6(packet, rte_pktmbuf_mtod(mbuf, uint8_t *),
					  mbuf->data_len, from->mac_word, secret))
		return;
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
		ks_classify_hash(secret, packet);
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
