/*
 * toa.c and tcp_options.c: TOA options as DPVS writes them (kind 254), taken out and put in, and
 * the MSS that makes room for them.
 */
#include "sample.h"
#include "tcp_options.h"
#include "toa.h"

#define CLIENT_V4 ks_ip_from_v4(RTE_BE32(0xc6336407)) /* 198.51.100.7 */
#define CLIENT_PORT RTE_BE16(40000)
#define FIRST 0x01020305u

/* IPv4 of that length, 10.0.0.5 to 10.0.0.101. */
#define V4(length) "4500 " length " beef 4000 3f06 0000 0a000005 0a000065 "
/* IPv6 with that payload length, fd00::5 to fd00::65. */
#define V6(length)                                                                                 \
	"60000000 " length " 06 3f fd000000000000000000000000000005 "                              \
	"fd000000000000000000000000000065 "
#define TCP(offset, flags) "9c41 1f90 01020305 0a0b0c0e " offset "0 " flags " 7210 0000 0000 "
#define TIMESTAMPS "0101 080a 11223344 55667788 "
#define TOA_V4 "fe08 9c40 c6336407 "
#define TOA_V6 "fe14 9c40 20010db8000000000000000000000007 "

static struct ks_ip
client_v6(void)
{
	static const uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};

	return ks_ip_from_octets(octets);
}

static struct ks_toa
active(void)
{
	return (struct ks_toa){.first_sequence = FIRST, .flags = KS_TOA_ACTIVE};
}

static void
test_insert(const char *name, struct ks_ip client, const char *before, const char *after)
{
	struct ks_toa toa = active();
	struct sample sample;
	uint32_t bytes;

	sample_begin(&sample, before);
	bytes = ks_toa_bytes(&toa, &sample.headers, client) + sample.mbuf.data_len;
	tap_equal(ks_toa_insert(&toa, &sample.headers, client, CLIENT_PORT), KS_TOA_INSERTED, name);
	sample_is(&sample, after, name);
	tap_equal(sample.mbuf.data_len, bytes, "as many octets as were foretold");
	sample_end(&sample);
}

static void
test_formats(void)
{
	test_insert("IPv4", CLIENT_V4, V4("0028") TCP("5", "10"), V4("0030") TCP("7", "10") TOA_V4);
	test_insert("IPv4, with timestamps and odd payload", CLIENT_V4,
		V4("0037") TCP("8", "18") TIMESTAMPS "616263",
		V4("003f") TCP("a", "18") TOA_V4 TIMESTAMPS "616263");
	test_insert(
		"IPv6", client_v6(), V6("0014") TCP("5", "10"), V6("0028") TCP("a", "10") TOA_V6);
	test_insert("IPv6, with timestamps and payload", client_v6(),
		V6("0021") TCP("8", "18") TIMESTAMPS "61",
		V6("0035") TCP("d", "18") TOA_V6 TIMESTAMPS "61");
	test_insert("NAT64: a client of IPv6 in IPv4", client_v6(), V4("0028") TCP("5", "10"),
		V4("003c") TCP("a", "10") TOA_V6);
	test_insert("a client of IPv4 in IPv6", CLIENT_V4, V6("0014") TCP("5", "11"),
		V6("001c") TCP("7", "11") TOA_V4);
}

/* SACK of three blocks with timestamps fills 40 octets, of which 4 or 2 are padding. */
#define SACK_3 "051a 000000010000000200000003000000040000000500000006 "

