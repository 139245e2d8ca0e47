/*
 * Letting go of a burst: every packet leaves through a port, goes to another thread by a ring, or
 * is freed; here its verdict is counted.
 */
#include <rte_ethdev.h>

#include "burst.h"

static uint8_t
punt(struct ks_worker *worker, struct ks_packet *packet)
{
	bool is_final = packet->verdict == KS_VERDICT_punt_resolve;

	/* The next hop of a final one is there already. */
	ks_packet_note(packet->mbuf)->verdict = packet->verdict;
	ks_packet_note(packet->mbuf)->port = is_final ? packet->out_port : packet->in_port;
	return rte_ring_enqueue(worker->punt, packet->mbuf) == 0 ? packet->verdict
								 : KS_VERDICT_drop_punt_full;
}

/* Hands packets of other workers over, those of one owner together. */
static void
steer(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packets[], uint32_t count)
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
		burst->tally[KS_VERDICT_steered] += (uint8_t)taken;
		for (uint32_t i = 0; i < same_count; i++)
			worker->ports[same[i]->in_port].misdirected +=
				worker->ports[same[i]->in_port].is_hashed;
		burst->tally[KS_VERDICT_drop_steer_full] += (uint8_t)(same_count - taken);
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

static void
start_tally(struct ks_burst *burst)
{
	if (burst->has_tally)
		return;
	memset(burst->tally, 0, sizeof(burst->tally));
	burst->has_tally = true;
}

/* That of the packet in this buffer; KS_VERDICT_COUNT: one of our own (client_address.h). */
static uint8_t
verdict_of(const struct ks_burst *burst, const struct rte_mbuf *mbuf)
{
	for (uint32_t i = 0; i < burst->count; i++) {
		if (burst->packets[i].mbuf == mbuf)
			return burst->packets[i].verdict;
	}
	return KS_VERDICT_COUNT;
}

/* Hands the port what was queued for it; what it does not take gets another verdict. */
static void
transmit(struct ks_worker *worker, uint16_t port, struct ks_burst *burst)
{
	struct rte_mbuf **mbufs = worker->tx[port];
	uint16_t count = worker->tx_count[port];
	uint16_t sent = transmit_some(&worker->ports[port], mbufs, count, port);

	worker->tx_count[port] = 0;
	if (likely(sent == count))
		return;
	start_tally(burst);
	for (uint16_t at = sent; at < count; at++) {
		uint8_t verdict = verdict_of(burst, mbufs[at]);

		if (verdict == KS_VERDICT_COUNT) {
			worker->injected--;
			worker->inject_failed++;
			continue;
		}
		burst->tally[KS_VERDICT_drop_tx_full]++;
		if (verdict == KS_VERDICT_forwarded)
			burst->forwarded--;
		else
			burst->tally[verdict]--;
	}
	rte_pktmbuf_free_bulk(&mbufs[sent], (unsigned int)(count - sent));
}

static const uint8_t verdict_class[KS_VERDICT_COUNT] = {
#define KS_VERDICT(name, class, sentence) [KS_VERDICT_##name] = KS_CLASS_##class,
#include "verdict.def"
#undef KS_VERDICT
};

/* Lets go of the packets that were not queued yet. */
static __rte_noinline void
finish_others(struct ks_worker *worker, struct ks_burst *burst)
{
	struct rte_mbuf *dropped[KS_BURST];
	struct ks_packet *steered[KS_BURST];
	uint32_t dropped_count = 0, steered_count = 0;

	start_tally(burst);
	for (uint32_t i = 0; i < burst->others_count; i++) {
		struct ks_packet *packet = burst->others[i];
		uint8_t class = verdict_class[packet->verdict];

		if (class == KS_CLASS_STEER) {
			steered[steered_count++] = packet;
			continue;
		}
		if (class == KS_CLASS_PUNT)
			packet->verdict = punt(worker, packet);
		burst->tally[packet->verdict]++;
		if (class == KS_CLASS_REPLY)
			ks_burst_queue(worker, packet);
		else if (verdict_class[packet->verdict] == KS_CLASS_DROP)
			dropped[dropped_count++] = packet->mbuf;
	}
	steer(worker, burst, steered, steered_count);
	rte_pktmbuf_free_bulk(dropped, dropped_count);
}

/* All counters of the burst change together, so that a reader can tell when they are at rest. */
static inline void
count(struct ks_worker *worker, const struct ks_burst *burst)
{
	uint32_t change = atomic_load_explicit(&worker->counts_change, memory_order_relaxed);

	atomic_store_explicit(&worker->counts_change, change + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	*burst->received += burst->count;
	worker->verdicts[KS_VERDICT_forwarded] += burst->forwarded;
	for (uint32_t i = 0; unlikely(burst->has_tally) && i < KS_VERDICT_COUNT; i++)
		worker->verdicts[i] += burst->tally[i];
	atomic_store_explicit(&worker->counts_change, change + 2, memory_order_release);
}

void
ks_burst_finish(struct ks_worker *worker, struct ks_burst *burst)
{
	if (burst->others_count > 0)
		finish_others(worker, burst);
	for (uint16_t port = 0; port < worker->ports_count; port++) {
		if (worker->tx_count[port] > 0)
			transmit(worker, port, burst);
	}
	count(worker, burst);
}
