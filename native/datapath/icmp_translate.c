/*
 * ICMP errors on their way through a connection. The message is made anew, headers and quote, from
 * what was read; between families by the tables of RFC 7915. Beyond the quoted ports nothing of the
 * transport header changes but the checksum, if that is quoted.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "checksum.h"
#include "client_address.h"
#include "forward.h"
#include "icmp_error.h"

#define ICMP_BYTES 8u
#define IPV6_MTU_MIN 1280u
#define IPV4_MTU_MIN 552u /* Linux takes no smaller one */
/* A message of ours holds as much of the quote as fits; RFC 4443 allows no more. */
#define MESSAGE_BYTES_MAX 1280u

#define IPV4_FRAGMENTABLE_BYTES_MAX 1260u /* RFC 7915, 5.1: larger packets carry DF */

/* What an error is called in the other family (RFC 7915, 4.2 and 5.2). */
struct type_and_code {
	uint8_t type, code;
};

static const struct type_and_code told[KS_ICMP_MEANINGS][KS_FAMILIES] = {
	[KS_ICMP_NETWORK_UNREACHABLE] = {{3, 1}, {1, 0}},
	[KS_ICMP_HOST_UNREACHABLE] = {{3, 1}, {1, 0}},
	[KS_ICMP_PROTOCOL_UNREACHABLE] = {{3, 2}, {4, 1}},
	[KS_ICMP_PORT_UNREACHABLE] = {{3, 3}, {1, 4}},
	[KS_ICMP_PROHIBITED] = {{3, 10}, {1, 1}},
	[KS_ICMP_TOO_BIG] = {{3, 4}, {2, 0}},
	[KS_ICMP_TTL] = {{11, 0}, {3, 0}},
	[KS_ICMP_REASSEMBLY] = {{11, 1}, {3, 1}},
	[KS_ICMP_PARAMETER] = {{12, 0}, {4, 0}},
};

/* Where a field of one header is in the other (RFC 7915, figures 3 and 6). */
#define NOWHERE 0xffu
#define NEXT_HEADER_OFFSET 6u
static const uint8_t offset_in_v6[] = {0, 1, 4, 4, NOWHERE, NOWHERE, NOWHERE, NOWHERE, 7, 6,
	NOWHERE, NOWHERE, 8, 8, 8, 8, 24, 24, 24, 24};
static const uint8_t offset_in_v4[] = {0, 1, NOWHERE, NOWHERE, 2, 2, 9, 8, 12, 12, 12, 12, 12, 12,
	12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16};

/* Fields of an IP header that outlive a translation, or are those of a packet of ours. */
struct header_fields {
	uint8_t traffic_class;
	uint8_t ttl;
	rte_be16_t packet_id_be;
	rte_be16_t fragment_be;
	uint32_t flow_label;
};

struct message {
	uint8_t bytes[MESSAGE_BYTES_MAX];
	uint32_t length;
};

/* What the half's packets leave with, source first. */
static void
leaving_of(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_ip leaving[2])
{
	if (ks_connection_path(half) == KS_PATH_NAT44) {
		leaving[0] = ks_ip_from_v4(half->source_be);
		leaving[1] = ks_ip_from_v4(half->destination_be);
	} else {
		ks_endpoints_leaving(table, half, leaving);
	}
}

static struct header_fields
read_fields(const uint8_t *at, bool is_v6)
{
	const struct rte_ipv4_hdr *ipv4 = (const struct rte_ipv4_hdr *)at;
	const struct rte_ipv6_hdr *ipv6 = (const struct rte_ipv6_hdr *)at;
	uint32_t word;

	if (!is_v6)
		return (struct header_fields){ipv4->type_of_service, ipv4->time_to_live,
			ipv4->packet_id, ipv4->fragment_offset, 0};
	word = rte_be_to_cpu_32(ipv6->vtc_flow);
	return (struct header_fields){(uint8_t)(word >> RTE_IPV6_HDR_TC_SHIFT), ipv6->hop_limits, 0,
		0, word & RTE_IPV6_HDR_FL_MASK};
}

/* Of a packet that was IPv6: as NAT64 has it. */
static rte_be16_t
fragment_of(uint32_t total_bytes)
{
	return total_bytes > IPV4_FRAGMENTABLE_BYTES_MAX ? RTE_BE16(RTE_IPV4_HDR_DF_FLAG) : 0;
}

static void
put_ipv4(uint8_t *at, const struct ks_ip addresses[2], uint32_t total_bytes, uint8_t protocol,
	const struct header_fields *fields)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)at;

	*ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.type_of_service = fields->traffic_class,
		.total_length = rte_cpu_to_be_16((uint16_t)total_bytes),
		.packet_id = fields->packet_id_be,
		.fragment_offset = fields->fragment_be,
		.time_to_live = fields->ttl,
		.next_proto_id = protocol,
		.src_addr = ks_ip_v4(addresses[0]),
		.dst_addr = ks_ip_v4(addresses[1])};
	ip->hdr_checksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(0, at, sizeof(*ip)));
}