static void
test_room(void)
{
	struct ks_toa toa = active();
	struct sample sample;

	test_insert("padding is squeezed out for it", CLIENT_V4,
		V4("0050") TCP("f", "10") "0101 0512 00000001000000020000000300000004 " TIMESTAMPS
					  "01010101 00000000 ",
		V4("0050") TCP("f", "10") TOA_V4
		"0512 00000001000000020000000300000004 080a 11223344 55667788 01010101 ");
	test_insert("and what follows the end of the options", CLIENT_V4,
		V4("0050") TCP("f", "10") TIMESTAMPS "00fe " SACK_3,
		V4("0050") TCP("f", "10") TOA_V4
		"080a 11223344 55667788 01010101 01010101 01010101 01010101 01010101 0101 ");
	test_insert("20 octets, too", client_v6(),
		V6("002c") TCP("b", "10") TIMESTAMPS "01010101 01010101 01010101 ",
		V6("0034") TCP("d", "10") TOA_V6 "080a 11223344 55667788 0101 ");

	sample_begin(&sample, V4("0050") TCP("f", "10") TIMESTAMPS SACK_3 "0101 ");
	tap_equal(ks_toa_bytes(&toa, &sample.headers, CLIENT_V4), 0, "no room: no octets more");
	tap_equal(ks_toa_insert(&toa, &sample.headers, CLIENT_V4, CLIENT_PORT), KS_TOA_NO_ROOM,
		"no option of the client gives way");
	sample_is(&sample, V4("0050") TCP("f", "10") TIMESTAMPS SACK_3 "0101 ",
		"the segment goes without");
	tap_equal(toa.flags, KS_TOA_ACTIVE, "and the next one is tried again");
	sample_end(&sample);

	sample_begin(&sample, V4("0028") TCP("5", "10"));
	sample.mbuf.data_off = 4;
	memmove(sample.memory + 4, sample.memory + SAMPLE_HEADROOM, sample.mbuf.data_len);
	tap_equal(ks_toa_insert(&toa, &sample.headers, CLIENT_V4, CLIENT_PORT), KS_TOA_NO_HEADROOM,
		"no headroom");
	sample_is(&sample, V4("0028") TCP("5", "10"), "nothing is changed");
	sample_end(&sample);
}

/* What one segment of the client gets, as "yes" or "no". */
static void
expect_wanted(const char *name, const struct ks_toa *toa, const char *hex, bool is_wanted)
{
	struct ks_toa copy = *toa;
	struct sample sample;

	sample_begin(&sample, hex);
	tap_equal(ks_toa_insert(&copy, &sample.headers, CLIENT_V4, CLIENT_PORT),
		is_wanted ? KS_TOA_INSERTED : KS_TOA_NOTHING, name);
	sample_end(&sample);
}

static void
from_server(struct ks_toa *toa, const char *hex)
{
	struct sample sample;

	sample_begin(&sample, hex);
	ks_toa_from_server(toa, &sample.headers);
	sample_end(&sample);
}

#define FROM_SERVER(acknowledged, flags)                                                           \
	"1f90 9c41 0a0b0c0e " acknowledged " 50 " flags " 7210 0000 0000 "
#define SYN_HEX V4("0028") "9c41 1f90 01020304 00000000 50 02 7210 0000 0000"
#define ACK_HEX V4("0028") TCP("5", "10")
#define DATA_HEX V4("0029") TCP("5", "18") "61"

static void
test_which_segments(void)
{
	struct ks_toa toa = {0};
	struct sample sample;

	expect_wanted("nothing before the SYN", &toa, ACK_HEX, false);
	sample_begin(&sample, SYN_HEX);
	ks_toa_begin(&toa, &sample.headers);
	sample_end(&sample);
	tap_equal(toa.first_sequence, FIRST, "the SYN tells where the stream begins");
	expect_wanted("not the SYN", &toa, SYN_HEX, false);
	expect_wanted("not a RST", &toa, V4("0028") TCP("5", "14"), false);
	expect_wanted("the handshake's ACK", &toa, ACK_HEX, true);
	from_server(&toa, V4("0028") FROM_SERVER("01020306", "10"));
	expect_wanted("still, as the server was not told yet", &toa, ACK_HEX, true);
	toa.flags |= KS_TOA_SENT;
	from_server(&toa, V4("0028") FROM_SERVER("01020305", "12"));
	expect_wanted("again, when the SYN-ACK came again", &toa, ACK_HEX, true);
	from_server(&toa, V4("0029") FROM_SERVER("01020305", "18") "62");
	expect_wanted("no bare ACK once the server speaks", &toa, ACK_HEX, false);
	expect_wanted("but data", &toa, DATA_HEX, true);
	from_server(&toa, V4("0028") FROM_SERVER("01020305", "10"));
	expect_wanted("until the server has some", &toa, DATA_HEX, true);
	from_server(&toa, V4("0028") FROM_SERVER("01020306", "10"));
	expect_wanted("then no more", &toa, DATA_HEX, false);

	toa = (struct ks_toa){UINT32_MAX, KS_TOA_ACTIVE | KS_TOA_SENT, {0}};
	from_server(&toa, V4("0028") FROM_SERVER("00000000", "10"));
	tap_equal(toa.flags & KS_TOA_ACTIVE, 0, "numbers wrap");
	toa = (struct ks_toa){5, KS_TOA_ACTIVE | KS_TOA_SENT, {0}};
	from_server(&toa, V4("0028") FROM_SERVER("fffffff0", "10"));
	from_server(&toa, V4("0028") FROM_SERVER("00000009", "04"));
	tap_equal(toa.flags & KS_TOA_ACTIVE, KS_TOA_ACTIVE, "old numbers acknowledge nothing");
}

