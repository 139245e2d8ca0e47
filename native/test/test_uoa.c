/* uoa.c: UOA as DPVS and uoa.ko know it, in both carriers, in place and apart. */
#include "sample.h"
#include "uoa.h"

#define CLIENT_V4 ks_ip_from_v4(RTE_BE32(0xc6336407)) /* 198.51.100.7 */
#define CLIENT_PORT RTE_BE16(40000)
#define MTU 1500u
#define TRAILS 3u

#define V4(ihl, length, protocol)                                                                  \
	"4" ihl "00 " length " beef 4000 3f " protocol " 0000 0a000005 0a000065 "
#define V6(length, next)                                                                           \
	"60000000 " length " " next " 3f fd000000000000000000000000000005 "                        \
	"fd000000000000000000000000000065 "
#define UDP(length) "9c41 0035 " length " 0000 "
#define UOA_V4 "1f08 9c40 c6336407 "
#define UOA_V6 "1f14 9c40 20010db8000000000000000000000007 "
#define OPP_V4 "10 11 000c " UOA_V4
#define OPP_V6 "20 11 0018 " UOA_V6

static struct ks_ip
client_v6(void)
{
	static const uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};

	return ks_ip_from_octets(octets);
}

struct case_in_place {
	const char *name;
	bool is_client_v6;
	uint8_t mode;
	const char *before;
	const char *after;
};

static const struct case_in_place in_place[] = {
	{"opp, IPv4", false, KS_UOA_PROTOCOL, V4("5", "001f", "11") UDP("000b") "616263",
		V4("5", "002b", "f8") OPP_V4 UDP("000b") "616263"},
	{"opp, IPv6", true, KS_UOA_PROTOCOL, V6("000b", "11") UDP("000b") "616263",
		V6("0023", "f8") OPP_V6 UDP("000b") "616263"},
	{"opp, NAT64", true, KS_UOA_PROTOCOL, V4("5", "001d", "11") UDP("0009") "61",
		V4("5", "0035", "f8") OPP_V6 UDP("0009") "61"},
	{"opp, a client of IPv4 in IPv6", false, KS_UOA_PROTOCOL, V6("0009", "11") UDP("0009") "61",
		V6("0015", "f8") OPP_V4 UDP("0009") "61"},
	{"opp behind IPv4 options", false, KS_UOA_PROTOCOL,
		V4("6", "0021", "11") "94040000" UDP("0009") "61",
		V4("6", "002d", "f8") "94040000" OPP_V4 UDP("0009") "61"},
	{"ipo", false, KS_UOA_OPTION, V4("5", "001f", "11") UDP("000b") "616263",
		V4("7", "0027", "11") UOA_V4 UDP("000b") "616263"},
	{"ipo before other options", false, KS_UOA_OPTION,
		V4("6", "0021", "11") "94040000" UDP("0009") "61",
		V4("8", "0029", "11") UOA_V4 "94040000" UDP("0009") "61"},
	{"ipo, an empty datagram", false, KS_UOA_OPTION, V4("5", "001c", "11") UDP("0008"),
		V4("7", "0024", "11") UOA_V4 UDP("0008")},
};

static void
test_in_place(void)
{
	for (size_t i = 0; i < sizeof(in_place) / sizeof(in_place[0]); i++) {
		const struct case_in_place *one = &in_place[i];
		struct ks_ip client = one->is_client_v6 ? client_v6() : CLIENT_V4;
		uint8_t left = ks_uoa_begin(TRAILS);
		struct sample sample;

		sample_begin(&sample, one->before);
		tap_equal(ks_uoa_insert(&left, &sample.headers, one->mode, client, CLIENT_PORT, MTU,
				  NULL),
			KS_UOA_INSERTED, one->name);
		sample_is(&sample, one->after, one->name);
		tap_ok(memcmp(ks_headers_l4(&sample.headers), "\x9c\x41\x00\x35", 4) == 0,
			"and the place of UDP is told");
		tap_equal(left, TRAILS - 1, "one trail less");
		sample_end(&sample);
	}
}

