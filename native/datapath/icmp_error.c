/*
 * Reading an ICMP error, and finding the connection that it is about: the quoted packet, turned
 * round, is one of the half whose packets go where the error must go.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>
#include <rte_ip.h>

#include "checksum.h"
#include "forward.h"
#include "icmp_error.h"
#include "icmp_reply.h"
#include "next_hop.h"
#include "source_address.h"

#define ICMP_BYTES 8u
#define QUOTED_L4_BYTES_MIN 8u
#define PORTS_BYTES 4u

/* KS_ICMP_MEANINGS: no error, or none that connections know of. */
static enum ks_icmp_meaning
meaning_v4(uint8_t type, uint8_t code)
{
	static const uint8_t unreachable[] = {KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE,
		KS_ICMP_PROTOCOL_UNREACHABLE, KS_ICMP_PORT_UNREACHABLE, KS_ICMP_TOO_BIG,
		KS_ICMP_HOST_UNREACHABLE, KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE,
		KS_ICMP_HOST_UNREACHABLE, KS_ICMP_PROHIBITED, KS_ICMP_PROHIBITED,
		KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE, KS_ICMP_PROHIBITED};

	switch (type) {
	case 3:
		return code < sizeof(unreachable) ? unreachable[code] : KS_ICMP_MEANINGS;
	case 11:
		return code == 0 ? KS_ICMP_TTL : KS_ICMP_REASSEMBLY;
	case 12:
		return KS_ICMP_PARAMETER;
	}
	return KS_ICMP_MEANINGS;
}

static enum ks_icmp_meaning
meaning_v6(uint8_t type, uint8_t code)
{
	static const uint8_t unreachable[] = {KS_ICMP_NETWORK_UNREACHABLE, KS_ICMP_PROHIBITED,
		KS_ICMP_HOST_UNREACHABLE, KS_ICMP_HOST_UNREACHABLE, KS_ICMP_PORT_UNREACHABLE,
		KS_ICMP_PROHIBITED, KS_ICMP_PROHIBITED};

	switch (type) {
	case 1:
		return code < sizeof(unreachable) ? unreachable[code] : KS_ICMP_MEANINGS;
	case 2:
		return KS_ICMP_TOO_BIG;
	case 3:
		return code == 0 ? KS_ICMP_TTL : KS_ICMP_REASSEMBLY;
	case 4:
		return code == 1 ? KS_ICMP_PROTOCOL_UNREACHABLE : KS_ICMP_PARAMETER;
	}
	return KS_ICMP_MEANINGS;
}

static bool
has_sound_checksum(const struct ks_packet *packet)
{
	const uint8_t *icmp = ks_packet_l4(packet);
	uint32_t bytes = ks_packet_l4_bytes(packet);
	uint64_t sum = 0;

	if (ks_packet_is_v6(packet))
		sum = ks_checksum_pseudo_header(
			ks_packet_addresses(packet), KS_IPV6, IPPROTO_ICMPV6, (uint16_t)bytes);
	return ks_checksum_fold(ks_checksum_add(sum, icmp, bytes)) == UINT16_MAX;
}

/* The header of the quoted packet; false: it does not hold what it takes to know the flow. */
static bool
read_quote(const struct ks_packet *packet, struct ks_icmp_quote *quote)
{
	uint32_t bytes = ks_packet_l4_bytes(packet) - ICMP_BYTES;
	uint32_t header_bytes = sizeof(struct rte_ipv6_hdr);
	uint8_t *ip = ks_packet_l4(packet) + ICMP_BYTES;

	quote->ip = ip;
	quote->is_v6 = ks_packet_is_v6(packet);
	if (quote->is_v6) {
		if (bytes < header_bytes + QUOTED_L4_BYTES_MIN || ip[0] >> 4 != 6)
			return false;
		quote->protocol = ip[offsetof(struct rte_ipv6_hdr, proto)];
		quote->addresses[0] =
			ks_ip_from_octets(ip + offsetof(struct rte_ipv6_hdr, src_addr));
		quote->addresses[1] =
			ks_ip_from_octets(ip + offsetof(struct rte_ipv6_hdr, dst_addr));
		if (ks_ip_is_v4(quote->addresses[0]) || ks_ip_is_v4(quote->addresses[1]))
			return false;
	} else {
		const struct rte_ipv4_hdr *header = (const struct rte_ipv4_hdr *)ip;

		if (bytes < sizeof(*header))
			return false;
		header_bytes = (header->version_ihl & RTE_IPV4_HDR_IHL_MASK) *
			       (uint32_t)RTE_IPV4_IHL_MULTIPLIER;
		if (header->version_ihl >> 4 != IPVERSION || header_bytes < sizeof(*header) ||
			bytes < header_bytes + QUOTED_L4_BYTES_MIN ||
			(header->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK)) != 0)
			return false;
		quote->protocol = header->next_proto_id;
		quote->addresses[0] = ks_ip_from_v4(header->src_addr);
		quote->addresses[1] = ks_ip_from_v4(header->dst_addr);
	}
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
	return read_quote(packet, &error->quote);
}

