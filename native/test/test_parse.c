/* parse.c: which frames are what, and that no byte beyond the frame is read. */
#include <stdlib.h>

#include "packet_builder.h"
#include "parse.h"
#include "tap.h"

static const struct rte_ether_addr port_mac = {{2, 0, 0, 0, 0, 0x10}};

static const struct packet_spec tcp_spec = {
	.source_mac = 1,
	.destination_mac = 0x10,
	.source = IPV4(198, 51, 100, 7),
	.destination = IPV4(192, 0, 2, 10),
	.source_port = 40000,
	.destination_port = 80,
	.protocol = BUILT_TCP,
	.tcp_flags = SYN,
	.ttl = 64,
	.payload_bytes = 3,
};

/* In memory of exactly that size, so that the sanitizer sees a read beyond it. */
static struct ks_packet
parsed(const uint8_t *bytes, uint32_t length)
{
	struct ks_packet packet;
	uint8_t *frame = malloc(length > 0 ? length : 1);

	memset(&packet, 0xa5, sizeof(packet));
	memcpy(frame, bytes, length);
	ks_parse(&packet, frame, length, &port_mac);
	if (packet.verdict == KS_VERDICT_UNDECIDED && packet.kind == KS_PACKET_FLOW)
		ks_parse_complete_checksum(&packet);
	free(frame);
	packet.frame = NULL;
	return packet;
}

static void
test_sound(void)
{
	struct packet_spec spec = tcp_spec;
	struct built_packet built = build(&spec);
	struct ks_packet packet = parsed(built.bytes, built.length);
	struct ks_flow_key expected = {.source_be = RTE_BE32(IPV4(198, 51, 100, 7)),
		.destination_be = RTE_BE32(IPV4(192, 0, 2, 10)),
		.source_port_be = RTE_BE16(40000),
		.destination_port_be = RTE_BE16(80),
		.protocol = 6};

	tap_equal(packet.verdict, KS_VERDICT_UNDECIDED, "TCP goes on");
	tap_equal(packet.kind, KS_PACKET_FLOW, "TCP is a flow");
	tap_equal(packet.tcp_flags, SYN, "TCP flags");
	tap_equal(packet.ip_length_bytes, 43, "IP length");
	tap_equal(packet.l4_offset_bytes, 34, "offset of TCP");
	tap_ok(memcmp(&packet.key, &expected, sizeof(expected)) == 0, "key of TCP");

	spec.option_words = 10;
	built = build(&spec);
	packet = parsed(built.bytes, built.length);
	tap_equal(packet.l4_offset_bytes, 74, "offset behind IP options");
	tap_equal(packet.kind, KS_PACKET_FLOW, "IP options are no obstacle");

	spec.protocol = BUILT_UDP;
	built = build(&spec);
	packet = parsed(built.bytes, built.length);
	tap_equal(packet.kind, KS_PACKET_FLOW, "UDP is a flow");
	tap_equal(packet.tcp_flags, 0, "UDP has no TCP flags");

	spec.fragment = 0x2000;
	built = build(&spec);
	tap_equal(parsed(built.bytes, built.length).kind, KS_PACKET_FRAGMENT, "first fragment");
	spec.fragment = 0x1fff;
	built = build(&spec);
	tap_equal(parsed(built.bytes, built.length).kind, KS_PACKET_FRAGMENT, "last fragment");
	spec.fragment = 0x4000;
	built = build(&spec);
	tap_equal(parsed(built.bytes, built.length).kind, KS_PACKET_FLOW, "DF is no fragment");
}

/* Whatever ends the frame early: truncated if the headers promise more, never read beyond. */
static void
test_every_length(void)
{
	struct built_packet built = build(&tcp_spec);
	uint32_t wrong = 0;

	for (uint32_t length = 0; length <= built.length; length++) {
		uint8_t verdict = parsed(built.bytes, length).verdict;
		uint8_t expected =
			length == built.length ? KS_VERDICT_UNDECIDED : KS_VERDICT_drop_truncated;

		wrong += verdict != expected;
	}
	tap_equal(wrong, 0, "a TCP frame cut at every length");
}