static void
put_ipv6(uint8_t *at, const struct ks_ip addresses[2], uint32_t payload_bytes, uint8_t protocol,
	const struct header_fields *fields)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)at;

	ip->vtc_flow = rte_cpu_to_be_32(6u << 28 |
					(uint32_t)fields->traffic_class << RTE_IPV6_HDR_TC_SHIFT |
					fields->flow_label);
	ip->payload_len = rte_cpu_to_be_16((uint16_t)payload_bytes);
	ip->proto = protocol;
	ip->hop_limits = fields->ttl;
	memcpy(ip->src_addr, addresses, 2 * sizeof(addresses[0]));
}

/* What the quoted packet said of its own length, without its IP header. */
static uint32_t
quoted_payload_bytes(const struct ks_icmp_quote *quote)
{
	const struct rte_ipv4_hdr *ipv4 = (const struct rte_ipv4_hdr *)quote->ip;
	uint32_t header_bytes = (uint32_t)(quote->l4 - quote->ip);
	uint32_t total_bytes = rte_be_to_cpu_16(ipv4->total_length);

	if (quote->is_v6)
		total_bytes =
			(uint32_t)sizeof(struct rte_ipv6_hdr) +
			rte_be_to_cpu_16(((const struct rte_ipv6_hdr *)quote->ip)->payload_len);
	return total_bytes > header_bytes ? total_bytes - header_bytes : 0;
}

/* The quoted transport header, as its sender had sent it: ports turned round once more. */
static void
restore_transport(const struct ks_connection_half *half, uint8_t *l4, uint32_t bytes)
{
	const rte_be16_t ports_be[2] = {half->destination_port_be, half->source_port_be};
	uint32_t offset = 0;
	uint16_t checksum;

	switch (half->key.protocol) {
	case IPPROTO_TCP:
		offset = offsetof(struct rte_tcp_hdr, cksum);
		break;
	case IPPROTO_UDP:
		offset = offsetof(struct rte_udp_hdr, dgram_cksum);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		/* The identifier stands for a port of the inside. */
		memcpy(l4 + 4, &ports_be[half->direction == KS_FROM_CLIENT], sizeof(ports_be[0]));
		memcpy(&checksum, l4 + 2, sizeof(checksum));
		checksum = ks_checksum_update(checksum, half->l4_delta);
		memcpy(l4 + 2, &checksum, sizeof(checksum));
		return;
	}
	memcpy(l4, ports_be, sizeof(ports_be));
	if (offset == 0 || bytes < offset + sizeof(checksum))
		return;
	memcpy(&checksum, l4 + offset, sizeof(checksum));
	if (half->key.protocol == IPPROTO_UDP && checksum == 0)
		return;
	checksum = ks_checksum_update(checksum, half->l4_delta);
	if (half->key.protocol == IPPROTO_UDP && checksum == 0)
		checksum = UINT16_MAX;
	memcpy(l4 + offset, &checksum, sizeof(checksum));
}

/* The MTU as the sender sees it, whose packets grow or shrink by the path that they took. */
static uint32_t
mtu_in(const struct ks_icmp_error *error, bool is_v6)
{
	if (is_v6)
		return RTE_MAX((error->rest & UINT16_MAX) + 20, IPV6_MTU_MIN);
	return RTE_MIN(RTE_MAX(error->rest, IPV6_MTU_MIN) - 20, (uint32_t)UINT16_MAX);
}

/* The second word of an error that changes its family; false: there is no such error there. */
static bool
translate_rest(const struct ks_icmp_error *error, bool is_v6, uint32_t *rest)
{
	uint32_t pointer = is_v6 ? error->rest >> 24 : error->rest;

	*rest = 0;
	switch (error->meaning) {
	case KS_ICMP_OF_FAMILY:
		return false;
	case KS_ICMP_TOO_BIG:
		*rest = mtu_in(error, is_v6);
		return true;
	case KS_ICMP_PROTOCOL_UNREACHABLE:
		*rest = is_v6 ? NEXT_HEADER_OFFSET : 0;
		return true;
	case KS_ICMP_PARAMETER:
		if (pointer >= (is_v6 ? sizeof(offset_in_v6) : sizeof(offset_in_v4)))
			return false;
		pointer = is_v6 ? offset_in_v6[pointer] : offset_in_v4[pointer];
		*rest = is_v6 ? pointer : pointer << 24;
		return pointer != NOWHERE;
	default:
		return true;
	}
}

