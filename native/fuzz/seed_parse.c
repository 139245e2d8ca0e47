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
	return 0;
}
