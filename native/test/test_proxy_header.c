/*
 * proxy_header.c, proxy_header_text.c, proxy_header_udp.c: headers of both versions after
 * proxy-protocol.txt, written, found, replaced, translated; and in front of datagrams.
 */
#include <arpa/inet.h>

#include "proxy_header.h"
#include "proxy_header_text.h"
#include "proxy_header_udp.h"
#include "sample.h"

#define SIGNATURE "0d0a0d0a000d0a515549540a "
#define V2_TCP4 SIGNATURE "21 11 000c c6336407 c000020a 9c40 0050 "
#define V2_UDP4 SIGNATURE "21 12 000c c6336407 c000020a 9c40 0050 "
#define V2_TCP6                                                                                    \
	SIGNATURE "21 21 0024 20010db8000000000000000000000007 "                                   \
		  "20010db8000000000000000000000010 9c40 0050 "
#define V2_UDP6                                                                                    \
	SIGNATURE "21 22 0024 20010db8000000000000000000000007 "                                   \
		  "20010db8000000000000000000000010 9c40 0050 "

static struct ks_ip
ip6(const char *text)
{
	uint8_t octets[16];

	inet_pton(AF_INET6, text, octets);
	return ks_ip_from_octets(octets);
}

static struct ks_proxy_addresses
ours(bool is_v6)
{
	struct ks_ip client = is_v6 ? ip6("2001:db8::7") : ks_ip_from_v4(RTE_BE32(0xc6336407));
	struct ks_ip service = is_v6 ? ip6("2001:db8::10") : ks_ip_from_v4(RTE_BE32(0xc000020a));

	return ks_proxy_addresses_of(client, RTE_BE16(40000), service, RTE_BE16(80));
}

static void
expect_octets(const char *name, const struct ks_proxy_addresses *addresses, uint8_t protocol,
	const char *hex)
{
	uint8_t octets[KS_PROXY_HEADER_BYTES_MAX], expected[KS_PROXY_HEADER_BYTES_MAX];
	uint32_t bytes = ks_proxy_header_write(octets, addresses, 2, protocol);

	tap_equal_bytes(octets, bytes, expected, sample_parse(hex, expected), name);
}

static void
expect_text(const char *name, const struct ks_proxy_addresses *addresses, const char *text)
{
	uint8_t octets[KS_PROXY_HEADER_BYTES_MAX];
	uint32_t bytes = ks_proxy_header_write(octets, addresses, 1, IPPROTO_TCP);

	tap_equal_bytes(octets, bytes, (const uint8_t *)text, (uint32_t)strlen(text), name);
}

static void
test_write(void)
{
	struct ks_proxy_addresses addresses = ours(false), none = {.family = KS_PROXY_UNKNOWN};

	expect_octets("v2, TCP over IPv4", &addresses, IPPROTO_TCP, V2_TCP4);
	expect_octets("v2, UDP over IPv4", &addresses, IPPROTO_UDP, V2_UDP4);
	expect_text("v1, IPv4", &addresses, "PROXY TCP4 198.51.100.7 192.0.2.10 40000 80\r\n");
	addresses = ours(true);
	expect_octets("v2, TCP over IPv6", &addresses, IPPROTO_TCP, V2_TCP6);
	expect_octets("v2, UDP over IPv6", &addresses, IPPROTO_UDP, V2_UDP6);
	expect_text("v1, IPv6", &addresses, "PROXY TCP6 2001:db8::7 2001:db8::10 40000 80\r\n");
	expect_octets("v2 without addresses is LOCAL", &none, IPPROTO_TCP, SIGNATURE "20 00 0000");
	expect_text("v1 without addresses", &none, "PROXY UNKNOWN\r\n");
	addresses = ks_proxy_addresses_of(
		ks_ip_from_v4(UINT32_MAX), UINT16_MAX, ks_ip_from_v4(UINT32_MAX), UINT16_MAX);
	expect_text("v1, the longest of IPv4", &addresses,
		"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n");
	addresses = ks_proxy_addresses_of(ip6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
		UINT16_MAX, ip6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), UINT16_MAX);
	expect_text("v1, the longest of IPv6", &addresses,
		"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n");
	addresses = ks_proxy_addresses_of(ip6("::1"), 0, ip6("2001:0:0:1::1"), 0);
	expect_text("v1, zeros are shortened", &addresses, "PROXY TCP6 ::1 2001:0:0:1::1 0 0\r\n");
	addresses = ks_proxy_addresses_of(ip6("1:0:2:0:3:0:4:0"), 0, ip6("fe80::"), 0);
	expect_text("v1, a single zero is none", &addresses,
		"PROXY TCP6 1:0:2:0:3:0:4:0 fe80:: 0 0\r\n");
}

