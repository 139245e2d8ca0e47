/*
 * control/nd.c: bytes on the wire. All frames were captured between two Linux 6.18 stacks (with
 * forwarding and ndisc_notify on): 02:00:00:00:00:01 has 2001:db8::64, 02:00:00:00:00:09 has
 * 2001:db8::9. Hostile ones are those with an octet changed and the checksum summed up by hand.
 */
#include "../control/nd.h"
#include "fixture.h"
#include "tap.h"

#define IP 14u
#define ICMP 54u
#define OPTION 78u

static const struct rte_ether_addr own = {.addr_bytes = {2, 0, 0, 0, 0, 1}};
static const struct rte_ether_addr peer = {.addr_bytes = {2, 0, 0, 0, 0, 9}};

static const char detection[] = "3333ff00006402000000000186dd6000000000203aff"
				"00000000000000000000000000000000"
				"ff0200000000000000000001ff000064"
				"8700fa020000000020010db8000000000000000000000064"
				"0e01ceec746500c9";
static const char announcement[] = "33330000000102000000000186dd6000000000203aff"
				   "20010db8000000000000000000000064"
				   "ff020000000000000000000000000001"
				   "88007864a000000020010db8000000000000000000000064"
				   "0201020000000001";
static const char question_of_peer[] = "3333ff00006402000000000986dd6000000000203aff"
				       "20010db8000000000000000000000009"
				       "ff0200000000000000000001ff000064"
				       "87001b530000000020010db8000000000000000000000064"
				       "0101020000000009";
static const char answer[] = "02000000000902000000000186dd6000000000203aff"
			     "20010db8000000000000000000000064"
			     "20010db8000000000000000000000009"
			     "880009a6e000000020010db8000000000000000000000064"
			     "0201020000000001";
static const char own_question[] = "3333ff00000802000000000186dd6000000000203aff"
				   "20010db8000000000000000000000064"
				   "ff0200000000000000000001ff000008"
				   "87001bb80000000020010db8000000000000000000000008"
				   "0101020000000001";
static const char own_probe[] = "02000000000902000000000186dd6000000000203aff"
				"fe80000000000000000000fffe000001"
				"20010db8000000000000000000000009"
				"87001c9d0000000020010db8000000000000000000000009"
				"0101020000000001";
static const char answer_to_probe[] = "02000000000102000000000986dd6000000000183aff"
				      "20010db8000000000000000000000009"
				      "fe80000000000000000000fffe000001"
				      "88005ea6c000000020010db8000000000000000000000009";

static struct rte_mbuf *packet;

static uint16_t
from_hex(const char *hex, uint8_t *octets)
{
	uint16_t length = (uint16_t)(strlen(hex) / 2);

	for (uint16_t i = 0; i < length; i++) {
		unsigned int octet = 0;

		sscanf(hex + 2 * i, "%2x", &octet);
		octets[i] = (uint8_t)octet;
	}
	return length;
}

static uint8_t *
fill(const char *hex)
{
	uint8_t octets[256];
	uint16_t length = from_hex(hex, octets);

	rte_pktmbuf_reset(packet);
	memcpy(rte_pktmbuf_append(packet, length), octets, length);
	return rte_pktmbuf_mtod(packet, uint8_t *);
}

static struct ks_ip
ip(const char *hex)
{
	uint8_t octets[16];

	from_hex(hex, octets);
	return ks_ip_from_octets(octets);
}

static void
is_built(const char *hex, const char *name)
{
	uint8_t expected[256];
	uint16_t length = from_hex(hex, expected);

	tap_equal_bytes(
		rte_pktmbuf_mtod(packet, const uint8_t *), packet->pkt_len, expected, length, name);
	rte_pktmbuf_reset(packet);
}

