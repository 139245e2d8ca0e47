/* Writes the seeds of corpus/parse: `make -C native/test seeds`. One sound frame of every kind. */
#include <stdio.h>

#include "fixture.h"

struct seed {
	const char *name;
	struct packet_spec spec;
};

#define TO_SERVICE                                                                                 \
	.source_mac = MAC_GATEWAY, .destination_mac = MAC_PORT_0, .source = CLIENT,                \
	.destination = VIP, .source_port = 40000, .destination_port = 80, .ttl = 64

static const struct seed seeds[] = {
	{"tcp-syn", {TO_SERVICE, .protocol = BUILT_TCP, .tcp_flags = SYN}},
	{"tcp-data",
		{TO_SERVICE, .protocol = BUILT_TCP, .tcp_flags = ACK | PSH, .payload_bytes = 5}},
	{"tcp-fin", {TO_SERVICE, .protocol = BUILT_TCP, .tcp_flags = FIN | ACK}},
	{"tcp-rst", {TO_SERVICE, .protocol = BUILT_TCP, .tcp_flags = RST}},
	{"tcp-options", {TO_SERVICE, .protocol = BUILT_TCP, .tcp_flags = ACK, .option_words = 10}},
	{"tcp-partial", {TO_SERVICE, .protocol = BUILT_TCP, .tcp_flags = ACK,
				.checksum = CHECKSUM_PARTIAL}},
	{"tcp-padded", {TO_SERVICE, .protocol = BUILT_TCP, .tcp_flags = ACK, .padding_bytes = 6}},
	{"udp", {TO_SERVICE, .protocol = BUILT_UDP, .payload_bytes = 3}},
	{"udp-no-checksum", {TO_SERVICE, .protocol = BUILT_UDP, .checksum = CHECKSUM_NONE}},
	{"fragment", {TO_SERVICE, .protocol = BUILT_UDP, .fragment = 0x2001}},
	{"icmp-echo", {TO_SERVICE, .protocol = BUILT_ICMP, .tcp_flags = 8, .payload_bytes = 7}},
	{"gre", {TO_SERVICE, .protocol = 47}},
};

static int
write_seed(const char *folder, const char *name, const struct built_packet *packet)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (file == NULL)
		return -1;
	fwrite(packet->bytes, 1, packet->length, file);
	return fclose(file);
}

/* The same over IPv6, between addresses that are the IPv4 ones within a network. */
static struct built_packet
build6(const struct packet_spec *spec)
{
	static const uint8_t network[12] = {0x20, 0x01, 0x0d, 0xb8};
	struct built_packet ipv4 = build(spec);
	struct built_packet packet = {.length = ipv4.length + 20};
	const uint8_t *from = ipv4.bytes + 14;
	uint8_t *ip = packet.bytes + 14;

	memcpy(packet.bytes, ipv4.bytes, 12);
	put16(packet.bytes + 12, 0x86dd);
	ip[0] = 0x60;
	put16(ip + 4, ipv4.length - 34);
	ip[6] = spec->protocol;
	ip[7] = spec->ttl;
	for (uint32_t i = 0; i < 2; i++) {
		memcpy(ip + 8 + 16 * i, network, sizeof(network));
		memcpy(ip + 20 + 16 * i, from + 12 + 4 * i, 4);
	}
	memcpy(ip + 40, from + 20, ipv4.length - 34);
	return packet;
}

int
main(int arguments_count, char **arguments)
{
	struct built_packet packet = build(&seeds[0].spec);

	if (arguments_count != 2)
		return 2;
	put16(packet.bytes + 12, 0x0806);
	write_seed(arguments[1], "arp", &packet);
	put16(packet.bytes + 12, 0x8100);
	write_seed(arguments[1], "vlan", &packet);
	put16(packet.bytes + 12, 0x86dd);
	write_seed(arguments[1], "ipv6", &packet);
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		packet = build(&seeds[i].spec);
		if (write_seed(arguments[1], seeds[i].name, &packet) != 0)
			return 1;
	}
	packet = build6(&seeds[1].spec);
	write_seed(arguments[1], "tcp6-data", &packet);
	packet = build6(
		&(struct packet_spec){TO_SERVICE, .protocol = BUILT_UDP, .payload_bytes = 3});
	write_seed(arguments[1], "udp6", &packet);
	return 0;
}
