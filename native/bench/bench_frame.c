/* Frames of the benchmarks; see bench_world.h. */
#include "bench_world.h"
#include "checksum.h"

#define TCP_BYTES 20u
#define UDP_BYTES 8u

struct ks_flow_key
bench_client_key(const struct bench *bench, uint32_t flow, uint8_t protocol, uint16_t service)
{
	bool is_snat = bench->mode->forwarding == KS_FORWARD_SNAT;

	return (struct ks_flow_key){
		.source_be = rte_cpu_to_be_32(IPV4(100, 64, 0, 0) + flow / 32768),
		.destination_be = rte_cpu_to_be_32(is_snat ? SERVER_A + flow % SERVERS : VIP),
		.source_port_be = rte_cpu_to_be_16((uint16_t)(1024 + flow % 32768)),
		.destination_port_be =
			rte_cpu_to_be_16((uint16_t)(protocol == BUILT_TCP ? 80 + service : 53)),
		.protocol = protocol,
		.family = bench->mode->client_is_v6 ? KS_IPV6 : KS_IPV4,
	};
}

static void
put_ipv4(uint8_t *ip, const struct ks_flow_key *key, uint16_t bytes)
{
	uint16_t checksum;

	ip[0] = 0x45;
	put16(ip + 2, bytes);
	ip[8] = 64;
	ip[9] = key->protocol;
	memcpy(ip + 12, &key->source_be, 8);
	checksum = (uint16_t)~ks_checksum_fold(ks_checksum_add(0, ip, sizeof(struct rte_ipv4_hdr)));
	memcpy(ip + 10, &checksum, sizeof(checksum));
}

static void
put_ipv6(uint8_t *ip, const struct ks_flow_key *key, uint16_t bytes)
{
	struct ks_ip source = bench_ip6(key->source_be);
	struct ks_ip destination = bench_ip6(key->destination_be);

	ip[0] = 0x60;
	put16(ip + 4, bytes - (uint32_t)sizeof(struct rte_ipv6_hdr));
	ip[6] = key->protocol;
	ip[7] = 64;
	memcpy(ip + 8, &source, sizeof(source));
	memcpy(ip + 24, &destination, sizeof(destination));
}

/* Sequence numbers are such that a stream begins, and that all of its octets arrive. */
static void
put_transport(uint8_t *l4, const struct ks_flow_key *key, uint8_t tcp_flags, uint32_t bytes)
{
	bool is_udp = key->protocol == BUILT_UDP;

	memcpy(l4, &key->source_port_be, 4);
	if (is_udp) {
		put16(l4 + 4, bytes);
	} else {
		put32(l4 + 4, tcp_flags & SYN ? 0 : 1);
		put32(l4 + 8, tcp_flags & SYN ? 1 : 1000);
		l4[12] = 5 << 4;
		l4[13] = tcp_flags;
	}
	put16(l4 + (is_udp ? 6 : 16), 0x1234);
}

static uint16_t
headers_bytes(const struct ks_flow_key *key)
{
	size_t ip_bytes =
		key->family == KS_IPV6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);

	return (uint16_t)(sizeof(struct rte_ether_hdr) + ip_bytes);
}

void
bench_fill(struct rte_mbuf *mbuf, uint16_t port, const struct ks_flow_key *key, uint8_t tcp_flags,
	uint16_t bytes)
{
	bool is_v6 = key->family == KS_IPV6;
	uint32_t l4_offset = headers_bytes(key);
	uint32_t least = l4_offset + (key->protocol == BUILT_TCP ? TCP_BYTES : UDP_BYTES);
	uint8_t *frame;

	rte_pktmbuf_reset_headroom(mbuf);
	frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	bytes = (uint16_t)RTE_MAX(bytes, least);
	mbuf->data_len = bytes;
	mbuf->pkt_len = bytes;
	memset(frame, 0, FRAME6_BYTES);
	put_mac(frame, (uint8_t)(MAC_PORT_0 + port));
	put_mac(frame + 6, MAC_GATEWAY);
	put16(frame + 12, is_v6 ? RTE_ETHER_TYPE_IPV6 : RTE_ETHER_TYPE_IPV4);
	if (is_v6)
		put_ipv6(frame + 14, key, (uint16_t)(bytes - 14));
	else
		put_ipv4(frame + 14, key, (uint16_t)(bytes - 14));
	put_transport(frame + l4_offset, key, tcp_flags, bytes - l4_offset);
}
