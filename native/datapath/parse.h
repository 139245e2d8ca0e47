/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * A frame of any bytes and length in, a struct ks_packet out.
 */
#ifndef KS_DATAPATH_PARSE_H
#define KS_DATAPATH_PARSE_H

#include "packet.h"

/*
 * Sets everything but mbuf, hash, half and ports, and of IPv6 the key's digest. The verdict stays
 * undecided for unicast IP that is sound as far as it was read: lengths, IPv4 checksum, IPv6
 * extension headers, and the header of TCP, UDP or SCTP.
 */
void ks_parse(struct ks_packet *packet, uint8_t *frame, uint32_t length_bytes,
	const struct rte_ether_addr *mac);

/* For ks_parse: what begins behind the Ethernet header, and behind the last header of IP. */
uint8_t ks_parse_ipv6(struct ks_packet *packet, uint32_t length_bytes);
uint8_t ks_parse_transport(struct ks_packet *packet, uint32_t length_bytes);

/*
 * Where the transport header of a quoted IPv6 packet is, from the start of its IPv6 header, of
 * which length_bytes are there; and its protocol. False: not there, or of a fragment.
 */
bool ks_parse_find_transport(
	const uint8_t *ip, uint32_t length_bytes, uint8_t *protocol, uint32_t *offset_bytes);

/*
 * Where the checksum field of a flow holds the pseudo-header sum alone, as a local kernel stack
 * leaves it for hardware, computes the checksum. Returns whether it did.
 */
bool ks_parse_complete_checksum(struct ks_packet *packet);

#endif