struct spoof {
	const char *name;
	const char *before;
	const char *after;
	uint8_t result;
};

static const struct spoof spoofs[] = {
	{"no options", ACK_HEX, ACK_HEX, KS_TOA_NOTHING},
	{"timestamps alone", V4("0034") TCP("8", "10") TIMESTAMPS,
		V4("0034") TCP("8", "10") TIMESTAMPS, KS_TOA_NOTHING},
	{"spoofed, 8 octets", V4("0030") TCP("7", "10") "fe08 0050 7f000001",
		V4("0030") TCP("7", "10") "01010101 01010101", KS_TOA_REMOVED},
	{"spoofed, 20 octets", V4("003c") TCP("a", "10") TOA_V6,
		V4("003c") TCP("a", "10") "01010101 01010101 01010101 01010101 01010101",
		KS_TOA_REMOVED},
	{"on a SYN, at an odd place",
		V4("0038") TCP("9", "02") "020405b4 01fe08 112233445566 030307",
		V4("0038") TCP("9", "02") "020405b4 010101 010101010101 030307", KS_TOA_REMOVED},
	{"twice", V4("0038") TCP("9", "18") TOA_V4 TOA_V4,
		V4("0038") TCP("9", "18") "01010101 01010101 01010101 01010101", KS_TOA_REMOVED},
	{"in IPv6", V6("001d") TCP("7", "18") TOA_V4 "61",
		V6("001d") TCP("7", "18") "01010101 01010101 61", KS_TOA_REMOVED},
	{"kind 254 of another length is not TOA", V4("0030") TCP("7", "10") "fe06 0050 7f00 0101",
		V4("0030") TCP("7", "10") "fe06 0050 7f00 0101", KS_TOA_NOTHING},
	{"nothing counts behind the end", V4("0034") TCP("8", "10") "00010101" TOA_V4,
		V4("0034") TCP("8", "10") "00010101" TOA_V4, KS_TOA_NOTHING},
	{"an option of length 0", V4("0034") TCP("8", "10") "1e000000" TOA_V4,
		V4("0034") TCP("8", "10") "1e000000" TOA_V4, KS_TOA_BROKEN},
	{"an option of length 1", V4("0030") TCP("7", "10") "01010101 1e010101",
		V4("0030") TCP("7", "10") "01010101 1e010101", KS_TOA_BROKEN},
	{"TOA beyond the header", V4("0030") TCP("6", "10") TOA_V4,
		V4("0030") TCP("6", "10") TOA_V4, KS_TOA_BROKEN},
	{"a kind without a length", V4("002c") TCP("6", "10") "010101fe",
		V4("002c") TCP("6", "10") "010101fe", KS_TOA_BROKEN},
	{"spoofed before a lie", V4("0034") TCP("8", "10") TOA_V4 "1e000000",
		V4("0034") TCP("8", "10") "01010101 01010101 1e000000", KS_TOA_REMOVED},
	{"a data offset below the header", V4("0028") TCP("4", "10"), V4("0028") TCP("4", "10"),
		KS_TOA_MALFORMED},
	{"a data offset beyond the packet", V4("0028") TCP("6", "10"), V4("0028") TCP("6", "10"),
		KS_TOA_MALFORMED},
};

