/* PROXY headers in front of datagrams: see proxy_header_udp.h. */
#include "proxy_header_udp.h"

#include <rte_branch_prediction.h>
#include <rte_udp.h>

#define UDP_BYTES ((uint32_t)sizeof(struct rte_udp_hdr))

static struct rte_udp_hdr *
udp_of(const struct ks_headers *headers)
{
	return (struct rte_udp_hdr *)ks_headers_l4(headers);
}

static bool
has_udp(const struct ks_headers *headers)
{
	uint32_t length_bytes;

	if (headers->l4_offset_bytes > headers->mbuf->data_len ||
		ks_headers_l4_bytes(headers) < UDP_BYTES)
		return false;
	length_bytes = rte_be_to_cpu_16(udp_of(headers)->dgram_len);
	return length_bytes >= UDP_BYTES && length_bytes <= ks_headers_l4_bytes(headers);
}

/* Takes octets off the front of the payload and puts others there. */
static void
replace(struct ks_headers *headers, uint32_t removed_bytes, const uint8_t *octets, uint32_t bytes)
{
	bool has_checksum = ks_headers_have_checksum(headers);
	uint32_t at_bytes = headers->l4_offset_bytes + UDP_BYTES;
	uint16_t rest = ks_headers_rest(headers, UDP_BYTES + removed_bytes);
	uint32_t length_bytes = rte_be_to_cpu_16(udp_of(headers)->dgram_len);

	if (removed_bytes > 0)
		ks_headers_remove(headers, at_bytes, removed_bytes);
	if (bytes > 0)
		memcpy(ks_headers_insert(headers, at_bytes, bytes), octets, bytes);
	udp_of(headers)->dgram_len =
		rte_cpu_to_be_16((uint16_t)(length_bytes + bytes - removed_bytes));
	if (has_checksum)
		ks_headers_seal(headers, UDP_BYTES + bytes, rest);
}

enum ks_proxy_result
ks_proxy_udp_first(const struct ks_proxy_addresses *addresses, enum ks_proxy_protocol protocol,
	struct ks_headers *headers, uint32_t mtu_bytes, struct rte_mbuf *apart,
	enum ks_proxy_client *client)
{
	uint8_t octets[KS_PROXY_HEADER_BYTES_MAX];
	struct ks_proxy_choice choice;
	uint32_t bytes, payload_bytes, left_bytes;

	*client = KS_PROXY_CLIENT_UNDECIDED;
	if (unlikely(!has_udp(headers)))
		return KS_PROXY_MALFORMED;
	if (ks_proxy_version(protocol) == 1)
		return KS_PROXY_NO_VERSION;
	payload_bytes = rte_be_to_cpu_16(udp_of(headers)->dgram_len) - UDP_BYTES;
	choice = ks_proxy_choose(protocol, addresses, ks_headers_l4(headers) + UDP_BYTES,
		payload_bytes, IPPROTO_UDP);
	*client = choice.client;
	if (choice.client == KS_PROXY_CLIENT_KEPT)
		return KS_PROXY_PASSED;
	bytes = ks_proxy_header_write(octets, &choice.addresses, 2, IPPROTO_UDP);
	left_bytes = ks_headers_ip_bytes(headers) - choice.removed_bytes;
	if (left_bytes + bytes <= mtu_bytes &&
		(bytes <= choice.removed_bytes ||
			ks_headers_can_grow(headers, bytes - choice.removed_bytes))) {
		replace(headers, choice.removed_bytes, octets, bytes);
		return KS_PROXY_ADDED;
	}
	if (apart == NULL)
		return KS_PROXY_NEEDS_PACKET;
	if (!ks_proxy_write_apart(headers, UDP_BYTES, octets, bytes, 0, apart))
		return KS_PROXY_NO_BUFFER;
	replace(headers, choice.removed_bytes, NULL, 0);
	return KS_PROXY_ADDED_APART;
}