/* Octet by octet, with the tests' own sum: whatever was changed, the checksum is right again. */
static void
sum_up(uint8_t *frame)
{
	uint32_t length = (uint32_t)frame[IP + 4] << 8 | frame[IP + 5];
	uint32_t sum = summed(frame + IP + 8, 32, length + 58);

	put16(frame + ICMP + 2, 0);
	put16(frame + ICMP + 2, 0xffffu ^ summed(frame + ICMP, length, sum));
}

static bool
is_read(void)
{
	struct ks_nd nd;

	return ks_nd_read(packet, &nd);
}

/* The captured frame with one octet changed. */
static bool
is_read_with(const char *hex, uint32_t position, uint8_t octet)
{
	uint8_t *frame = fill(hex);

	frame[position] = octet;
	sum_up(frame);
	return is_read();
}

static void
test_reading(void)
{
	struct ks_nd nd;

	fill(question_of_peer);
	tap_ok(ks_nd_read(packet, &nd) && nd.is_solicitation, "a solicitation");
	tap_ok(ks_ip_equal(nd.source, ip("20010db8000000000000000000000009")) &&
			ks_ip_equal(nd.target, ip("20010db8000000000000000000000064")) &&
			nd.has_mac && rte_is_same_ether_addr(&nd.mac, &peer) &&
			rte_is_same_ether_addr(&nd.frame, &peer),
		"with its fields");
	fill(answer);
	tap_ok(ks_nd_read(packet, &nd) && !nd.is_solicitation && nd.is_solicited &&
			nd.is_override && nd.has_mac && rte_is_same_ether_addr(&nd.mac, &own),
		"an advertisement that was asked for");
	fill(announcement);
	tap_ok(ks_nd_read(packet, &nd) && !nd.is_solicited && nd.is_override, "one that was not");
	fill(answer_to_probe);
	tap_ok(ks_nd_read(packet, &nd) && nd.is_solicited && !nd.is_override && !nd.has_mac &&
			ks_ip_equal(nd.target, ip("20010db8000000000000000000000009")),
		"one without a MAC address");
	fill(detection);
	tap_ok(ks_nd_read(packet, &nd) && nd.is_solicitation && ks_ip_is_none(nd.source) &&
			!nd.has_mac,
		"of a host that looks whether its address is free, with an option that we do not "
		"know");
	fill(question_of_peer);
	memset(rte_pktmbuf_append(packet, 6), 0x55, 6);
	tap_ok(is_read(), "Ethernet padding does not matter");
}

static void
test_building(void)
{
	const struct ks_ip vip = ip("20010db8000000000000000000000064");
	const struct ks_ip server = ip("20010db8000000000000000000000009");

	/* Whatever the buffer held before. */
	memset(rte_pktmbuf_mtod(packet, uint8_t *), 0xa5, 128);
	ks_nd_solicit(packet, &(struct ks_nd_solicitation){.from = &own,
				      .source = vip,
				      .target = ip("20010db8000000000000000000000008")});
	is_built(own_question, "asks the group as Linux does");
	ks_nd_solicit(packet, &(struct ks_nd_solicitation){.from = &own,
				      .to = &peer,
				      .source = ks_nd_link_local(&own),
				      .target = server});
	is_built(own_probe, "probes a known neighbour, with the link-local address of its MAC");
	ks_nd_advertise(packet, &(struct ks_nd_advertisement){
					.mac = &own, .to_mac = &peer, .to = server, .target = vip});
	is_built(answer, "answers as a router");
	ks_nd_advertise(packet, &(struct ks_nd_advertisement){.mac = &own, .target = vip});
	is_built(announcement, "announces to all nodes");
}

static void
test_lengths(const char *hex, uint16_t least, const char *name)
{
	uint8_t octets[256];
	uint16_t whole = from_hex(hex, octets);
	bool is_right = true;

	for (uint16_t length = 0; length < whole; length++) {
		uint8_t *frame = fill(hex);

		rte_pktmbuf_trim(packet, (uint16_t)(whole - length));
		is_right &= !is_read();
		if (length < ICMP)
			continue;
		/* The same, with a header that says so. */
		put16(frame + IP + 4, length - ICMP);
		if (length >= ICMP + 8)
			sum_up(frame);
		is_right &= is_read() == (length == least);
	}
	tap_ok(is_right, "%s: no length but those that hold whole options", name);
}

