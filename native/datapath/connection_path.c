/*
 * What the packets of a new connection are made what they leave as: addresses, ports, outer
 * headers, and what all that adds to checksums.
 */
#include <netinet/in.h>

#include <rte_branch_prediction.h>

#include "checksum.h"
#include "connection_path.h"
#include "forward.h"

static uint32_t
ports_of(const struct ks_flow_key *key)
{
	uint32_t ports;

	memcpy(&ports, &key->source_port_be, sizeof(ports));
	return ports;
}

/* Ports that a half's packets leave with: as the other half's arrive, turned round. */
static void
set_leaving_ports(struct ks_connection_half *half, const struct ks_flow_key *other)
{
	uint32_t ports = ports_of(other);

	/* By words, as the rewrite will read them, perhaps at once. */
	ports = ports << 16 | ports >> 16;
	memcpy(&half->source_port_be, &ports, sizeof(ports));
}

static void
set_leaving_addresses(struct ks_connection_half *half, const struct ks_flow_key *other)
{
	uint64_t addresses = other->digest << 32 | other->digest >> 32;

	memcpy(&half->source_be, &addresses, sizeof(addresses));
}

/*
 * What the rewrite adds to the checksums: the difference of both keys' sums, which is the same for
 * both directions but for its sign; in ones' complement, its bits.
 */
static void
set_nat44(struct ks_connection_half *first, const struct ks_flow_key *from_server)
{
	const struct ks_flow_key *from_client = &first[0].key;
	uint64_t sum = ks_checksum_delta(0, from_client->source_be, from_server->source_be);
	uint16_t ip, l4;

	sum = ks_checksum_delta(sum, from_client->destination_be, from_server->destination_be);
	ip = ks_checksum_fold(sum);
	/* ICMP has no pseudo-header. */
	if (unlikely(from_client->protocol == IPPROTO_ICMP))
		sum = 0;
	l4 = ks_checksum_fold(ks_checksum_delta(sum, ports_of(from_client), ports_of(from_server)));
	first[0].ip_delta = ks_checksum_add_words(ip, KS_CHECKSUM_DELTA_TTL);
	first[0].l4_delta = l4;
	first[1].ip_delta = ks_checksum_add_words((uint16_t)~ip, KS_CHECKSUM_DELTA_TTL);
	first[1].l4_delta = (uint16_t)~l4;
	set_leaving_addresses(&first[0], from_server);
	set_leaving_addresses(&first[1], from_client);
	first[0].path = first[1].path = KS_PATH_NAT44;
}

/* Of an address as it lies in a header. */
static uint64_t
sum_of(struct ks_ip ip)
{
	const uint8_t *octets = (const uint8_t *)ip.words;

	return ks_ip_is_v4(ip) ? ks_ip_v4(ip) : ks_checksum_add(0, octets, sizeof(ip));
}

static void
set_endpoints(const struct ks_connection_table *table, const struct ks_connection_half *first,
	const struct ks_new_connection *connection)
{
	*ks_connection_endpoints(table, first) = (struct ks_endpoints){
		.client = ks_packet_source(connection->packet),
		.virtual_address = ks_packet_destination(connection->packet),
		.local = connection->local,
		.server = ks_connection_remote(connection),
	};
}

/* NAT with IPv6 on at least one side. */
static void
set_nat(const struct ks_connection_table *table, struct ks_connection_half *first,
	const struct ks_flow_key *from_server)
{
	static const uint8_t paths[KS_FAMILIES][KS_FAMILIES] = {
		{KS_PATH_NAT44, KS_PATH_NAT46}, {KS_PATH_NAT64, KS_PATH_NAT66}};
	const struct ks_flow_key *from_client = &first[0].key;
	const struct ks_endpoints *of = ks_connection_endpoints(table, first);
	uint16_t before = ks_checksum_fold(
		sum_of(of->client) + sum_of(of->virtual_address) + ports_of(from_client));
	uint16_t after =
		ks_checksum_fold(sum_of(of->local) + sum_of(of->server) + ports_of(from_server));

	first[0].l4_delta = ks_checksum_fold(ks_checksum_delta(0, before, after));
	first[1].l4_delta = (uint16_t)~first[0].l4_delta;
	first[0].path = paths[from_client->family][from_server->family];
	first[1].path = paths[from_server->family][from_client->family];
	for (uint32_t i = 0; i < 2; i++) {
		if (first[i].path == KS_PATH_NAT46)
			first[i].growth_bytes =
				sizeof(struct rte_ipv6_hdr) - sizeof(struct rte_ipv4_hdr);
	}
}

/*
 * What the outer header of IPv4, a copy with one hop less, adds to the checksum of the inner one as
 * it came; never 0.
 */
static uint16_t
tunnel_delta(const struct ks_connection_half *first)
{
	const struct ks_flow_key *key = &first->key;
	uint64_t sum = ks_checksum_delta(KS_CHECKSUM_DELTA_TTL, rte_cpu_to_be_16(key->protocol),
		rte_cpu_to_be_16(first->tunnel_protocol));

	sum = ks_checksum_delta(sum, key->source_be, first->source_be);
	sum = ks_checksum_delta(sum, key->destination_be, first->destination_be);
	return ks_checksum_fold(sum + rte_cpu_to_be_16(first->growth_bytes));
}

static void
set_tunnel(struct ks_connection_half *first, const struct ks_server *server, struct ks_ip local)
{
	const struct ks_server_options *options = &server->options;
	enum ks_tunnel tunnel = (enum ks_tunnel)options->tunnel;
	bool is_v6 = !ks_ip_is_v4(server->address);

	first->path = KS_PATH_TUNNEL;
	first->tunnel = options->tunnel;
	first->tunnel_has_checksum = options->tunnel_has_checksum && tunnel != KS_TUNNEL_IPIP;
	first->tunnel_protocol = ks_tunnel_protocol(tunnel, first->key.family == KS_IPV6);
	first->growth_bytes = (uint8_t)ks_tunnel_bytes(tunnel, options->tunnel_has_checksum, is_v6);
	first->source_be = ks_ip_v4(local);
	first->destination_be = ks_ip_v4(server->address);
	first->source_port_be = ks_tunnel_source_port(&first->key);
	first->destination_port_be = options->tunnel_port_be;
	if (first->tunnel_has_checksum || is_v6 != (first->key.family == KS_IPV6))
		first->ip_delta = 0;
	else
		first->ip_delta = is_v6 ? 1 : tunnel_delta(first);
}

static void
set_one_way(struct ks_connection_half *first, const struct ks_server *server, struct ks_ip local)
{
	const struct ks_server_options *options = &server->options;

	if (options->forwarding == KS_FORWARD_DIRECT) {
		first->path = KS_PATH_DIRECT;
		first->destination_be = ks_ip_v4(server->address);
		first->ip_delta = KS_CHECKSUM_DELTA_TTL;
		return;
	}
	set_tunnel(first, server, local);
}

void
ks_connection_set_paths(const struct ks_connection_table *table, struct ks_connection_half *first,
	const struct ks_new_connection *connection)
{
	const struct ks_flow_key *from_server = &connection->from_server.key;
	bool is_one_way = from_server->protocol == 0;

	if (likely(!is_one_way)) {
		set_leaving_ports(&first[0], from_server);
		set_leaving_ports(&first[1], &first[0].key);
		if (likely(first[0].key.family == KS_IPV4 && from_server->family == KS_IPV4)) {
			set_nat44(first, from_server);
			return;
		}
	}
	set_endpoints(table, first, connection);
	if (is_one_way)
		set_one_way(first, connection->server, connection->local);
	else
		set_nat(table, first, from_server);
}