/* The IP length shortened with the frame, header checksum kept right. */
static void
test_every_ip_length(uint8_t protocol, uint32_t whole_header_bytes, const char *name)
{
	struct packet_spec spec = tcp_spec;
	struct built_packet built;
	uint32_t wrong = 0;

	spec.protocol = protocol;
	built = build(&spec);
	for (uint32_t length = 0; length <= built.length - 14; length++) {
		uint8_t *ip = built.bytes + 14;
		uint8_t expected = length < 20 + whole_header_bytes ? KS_VERDICT_drop_malformed
								    : KS_VERDICT_UNDECIDED;

		/* A UDP length beyond the IP length is a contradiction as well. */
		if (protocol == BUILT_UDP && length < built.length - 14)
			expected = KS_VERDICT_drop_malformed;
		put16(ip + 2, length);
		put16(ip + 10, 0);
		put16(ip + 10, (uint16_t)~summed(ip, 20, 0));
		wrong += parsed(built.bytes, built.length).verdict != expected;
	}
	tap_equal(wrong, 0, name);
}

struct mutation {
	const char *description;
	uint32_t offset;
	uint8_t value;
	bool keeps_checksum; /* the IP checksum is left as it was */
	enum ks_verdict verdict;
};

static const struct mutation mutations[] = {
	{"another station's MAC", 5, 0x99, false, KS_VERDICT_drop_foreign_mac},
	{"a multicast MAC", 0, 1, false, KS_VERDICT_punt_kernel},
	{"ARP", 13, 6, false, KS_VERDICT_punt_arp},
	{"a VLAN tag", 12, 0x81, false, KS_VERDICT_punt_kernel},
	{"IPv6", 12, 0x86, false, KS_VERDICT_punt_kernel},
	{"IP version 6 in an IPv4 frame", 14, 0x65, false, KS_VERDICT_drop_malformed},
	{"an IP header of 16 octets", 14, 0x44, false, KS_VERDICT_drop_malformed},
	{"an IP header longer than the packet", 14, 0x4f, false, KS_VERDICT_drop_malformed},
	{"a wrong IP checksum", 18, 0x77, true, KS_VERDICT_drop_ip_checksum},
	{"an IP length beyond the frame", 16, 1, false, KS_VERDICT_drop_truncated},
	{"a TCP header of 16 octets", 46, 0x40, false, KS_VERDICT_drop_malformed},
	{"a TCP header longer than the segment", 46, 0x60, false, KS_VERDICT_drop_malformed},
	{"an unknown protocol", 23, 132, false, KS_VERDICT_UNDECIDED},
};

static void
test_mutations(void)
{
	for (uint32_t i = 0; i < RTE_DIM(mutations); i++) {
		const struct mutation *mutation = &mutations[i];
		struct built_packet built = build(&tcp_spec);
		uint8_t *ip = built.bytes + 14;

		built.bytes[mutation->offset] = mutation->value;
		if (!mutation->keeps_checksum) {
			put16(ip + 10, 0);
			put16(ip + 10, (uint16_t)~summed(ip, 20, 0));
		}
		tap_equal(parsed(built.bytes, built.length).verdict, mutation->verdict,
			mutation->description);
	}
}

static void
test_completion(uint8_t protocol, uint16_t payload_bytes, const char *name)
{
	struct packet_spec spec = tcp_spec;
	struct built_packet partial, full;
	struct ks_packet packet;

	spec.protocol = protocol;
	spec.payload_bytes = payload_bytes;
	full = build(&spec);
	spec.checksum = CHECKSUM_PARTIAL;
	spec.padding_bytes = 5;
	partial = build(&spec);
	ks_parse(&packet, partial.bytes, partial.length, &port_mac);
	tap_ok(ks_parse_complete_checksum(&packet), "%s: completed", name);
	tap_equal_bytes(partial.bytes, full.length, full.bytes, full.length, name);
	tap_ok(!ks_parse_complete_checksum(&packet), "%s: once only", name);
}

int
main(void)
{
	test_sound();
	test_every_length();
	test_every_ip_length(BUILT_TCP, 20, "TCP with every IP length");
	test_every_ip_length(BUILT_UDP, 8, "UDP with every IP length");
	test_mutations();
	test_completion(BUILT_TCP, 0, "partial checksum of an empty TCP segment");
	test_completion(BUILT_TCP, 101, "partial checksum of an odd TCP segment");
	test_completion(BUILT_UDP, 33, "partial checksum of an odd UDP datagram");
	return tap_done();
}