static void
test_hostile(void)
{
	uint8_t *frame = fill(question_of_peer);

	frame[ICMP + 3] ^= 1;
	tap_ok(!is_read(), "checksum wrong");
	fill(question_of_peer)[ICMP + 20] ^= 4;
	tap_ok(!is_read(), "target changed on its way");
	tap_ok(!is_read_with(question_of_peer, IP + 7, 254), "hop limit 254: from afar");
	tap_ok(!is_read_with(question_of_peer, IP, 0x40), "not version 6");
	tap_ok(!is_read_with(question_of_peer, IP + 6, 17), "not ICMPv6");
	tap_ok(!is_read_with(question_of_peer, 12, 0x08), "not IPv6");
	tap_ok(!is_read_with(question_of_peer, ICMP + 1, 1), "code 1");
	for (uint8_t type = 128; type < 140; type++) {
		if (type != 135 && type != 136 && is_read_with(question_of_peer, ICMP, type))
			tap_ok(false, "type %u", type);
	}
	tap_ok(!is_read_with(question_of_peer, ICMP, 134), "a router's are the kernel's");
	tap_ok(!is_read_with(question_of_peer, ICMP, 137), "and redirects");
	tap_ok(!is_read_with(question_of_peer, ICMP + 8, 0xff), "multicast target");
	tap_ok(!is_read_with(answer, ICMP + 8, 0xff), "advertised, too");
	tap_ok(!is_read_with(question_of_peer, IP + 8, 0xff), "multicast source");
	tap_ok(!is_read_with(question_of_peer, OPTION + 1, 0), "an option of length 0");
	tap_ok(!is_read_with(detection, OPTION + 1, 0), "also one that we do not know");
	tap_ok(!is_read_with(question_of_peer, OPTION + 1, 2), "an option beyond the end");
	tap_ok(!is_read_with(question_of_peer, OPTION + 1, 255), "far beyond it");
	tap_ok(!is_read_with(question_of_peer, OPTION + 2, 0x33), "a multicast MAC address");
	tap_ok(!is_read_with(question_of_peer, 6, 0x33), "a frame from a multicast address");
	frame = fill(question_of_peer);
	memset(frame + OPTION + 2, 0, 6);
	sum_up(frame);
	tap_ok(!is_read(), "a MAC address of zeros");
	frame = fill(question_of_peer);
	put16(frame + IP + 4, 0xffff);
	tap_ok(!is_read(), "a length beyond the frame");
	frame = fill(question_of_peer);
	memset(frame + ICMP + 8, 0, 16);
	sum_up(frame);
	tap_ok(!is_read(), "target ::");

	tap_ok(!is_read_with(detection, OPTION, 1), "from :: with a MAC address");
	tap_ok(!is_read_with(detection, IP + 24 + 11, 2), "from :: not to a solicited-node group");
	frame = fill(answer);
	memset(frame + IP + 8, 0, 16);
	sum_up(frame);
	tap_ok(!is_read(), "advertised from ::");
	tap_ok(!is_read_with(announcement, ICMP + 4, 0xe0), "solicited, and yet to all nodes");
	tap_ok(is_read_with(question_of_peer, ICMP + 4, 0xff), "reserved bits do not matter");
}

int
main(int argc, char **argv)
{
	struct world *world = world_open(argv[0], 64);

	(void)argc;
	packet = rte_pktmbuf_alloc(world->pool);
	test_reading();
	test_building();
	test_lengths(question_of_peer, OPTION, "solicitation");
	test_lengths(answer, OPTION, "advertisement");
	test_hostile();
	rte_pktmbuf_free(packet);
	return tap_done();
}
