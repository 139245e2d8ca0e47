/* The fields of a packet, and where two packets differ in them. */
#include <stdbool.h>
#include <stdio.h>

#include "packet_text.h"

struct field {
	const char *name;
	uint32_t bytes;
};

#define END                                                                                        \
	{                                                                                          \
		NULL, 0                                                                            \
	}

static const struct field ethernet_fields[] = {
	{"Ethernet destination", 6}, {"Ethernet source", 6}, {"Ethernet type", 2}, END};
static const struct field ipv4_fields[] = {{"version, header length", 1}, {"TOS", 1},
	{"total length", 2}, {"identification", 2}, {"flags, fragment offset", 2}, {"TTL", 1},
	{"protocol", 1}, {"header checksum", 2}, {"source", 4}, {"destination", 4}, END};
static const struct field ipv6_fields[] = {{"version, traffic class, flow label", 4},
	{"payload length", 2}, {"next header", 1}, {"hop limit", 1}, {"source", 16},
	{"destination", 16}, END};
static const struct field tcp_fields[] = {{"source port", 2}, {"destination port", 2},
	{"sequence", 4}, {"acknowledgement", 4}, {"data offset, flags", 2}, {"window", 2},
	{"TCP checksum", 2}, {"urgent", 2}, END};
static const struct field udp_fields[] = {
	{"source port", 2}, {"destination port", 2}, {"UDP length", 2}, {"UDP checksum", 2}, END};
static const struct field sctp_fields[] = {
	{"source port", 2}, {"destination port", 2}, {"verification tag", 4}, {"CRC32c", 4}, END};
static const struct field icmp_fields[] = {
	{"ICMP type, code", 2}, {"ICMP checksum", 2}, {"ICMP rest", 4}, END};
static const struct field gre_fields[] = {{"GRE flags", 2}, {"GRE protocol", 2}, END};
static const struct field gre_checksum_fields[] = {{"GRE checksum", 2}, {"GRE reserved", 2}, END};

/* Where the comparison is; the expected packet tells which header follows. */
struct walk {
	const struct built_packet *actual;
	const struct built_packet *expected;
	const char *place; /* "" or "inner " */
	uint32_t offset;
};

static void
print_octets(const struct built_packet *packet, uint32_t offset, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes && i < 48; i++) {
		if (offset + i < packet->length)
			printf("%02x", packet->bytes[offset + i]);
	}
}

static void
compare(const struct walk *walk, const char *name, uint32_t offset, uint32_t bytes)
{
	const uint8_t *actual = walk->actual->bytes + offset;
	const uint8_t *expected = walk->expected->bytes + offset;

	if (offset >= walk->actual->length && offset >= walk->expected->length)
		return;
	if (memcmp(actual, expected, bytes) == 0)
		return;
	printf("# %s%s (octet %u): actual ", walk->place, name, offset);
	print_octets(walk->actual, offset, bytes);
	printf(", expected ");
	print_octets(walk->expected, offset, bytes);
	printf("\n");
}

static void
compare_fields(struct walk *walk, const struct field *fields)
{
	for (; fields->name != NULL; walk->offset += fields->bytes, fields++)
		compare(walk, fields->name, walk->offset, fields->bytes);
}

static void compare_ip(struct walk *walk);

static void
compare_gre(struct walk *walk)
{
	bool has_checksum = (walk->expected->bytes[walk->offset] & 0x80) != 0;

	compare_fields(walk, gre_fields);
	if (has_checksum)
		compare_fields(walk, gre_checksum_fields);
	walk->place = "inner ";
	compare_ip(walk);
}

static void
compare_icmp(struct walk *walk, bool is_v6)
{
	uint8_t type = walk->expected->bytes[walk->offset];
	bool is_error = is_v6 ? type < 128 : type == 3 || type == 11 || type == 12;

	compare_fields(walk, icmp_fields);
	if (!is_error)
		return;
	walk->place = "quoted ";
	compare_ip(walk);
}

static void
compare_transport(struct walk *walk, uint8_t protocol)
{
	switch (protocol) {
	case 4:
	case 41:
		walk->place = "inner ";
		compare_ip(walk);
		break;
	case 1:
	case 58:
		compare_icmp(walk, protocol == 58);
		break;
	case 6:
		compare_fields(walk, tcp_fields);
		break;
	case 17:
		compare_fields(walk, udp_fields);
		break;
	case 47:
		compare_gre(walk);
		break;
	case 132:
		compare_fields(walk, sctp_fields);
		break;
	}
}

static void
compare_ip(struct walk *walk)
{
	const uint8_t *ip = walk->expected->bytes + walk->offset;
	uint32_t start = walk->offset;
	uint8_t protocol = ip[0] >> 4 == 6 ? ip[6] : ip[9];

	if (walk->expected->length < walk->offset + 20)
		return;
	if (ip[0] >> 4 == 6) {
		compare_fields(walk, ipv6_fields);
		for (; protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60;) {
			const uint8_t *header = walk->expected->bytes + walk->offset;
			uint32_t bytes = protocol == 44 ? 8 : 8 + header[1] * 8u;

			protocol = header[0];
			compare(walk, "extension header", walk->offset, bytes);
			walk->offset += bytes;
		}
	} else {
		compare_fields(walk, ipv4_fields);
		compare(walk, "options", walk->offset, (ip[0] & 15u) * 4 - 20);
		walk->offset = start + (ip[0] & 15u) * 4;
	}
	compare_transport(walk, protocol);
}

void
packet_print_differences(const struct built_packet *actual, const struct built_packet *expected)
{
	struct walk walk = {.actual = actual, .expected = expected, .place = ""};

	if (actual->length != expected->length)
		printf("# length: actual %u, expected %u\n", actual->length, expected->length);
	compare_fields(&walk, ethernet_fields);
	if (expected->bytes[12] == 0x08 || expected->bytes[12] == 0x86)
		compare_ip(&walk);
	for (uint32_t i = walk.offset; i < actual->length || i < expected->length; i++) {
		if (actual->bytes[i] == expected->bytes[i])
			continue;
		compare(&walk, "payload, from", i, sizeof(actual->bytes) - i);
		return;
	}
}
