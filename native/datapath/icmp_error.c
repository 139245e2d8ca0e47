/*
 * Reading an ICMP error, and finding the connection that it is about: the quoted packet, turned
 * round, is one of the half whose packets go where the error must go.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_icmp.h>
#include <rte_ip.h>

#include "checksum.h"
#include "forward.h"
#include "icmp_error.h"
#include "icmp_reply.h"
#include "match.h"
#include "next_hop.h"
#include "parse.h"
#include "route.h"
#include "source_address.h"

#define ICMP_BYTES 8u
#define QUOTED_L4_BYTES_MIN 8u
#define PORTS_BYTES 4u
#define ICMPV6_ECHO_REPLY 129u

/* KS_ICMP_MEANINGS: no error, or none that connections know of. */
static enum ks_icmp_meaning
meaning_v4(uint8_t type, uint8_t code)
{
	static const uint8_t unreachable[] = {KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE,
		KS_ICMP_PROTOCOL_UNREACHABLE, KS_ICMP_PORT_UNREACHABLE, KS_ICMP_TOO_BIG,
		KS_ICMP_HOST_UNREACHABLE, KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE,
		KS_ICMP_HOST_UNREACHABLE, KS_ICMP_PROHIBITED, KS_ICMP_PROHIBITED,
		KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE, KS_ICMP_PROHIBITED,
		KS_ICMP_OF_FAMILY, KS_ICMP_PROHIBITED};

	switch (type) {
	case 3:
		return code < sizeof(unreachable) ? unreachable[code] : KS_ICMP_MEANINGS;
	case 11:
		return code == 0 ? KS_ICMP_TTL : KS_ICMP_REASSEMBLY;
	case 12:
		return code == 0 || code == 2 ? KS_ICMP_PARAMETER : KS_ICMP_OF_FAMILY;
	}
	return KS_ICMP_MEANINGS;
}

static enum ks_icmp_meaning
meaning_v6(uint8_t type, uint8_t code)
{
	static const uint8_t unreachable[] = {KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_PROHIBITED,
		KS_ICMP_HOST_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE, KS_ICMP_PORT_UNREACHABLE,
		KS_ICMP_OF_FAMILY, KS_ICMP_OF_FAMILY};

	switch (type) {
	case 1:
		return code < sizeof(unreachable) ? unreachable[code] : KS_ICMP_MEANINGS;
	case 2:
		return KS_ICMP_TOO_BIG;
	case 3:
		return code == 0 ? KS_ICMP_TTL : KS_ICMP_REASSEMBLY;
	case 4:
		return code == 0   ? KS_ICMP_PARAMETER
		       : code == 1 ? KS_ICMP_PROTOCOL_UNREACHABLE
				   : KS_ICMP_OF_FAMILY;
	}
	return KS_ICMP_MEANINGS;
}

bool
ks_icmp_error_is_sound(const struct ks_packet *packet)
{
	const uint8_t *icmp = ks_packet_l4(packet);
	uint32_t bytes = ks_packet_l4_bytes(packet);
	uint64_t sum = 0;

	if (ks_packet_is_v6(packet))
		sum = ks_checksum_pseudo_header(
			ks_packet_addresses(packet), KS_IPV6, IPPROTO_ICMPV6, (uint16_t)bytes);
	return ks_checksum_fold(ks_checksum_add(sum, icmp, bytes)) == UINT16_MAX;
}

static bool
read_quote_v6(struct ks_icmp_quote *quote, uint32_t bytes, uint32_t *header_bytes)
{
	const struct rte_ipv6_hdr *header = (const struct rte_ipv6_hdr *)quote->ip;

	if (bytes < sizeof(*header) || quote->ip[0] >> 4 != 6 ||
		!ks_parse_find_transport(quote->ip, bytes, &quote->protocol, header_bytes))
		return false;
	quote->addresses[0] = ks_ip_from_octets(header->src_addr);
	quote->addresses[1] = ks_ip_from_octets(header->dst_addr);
	return !ks_ip_is_v4(quote->addresses[0]) && !ks_ip_is_v4(quote->addresses[1]);
}

static bool
read_quote_v4(struct ks_icmp_quote *quote, uint32_t bytes, uint32_t *header_bytes)
{
	const struct rte_ipv4_hdr *header = (const struct rte_ipv4_hdr *)quote->ip;

	if (bytes < sizeof(*header))
		return false;
	*header_bytes =
		(header->version_ihl & RTE_IPV4_HDR_IHL_MASK) * (uint32_t)RTE_IPV4_IHL_MULTIPLIER;
	quote->protocol = header->next_proto_id;
	quote->addresses[0] = ks_ip_from_v4(header->src_addr);
	quote->addresses[1] = ks_ip_from_v4(header->dst_addr);
	return header->version_ihl >> 4 == IPVERSION && *header_bytes >= sizeof(*header) &&
	       (header->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK)) == 0;
}

