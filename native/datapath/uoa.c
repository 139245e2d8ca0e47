/* The client's address in the first datagrams of a flow: see uoa.h. */
#include "uoa.h"

#include <rte_branch_prediction.h>
#include <rte_ether.h>
#include <rte_udp.h>

#include "checksum.h"

#define OPP_HEADER_BYTES 4u
#define CARRIER_BYTES_MAX 24u
#define IPV4_HEADER_BYTES_MAX 60u
#define IPV4_OPTION_END 0u
#define IPV4_OPTION_NOP 1u

/* What goes between the IP header and UDP. */
struct carrier {
	uint8_t octets[CARRIER_BYTES_MAX];
	uint32_t bytes;
};

static uint32_t
put_option(uint8_t *at, struct ks_ip client, rte_be16_t client_port_be)
{
	uint32_t address_be = ks_ip_v4(client);
	bool is_v4 = ks_ip_is_v4(client);
	uint8_t bytes = is_v4 ? 8 : 20;

	at[0] = KS_UOA_KIND;
	at[1] = bytes;
	memcpy(at + 2, &client_port_be, sizeof(client_port_be));
	if (is_v4)
		memcpy(at + 4, &address_be, sizeof(address_be));
	else
		memcpy(at + 4, client.words, sizeof(client.words));
	return bytes;
}

static struct carrier
carrier_of(enum ks_uoa_mode mode, struct ks_ip client, rte_be16_t client_port_be)
{
	struct carrier carrier = {.bytes = 0};
	uint32_t version = ks_ip_is_v4(client) ? 1 : 2;

	if (mode == KS_UOA_OPTION) {
		carrier.bytes = put_option(carrier.octets, client, client_port_be);
		return carrier;
	}
	carrier.bytes = OPP_HEADER_BYTES +
			put_option(carrier.octets + OPP_HEADER_BYTES, client, client_port_be);
	carrier.octets[0] = (uint8_t)(version << 4);
	carrier.octets[1] = IPPROTO_UDP;
	carrier.octets[3] = (uint8_t)carrier.bytes;
	return carrier;
}

/* Changes one word of the IPv4 header, and its checksum. */
static void
put_ipv4_word(struct rte_ipv4_hdr *ip, void *at, uint8_t first, uint8_t second)
{
	uint8_t octets[2] = {first, second};
	uint16_t old_word, new_word;

	memcpy(&old_word, at, sizeof(old_word));
	memcpy(&new_word, octets, sizeof(new_word));
	memcpy(at, &new_word, sizeof(new_word));
	ip->hdr_checksum = ks_checksum_update(
		ip->hdr_checksum, ks_checksum_fold(ks_checksum_delta(0, old_word, new_word)));
}

static void
set_next_protocol(struct ks_headers *headers, uint8_t protocol)
{
	uint8_t *ip = ks_headers_ip(headers);

	if (headers->is_v6) {
		((struct rte_ipv6_hdr *)ip)->proto = protocol;
	} else {
		struct rte_ipv4_hdr *header = (struct rte_ipv4_hdr *)ip;

		put_ipv4_word(header, &header->time_to_live, header->time_to_live, protocol);
	}
}

/* The option comes first of all, so it counts in place of any other. */
static void
insert_option(struct ks_headers *headers, const struct carrier *carrier)
{
	struct rte_ipv4_hdr *ip;
	uint8_t *at = ks_headers_insert(
		headers, headers->ip_offset_bytes + (uint32_t)sizeof(*ip), carrier->bytes);

	memcpy(at, carrier->octets, carrier->bytes);
	headers->l4_offset_bytes = (uint16_t)(headers->l4_offset_bytes + carrier->bytes);
	ip = (struct rte_ipv4_hdr *)ks_headers_ip(headers);
	put_ipv4_word(ip, ip, (uint8_t)(ip->version_ihl + carrier->bytes / 4), ip->type_of_service);
	ip->hdr_checksum = ks_checksum_update(
		ip->hdr_checksum, ks_checksum_fold(ks_checksum_add(0, at, carrier->bytes)));
}

static void
insert_header(struct ks_headers *headers, const struct carrier *carrier)
{
	uint8_t *at = ks_headers_insert(headers, headers->l4_offset_bytes, carrier->bytes);

	memcpy(at, carrier->octets, carrier->bytes);
	headers->l4_offset_bytes = (uint16_t)(headers->l4_offset_bytes + carrier->bytes);
	set_next_protocol(headers, KS_UOA_IP_PROTOCOL);
}