/* The ports of the quoted packet; of our echo requests, the identifier. False: not a flow. */
static bool
read_ports(const struct ks_icmp_quote *quote, rte_be16_t ports_be[2])
{
	switch (quote->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		memcpy(ports_be, quote->l4, PORTS_BYTES);
		return true;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		memcpy(&ports_be[0], quote->l4 + 4, sizeof(ports_be[0]));
		ports_be[1] = 0;
		return true;
	}
	return false;
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

	if (worker->workers_count == 1)
		return false;
	if (address == NULL) {
		if (!ks_nat_server_is_known(worker->tables, addresses[0], ports_be[0], protocol))
			return false;
		packet->owner = ks_rss_owner_of_client(
			worker->ports[0].rss, family, octets + address_bytes, ports_be[1]);
		return packet->owner != worker->index;
	}
	service = ks_virtual_server_find(worker->tables, addresses[1], ports_be[1], protocol);
	packet->owner =
		service != NULL && service->has_nat
			? ks_rss_owner_of_client(worker->ports[0].rss, family, octets, ports_be[0])
			: ks_rss_owner(worker->ports[address->port].rss, family, octets, ports_be);
	return packet->owner != worker->index;
}

static uint8_t
send_on(struct ks_worker *worker, struct ks_connection_half *half, struct ks_packet *packet,
	const struct ks_icmp_error *error)
{
	struct rte_ether_hdr *ethernet;
	uint64_t mac_word;
	uint8_t verdict = ks_next_hop(worker, half, packet, &mac_word);

	if (verdict == KS_VERDICT_drop_no_route)
		return verdict;
	if (packet->ip_length_bytes + half->growth_bytes >
			worker->ports[packet->out_port].mtu_bytes ||
		!ks_icmp_error_translate(worker->connections, half, packet, error))
		return KS_VERDICT_drop_too_big;
	if (verdict != KS_VERDICT_forwarded)
		return verdict;
	ethernet = (struct rte_ether_hdr *)packet->frame;
	ks_neighbor_copy_mac(mac_word, &ethernet->dst_addr);
	ethernet->src_addr = worker->ports[packet->out_port].mac;
	return verdict;
}

uint8_t
ks_icmp_error(struct ks_worker *worker, struct ks_packet *packet)
{
	const struct ks_connection_table *table = worker->connections;
	struct ks_connection_half *half;
	struct ks_icmp_error error;
	rte_be16_t ports_be[2], turned_ports_be[2];
	struct ks_ip turned[2];
	struct ks_flow flow;

	if (!read_error(packet, &error) || !read_ports(&error.quote, ports_be))
		return KS_VERDICT_UNDECIDED;
	for (uint32_t i = 0; i < 2; i++) {
		turned[i] = error.quote.addresses[1 - i];
		turned_ports_be[i] = ports_be[1 - i];
	}
	flow = ks_flow_between(&table->secret, turned, turned_ports_be[0], turned_ports_be[1],
		error.quote.protocol);
	half = ks_connection_find(table, &flow.key, flow.hash);
	if (half != NULL && error.quote.is_v6 && !ks_connection_is_of(table, half, turned))
		half = NULL;
	if (half == NULL)
		return is_of_another(worker, packet, turned, turned_ports_be, error.quote.protocol)
			       ? KS_VERDICT_steered
			       : KS_VERDICT_UNDECIDED;
	if (!has_sound_checksum(packet))
		return KS_VERDICT_drop_icmp_checksum;
	if (ks_packet_ip(packet)[ks_packet_is_v6(packet)
					 ? offsetof(struct rte_ipv6_hdr, hop_limits)
					 : offsetof(struct rte_ipv4_hdr, time_to_live)] <= 1)
		return KS_VERDICT_drop_ttl_expired;
	if (!ks_address_is_held(worker->tables, half->address_id, worker->now_tsc))
		return KS_VERDICT_drop_address_released;
	return send_on(worker, half, packet, &error);
}