struct line {
	const char *text;
	uint8_t bytes; /* found; 0: none */
	bool is_broken;
};

#define F39 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

static const struct line lines[] = {
	{"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET /", 47, false},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 0 0\r\n", 32, false},
	{"PROXY TCP6 ::1 fe80::1 1 2\r\n", 28, false},
	{"PROXY TCP6 ::FFFF:1.2.3.4 1:2:3:4:5:6:7:8 1 2\r\nx", 47, false},
	{"PROXY TCP6 1:2:3:4:5:6:7:: :: 1 2\r\n", 35, false},
	{"PROXY UNKNOWN\r\n", 15, false},
	{"PROXY UNKNOWN " F39 " " F39 " 65535 65535\r\n", 107, false},
	{"PROXY UNKNOWN " F39 " " F39 " 65535 655355\r\n", 0, true},
	{"PROXY UNKNOWNX\r\n", 0, true},
	{"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r", 0, true},
	{"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\n", 0, true},
	{"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443", 0, true},
	{"PROXY TCP4 192.168.0.1 192.168.0.11 56324\r443\r\n", 0, true},
	{"PROXY TCP4 192.168.0.01 192.168.0.11 56324 443\r\n", 0, true},
	{"PROXY TCP4 192.168.0.256 192.168.0.11 56324 443\r\n", 0, true},
	{"PROXY TCP4 192.168.0 192.168.0.11 56324 443\r\n", 0, true},
	{"PROXY TCP4 192.168.0.1 192.168.0.11 65536 443\r\n", 0, true},
	{"PROXY TCP4 192.168.0.1 192.168.0.11 00 443\r\n", 0, true},
	{"PROXY TCP4 192.168.0.1  192.168.0.11 1 443\r\n", 0, true},
	{"PROXY TCP4 192.168.0.1 192.168.0.11 1 443 \r\n", 0, true},
	{"PROXY TCP4 ::1 ::2 1 443\r\n", 0, true},
	{"PROXY TCP6 1.2.3.4 1.2.3.4 1 443\r\n", 0, true},
	{"PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n", 0, true},
	{"PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n", 0, true},
	{"PROXY TCP6 1::2::3 ::1 1 2\r\n", 0, true},
	{"PROXY TCP6 1.2.3.4:: ::1 1 2\r\n", 0, true},
	{"PROXY TCP6 12345::1 ::1 1 2\r\n", 0, true},
	{"PROXY TCP6 :::1 ::1 1 2\r\n", 0, true},
	{"PROXY TCP6 1: ::1 1 2\r\n", 0, true},
	{"PROXY tcp4 1.2.3.4 5.6.7.8 0 0\r\n", 0, true},
	{"PROXY UDP4 1.2.3.4 5.6.7.8 0 0\r\n", 0, true},
	{"PROXY \r\n", 0, true},
	{"PROXY", 0, false},
	{"PROXYTCP4 1.2.3.4 5.6.7.8 0 0\r\n", 0, false},
	{"GET / HTTP/1.1\r\n", 0, false},
	{"", 0, false},
};

