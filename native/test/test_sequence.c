/*
 * sequence.c and proxy_header_tcp.c: one segment at a time, typed as hex. Whole streams with loss
 * and repetition are in test_proxy_stream.c.
 */
#include "proxy_header_tcp.h"
#include "sample.h"
#include "sequence.h"

#define MTU 1500u
#define FIRST 0x01020305u

/* IPv4 of that length, 10.0.0.5 to 10.0.0.101; data offset in words, flags. */
#define CLIENT(length, sequence, offset, flags)                                                    \
	"4500 " length " beef 4000 3f06 0000 0a000005 0a000065 "                                   \
	"9c41 1f90 " sequence " 0a0b0c0e " offset "0 " flags " 7210 0000 0000 "
#define SERVER(length, acknowledged, offset, flags)                                                \
	"4500 " length " beef 4000 3f06 0000 c000020a c6336407 "                                   \
	"0050 9c40 0a0b0c0e " acknowledged " " offset "0 " flags " 7210 0000 0000 "
#define V2 "0d0a0d0a000d0a515549540a 21 11 000c c6336407 c000020a 9c40 0050 "
#define V1_CLIENT "50524f585920 554e4b4e4f574e 0d0a " /* "PROXY UNKNOWN", 15 octets */
#define V2_LOCAL "0d0a0d0a000d0a515549540a 20 00 0000 "

static struct ks_proxy_connection connection;

static void
begin(enum ks_proxy_protocol protocol)
{
	struct ks_proxy_addresses addresses =
		ks_proxy_addresses_of(ks_ip_from_v4(RTE_BE32(0xc6336407)), RTE_BE16(40000),
			ks_ip_from_v4(RTE_BE32(0xc000020a)), RTE_BE16(80));

	ks_proxy_connection_begin(&connection, protocol, &addresses);
}

static void
client_sends(const char *name, uint8_t result, const char *before, const char *after)
{
	struct sample sample;

	sample_begin(&sample, before);
	tap_equal(ks_proxy_tcp_from_client(&connection, &sample.headers, MTU, NULL), result, name);
	sample_is(&sample, after, name);
	sample_end(&sample);
}

static void
server_sends(const char *name, const char *before, const char *after)
{
	struct sample sample;

	sample_begin(&sample, before);
	tap_equal(ks_sequence_from_server(&connection.sequence, &sample.headers), KS_SEQUENCE_DONE,
		name);
	sample_is(&sample, after, name);
	sample_end(&sample);
}

#define SYN_SEGMENT CLIENT("0028", "01020304", "5", "02")

