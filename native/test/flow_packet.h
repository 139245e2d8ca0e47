/*
 * Owner: the caller. Threads: any. Lifetime: the caller's.
 *
 * Plain packets of flows in both families, for tests that look at what becomes of them and not at
 * their octets: the first one of a flow, what answers it, an ICMP error about it.
 */
#ifndef KS_TEST_FLOW_PACKET_H
#define KS_TEST_FLOW_PACKET_H

#include "../ip.h"
#include "packet_builder.h"

/*
 * A SYN, an INIT, a datagram, an echo request with the source port as its identifier; without MAC
 * addresses.
 */
struct built_packet flow_opening(struct ks_ip source, struct ks_ip destination, uint8_t protocol,
	uint16_t source_port, uint16_t destination_port);

/* What the receiver of this packet answers: SYN-ACK, INIT ACK, a datagram, an echo reply. */
struct built_packet flow_answer(const struct built_packet *packet);

/* "Port unreachable" about this packet, by whom it was for. */
struct built_packet flow_error(const struct built_packet *packet);

/* From a station to a port of ours, with all checksums right. */
void flow_address(struct built_packet *packet, uint8_t source_mac, uint8_t destination_mac);

#endif
