/*
 * Owner: nobody, pure functions. Threads: any. Lifetime: the program.
 *
 * The ports and the checksum of TCP, UDP and SCTP, and the identifier of ICMP echo in their place.
 */
#ifndef KS_DATAPATH_TRANSPORT_H
#define KS_DATAPATH_TRANSPORT_H

#include "connection.h"

/* Makes a transport header of length_bytes, payload included, what packets of the half have. */
void ks_transport_rewrite(
	const struct ks_connection_half *half, uint8_t *l4, uint32_t length_bytes);

/*
 * For the identification of an IPv4 packet that may be fragmented and has none of its sender: the
 * transport checksum as it stands, since other contents have another one.
 */
rte_be16_t ks_transport_identification(uint8_t protocol, const uint8_t *l4);

/* The checksum of an SCTP packet whose field is 0, as it lies in memory. */
uint32_t ks_sctp_checksum(const uint8_t *l4, uint32_t length_bytes);

/* What other ports do to the CRC32c of an SCTP packet (RFC 9260, appendix A). */
uint32_t ks_sctp_checksum_delta(uint32_t ports_change, uint32_t length_bytes);

#endif