static void
test_handshake(void)
{
	begin(KS_PROXY_V2);
	client_sends("nothing before a SYN", KS_PROXY_NO_START,
		CLIENT("0028", "01020305", "5", "10"), CLIENT("0028", "01020305", "5", "10"));
	client_sends("the SYN is as it is", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("but for its octets", KS_PROXY_SYN_CUT,
		CLIENT("002b", "01020304", "5", "02") "616263", SYN_SEGMENT);
	server_sends("so is the SYN-ACK", SERVER("0028", "01020305", "5", "12"),
		SERVER("0028", "01020305", "5", "12"));
	client_sends("a RST before the header has no shift", KS_PROXY_PASSED,
		CLIENT("0028", "01020305", "5", "14"), CLIENT("0028", "01020305", "5", "14"));
	client_sends("the handshake's ACK carries the header", KS_PROXY_ADDED,
		CLIENT("0028", "01020305", "5", "10"), CLIENT("0044", "01020305", "5", "10") V2);
	client_sends("and again, with data", KS_PROXY_ADDED,
		CLIENT("0037", "01020305", "8", "18") "0101080a1122334455667788 616263",
		CLIENT("0053", "01020305", "8", "18") "0101080a1122334455667788" V2 "616263");
	client_sends("later data is shifted", KS_PROXY_PASSED,
		CLIENT("0029", "01020308", "5", "18") "64",
		CLIENT("0029", "01020324", "5", "18") "64");
	client_sends("a RST is, too", KS_PROXY_PASSED, CLIENT("0028", "01020308", "5", "04"),
		CLIENT("0028", "01020324", "5", "04"));
	server_sends("all of the header but one octet: nothing of the client's",
		SERVER("0028", "01020320", "5", "10"), SERVER("0028", "01020305", "5", "10"));
	client_sends("so the start of the stream still carries it", KS_PROXY_ADDED,
		CLIENT("002b", "01020305", "5", "18") "616263",
		CLIENT("0047", "01020305", "5", "18") V2 "616263");
	server_sends("all of the header: nothing either", SERVER("0028", "01020321", "5", "10"),
		SERVER("0028", "01020305", "5", "10"));
	client_sends("then a first segment repeated goes without", KS_PROXY_PASSED,
		CLIENT("002b", "01020305", "5", "18") "616263",
		CLIENT("002b", "01020321", "5", "18") "616263");
	client_sends("a probe before the start is not shifted", KS_PROXY_PASSED,
		CLIENT("0029", "01020304", "5", "10") "00",
		CLIENT("0029", "01020304", "5", "10") "00");
	client_sends("what crosses the start is refused", KS_PROXY_STRADDLING,
		CLIENT("002a", "01020304", "5", "10") "0061",
		CLIENT("002a", "01020304", "5", "10") "0061");
	server_sends("client's octets", SERVER("0028", "01020325", "5", "18"),
		SERVER("0028", "01020309", "5", "18"));
	server_sends("a RST without ACK has no number", SERVER("0028", "01020325", "5", "04"),
		SERVER("0028", "01020325", "5", "04"));
}

/* The server has the header and 4 octets; the header's 28 octets are 01020305 to 01020321. */
static void
test_sack(void)
{
	begin(KS_PROXY_V2);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("ACK", KS_PROXY_ADDED, CLIENT("0028", "01020305", "5", "10"),
		CLIENT("0044", "01020305", "5", "10") V2);
	client_sends("data", KS_PROXY_ADDED, CLIENT("0029", "01020305", "5", "10") "61",
		CLIENT("0045", "01020305", "5", "10") V2 "61");
	server_sends("a block while the header is missing: the first octet must come again",
		SERVER("0034", "01020305", "8", "10") "0101 050a 01020321 01020330",
		SERVER("0034", "01020305", "8", "10") "0101 050a 01020306 01020314");
	server_sends("a single octet of these says nothing",
		SERVER("0034", "01020305", "8", "10") "0101 050a 01020321 01020322",
		SERVER("0034", "01020305", "8", "10") "0101 01010101010101010101");
	server_sends("a part of the header is not the client's",
		SERVER("003c", "01020305", "a",
			"10") "0101 0512 01020310 01020320 01020330 01020340",
		SERVER("003c", "01020305", "a",
			"10") "0101 050a 01020314 01020324 0101010101010101");
	server_sends("a block is shifted",
		SERVER("0034", "01020321", "8", "10") "0101 050a 01020330 01020340",
		SERVER("0034", "01020305", "8", "10") "0101 050a 01020314 01020324");
	server_sends("the header twice (DSACK) is not the client's",
		SERVER("003c", "01020325", "a",
			"10") "0101 0512 01020305 01020321 01020330 01020340",
		SERVER("003c", "01020309", "a",
			"10") "0101 050a 01020314 01020324 0101010101010101");
	server_sends("header and data twice are the data",
		SERVER("0034", "01020325", "8", "10") "0101 050a 01020305 01020325",
		SERVER("0034", "01020309", "8", "10") "0101 050a 01020305 01020309");
	server_sends("three blocks, at an odd place, with timestamps",
		SERVER("0050", "01020325", "f", "10") "0101 080a 1122334455667788 01"
						      "051a 01020330 01020340 01020350 01020360"
						      "01020370 01020380 01",
		SERVER("0050", "01020309", "f", "10") "0101 080a 1122334455667788 01"
						      "051a 01020314 01020324 01020334 01020344"
						      "01020354 01020364 01");
	server_sends("two options of blocks",
		SERVER("003c", "01020325", "a",
			"10") "050a 01020330 01020340 050a 01020350 01020360",
		SERVER("003c", "01020309", "a",
			"10") "050a 01020314 01020324 050a 01020334 01020344");
	server_sends("blocks that are none stay",
		SERVER("0034", "01020325", "8", "10") "0509 01020330 010203 0101 01",
		SERVER("0034", "01020309", "8", "10") "0509 01020330 010203 0101 01");
}

static void
test_hostile(void)
{
	struct sample sample;

	sample_begin(&sample, SERVER("0034", "01020325", "8", "10") "050a 01020330 01020340 0501");
	tap_equal(ks_sequence_from_server(&connection.sequence, &sample.headers),
		KS_SEQUENCE_BROKEN, "a length of 1 is told");
	sample_is(&sample, SERVER("0034", "01020309", "8", "10") "050a 01020314 01020324 0501",
		"what was right is shifted");
	sample_end(&sample);
	sample_begin(&sample, SERVER("0030", "01020325", "7", "10") "050a 01020330 0102");
	tap_equal(ks_sequence_from_server(&connection.sequence, &sample.headers),
		KS_SEQUENCE_BROKEN, "blocks beyond the header");
	sample_is(&sample, SERVER("0030", "01020309", "7", "10") "050a 01020330 0102",
		"are left alone");
	sample_end(&sample);
	sample_begin(&sample, SERVER("0028", "01020325", "6", "10"));
	tap_equal(ks_sequence_from_server(&connection.sequence, &sample.headers),
		KS_SEQUENCE_MALFORMED, "a data offset beyond the packet");
	tap_equal(ks_proxy_tcp_from_client(&connection, &sample.headers, MTU, NULL),
		KS_PROXY_MALFORMED, "from a client, too");
	sample_end(&sample);
	sample_begin(&sample, SERVER("0028", "01020325", "4", "10"));
	tap_equal(ks_sequence_from_server(&connection.sequence, &sample.headers),
		KS_SEQUENCE_MALFORMED, "a data offset below the header");
	sample_end(&sample);
}

/* "PROXY UNKNOWN" of the client: 15 octets, an odd number. */
static void
test_clients_own(void)
{
	begin(KS_PROXY_V2);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("ours rides", KS_PROXY_ADDED, CLIENT("0028", "01020305", "5", "10"),
		CLIENT("0044", "01020305", "5", "10") V2);
	server_sends("and arrives", SERVER("0028", "01020321", "5", "10"),
		SERVER("0028", "01020305", "5", "10"));
	client_sends("what is not the start of the stream waits", KS_PROXY_EARLY,
		CLIENT("0029", "01020317", "5", "18") "64",
		CLIENT("0029", "01020317", "5", "18") "64");
	client_sends("the client's own header gives way", KS_PROXY_PASSED,
		CLIENT("003a", "01020305", "5", "18") V1_CLIENT "616263",
		CLIENT("002b", "01020321", "5", "18") "616263");
	tap_equal(connection.client, KS_PROXY_CLIENT_REPLACED, "which is told");
	server_sends("and counts as arrived", SERVER("0028", "01020324", "5", "10"),
		SERVER("0028", "01020317", "5", "10"));
	client_sends("alone, it makes the server answer with ours again", KS_PROXY_ADDED,
		CLIENT("0037", "01020305", "5", "18") V1_CLIENT,
		CLIENT("0044", "01020305", "5", "18") V2);
	client_sends("the end of it is cut, too", KS_PROXY_PASSED,
		CLIENT("002b", "01020313", "5", "18") "0a6162",
		CLIENT("002a", "01020321", "5", "18") "6162");
	client_sends("what comes later is shifted by the difference", KS_PROXY_PASSED,
		CLIENT("0029", "01020317", "5", "18") "64",
		CLIENT("0029", "01020324", "5", "18") "64");

	server_sends("our header twice (DSACK) says nothing of the client's",
		SERVER("0034", "01020324", "8", "10") "0101 050a 01020305 01020321",
		SERVER("0034", "01020317", "8", "10") "0101 01010101010101010101");
	server_sends("nor does a part of it",
		SERVER("0034", "01020324", "8", "10") "0101 050a 01020310 01020323",
		SERVER("0034", "01020317", "8", "10") "0101 050a 01020314 01020316");

	begin(KS_PROXY_V2_INSECURE);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("insecure: nothing before the client's first octets", KS_PROXY_PASSED,
		CLIENT("0028", "01020305", "5", "10"), CLIENT("0028", "01020305", "5", "10"));
	client_sends("its header is translated", KS_PROXY_ADDED,
		CLIENT("003a", "01020305", "5", "18") V1_CLIENT "616263",
		CLIENT("003b", "01020305", "5", "18") V2_LOCAL "616263");
	server_sends("numbers follow", SERVER("0028", "01020318", "5", "10"),
		SERVER("0028", "01020317", "5", "10"));
	tap_ok(!ks_proxy_connection_is_idle(&connection), "for the life of the connection");

	begin(KS_PROXY_V2_INSECURE);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("of the same version it goes on as it is", KS_PROXY_PASSED,
		CLIENT("0045", "01020305", "5", "18") V2 "61",
		CLIENT("0045", "01020305", "5", "18") V2 "61");
	tap_ok(ks_proxy_connection_is_idle(&connection), "and numbers stay");
	begin(KS_PROXY_V2_INSECURE);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("of a client that sends none, it is ours", KS_PROXY_ADDED,
		CLIENT("0029", "01020305", "5", "18") "61",
		CLIENT("0045", "01020305", "5", "18") V2 "61");
	begin(KS_PROXY_V2);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("half a header is payload", KS_PROXY_ADDED,
		CLIENT("0030", "01020305", "5", "18") "50524f5859205443",
		CLIENT("004c", "01020305", "5", "18") V2 "50524f5859205443");
	tap_equal(connection.client, KS_PROXY_CLIENT_BROKEN, "which is told");
}

static void
test_apart(void)
{
	struct sample sample, apart;
	const char *before =
		CLIENT("0037", "01020305", "8", "39") "0101080a1122334455667788 616263";

	begin(KS_PROXY_V2);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	sample_begin(&sample, before);
	sample_begin_empty(&apart, 100);
	tap_equal(ks_proxy_tcp_from_client(&connection, &sample.headers, 82, NULL),
		KS_PROXY_NEEDS_PACKET, "one octet larger than the MTU");
	sample_is(&sample, before, "nothing is changed yet");
	tap_equal(ks_proxy_tcp_from_client(&connection, &sample.headers, 82, &apart.mbuf),
		KS_PROXY_ADDED_APART, "a packet of its own");
	sample_is(&apart, CLIENT("0050", "01020305", "8", "18") "0101080a1122334455667788" V2,
		"it has the number of the start, and no flags but ACK");
	sample_is(&sample, CLIENT("0037", "01020321", "8", "39") "0101080a1122334455667788 616263",
		"the segment follows it");
	sample_end(&sample);
	sample_end(&apart);
	begin(KS_PROXY_V2);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	sample_begin(&sample, before);
	sample_begin_empty(&apart, 93);
	tap_equal(ks_proxy_tcp_from_client(&connection, &sample.headers, 82, &apart.mbuf),
		KS_PROXY_NO_BUFFER, "an mbuf that is too small");
	sample_is(&sample, before, "nothing is changed");
	sample_end(&sample);
	sample_end(&apart);
	begin(KS_PROXY_V2);
	client_sends("SYN", KS_PROXY_PASSED, SYN_SEGMENT, SYN_SEGMENT);
	client_sends("urgent octets stay urgent", KS_PROXY_ADDED,
		"4500 002b beef 4000 3f06 0000 0a000005 0a000065 "
		"9c41 1f90 01020305 0a0b0c0e 5038 7210 0000 0002 616263",
		"4500 0047 beef 4000 3f06 0000 0a000005 0a000065 "
		"9c41 1f90 01020305 0a0b0c0e 5038 7210 0000 001e" V2 "616263");
}

/* Both maps by plain 64-bit offsets, over every distance of a stream of 6 GiB, across wraps. */
static void
test_far(void)
{
	const uint32_t firsts[] = {0, FIRST, UINT32_MAX - 5, UINT32_MAX, 1u << 31};
	uint32_t wrong = 0;

	for (size_t f = 0; f < sizeof(firsts) / sizeof(firsts[0]); f++) {
		struct ks_sequence sequence = {firsts[f], 28, 15, KS_SEQUENCE_IN_FORCE, {0}};

		for (uint64_t offset = 28; offset < UINT64_C(6) << 30; offset += 99999989) {
			uint32_t of_server = (uint32_t)(firsts[f] + offset);
			uint32_t of_client = (uint32_t)(firsts[f] + offset - 28 + 15);
			struct sample sample;
			uint8_t *tcp;

			sample_begin(&sample, SERVER("0028", "00000000", "5", "10"));
			tcp = ks_headers_l4(&sample.headers);
			put32(tcp + 8, of_server);
			sample_complete(sample_ip(&sample), 40);
			ks_sequence_from_server(&sequence, &sample.headers);
			wrong += memcmp(tcp + 8,
					 (const uint8_t[]){(uint8_t)(of_client >> 24),
						 (uint8_t)(of_client >> 16),
						 (uint8_t)(of_client >> 8), (uint8_t)of_client},
					 4) != 0;
			wrong += !sample_is_sound(&sample);
			wrong += ks_sequence_to_server(&sequence, of_client) != of_server;
			wrong += ks_sequence_to_client(&sequence, of_server) != of_client;
			sample_end(&sample);
		}
		wrong += (sequence.flags & KS_SEQUENCE_FAR) == 0;
	}
	tap_equal(wrong, 0, "6 GiB of a stream, through every wrap");
}

int
main(void)
{
	test_handshake();
	test_sack();
	test_hostile();
	test_clients_own();
	test_apart();
	test_far();
	return tap_done();
}