/* A copy of exactly its size, so that ASan sees whoever reads on. */
static struct ks_proxy_found
find(const uint8_t *octets, uint32_t bytes, uint8_t protocol)
{
	uint8_t *copy = malloc(bytes > 0 ? bytes : 1);
	struct ks_proxy_found found;

	memcpy(copy, octets, bytes);
	found = ks_proxy_header_find(copy, bytes, protocol);
	free(copy);
	return found;
}

static void
test_find_text(void)
{
	struct ks_proxy_found found;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		uint32_t bytes = (uint32_t)strlen(lines[i].text);

		found = find((const uint8_t *)lines[i].text, bytes, IPPROTO_TCP);
		tap_ok(found.bytes == lines[i].bytes && found.is_broken == lines[i].is_broken &&
				found.version == (lines[i].bytes > 0),
			"line %zu: %u octets found", i, found.bytes);
	}
	found = find((const uint8_t *)lines[0].text, 47, IPPROTO_TCP);
	tap_ok(found.addresses.family == KS_PROXY_IPV4 &&
			ks_ip_equal(found.addresses.source, ip6("::ffff:192.168.0.1")) &&
			ks_ip_equal(found.addresses.destination, ip6("::ffff:192.168.0.11")) &&
			found.addresses.source_port_be == RTE_BE16(56324) &&
			found.addresses.destination_port_be == RTE_BE16(443),
		"the specification's example is read");
	found = find((const uint8_t *)lines[0].text, 47, IPPROTO_UDP);
	tap_ok(found.bytes == 0 && !found.is_broken, "datagrams have no lines");
}

/* Our text of any IPv6 address against inet_ntop's and back, but for ::1.2.3.4 of its own. */
static void
test_addresses(void)
{
	uint32_t seed = 88172645u, wrong = 0;

	for (uint32_t round = 0; round < 20000; round++) {
		uint8_t octets[16], line[KS_PROXY_HEADER_BYTES_MAX];
		char text[64], expected[128];
		struct ks_proxy_addresses addresses = ours(true), back;
		uint32_t bytes;

		for (uint32_t i = 0; i < 16; i += 2) {
			uint32_t word = sample_random(&seed);

			put16(octets + i, word % 3 == 0 ? 0 : word >> (8 + word % 4 * 4) & 0xffff);
		}
		octets[0] |= 0x20;
		inet_ntop(AF_INET6, octets, text, sizeof(text));
		snprintf(expected, sizeof(expected), "PROXY TCP6 %s 2001:db8::10 40000 80\r\n",
			text);
		addresses.source = ks_ip_from_octets(octets);
		bytes = ks_proxy_text_write(line, &addresses);
		wrong += bytes != strlen(expected) || memcmp(line, expected, bytes) != 0;
		wrong += !ks_proxy_text_read(line, bytes, &back) ||
			 memcmp(&back, &addresses, sizeof(back)) != 0;
	}
	tap_equal(wrong, 0, "any address is written as RFC 5952 says, and read again");
}

struct binary {
	const char *name;
	const char *hex;
	uint16_t bytes;
	bool is_broken;
	uint8_t family;
};

