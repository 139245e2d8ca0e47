#include "transport.h"

#include <netinet/in.h>
#include <string.h>

#include <nmmintrin.h>

#include <rte_branch_prediction.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "checksum.h"

#define SCTP_CHECKSUM_OFFSET 8u
#define ICMP_CHECKSUM_OFFSET 2u
#define ICMP_IDENTIFIER_OFFSET 4u

static void
update(uint8_t *field, uint16_t delta)
{
	uint16_t checksum;

	memcpy(&checksum, field, sizeof(checksum));
	checksum = ks_checksum_update(checksum, delta);
	memcpy(field, &checksum, sizeof(checksum));
}

static void
update_udp(struct rte_udp_hdr *udp, uint16_t delta)
{
	uint16_t checksum = udp->dgram_cksum;

	if (checksum == 0)
		return;
	checksum = ks_checksum_update(checksum, delta);
	udp->dgram_cksum = checksum == 0 ? UINT16_MAX : checksum;
}

rte_be16_t
ks_transport_identification(uint8_t protocol, const uint8_t *l4)
{
	rte_be16_t identification_be;
	uint32_t offset = ICMP_CHECKSUM_OFFSET;

	switch (protocol) {
	case IPPROTO_TCP:
		offset = offsetof(struct rte_tcp_hdr, cksum);
		break;
	case IPPROTO_UDP:
		offset = offsetof(struct rte_udp_hdr, dgram_cksum);
		break;
	case IPPROTO_SCTP:
		offset = SCTP_CHECKSUM_OFFSET;
		break;
	}
	memcpy(&identification_be, l4 + offset, sizeof(identification_be));
	return identification_be;
}

/*
 * A CRC is linear: that of two messages of one length differs by the CRC, begun with 0, of their
 * difference; which is the change of the ports, then zeros. So a wrong checksum stays wrong.
 */
uint32_t
ks_sctp_checksum_delta(uint32_t ports_change, uint32_t length_bytes)
{
	uint32_t rest_bytes = length_bytes - (uint32_t)sizeof(ports_change);
	uint64_t crc = _mm_crc32_u32(0, ports_change);

	for (; rest_bytes >= 8; rest_bytes -= 8)
		crc = _mm_crc32_u64(crc, 0);
	for (; rest_bytes > 0; rest_bytes--)
		crc = _mm_crc32_u8((uint32_t)crc, 0);
	return (uint32_t)crc;
}

uint32_t
ks_sctp_checksum(const uint8_t *l4, uint32_t length_bytes)
{
	uint64_t crc = UINT32_MAX;

	for (; length_bytes >= 8; l4 += 8, length_bytes -= 8) {
		uint64_t word;

		memcpy(&word, l4, sizeof(word));
		crc = _mm_crc32_u64(crc, word);
	}
	for (; length_bytes > 0; l4++, length_bytes--)
		crc = _mm_crc32_u8((uint32_t)crc, *l4);
	return ~(uint32_t)crc;
}

static void
rewrite_sctp(const struct ks_connection_half *half, uint8_t *l4, uint32_t length_bytes)
{
	uint32_t ports, before, checksum;

	memcpy(&ports, &half->source_port_be, sizeof(ports));
	memcpy(&before, l4, sizeof(before));
	memcpy(&checksum, l4 + SCTP_CHECKSUM_OFFSET, sizeof(checksum));
	checksum ^= ks_sctp_checksum_delta(ports ^ before, length_bytes);
	memcpy(l4, &ports, sizeof(ports));
	memcpy(l4 + SCTP_CHECKSUM_OFFSET, &checksum, sizeof(checksum));
}

/* The inside knows one identifier, the outside another. */
static void
rewrite_icmp(const struct ks_connection_half *half, uint8_t *l4, uint32_t length_bytes)
{
	const rte_be16_t *identifier_be = half->direction == KS_FROM_CLIENT
						  ? &half->source_port_be
						  : &half->destination_port_be;

	memcpy(l4 + ICMP_IDENTIFIER_OFFSET, identifier_be, sizeof(*identifier_be));
	update(l4 + ICMP_CHECKSUM_OFFSET, half->l4_delta);
	ks_checksum_finish_icmp(l4, length_bytes);
}

void
ks_transport_rewrite(const struct ks_connection_half *half, uint8_t *l4, uint32_t length_bytes)
{
	switch (half->key.protocol) {
	case IPPROTO_TCP:
		memcpy(l4, &half->source_port_be, 2 * sizeof(half->source_port_be));
		update(l4 + offsetof(struct rte_tcp_hdr, cksum), half->l4_delta);
		break;
	case IPPROTO_UDP:
		memcpy(l4, &half->source_port_be, 2 * sizeof(half->source_port_be));
		update_udp((struct rte_udp_hdr *)l4, half->l4_delta);
		break;
	case IPPROTO_SCTP:
		rewrite_sctp(half, l4, length_bytes);
		break;
	default:
		rewrite_icmp(half, l4, length_bytes);
		break;
	}
}