static bool
put_icmp(uint8_t *icmp, const struct ks_icmp_error *error, bool is_v6)
{
	bool is_same = error->quote.is_v6 == is_v6;
	const struct type_and_code *other = &told[error->meaning][is_v6];
	uint32_t rest = error->rest;
	rte_be32_t rest_be;

	if (!is_same && !translate_rest(error, is_v6, &rest))
		return false;
	rest_be = rte_cpu_to_be_32(rest);
	memset(icmp, 0, ICMP_BYTES);
	icmp[0] = is_same ? error->type : other->type;
	icmp[1] = is_same ? error->code : other->code;
	memcpy(icmp + 4, &rest_be, sizeof(rest_be));
	return true;
}

/* The quoted header of its own family: but for addresses and their checksum, as it was. */
static uint32_t
put_same_header(uint8_t *at, const struct ks_icmp_quote *quote, const struct ks_ip quoted[2])
{
	uint32_t header_bytes = (uint32_t)(quote->l4 - quote->ip);
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)at;

	memcpy(at, quote->ip, header_bytes);
	if (quote->is_v6) {
		memcpy(at + offsetof(struct rte_ipv6_hdr, src_addr), quoted, 2 * sizeof(quoted[0]));
		return header_bytes;
	}
	ip->src_addr = ks_ip_v4(quoted[0]);
	ip->dst_addr = ks_ip_v4(quoted[1]);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(0, at, header_bytes));
	return header_bytes;
}

static uint32_t
put_header(uint8_t *at, const struct ks_icmp_quote *quote, const struct ks_ip quoted[2])
{
	bool is_v6 = !ks_ip_is_v4(quoted[0]);
	struct header_fields fields = read_fields(quote->ip, quote->is_v6);
	uint32_t payload_bytes = quoted_payload_bytes(quote);
	uint32_t total_bytes = payload_bytes + (uint32_t)sizeof(struct rte_ipv4_hdr);

	if (is_v6 == quote->is_v6)
		return put_same_header(at, quote, quoted);
	if (is_v6) {
		put_ipv6(at, quoted, payload_bytes, quote->protocol, &fields);
		return sizeof(struct rte_ipv6_hdr);
	}
	fields.fragment_be = fragment_of(total_bytes);
	put_ipv4(at, quoted, total_bytes, quote->protocol, &fields);
	return sizeof(struct rte_ipv4_hdr);
}

/*
 * The ICMP header, the quoted IP header and as much behind it as there is room for; 0: the family
 * has no such error.
 */
static uint32_t
put_body(const struct ks_connection_table *table, uint8_t *icmp, uint32_t room_bytes,
	const struct ks_connection_half *half, const struct ks_icmp_error *error,
	const struct ks_ip leaving[2])
{
	const struct ks_icmp_quote *quote = &error->quote;
	const struct ks_ip quoted[2] = {leaving[1], leaving[0]};
	uint8_t *ip = icmp + ICMP_BYTES;
	uint32_t ip_bytes, l4_bytes;

	if (!put_icmp(icmp, error, !ks_ip_is_v4(leaving[1])))
		return 0;
	ip_bytes = put_header(ip, quote, quoted);
	l4_bytes = RTE_MIN(quote->l4_bytes, room_bytes - ICMP_BYTES - ip_bytes);
	memcpy(ip + ip_bytes, quote->l4, l4_bytes);
	restore_transport(half, ip + ip_bytes, l4_bytes);
	if ((half->marks & KS_MARK_CLIENT_ADDRESS) != 0)
		ks_client_address_restore(table, half, ip + ip_bytes, l4_bytes);
	return ICMP_BYTES + ip_bytes + l4_bytes;
}

/*
 * Who says so: a router of the side that knows the connection's other end as it is may speak for
 * itself (NAT towards the server, SNAT towards the inside); else the end itself does.
 */
static struct ks_ip
speaker(const struct ks_packet *packet, const struct ks_connection_half *half,
	const struct ks_ip leaving[2])
{
	bool is_from_client = half->direction == KS_FROM_CLIENT;
	bool has_port = (half->marks & KS_MARK_HAS_PORT) != 0;
	bool is_snat = (half->marks & KS_MARK_SNAT) != 0;
	struct ks_ip source = ks_packet_source(packet);

	if (ks_ip_is_v4(source) != ks_ip_is_v4(leaving[1]))
		return leaving[0];
	return (is_from_client && !has_port) || (!is_from_client && is_snat) ? source : leaving[0];
}

