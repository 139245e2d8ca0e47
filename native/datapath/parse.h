/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * A frame of any bytes and length in, a struct ks_packet out.
 */
#ifndef KS_DATAPATH_PARSE_H
#define KS_DATAPATH_PARSE_H

#include "packet.h"

/*
 * Sets everything but mbuf, hash, half and ports. The verdict stays undecided for unicast IPv4 that
 * is sound as far as it was read: lengths, IPv4 checksum, and the header of TCP or UDP.
 */
void ks_parse(struct ks_packet *packet, uint8_t *frame, uint32_t length_bytes,
	const struct rte_ether_addr *mac);

/*
 * Where the checksum field of a flow holds the pseudo-header sum alone, as a local kernel stack
 * leaves it for hardware, computes the checksum. Returns whether it did.
 */
bool ks_parse_complete_checksum(struct ks_packet *packet);

#endif