static void
test_spoofed(void)
{
	struct ks_toa toa = active();
	struct sample sample;

	for (size_t i = 0; i < sizeof(spoofs) / sizeof(spoofs[0]); i++) {
		sample_begin(&sample, spoofs[i].before);
		tap_equal(ks_toa_clean(&sample.headers, &toa, false), spoofs[i].result,
			spoofs[i].name);
		sample_is(&sample, spoofs[i].after, spoofs[i].name);
		sample_end(&sample);
	}
	tap_equal(toa.flags, KS_TOA_ACTIVE, "ours goes on");
	sample_begin(&sample, V4("0030") TCP("7", "10") TOA_V4);
	tap_equal(ks_toa_clean(&sample.headers, &toa, true), KS_TOA_KEPT, "kept when wanted");
	sample_is(&sample, V4("0030") TCP("7", "10") TOA_V4, "as it is");
	tap_equal(ks_toa_insert(&toa, &sample.headers, CLIENT_V4, CLIENT_PORT), KS_TOA_NOTHING,
		"then ours is not added");
	sample_end(&sample);
	sample_begin(&sample, V4("0028") TCP("6", "10"));
	tap_equal(ks_toa_insert(&toa, &sample.headers, CLIENT_V4, CLIENT_PORT), KS_TOA_MALFORMED,
		"nothing into what has no TCP header");
	sample_end(&sample);
}

static void
test_mss_of(const char *name, const char *before, uint32_t lowered_bytes, const char *after)
{
	struct sample sample;
	bool is_lowered;

	sample_begin(&sample, before);
	is_lowered = ks_tcp_mss_lower(&sample.headers, lowered_bytes);
	tap_equal(is_lowered, strcmp(before, after) != 0, name);
	sample_is(&sample, after, name);
	sample_end(&sample);
}

static void
test_mss(void)
{
	tap_equal(ks_toa_size(CLIENT_V4), 8, "8 octets for IPv4");
	tap_equal(ks_toa_size(client_v6()), 20, "20 octets for IPv6");
	test_mss_of("1460 less 8", V4("002c") TCP("6", "12") "020405b4", 8,
		V4("002c") TCP("6", "12") "020405ac");
	test_mss_of("1440 less 20", V6("0018") TCP("6", "12") "020405a0", 20,
		V6("0018") TCP("6", "12") "0204058c");
	test_mss_of("not beyond the header", V4("0030") TCP("7", "12") "01030307 01020405", 8,
		V4("0030") TCP("7", "12") "01030307 01020405");
	test_mss_of("at an odd place, and borrowing", V4("0030") TCP("7", "12") "01020404 00030307",
		8, V4("0030") TCP("7", "12") "01020403 f8030307");
	test_mss_of("a small one stays", V4("002c") TCP("6", "12") "02040047", 8,
		V4("002c") TCP("6", "12") "02040047");
	test_mss_of("none is none", V4("0028") TCP("5", "12"), 8, V4("0028") TCP("5", "12"));
	test_mss_of("not of a segment without SYN", V4("002c") TCP("6", "10") "020405b4", 8,
		V4("002c") TCP("6", "10") "020405b4");
	test_mss_of("not of a wrong length", V4("002c") TCP("6", "12") "020305b4", 8,
		V4("002c") TCP("6", "12") "020305b4");
	test_mss_of("twice", V4("0030") TCP("7", "12") "020405b4 02040200", 8,
		V4("0030") TCP("7", "12") "020405ac 020401f8");
}

/* Everything of the client's options but padding and TOA, one after the other. */
static uint32_t
options_left(const uint8_t *tcp, uint32_t from, uint8_t *left)
{
	uint32_t end = (tcp[12] >> 4) * 4u, count = 0;

	for (uint32_t at = from; at < end && tcp[at] != 0;) {
		uint32_t bytes = 1;

		if (tcp[at] != 1) {
			if (at + 2 > end || tcp[at + 1] < 2 || at + tcp[at + 1] > end) {
				memcpy(left + count, tcp + at, end - at);
				return count + end - at;
			}
			bytes = tcp[at + 1];
			if (tcp[at] != 254 || (bytes != 8 && bytes != 20)) {
				memcpy(left + count, tcp + at, bytes);
				count += bytes;
			}
		}
		at += bytes;
	}
	return count;
}