static const struct binary binaries[] = {
	{"TCP over IPv4", V2_TCP4 "616263", 28, false, KS_PROXY_IPV4},
	{"TCP over IPv6", V2_TCP6, 52, false, KS_PROXY_IPV6},
	{"with a TLV", SIGNATURE "21 11 0011 c6336407 c000020a 9c40 0050 04 0002 abcd 61", 33,
		false, KS_PROXY_IPV4},
	{"LOCAL", SIGNATURE "20 00 0000", 16, false, KS_PROXY_UNKNOWN},
	{"LOCAL with addresses", SIGNATURE "20 11 000c c6336407 c000020a 9c40 0050", 28, false,
		KS_PROXY_UNKNOWN},
	{"unspecified", SIGNATURE "21 00 0003 aabbcc", 19, false, KS_PROXY_UNKNOWN},
	{"another transport", SIGNATURE "21 12 000c c6336407 c000020a 9c40 0050", 28, false,
		KS_PROXY_UNKNOWN},
	{"addresses too short", SIGNATURE "21 11 000b c6336407 c000020a 9c40 0050", 0, true, 0},
	{"IPv6's too short", SIGNATURE "21 21 000c c6336407 c000020a 9c40 0050", 0, true, 0},
	{"UNIX's too short", SIGNATURE "21 31 000c c6336407 c000020a 9c40 0050", 0, true, 0},
	{"not whole", SIGNATURE "21 11 000c c6336407 c000020a 9c40 00", 0, true, 0},
	{"a length that lies", SIGNATURE "21 11 ffff c6336407 c000020a 9c40 0050", 0, true, 0},
	{"version 1 in binary", SIGNATURE "11 11 000c c6336407 c000020a 9c40 0050", 0, true, 0},
	{"an unknown command", SIGNATURE "22 11 000c c6336407 c000020a 9c40 0050", 0, true, 0},
	{"an unknown family", SIGNATURE "21 41 000c c6336407 c000020a 9c40 0050", 0, true, 0},
	{"an unknown transport", SIGNATURE "21 13 000c c6336407 c000020a 9c40 0050", 0, true, 0},
	{"the signature alone", SIGNATURE, 0, true, 0},
	{"half a signature", "0d0a0d0a000d", 0, false, 0},
};

static void
test_find_binary(void)
{
	uint8_t octets[128];

	for (size_t i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++) {
		uint32_t bytes = sample_parse(binaries[i].hex, octets);
		struct ks_proxy_found found = find(octets, bytes, IPPROTO_TCP);

		tap_ok(found.bytes == binaries[i].bytes &&
				found.is_broken == binaries[i].is_broken &&
				found.addresses.family == binaries[i].family,
			"%s: %u octets found", binaries[i].name, found.bytes);
	}
}

struct datagram {
	const char *name;
	bool is_v6;
	uint8_t protocol;
	uint16_t mtu_bytes;
	uint8_t result;
	uint8_t client;
	const char *before;
	const char *after;
	const char *apart; /* NULL: none */
};

#define V4(length) "4500 " length " beef 4000 3f11 0000 0a000005 0a000065 9c41 0035 "
#define V6(length)                                                                                 \
	"60000000 " length " 11 3f fd000000000000000000000000000005 "                              \
	"fd000000000000000000000000000065 9c41 0035 "

static const struct datagram datagrams[] = {
	{"IPv4", false, KS_PROXY_V2, 1500, KS_PROXY_ADDED, KS_PROXY_CLIENT_SILENT,
		V4("001f") "000b 0000 616263", V4("003b") "0027 0000 " V2_UDP4 "616263", NULL},
	{"IPv6", true, KS_PROXY_V2, 1500, KS_PROXY_ADDED, KS_PROXY_CLIENT_SILENT,
		V6("000b") "000b 0000 616263", V6("003f") "003f 0000 " V2_UDP6 "616263", NULL},
	{"an empty datagram", false, KS_PROXY_V2, 1500, KS_PROXY_ADDED, KS_PROXY_CLIENT_SILENT,
		V4("001c") "0008 0000", V4("0038") "0024 0000 " V2_UDP4, NULL},
	{"no room under the MTU", false, KS_PROXY_V2, 58, KS_PROXY_ADDED_APART,
		KS_PROXY_CLIENT_SILENT, V4("001f") "000b 0000 616263",
		V4("001f") "000b 0000 616263", V4("0038") "0024 0000 " V2_UDP4},
	{"the client's own is replaced", false, KS_PROXY_V2, 1500, KS_PROXY_ADDED,
		KS_PROXY_CLIENT_REPLACED,
		V4("0040") "002c 0000 " SIGNATURE
			   "21 12 000f 7f000001 7f000001 0001 0002 04 0000 6162"
			   "6364 65",
		V4("003d") "0029 0000 " V2_UDP4 "6162636465", NULL},
	{"or passed on", false, KS_PROXY_V2_INSECURE, 1500, KS_PROXY_PASSED, KS_PROXY_CLIENT_KEPT,
		V4("003a") "0026 0000 " SIGNATURE "21 12 000c 7f000001 7f000001 0001 0002 6162",
		V4("003a") "0026 0000 " SIGNATURE "21 12 000c 7f000001 7f000001 0001 0002 6162",
		NULL},
	{"a line is payload", false, KS_PROXY_V2, 1500, KS_PROXY_ADDED, KS_PROXY_CLIENT_SILENT,
		V4("002b") "0017 0000 50524f585920554e4b4e4f574e0d0a",
		V4("0047") "0033 0000 " V2_UDP4 "50524f585920554e4b4e4f574e0d0a", NULL},
	{"a broken one is payload", false, KS_PROXY_V2, 1500, KS_PROXY_ADDED,
		KS_PROXY_CLIENT_BROKEN, V4("002c") "0018 0000 " SIGNATURE "21 12 000c",
		V4("0048") "0034 0000 " V2_UDP4 SIGNATURE "21 12 000c", NULL},
	{"version 1 has no datagrams", false, KS_PROXY_V1, 1500, KS_PROXY_NO_VERSION,
		KS_PROXY_CLIENT_UNDECIDED, V4("001d") "0009 0000 61", V4("001d") "0009 0000 61",
		NULL},
};