struct case_apart {
	const char *name;
	bool is_client_v6;
	uint8_t mode;
	uint16_t mtu_bytes;
	const char *datagram;
	const char *apart;
};

#define OPTIONS_36 "0101010101010101 0101010101010101 0101010101010101 0101010101010101 01010101 "

static const struct case_apart apart[] = {
	{"opp, IPv4, larger than the MTU", false, KS_UOA_PROTOCOL, 42,
		V4("5", "001f", "11") UDP("000b") "616263",
		V4("5", "0028", "f8") OPP_V4 UDP("0008")},
	{"opp, IPv6, larger than the MTU", true, KS_UOA_PROTOCOL, 74,
		V6("000b", "11") UDP("000b") "616263", V6("0020", "f8") OPP_V6 UDP("0008")},
	{"opp, IPv6 with destination options", true, KS_UOA_PROTOCOL, MTU,
		V6("0011", "3c") "1100 0104 00000000" UDP("0009") "61",
		V6("0020", "f8") OPP_V6 UDP("0008")},
	{"ipo, larger than the MTU", false, KS_UOA_OPTION, 38,
		V4("5", "001f", "11") UDP("000b") "616263",
		V4("7", "0024", "11") UOA_V4 UDP("0008")},
	{"ipo, options full", false, KS_UOA_OPTION, MTU,
		V4("e", "0041", "11") OPTIONS_36 UDP("0009") "61",
		V4("7", "0024", "11") UOA_V4 UDP("0008")},
};

static void
test_apart(void)
{
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		const struct case_apart *one = &apart[i];
		struct ks_ip client = one->is_client_v6 ? client_v6() : CLIENT_V4;
		uint8_t left = 3;
		struct sample sample, other;

		sample_begin(&sample, one->datagram);
		sample_begin_empty(&other, 128);
		tap_equal(ks_uoa_insert(&left, &sample.headers, one->mode, client, CLIENT_PORT,
				  one->mtu_bytes, NULL),
			KS_UOA_NEEDS_PACKET, one->name);
		tap_equal(left, 3, "not counted yet");
		tap_equal(ks_uoa_insert(&left, &sample.headers, one->mode, client, CLIENT_PORT,
				  one->mtu_bytes, &other.mbuf),
			KS_UOA_APART, "a datagram of its own");
		sample_is(&sample, one->datagram, "the datagram stays as it is");
		sample_is(&other, one->apart, "what carries it is empty");
		tap_equal(left, 2, "counted");
		sample_end(&sample);
		sample_end(&other);
	}
}

static void
test_refusals(void)
{
	uint8_t left = 3;
	struct sample sample, other;

	sample_begin(&sample, in_place[1].before);
	tap_equal(ks_uoa_insert(&left, &sample.headers, KS_UOA_OPTION, client_v6(), CLIENT_PORT,
			  MTU, NULL),
		KS_UOA_NO_CARRIER, "IPv6 has no IPv4 options");
	sample_end(&sample);
	sample_begin(&sample, in_place[2].before);
	tap_equal(ks_uoa_insert(&left, &sample.headers, KS_UOA_OPTION, client_v6(), CLIENT_PORT,
			  MTU, NULL),
		KS_UOA_NO_CARRIER, "nor do these hold an address of IPv6");
	sample_begin_empty(&other, 60);
	tap_equal(ks_uoa_insert(&left, &sample.headers, KS_UOA_PROTOCOL, client_v6(), CLIENT_PORT,
			  40, &other.mbuf),
		KS_UOA_NO_BUFFER, "an mbuf that is too small");
	sample.headers.l4_offset_bytes = (uint16_t)(sample.mbuf.data_len - 7);
	tap_equal(ks_uoa_insert(&left, &sample.headers, KS_UOA_PROTOCOL, client_v6(), CLIENT_PORT,
			  MTU, NULL),
		KS_UOA_MALFORMED, "no whole UDP header");
	tap_equal(left, 3, "none of them counts");
	sample_end(&sample);
	sample_end(&other);
}