/* Any options and payload: sums stay right, payload and real options stay what they are. */
static bool
try_any(uint32_t *seed)
{
	bool is_v4 = sample_random(seed) % 2 == 0;
	struct ks_ip client = sample_random(seed) % 2 == 0 ? CLIENT_V4 : client_v6();
	uint32_t ip_bytes = is_v4 ? 20 : 40, words = sample_random(seed) % 11;
	uint32_t payload_bytes = sample_random(seed) % 50, tcp_bytes = 20 + words * 4;
	uint32_t bytes = ip_bytes + tcp_bytes + payload_bytes, before_bytes, after_bytes, grown;
	uint8_t packet[256], before[64], after[64];
	struct ks_toa toa = active();
	struct sample sample;
	const uint8_t *tcp;
	uint8_t result;
	bool is_right;

	sample_parse(is_v4 ? V4("0000") TCP("5", "18") : V6("0000") TCP("5", "18"), packet);
	put16(packet + (is_v4 ? 2 : 4), is_v4 ? bytes : bytes - 40);
	packet[ip_bytes + 12] = (uint8_t)(tcp_bytes / 4 << 4);
	for (uint32_t i = ip_bytes + 20; i < bytes; i++) {
		static const uint8_t kinds[8] = {0, 1, 1, 2, 4, 8, 254, 20};
		uint32_t word = sample_random(seed);

		packet[i] = (uint8_t)(word % 4 == 0 ? word >> 8 : kinds[word >> 8 & 7]);
	}
	sample_complete(packet, bytes);
	before_bytes = options_left(packet + ip_bytes, 20, before);
	sample_begin_octets(&sample, packet, bytes, SAMPLE_HEADROOM);
	ks_toa_clean(&sample.headers, &toa, false);
	grown = ks_toa_bytes(&toa, &sample.headers, client);
	result = (uint8_t)ks_toa_insert(&toa, &sample.headers, client, CLIENT_PORT);
	is_right = sample_is_sound(&sample) && sample_ip_bytes(&sample) == bytes + grown &&
		   memcmp(sample_ip(&sample) + bytes + grown - payload_bytes,
			   packet + bytes - payload_bytes, payload_bytes) == 0;
	tcp = sample_ip(&sample) + ip_bytes;
	after_bytes = options_left(
		tcp, 20 + (result == KS_TOA_INSERTED ? ks_toa_size(client) : 0), after);
	is_right &= after_bytes == before_bytes && memcmp(before, after, before_bytes) == 0;
	if (result == KS_TOA_INSERTED)
		is_right &= tcp[20] == 254 && tcp[21] == ks_toa_size(client);
	else
		is_right &= result == KS_TOA_NO_ROOM && grown == 0;
	sample_end(&sample);
	return is_right;
}

static void
test_any(void)
{
	uint32_t seed = 2463534242u, wrong = 0;

	for (uint32_t round = 0; round < 50000 && wrong == 0; round++) {
		uint32_t seed_before = seed;

		if (!try_any(&seed)) {
			wrong++;
			printf("# seed %u\n", seed_before);
		}
	}
	tap_equal(wrong, 0, "any options and payload keep what they are");
}

/* An error that the segment had stays one. */
static void
test_wrong_checksum(void)
{
	struct ks_toa toa = active();
	struct sample sample;

	sample_begin(&sample, DATA_HEX);
	sample_ip(&sample)[40] ^= 0x10;
	ks_toa_insert(&toa, &sample.headers, CLIENT_V4, CLIENT_PORT);
	sample_ip(&sample)[48] ^= 0x10;
	tap_ok(sample_is_sound(&sample), "an error of the payload is not healed");
	sample_end(&sample);
}

int
main(void)
{
	test_formats();
	test_room();
	test_which_segments();
	test_spoofed();
	test_mss();
	test_wrong_checksum();
	test_any();
	return tap_done();
}
