/* Octets into and out of packets, with what must follow: see headers.h. */
#include "headers.h"

#include <rte_byteorder.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "checksum.h"

static void
put_ip_length(struct ks_headers *headers)
{
	uint32_t ip_bytes = ks_headers_ip_bytes(headers);
	uint8_t *ip = ks_headers_ip(headers);

	if (headers->is_v6) {
		struct rte_ipv6_hdr *header = (struct rte_ipv6_hdr *)ip;

		header->payload_len = rte_cpu_to_be_16((uint16_t)(ip_bytes - sizeof(*header)));
	} else {
		struct rte_ipv4_hdr *header = (struct rte_ipv4_hdr *)ip;
		rte_be16_t length_be = rte_cpu_to_be_16((uint16_t)ip_bytes);
		uint64_t delta = ks_checksum_delta(0, header->total_length, length_be);

		header->total_length = length_be;
		header->hdr_checksum =
			ks_checksum_update(header->hdr_checksum, ks_checksum_fold(delta));
	}
}

uint8_t *
ks_headers_insert(struct ks_headers *headers, uint32_t at_bytes, uint32_t added_bytes)
{
	uint8_t *frame = rte_pktmbuf_mtod(headers->mbuf, uint8_t *);

	RTE_ASSERT(ks_headers_can_grow(headers, added_bytes));
	headers->mbuf->data_off = (uint16_t)(headers->mbuf->data_off - added_bytes);
	headers->mbuf->data_len = (uint16_t)(headers->mbuf->data_len + added_bytes);
	headers->mbuf->pkt_len = headers->mbuf->data_len;
	memmove(frame - added_bytes, frame, at_bytes);
	put_ip_length(headers);
	return frame + at_bytes - added_bytes;
}

void
ks_headers_remove(struct ks_headers *headers, uint32_t at_bytes, uint32_t removed_bytes)
{
	uint8_t *frame = rte_pktmbuf_mtod(headers->mbuf, uint8_t *);

	RTE_ASSERT(at_bytes + removed_bytes <= headers->mbuf->data_len);
	memmove(frame + removed_bytes, frame, at_bytes);
	headers->mbuf->data_off = (uint16_t)(headers->mbuf->data_off + removed_bytes);
	headers->mbuf->data_len = (uint16_t)(headers->mbuf->data_len - removed_bytes);
	headers->mbuf->pkt_len = headers->mbuf->data_len;
	put_ip_length(headers);
}

void
ks_headers_cut(struct ks_headers *headers, uint32_t removed_bytes)
{
	RTE_ASSERT(removed_bytes <= ks_headers_l4_bytes(headers));
	headers->mbuf->data_len = (uint16_t)(headers->mbuf->data_len - removed_bytes);
	headers->mbuf->pkt_len = headers->mbuf->data_len;
	put_ip_length(headers);
}

/* UDP says its length itself: what an IP packet may have behind it counts for nobody. */
static uint64_t
pseudo_header_sum(const struct ks_headers *headers)
{
	const uint8_t *ip = ks_headers_ip(headers);
	rte_be16_t length_be = rte_cpu_to_be_16((uint16_t)ks_headers_l4_bytes(headers));
	uint64_t sum;

	if (headers->protocol == IPPROTO_UDP)
		length_be = ((const struct rte_udp_hdr *)ks_headers_l4(headers))->dgram_len;
	if (headers->is_v6)
		sum = ks_checksum_add(0, ip + offsetof(struct rte_ipv6_hdr, src_addr), 32);
	else
		sum = ks_checksum_add(0, ip + offsetof(struct rte_ipv4_hdr, src_addr), 8);
	return sum + rte_cpu_to_be_16(headers->protocol) + length_be;
}

static uint8_t *
checksum_field(const struct ks_headers *headers)
{
	return ks_headers_l4(headers) +
	       (headers->protocol == IPPROTO_TCP ? offsetof(struct rte_tcp_hdr, cksum)
						 : offsetof(struct rte_udp_hdr, dgram_cksum));
}

static uint16_t
get_checksum(const struct ks_headers *headers)
{
	uint16_t checksum;

	memcpy(&checksum, checksum_field(headers), sizeof(checksum));
	return checksum;
}

static void
put_checksum(struct ks_headers *headers, uint16_t checksum)
{
	memcpy(checksum_field(headers), &checksum, sizeof(checksum));
}

bool
ks_headers_have_checksum(const struct ks_headers *headers)
{
	return headers->protocol == IPPROTO_TCP || get_checksum(headers) != 0;
}

/* Octets that begin at an odd place count in the other half of their words (RFC 1071, 2.B). */
static uint16_t
turned(uint16_t sum, uint32_t offset_bytes)
{
	return offset_bytes % 2 == 0 ? sum : rte_bswap16(sum);
}

uint16_t
ks_headers_rest(const struct ks_headers *headers, uint32_t front_bytes)
{
	uint16_t checksum = get_checksum(headers);
	uint64_t front =
		ks_checksum_add(pseudo_header_sum(headers), ks_headers_l4(headers), front_bytes);
	uint16_t without;

	/* The field itself stands in the front: one's complement, so taking it out adds ~field. */
	without = ks_checksum_fold(front + (uint16_t)~checksum);
	return turned(
		ks_checksum_fold((uint64_t)(uint16_t)~checksum + (uint16_t)~without), front_bytes);
}

void
ks_headers_seal(struct ks_headers *headers, uint32_t front_bytes, uint16_t rest)
{
	uint64_t sum;
	uint16_t checksum;

	put_checksum(headers, 0);
	sum = ks_checksum_add(pseudo_header_sum(headers), ks_headers_l4(headers), front_bytes);
	checksum = (uint16_t)~ks_checksum_fold(sum + turned(rest, front_bytes));
	if (headers->protocol == IPPROTO_UDP && checksum == 0)
		checksum = UINT16_MAX;
	put_checksum(headers, checksum);
}

bool
ks_headers_begin(const struct ks_headers *headers, uint32_t front_bytes, struct rte_mbuf *mbuf,
	struct ks_headers *begun)
{
	uint8_t *frame = (uint8_t *)rte_pktmbuf_append(mbuf, (uint16_t)front_bytes);

	if (frame == NULL)
		return false;
	memcpy(frame, rte_pktmbuf_mtod(headers->mbuf, uint8_t *), front_bytes);
	*begun = *headers;
	begun->mbuf = mbuf;
	return true;
}

void
ks_headers_finish(struct ks_headers *headers)
{
	uint32_t l4_bytes = ks_headers_l4_bytes(headers);

	put_ip_length(headers);
	if (!headers->is_v6) {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_headers_ip(headers);
		uint32_t header_bytes = rte_ipv4_hdr_len(ip);

		ip->hdr_checksum = 0;
		ip->hdr_checksum = (uint16_t)~ks_checksum_fold(
			ks_checksum_add(0, (const uint8_t *)ip, header_bytes));
	}
	if (headers->protocol == IPPROTO_UDP) {
		struct rte_udp_hdr *udp = (struct rte_udp_hdr *)ks_headers_l4(headers);

		udp->dgram_len = rte_cpu_to_be_16((uint16_t)l4_bytes);
	}
	ks_headers_seal(headers, l4_bytes, 0);
}
