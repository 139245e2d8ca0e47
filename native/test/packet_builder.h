/*
 * Owner: the caller, one struct per packet. Threads: any. Lifetime: the caller's.
 *
 * Packets for tests, written octet by octet with checksums summed up from scratch, and sharing
 * nothing with the data path: bytes expected of it are never made by it.
 */
#ifndef KS_TEST_PACKET_BUILDER_H
#define KS_TEST_PACKET_BUILDER_H

#include <stdint.h>
#include <string.h>

#define IPV4(a, b, c, d)                                                                           \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum built_protocol {
	BUILT_ICMP = 1,
	BUILT_TCP = 6,
	BUILT_UDP = 17,
};

enum built_tcp_flag {
	FIN = 1,
	SYN = 2,
	RST = 4,
	PSH = 8,
	ACK = 16,
};

enum built_checksum {
	CHECKSUM_FULL,
	CHECKSUM_NONE,    /* UDP: zero */
	CHECKSUM_PARTIAL, /* as a local stack leaves it: the pseudo-header sum, not complemented */
	CHECKSUM_WRONG,   /* by an error that a rewrite must keep */
};

/* Addresses and ports in host order. MAC addresses are 02:00:00:00:00:xx with this last octet. */
struct packet_spec {
	uint8_t source_mac;
	uint8_t destination_mac;
	uint32_t source;
	uint32_t destination;
	uint16_t source_port; /* ICMP: identifier */
	uint16_t destination_port;
	uint8_t protocol;
	uint8_t tcp_flags; /* ICMP: type */
	uint8_t ttl;
	uint8_t checksum;
	uint16_t payload_bytes;
	uint16_t padding_bytes;
	uint16_t fragment; /* flags and offset as in the header */
	uint8_t option_words;
};

struct built_packet {
	uint32_t length;
	uint8_t bytes[4096];
};

static inline void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static inline void
put_mac(uint8_t *at, uint8_t last)
{
	memset(at, 0, 6);
	at[0] = 2;
	at[5] = last;
}

static inline uint16_t
summed(const uint8_t *bytes, uint32_t length, uint32_t sum)
{
	for (uint32_t i = 0; i < length; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline uint16_t
pseudo_header_sum(const uint8_t *ip, uint32_t l4_bytes)
{
	return summed(ip + 12, 8, ip[9] + l4_bytes);
}

static inline void
put_l4_checksum(const struct packet_spec *spec, const uint8_t *ip, uint8_t *l4, uint32_t l4_bytes)
{
	uint8_t *field = l4 + (spec->protocol == BUILT_TCP          ? 16
				      : spec->protocol == BUILT_UDP ? 6
								    : 2);
	uint16_t pseudo = spec->protocol == BUILT_ICMP ? 0 : pseudo_header_sum(ip, l4_bytes);
	uint16_t checksum = (uint16_t)~summed(l4, l4_bytes, pseudo);

	if (spec->protocol == BUILT_UDP && checksum == 0)
		checksum = 0xffff;
	if (spec->checksum == CHECKSUM_NONE)
		checksum = 0;
	else if (spec->checksum == CHECKSUM_PARTIAL)
		checksum = pseudo;
	else if (spec->checksum == CHECKSUM_WRONG)
		checksum = (uint16_t)~summed(l4, l4_bytes, pseudo + 0x1111u);
	put16(field, checksum);
}

static inline uint32_t
l4_header_bytes(uint8_t protocol)
{
	return protocol == BUILT_TCP ? 20 : 8;
}

static inline void
put_l4(const struct packet_spec *spec, uint8_t *l4)
{
	uint32_t header_bytes = l4_header_bytes(spec->protocol);

	for (uint32_t i = 0; i < spec->payload_bytes; i++)
		l4[header_bytes + i] = (uint8_t)(i * 7 + 3);
	if (spec->protocol == BUILT_ICMP) {
		l4[0] = spec->tcp_flags;
		put16(l4 + 4, spec->source_port);
		put16(l4 + 6, 1);
		return;
	}
	put16(l4, spec->source_port);
	put16(l4 + 2, spec->destination_port);
	if (spec->protocol == BUILT_UDP) {
		put16(l4 + 4, 8u + spec->payload_bytes);
		return;
	}
	put32(l4 + 4, 0x01020304);
	put32(l4 + 8, spec->tcp_flags & ACK ? 0x0a0b0c0d : 0);
	l4[12] = 5 << 4;
	l4[13] = spec->tcp_flags;
	put16(l4 + 14, 29200);
}

static inline struct built_packet
build(const struct packet_spec *spec)
{
	struct built_packet packet = {.length = 0};
	uint32_t ip_header_bytes = 20 + spec->option_words * 4u;
	uint32_t l4_bytes = l4_header_bytes(spec->protocol) + spec->payload_bytes;
	uint8_t *ip = packet.bytes + 14;
	uint8_t *l4 = ip + ip_header_bytes;

	put_mac(packet.bytes, spec->destination_mac);
	put_mac(packet.bytes + 6, spec->source_mac);
	put16(packet.bytes + 12, 0x0800);
	ip[0] = (uint8_t)(0x40 | ip_header_bytes / 4);
	put16(ip + 2, ip_header_bytes + l4_bytes);
	put16(ip + 4, 0xbeef);
	put16(ip + 6, spec->fragment);
	ip[8] = spec->ttl;
	ip[9] = spec->protocol;
	put32(ip + 12, spec->source);
	put32(ip + 16, spec->destination);
	memset(ip + 20, 1, spec->option_words * 4u); /* no operation */
	put16(ip + 10, (uint16_t)~summed(ip, ip_header_bytes, 0));
	put_l4(spec, l4);
	put_l4_checksum(spec, ip, l4, l4_bytes);
	memset(l4 + l4_bytes, 0xee, spec->padding_bytes);
	packet.length = 14 + ip_header_bytes + l4_bytes + spec->padding_bytes;
	return packet;
}

#endif