bool
ks_icmp_quote_read(struct ks_icmp_quote *quote, uint8_t *ip, uint32_t bytes, bool is_v6)
{
	uint32_t header_bytes;

	quote->ip = ip;
	quote->is_v6 = is_v6;
	if (!(is_v6 ? read_quote_v6(quote, bytes, &header_bytes)
		    : read_quote_v4(quote, bytes, &header_bytes)) ||
		bytes < header_bytes + QUOTED_L4_BYTES_MIN)
		return false;
	quote->l4 = ip + header_bytes;
	quote->l4_bytes = bytes - header_bytes;
	return true;
}

static bool
read_error(const struct ks_packet *packet, struct ks_icmp_error *error)
{
	const uint8_t *icmp = ks_packet_l4(packet);
	rte_be32_t rest_be;

	if (ks_packet_l4_bytes(packet) < ICMP_BYTES)
		return false;
	error->type = icmp[0];
	error->code = icmp[1];
	error->meaning = ks_packet_is_v6(packet) ? meaning_v6(icmp[0], icmp[1])
						 : meaning_v4(icmp[0], icmp[1]);
	if (error->meaning == KS_ICMP_MEANINGS)
		return false;
	memcpy(&rest_be, icmp + 4, sizeof(rest_be));
	error->rest = rte_be_to_cpu_32(rest_be);
	/* The packet came from whom the error is for (RFC 1122, 3.2.2). */
	return ks_icmp_quote_read(&error->quote, ks_packet_l4(packet) + ICMP_BYTES,
		       ks_packet_l4_bytes(packet) - ICMP_BYTES, ks_packet_is_v6(packet)) &&
	       ks_ip_equal(error->quote.addresses[0], ks_packet_destination(packet));
}

bool
ks_icmp_quote_ports(const struct ks_icmp_quote *quote, rte_be16_t ports_be[2])
{
	bool is_reply;

	switch (quote->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		memcpy(ports_be, quote->l4, PORTS_BYTES);
		return true;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		is_reply = quote->l4[0] ==
			   (quote->is_v6 ? ICMPV6_ECHO_REPLY : (uint8_t)RTE_IP_ICMP_ECHO_REPLY);
		memcpy(&ports_be[is_reply], quote->l4 + 4, sizeof(ports_be[0]));
		ports_be[!is_reply] = 0;
		return true;
	}
	return false;
}

/* The service by match of a packet that would come in where the way back to its sender leads. */
static const struct ks_virtual_server *
find_match(const struct ks_worker *worker, const struct ks_ip addresses[2],
	const rte_be16_t ports_be[2], uint8_t protocol, uint16_t *in_port)
{
	uint8_t frame[sizeof(struct rte_ether_hdr) + sizeof(struct rte_ipv6_hdr)];
	const struct ks_route *route = ks_route_find(worker->tables, addresses[0]);
	struct ks_packet packet = {.frame = frame};

	if (worker->tables->matches_count == 0 || route == NULL ||
		route->port >= worker->ports_count)
		return NULL;
	*in_port = route->port;
	packet.in_port = (uint8_t)route->port;
	packet.key.protocol = protocol;
	packet.key.family = (uint8_t)ks_ip_family(addresses[0]);
	packet.key.source_port_be = ports_be[0];
	packet.key.destination_port_be = ports_be[1];
	if (packet.key.family == KS_IPV4) {
		packet.key.source_be = ks_ip_v4(addresses[0]);
		packet.key.destination_be = ks_ip_v4(addresses[1]);
	} else {
		memcpy(ks_packet_addresses(&packet), addresses, 2 * sizeof(addresses[0]));
	}
	return ks_match_find(worker->tables, &packet);
}

/* Whose the connection is, when it is not here; as classify.c tells it for packets. */
static bool
is_of_another(const struct ks_worker *worker, struct ks_packet *packet,
	const struct ks_ip addresses[2], const rte_be16_t ports_be[2], uint8_t protocol)
{
	const struct ks_local_address *address = ks_address_find(worker->tables, addresses[1]);
	const struct ks_virtual_server *service;
	enum ks_family family = ks_ip_family(addresses[0]);
	uint64_t ipv4 = ks_flow_key_addresses(ks_ip_v4(addresses[0]), ks_ip_v4(addresses[1]));
	const uint8_t *octets =
		family == KS_IPV4 ? (const uint8_t *)&ipv4 : (const uint8_t *)addresses;
	uint32_t address_bytes = family == KS_IPV4 ? 4 : 16;
	uint16_t in_port = 0;

	if (worker->workers_count == 1)
		return false;
	if (address == NULL &&
		ks_nat_server_is_known(worker->tables, addresses[0], ports_be[0], protocol)) {
		packet->owner = ks_rss_owner_of_client(
			worker->ports[0].rss, family, octets + address_bytes, ports_be[1]);
		return packet->owner != worker->index;
	}
	if (address != NULL) {
		in_port = address->port;
		service =
			ks_virtual_server_find(worker->tables, addresses[1], ports_be[1], protocol);
	} else {
		service = find_match(worker, addresses, ports_be, protocol, &in_port);
		if (service == NULL)
			return false;
	}
	packet->owner =
		service != NULL && service->has_nat
			? ks_rss_owner_of_client(worker->ports[0].rss, family, octets, ports_be[0])
			: ks_rss_owner(worker->ports[in_port].rss, family, octets, ports_be);
	return packet->owner != worker->index;
}

