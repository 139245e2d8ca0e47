/*
 * Owner: the worker's stack. Threads: the worker alone. Lifetime: one pass over a port or ring.
 *
 * The packets received together, and where each of them goes when its verdict is known.
 */
#ifndef KS_DATAPATH_BURST_H
#define KS_DATAPATH_BURST_H

#include <rte_branch_prediction.h>

#include "connect.h"
#include "packet.h"
#include "worker.h"

#define KS_BURST_NEW_WORDS 8u

struct ks_burst {
	uint32_t count;
	uint32_t forwarded;
	uint32_t others_count;
	uint32_t new_count;
	uint64_t *received; /* the worker's counter that the packets belong to */
	bool has_tally;
	bool has_connected;                 /* connections came since the packets were looked up */
	uint8_t tally[KS_VERDICT_COUNT];    /* of verdicts beside `forwarded`; set when has_tally */
	struct ks_packet *others[KS_BURST]; /* that do not simply leave through a port */
	/* Bits of the hashes of news: of two packets of one flow, the second finds its bit set. */
	uint64_t new_bits[KS_BURST_NEW_WORDS];
	struct ks_new_connection news[KS_BURST];
	struct ks_packet packets[KS_BURST];
};

/* What was put together at news[new_count], for this packet, is one of them. */
static inline void
ks_burst_add_new(struct ks_burst *burst, const struct ks_packet *packet)
{
	uint64_t *word = &burst->new_bits[packet->hash >> 6 & (KS_BURST_NEW_WORDS - 1)];
	uint64_t bit = UINT64_C(1) << (packet->hash & 63);

	if (burst->new_count == 0)
		memset(burst->new_bits, 0, sizeof(burst->new_bits));
	burst->news[burst->new_count++].may_be_known = (*word & bit) != 0;
	*word |= bit;
}

static inline void
ks_burst_queue(struct ks_worker *worker, const struct ks_packet *packet)
{
	uint8_t port = packet->out_port;

	worker->tx[port][worker->tx_count[port]++] = packet->mbuf;
}

/* Exactly once for every packet. */
static inline void
ks_burst_let_go(struct ks_worker *worker, struct ks_burst *burst, struct ks_packet *packet)
{
	if (likely(packet->verdict == KS_VERDICT_forwarded)) {
		ks_burst_queue(worker, packet);
		burst->forwarded++;
	} else {
		burst->others[burst->others_count++] = packet;
	}
}

/* Sends what was queued, hands over, punts and frees the rest, and counts every verdict. */
void ks_burst_finish(struct ks_worker *worker, struct ks_burst *burst);

#endif