static bool
build(const struct ks_connection_table *table, struct message *message,
	const struct ks_packet *packet, const struct ks_connection_half *half,
	const struct ks_icmp_error *error, const struct ks_ip leaving[2])
{
	bool is_v6 = !ks_ip_is_v4(leaving[1]);
	uint32_t ip_bytes = is_v6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
	uint8_t *icmp = message->bytes + ip_bytes;
	uint32_t body_bytes =
		put_body(table, icmp, MESSAGE_BYTES_MAX - ip_bytes, half, error, leaving);
	const struct ks_ip addresses[2] = {speaker(packet, half, leaving), leaving[1]};
	struct header_fields fields = read_fields(ks_packet_ip(packet), ks_packet_is_v6(packet));
	uint64_t sum = 0;
	uint16_t checksum;

	if (body_bytes == 0)
		return false;
	if (is_v6)
		sum = ks_checksum_pseudo_header(
			(const uint8_t *)addresses, KS_IPV6, IPPROTO_ICMPV6, (uint16_t)body_bytes);
	checksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(sum, icmp, body_bytes));
	memcpy(icmp + 2, &checksum, sizeof(checksum));
	fields.ttl--;
	if (!is_v6 && ks_packet_is_v6(packet)) {
		fields.fragment_be = fragment_of(ip_bytes + body_bytes);
		fields.packet_id_be = fields.fragment_be == 0 ? checksum : 0;
	}
	if (is_v6)
		put_ipv6(message->bytes, addresses, body_bytes, IPPROTO_ICMPV6, &fields);
	else
		put_ipv4(message->bytes, addresses, ip_bytes + body_bytes, IPPROTO_ICMP, &fields);
	message->length = ip_bytes + body_bytes;
	return true;
}

/* The message in place of the packet's own; false: no room. */
static bool
replace(struct ks_packet *packet, const struct message *message)
{
	struct rte_mbuf *mbuf = packet->mbuf;
	bool is_v6 = message->bytes[0] >> 4 == 6;
	struct rte_ether_hdr *ethernet = (struct rte_ether_hdr *)packet->frame;

	if (message->length > packet->ip_length_bytes &&
		rte_pktmbuf_append(mbuf, (uint16_t)(message->length - packet->ip_length_bytes)) ==
			NULL)
		return false;
	packet->ip_length_bytes = (uint16_t)message->length;
	memcpy(ks_packet_ip(packet), message->bytes, message->length);
	ethernet->ether_type =
		is_v6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);
	ks_packet_trim(packet);
	return true;
}

/* The server sent the quoted packet itself, and knows it as it is. */
static uint8_t
send_whole(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_packet *packet, uint32_t mtu_bytes)
{
	if (packet->ip_length_bytes + half->growth_bytes > mtu_bytes ||
		rte_pktmbuf_headroom(packet->mbuf) < half->growth_bytes)
		return KS_VERDICT_drop_too_big;
	if (ks_connection_path(half) == KS_PATH_TUNNEL)
		ks_rewrite_tunnel(table, half, packet);
	else
		ks_forward_lower_ttl(packet);
	return KS_VERDICT_UNDECIDED;
}

/* What the client is told of an MTU when we lengthen its segments. */
static uint32_t
rest_of(const struct ks_connection_table *table, const struct ks_connection_half *half,
	const struct ks_icmp_error *error, bool is_told_v6)
{
	uint32_t mtu_bytes = error->quote.is_v6 ? error->rest : error->rest & UINT16_MAX;
	uint32_t mtu_min_bytes = error->quote.is_v6 ? IPV6_MTU_MIN
				 : is_told_v6       ? IPV6_MTU_MIN - 20
						    : IPV4_MTU_MIN;

	if (error->meaning != KS_ICMP_TOO_BIG || (half->marks & KS_MARK_CLIENT_ADDRESS) == 0)
		return error->rest;
	return ks_client_address_mtu(table, half, mtu_bytes, mtu_min_bytes);
}

uint8_t
ks_icmp_error_translate(const struct ks_connection_table *table,
	const struct ks_connection_half *half, struct ks_packet *packet,
	const struct ks_icmp_error *error, uint32_t mtu_bytes)
{
	enum ks_path path = ks_connection_path(half);
	struct ks_icmp_error seen = *error;
	struct ks_ip leaving[2];
	struct message message;

	ks_packet_trim(packet);
	if (path == KS_PATH_DIRECT || path == KS_PATH_TUNNEL)
		return send_whole(table, half, packet, mtu_bytes);
	leaving_of(table, half, leaving);
	seen.rest = rest_of(table, half, error, !ks_ip_is_v4(leaving[1]));
	if (!build(table, &message, packet, half, &seen, leaving))
		return KS_VERDICT_drop_icmp_untranslatable;
	return message.length <= mtu_bytes && replace(packet, &message) ? KS_VERDICT_UNDECIDED
									: KS_VERDICT_drop_too_big;
}