static uint8_t
send_on(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet,
	const struct ks_icmp_error *error)
{
	struct rte_ether_hdr *ethernet;
	uint64_t mac_word;
	uint8_t verdict = ks_next_hop(worker, half, packet, &mac_word);
	uint8_t translated;

	if (verdict == KS_VERDICT_drop_no_route)
		return verdict;
	translated = ks_icmp_error_translate(worker->connections, half, packet, error,
		worker->ports[packet->out_port].mtu_bytes);
	if (translated != KS_VERDICT_UNDECIDED)
		return translated;
	if (verdict != KS_VERDICT_forwarded)
		return verdict;
	ethernet = (struct rte_ether_hdr *)packet->frame;
	ks_neighbor_copy_mac(mac_word, &ethernet->dst_addr);
	ethernet->src_addr = worker->ports[packet->out_port].mac;
	return verdict;
}

/* The connection whose packet is quoted, by the half of the opposite direction; or NULL. */
static struct ks_connection_half *
find_quoted(const struct ks_worker *worker, const struct ks_icmp_quote *quote,
	const struct ks_ip turned[2], const rte_be16_t turned_ports_be[2])
{
	const struct ks_connection_table *table = worker->connections;
	struct ks_flow flow = ks_flow_between(
		&table->secret, turned, turned_ports_be[0], turned_ports_be[1], quote->protocol);
	struct ks_connection_half *half = ks_connection_find(table, &flow.key, flow.hash);

	if (half != NULL && quote->is_v6 && !ks_connection_is_of(table, half, turned))
		return NULL;
	return half;
}

/* No connection sent the quoted packet; but a tunnel may have, with a packet of one inside. */
static uint8_t
decide_tunnel(struct ks_worker *worker, struct ks_packet *packet, const struct ks_icmp_error *error,
	bool *is_tunnel)
{
	struct ks_icmp_quote inner = {.protocol = 0};
	uint8_t verdict = ks_icmp_error_of_tunnel(worker, packet, error, &inner);
	rte_be16_t ports_be[2];

	*is_tunnel = inner.protocol != 0;
	if (verdict == KS_VERDICT_UNDECIDED && *is_tunnel &&
		ks_icmp_quote_ports(&inner, ports_be) &&
		is_of_another(worker, packet, inner.addresses, ports_be, inner.protocol))
		return KS_VERDICT_steered;
	return verdict;
}

uint8_t
ks_icmp_error(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = NULL;
	struct ks_icmp_error error;
	rte_be16_t ports_be[2], turned_ports_be[2];
	struct ks_ip turned[2];
	bool is_flow;

	if (!read_error(packet, &error))
		return KS_VERDICT_UNDECIDED;
	is_flow = ks_icmp_quote_ports(&error.quote, ports_be);
	if (is_flow) {
		for (uint32_t i = 0; i < 2; i++) {
			turned[i] = error.quote.addresses[1 - i];
			turned_ports_be[i] = ports_be[1 - i];
		}
		half = find_quoted(worker, &error.quote, turned, turned_ports_be);
	}
	if (half == NULL) {
		bool is_tunnel;
		uint8_t verdict = decide_tunnel(worker, packet, &error, &is_tunnel);

		/* One owner only: two that disagree would hand it over to each other for ever. */
		if (verdict == KS_VERDICT_UNDECIDED && is_flow && !is_tunnel &&
			is_of_another(
				worker, packet, turned, turned_ports_be, error.quote.protocol))
			return KS_VERDICT_steered;
		return verdict;
	}
	if (!ks_icmp_error_is_sound(packet))
		return KS_VERDICT_drop_icmp_checksum;
	if (ks_packet_ip(packet)[ks_packet_is_v6(packet)
					 ? offsetof(struct rte_ipv6_hdr, hop_limits)
					 : offsetof(struct rte_ipv4_hdr, time_to_live)] <= 1)
		return KS_VERDICT_drop_ttl_expired;
	if (!ks_connection_is_held(worker, half))
		return KS_VERDICT_drop_address_released;
	return send_on(worker, half, packet, &error);
}
