/*
 * Owner: nobody, functions over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * Where a packet goes when it leaves: port and MAC addresses, remembered by its connection.
 */
#ifndef KS_DATAPATH_NEXT_HOP_H
#define KS_DATAPATH_NEXT_HOP_H

#include "connection.h"
#include "packet.h"
#include "worker.h"

/*
 * For a packet to this address: sets out_port and answers KS_VERDICT_forwarded with the MAC word of
 * the neighbour, or KS_VERDICT_punt_resolve with the next hop in the packet's note, or a drop.
 */
uint8_t ks_next_hop_find(struct ks_worker *worker, struct ks_packet *packet,
	struct ks_ip destination, uint64_t *mac_word);

/* As ks_next_hop_find for packets of this half, which remembers the answer. */
uint8_t ks_next_hop_resolve(struct ks_worker *worker, struct ks_connection_half *half,
	struct ks_packet *packet, uint64_t *mac_word);

/* As above; a connection that remembers a neighbour that is still good costs one load. */
static inline uint8_t
ks_next_hop(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet,
	uint64_t *mac_word)
{
	*mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);
	packet->out_port = half->port;
	if (likely(*mac_word >> KS_NEIGHBOR_GENERATION_SHIFT == half->neighbor_stamp))
		return KS_VERDICT_forwarded;
	return ks_next_hop_resolve(worker, half, packet, mac_word);
}

#endif