static void
test_trails(void)
{
	uint8_t left = ks_uoa_begin(3);
	uint32_t carried = 0;

	for (uint32_t i = 0; i < 5; i++) {
		struct sample sample;

		sample_begin(&sample, in_place[0].before);
		carried += ks_uoa_insert(&left, &sample.headers, KS_UOA_PROTOCOL, CLIENT_V4,
				   CLIENT_PORT, MTU, NULL) == KS_UOA_INSERTED;
		sample_end(&sample);
	}
	tap_equal(carried, 3, "at most uoa_max_trail datagrams carry it");
	left = ks_uoa_begin(3);
	ks_uoa_from_server(&left);
	tap_ok(!ks_uoa_is_wanted(left), "none once the server has answered");
	tap_equal(left, 0, "which is not counted below");
}

/* UDP over IPv4 without a checksum stays without, and an error of a checksum stays one. */
static void
test_checksums(void)
{
	uint8_t left = 3;
	struct sample sample;

	sample_begin(&sample, in_place[0].before);
	put16(sample_ip(&sample) + 26, 0);
	ks_uoa_insert(&left, &sample.headers, KS_UOA_PROTOCOL, CLIENT_V4, CLIENT_PORT, MTU, NULL);
	tap_ok(sample_ip(&sample)[38] == 0 && sample_ip(&sample)[39] == 0,
		"no checksum stays none");
	sample_end(&sample);
	sample_begin(&sample, in_place[5].before);
	sample_ip(&sample)[28] ^= 1;
	ks_uoa_insert(&left, &sample.headers, KS_UOA_OPTION, CLIENT_V4, CLIENT_PORT, MTU, NULL);
	sample_ip(&sample)[36] ^= 1;
	tap_ok(sample_is_sound(&sample), "an error of the payload is not healed");
	sample_end(&sample);
}

struct case_clean {
	const char *name;
	const char *before;
	const char *after;
};

static const struct case_clean clean[] = {
	{"no options", V4("5", "001c", "11") UDP("0008"), V4("5", "001c", "11") UDP("0008")},
	{"router alert alone", V4("6", "0020", "11") "94040000" UDP("0008"),
		V4("6", "0020", "11") "94040000" UDP("0008")},
	{"spoofed", V4("7", "0024", "11") UOA_V4 UDP("0008"),
		V4("7", "0024", "11") "0101010101010101" UDP("0008")},
	{"spoofed at an odd place", V4("8", "0028", "11") "011f079c40c63364 94040000" UDP("0008"),
		V4("8", "0028", "11") "0101010101010101 94040000" UDP("0008")},
	{"behind the end, where uoa.ko still looks",
		V4("8", "0028", "11") "00020000" UOA_V4 UDP("0008"),
		V4("8", "0028", "11") "0000000000000000 00000000" UDP("0008")},
	{"behind a length of 0", V4("8", "0028", "11") "07000000" UOA_V4 UDP("0008"),
		V4("8", "0028", "11") "07000000" UOA_V4 UDP("0008")},
	{"beyond the header", V4("6", "0020", "11") "1f089c40" UDP("0008"),
		V4("6", "0020", "11") "1f089c40" UDP("0008")},
	{"IPv6 has none", V6("0008", "11") UDP("0008"), V6("0008", "11") UDP("0008")},
};

static void
test_clean(void)
{
	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++) {
		struct sample sample;
		bool is_changed;

		sample_begin(&sample, clean[i].before);
		is_changed = ks_uoa_clean(&sample.headers);
		tap_equal(is_changed, strcmp(clean[i].before, clean[i].after) != 0, clean[i].name);
		sample_is(&sample, clean[i].after, clean[i].name);
		sample_end(&sample);
	}
}

int
main(void)
{
	test_in_place();
	test_apart();
	test_refusals();
	test_trails();
	test_checksums();
	test_clean();
	return tap_done();
}