static void
test_datagrams(void)
{
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++) {
		const struct datagram *one = &datagrams[i];
		struct ks_proxy_addresses addresses = ours(one->is_v6);
		enum ks_proxy_client client;
		struct sample sample, apart;

		sample_begin(&sample, one->before);
		sample_begin_empty(&apart, 128);
		if (one->apart != NULL)
			tap_equal(ks_proxy_udp_first(&addresses, one->protocol, &sample.headers,
					  one->mtu_bytes, NULL, &client),
				KS_PROXY_NEEDS_PACKET, one->name);
		tap_equal(ks_proxy_udp_first(&addresses, one->protocol, &sample.headers,
				  one->mtu_bytes, &apart.mbuf, &client),
			one->result, one->name);
		tap_equal(client, one->client, "what the client sent is told");
		sample_is(&sample, one->after, one->name);
		if (one->apart != NULL)
			sample_is(&apart, one->apart, "the header has a datagram of its own");
		sample_end(&sample);
		sample_end(&apart);
	}
}

static void
test_hostile_datagrams(void)
{
	struct ks_proxy_addresses addresses = ours(false);
	enum ks_proxy_client client;
	struct sample sample;

	sample_begin(&sample, V4("001f") "000c 0000 616263");
	tap_equal(ks_proxy_udp_first(&addresses, KS_PROXY_V2, &sample.headers, 1500, NULL, &client),
		KS_PROXY_MALFORMED, "a length beyond the packet");
	sample_end(&sample);
	sample_begin(&sample, V4("001f") "0007 0000 616263");
	tap_equal(ks_proxy_udp_first(&addresses, KS_PROXY_V2, &sample.headers, 1500, NULL, &client),
		KS_PROXY_MALFORMED, "a length below the header");
	sample_end(&sample);
	sample_begin(&sample, V4("001f") "000b 0000 616263");
	put16(sample_ip(&sample) + 26, 0);
	ks_proxy_udp_first(&addresses, KS_PROXY_V2, &sample.headers, 1500, NULL, &client);
	tap_ok(sample_ip(&sample)[26] == 0 && sample_ip(&sample)[27] == 0,
		"no checksum stays none");
	sample_end(&sample);
	sample_begin(&sample, V4("001f") "000b 0000 616263");
	sample_ip(&sample)[28] ^= 1;
	ks_proxy_udp_first(&addresses, KS_PROXY_V2, &sample.headers, 1500, NULL, &client);
	sample_ip(&sample)[28 + 28] ^= 1;
	tap_ok(sample_is_sound(&sample), "an error of the payload is not healed");
	sample_end(&sample);
}

int
main(void)
{
	test_write();
	test_find_text();
	test_addresses();
	test_find_binary();
	test_datagrams();
	test_hostile_datagrams();
	return tap_done();
}
