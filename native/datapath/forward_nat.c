/*
 * NAT of one family: addresses, ports and hop limit change, checksums by constants of the
 * connection (RFC 1624); no payload is read, but of SCTP, whose CRC knows no such constants.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_branch_prediction.h>

#include "checksum.h"
#include "forward.h"
#include "transport.h"

void
ks_endpoints_leaving(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_ip leaving[2])
{
	const struct ks_endpoints *of = ks_connection_endpoints(table, half);
	bool is_from_client = half->direction == KS_FROM_CLIENT;

	leaving[0] = is_from_client ? of->local : of->virtual_address;
	leaving[1] = is_from_client ? of->server : of->client;
}

void
ks_rewrite_nat(const struct ks_connection_table *table, const struct ks_connection_half *half,
	struct ks_packet *packet)
{
	uint8_t *addresses = ks_packet_addresses(packet);

	if (ks_connection_path(half) == KS_PATH_NAT66) {
		struct ks_ip leaving[2];

		ks_endpoints_leaving(table, half, leaving);
		memcpy(addresses, leaving, sizeof(leaving));
		((struct rte_ipv6_hdr *)ks_packet_ip(packet))->hop_limits--;
	} else {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ks_packet_ip(packet);

		ip->time_to_live--;
		ip->hdr_checksum = ks_checksum_update(ip->hdr_checksum, half->ip_delta);
		memcpy(addresses, &half->source_be, 2 * sizeof(half->source_be));
	}
	ks_transport_rewrite(half, ks_packet_l4(packet), ks_packet_l4_bytes(packet));
}