static bool
has_room(const struct ks_headers *headers, enum ks_uoa_mode mode, const struct carrier *carrier,
	uint32_t mtu_bytes)
{
	uint32_t ip_header_bytes = (uint32_t)headers->l4_offset_bytes - headers->ip_offset_bytes;

	if (ks_headers_ip_bytes(headers) + carrier->bytes > mtu_bytes ||
		!ks_headers_can_grow(headers, carrier->bytes))
		return false;
	if (mode == KS_UOA_OPTION)
		return ip_header_bytes + carrier->bytes <= IPV4_HEADER_BYTES_MAX;
	/* Behind extension headers, IPv6 would have to be told by the last of these. */
	return !headers->is_v6 || ks_headers_are_adjacent(headers);
}

/*
 * An empty datagram of the same flow: the bare IP header of this packet, the carrier and a UDP
 * header. IP options and extension headers stay with the datagram itself.
 */
static bool
write_apart(const struct ks_headers *headers, enum ks_uoa_mode mode, const struct carrier *carrier,
	struct rte_mbuf *mbuf)
{
	uint32_t ip_bytes =
		headers->is_v6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
	uint32_t front_bytes = headers->ip_offset_bytes + ip_bytes;
	struct ks_headers apart;
	uint8_t *at;

	if (!ks_headers_begin(headers, front_bytes, mbuf, &apart))
		return false;
	at = (uint8_t *)rte_pktmbuf_append(
		mbuf, (uint16_t)(carrier->bytes + sizeof(struct rte_udp_hdr)));
	if (at == NULL)
		return false;
	memcpy(at, carrier->octets, carrier->bytes);
	memcpy(at + carrier->bytes, ks_headers_l4(headers), sizeof(struct rte_udp_hdr));
	apart.l4_offset_bytes = (uint16_t)(front_bytes + carrier->bytes);
	if (!headers->is_v6) {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_headers_ip(&apart);
		uint32_t words = (ip_bytes + (mode == KS_UOA_OPTION ? carrier->bytes : 0)) / 4;

		ip->version_ihl = (uint8_t)(4u << 4 | words);
	}
	set_next_protocol(&apart, mode == KS_UOA_OPTION ? IPPROTO_UDP : KS_UOA_IP_PROTOCOL);
	ks_headers_finish(&apart);
	return true;
}

enum ks_uoa_result
ks_uoa_insert(uint8_t *trails_left, struct ks_headers *headers, enum ks_uoa_mode mode,
	struct ks_ip client, rte_be16_t client_port_be, uint32_t mtu_bytes, struct rte_mbuf *apart)
{
	struct carrier carrier;

	if (!ks_uoa_is_wanted(*trails_left))
		return KS_UOA_NOTHING;
	if (unlikely(headers->l4_offset_bytes > headers->mbuf->data_len ||
		     ks_headers_l4_bytes(headers) < sizeof(struct rte_udp_hdr)))
		return KS_UOA_MALFORMED;
	if (mode == KS_UOA_OPTION && (headers->is_v6 || !ks_ip_is_v4(client)))
		return KS_UOA_NO_CARRIER;
	carrier = carrier_of(mode, client, client_port_be);
	if (has_room(headers, mode, &carrier, mtu_bytes)) {
		if (mode == KS_UOA_OPTION)
			insert_option(headers, &carrier);
		else
			insert_header(headers, &carrier);
		--*trails_left;
		return KS_UOA_INSERTED;
	}
	if (apart == NULL)
		return KS_UOA_NEEDS_PACKET;
	if (!write_apart(headers, mode, &carrier, apart))
		return KS_UOA_NO_BUFFER;
	--*trails_left;
	return KS_UOA_APART;
}

/* Overwrites options of that kind, and what hides behind the end of the list. */
static bool
clean_options(uint8_t *at, uint8_t *end)
{
	bool is_changed = false;

	while (at < end && *at != IPV4_OPTION_END) {
		uint32_t bytes = 1;

		if (*at != IPV4_OPTION_NOP) {
			if (end - at < 2 || at[1] < 2 || at[1] > end - at)
				return is_changed;
			bytes = at[1];
		}
		if (*at == KS_UOA_KIND) {
			memset(at, IPV4_OPTION_NOP, bytes);
			is_changed = true;
		}
		at += bytes;
	}
	for (; at < end; at++) {
		is_changed |= *at != IPV4_OPTION_END;
		*at = IPV4_OPTION_END;
	}
	return is_changed;
}

bool
ks_uoa_clean(struct ks_headers *headers)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_headers_ip(headers);
	uint8_t *options = (uint8_t *)(ip + 1);
	uint32_t bytes;
	uint64_t sum;

	if (headers->is_v6 || ks_headers_are_adjacent(headers))
		return false;
	bytes = (uint32_t)(ks_headers_l4(headers) - options);
	sum = ks_checksum_add(0, options, bytes);
	if (!clean_options(options, options + bytes))
		return false;
	sum = ks_checksum_add((uint16_t)~ks_checksum_fold(sum), options, bytes);
	ip->hdr_checksum = ks_checksum_update(ip->hdr_checksum, ks_checksum_fold(sum));
	return true;
}
