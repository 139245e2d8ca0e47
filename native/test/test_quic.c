/* QUIC connection ids: what is read of them, and that nothing is read beyond them. */
#include "quic.h"
#include "scheduler_world.h"

#define IP_BYTES 20u
#define HEADERS (sizeof(struct rte_ether_hdr) + IP_BYTES)

/* A datagram of exactly these octets at the end of a block, so that a read beyond it is seen. */
static struct ks_packet
datagram(const uint8_t *payload, uint32_t length)
{
	static uint8_t *block;
	struct ks_packet packet =
		packet_from(address_of(198, 51, 100, 7), 40000, address_of(192, 0, 2, 10));
	uint16_t udp_bytes = (uint16_t)(8 + length);

	free(block);
	block = calloc(1, HEADERS + udp_bytes);
	block[HEADERS + 4] = (uint8_t)(udp_bytes >> 8);
	block[HEADERS + 5] = (uint8_t)udp_bytes;
	memcpy(block + HEADERS + 8, payload, length);
	packet.key.protocol = IPPROTO_UDP;
	packet.frame = block;
	packet.l4_offset_bytes = HEADERS;
	packet.ip_length_bytes = (uint16_t)(IP_BYTES + udp_bytes);
	return packet;
}

/* The index of the server that a payload names; -1: none. */
static int
named(const struct ks_virtual_server *service, const uint8_t *payload, uint32_t length)
{
	struct ks_packet packet = datagram(payload, length);
	const struct ks_server *server = ks_quic_server(service, &packet);

	return server == NULL ? -1 : (int)(server - service->servers);
}

#define NAMED(...)                                                                                 \
	named(&service, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Service on servers 10.1.0.1, 10.1.0.2, 10.1.0.3, port 8080 = 0x1f90; addresses 0a 01 00 0x. */
static void
test_short(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 3, NULL);

	tap_equal((uint64_t)NAMED(0x40, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5, 6), 1,
		"one octet of the address");
	tap_equal((uint64_t)NAMED(0x40, 0xee, 0x20, 0x00, 0x3f, 2, 3, 4, 5, 6), 2, "two");
	tap_equal((uint64_t)NAMED(0x40, 0xee, 0x60, 0xa0, 0x10, 0x00, 0x1f, 4, 5, 6), 0, "four");
	tap_equal((uint64_t)NAMED(0x40, 0xee, 0x30, 0x00, 0x21, 0xf9, 0x0f, 4, 5, 6), 1,
		"two and the port");
	tap_ok(NAMED(0x40, 0xee, 0x30, 0x00, 0x21, 0xf9, 0x1f, 4, 5, 6) == -1, "another port");
	tap_ok(NAMED(0x40, 0xee, 0x00, 0x4f, 1, 2, 3, 4, 5, 6) == -1, "another address");
	tap_ok(NAMED(0x40, 0xee, 0x60, 0xb0, 0x10, 0x00, 0x1f, 4, 5, 6) == -1,
		"all of the address counts");
	tap_ok(NAMED(0x40, 0xee, 0x80, 0xf0, 0xa0, 0x10, 0x00, 0x1f, 4, 5, 6, 7) == -1,
		"five octets are none of IPv4");
	tap_ok(NAMED(0x00, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5, 6) == -1, "no fixed bit, no QUIC");
	servers[1].options.weight = 0;
	tap_equal((uint64_t)NAMED(0x40, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5, 6), 1,
		"a drained server keeps its connections");
}

static void
test_v6(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 2, NULL);
	static const uint8_t address[16] = {
		0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd, 0x11, 0x22, 0x33, 0x44};

	servers[1].address = ks_ip_from_octets(address);
	tap_equal((uint64_t)NAMED(0x40, 0xee, 0xea, 0xab, 0xbc, 0xcd, 0xd1, 0x12, 0x23, 0x34, 0x4f,
			  3, 4, 5, 6),
		1, "eight octets of IPv6");
	tap_equal((uint64_t)NAMED(0x40, 0xee, 0xfa, 0xab, 0xbc, 0xcd, 0xd1, 0x12, 0x23, 0x34, 0x41,
			  0xf9, 0x0f, 4, 5, 6),
		1, "and the port");
}

static void
test_long(void)
{
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 3, NULL);

	tap_equal((uint64_t)NAMED(0xe0, 0, 0, 0, 1, 8, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5), 1,
		"Handshake of version 1");
	tap_equal((uint64_t)NAMED(0xf0, 0x6b, 0x33, 0x43, 0xcf, 8, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5),
		1, "Handshake of version 2");
	tap_ok(NAMED(0xc0, 0, 0, 0, 1, 8, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1,
		"Initial: the id is the client's");
	tap_ok(NAMED(0xd0, 0, 0, 0, 1, 8, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1, "0-RTT as well");
	tap_ok(NAMED(0xe0, 0x6b, 0x33, 0x43, 0xcf, 8, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1,
		"0-RTT of version 2");
	tap_ok(NAMED(0xe0, 9, 9, 9, 9, 8, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1,
		"types of other versions are not known");
	tap_ok(NAMED(0xe0, 0, 0, 0, 1, 6, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1,
		"an id of six octets is too short");
	tap_ok(NAMED(0xe0, 0, 0, 0, 1, 7, 0xee, 0x60, 0xa0, 0x10, 0x00, 0x1f, 3, 4) == -1,
		"one of seven for an address of four, too");
	tap_ok(NAMED(0xe0, 0, 0, 0, 1, 0, 0, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1, "no id at all");
	tap_ok(NAMED(0xe0, 0, 0, 0, 1, 9, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1,
		"a length beyond the datagram");
	tap_ok(NAMED(0xe0, 0, 0, 0, 1, 255, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5) == -1,
		"a length beyond all");
}

/* Every datagram, cut at every length, with every second octet: no read beyond the end. */
static void
test_cut(void)
{
	static const uint8_t first_octets[] = {
		0x00, 0x08, 0x40, 0x48, 0x80, 0xc0, 0xe0, 0xf0, 0xff};
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 3, NULL);
	uint8_t payload[40] = {0};
	uint64_t seed = 7, looked = 0, id;

	for (uint32_t i = 0; i < sizeof(first_octets) * 256 * 4; i++) {
		uint64_t random = next_random(&seed);

		payload[0] = first_octets[i % sizeof(first_octets)];
		payload[1] = (uint8_t)(i / sizeof(first_octets));
		payload[4] = (uint8_t)(random & 1);
		payload[5] = (uint8_t)(random >> 8 & 31);
		payload[6] = payload[7] = (uint8_t)(random >> 16);
		for (uint32_t length = 0; length <= 30; length++) {
			struct ks_packet packet = datagram(payload, length);

			ks_quic_server(&service, &packet);
			looked += ks_quic_connection_id(&packet, &id);
		}
	}
	tap_ok(looked > 0, "cut at every length: nothing is read beyond the end");
}

static void
test_lying_udp(void)
{
	static const uint8_t payload[] = {0x40, 0xee, 0x00, 0x2f, 1, 2, 3, 4, 5, 6};
	struct ks_virtual_server service = service_of(KS_SCHEDULER_MAGLEV, 3, NULL);
	struct ks_packet packet = datagram(payload, sizeof(payload));
	uint64_t id;

	packet.frame[HEADERS + 5] = 200;
	tap_ok(ks_quic_server(&service, &packet) == NULL, "a datagram longer than its packet");
	packet.frame[HEADERS + 5] = 3;
	tap_ok(ks_quic_server(&service, &packet) == NULL && !ks_quic_connection_id(&packet, &id),
		"one shorter than its header");
	packet = datagram(payload, sizeof(payload));
	packet.ip_length_bytes = IP_BYTES + 4;
	tap_ok(ks_quic_server(&service, &packet) == NULL, "a packet shorter than a UDP header");
	packet = datagram(payload, sizeof(payload));
	packet.key.protocol = IPPROTO_TCP;
	tap_ok(ks_quic_server(&service, &packet) == NULL, "TCP");
}

static bool
hashes(const uint8_t *payload, uint32_t length, uint64_t expected_be)
{
	struct ks_packet packet = datagram(payload, length);
	uint64_t id = 0;

	return ks_quic_connection_id(&packet, &id) && id == rte_cpu_to_be_64(expected_be);
}

static void
test_connection_id(void)
{
	static const uint8_t google[] = {0x08, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const uint8_t google_without[] = {0x00, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const uint8_t one_rtt[] = {0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const uint8_t initial[] = {0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0};
	static const uint8_t short_id[] = {0xc0, 0, 0, 0, 1, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0};
	uint64_t expected = UINT64_C(0x0102030405060708);

	tap_ok(hashes(google, sizeof(google), expected), "id of Google's QUIC");
	tap_ok(!hashes(google_without, sizeof(google_without), expected), "which says when it has");
	tap_ok(hashes(one_rtt, sizeof(one_rtt), expected), "id of a short header");
	tap_ok(hashes(initial, sizeof(initial), expected), "id of a long header");
	tap_ok(!hashes(short_id, sizeof(short_id), expected), "none of seven octets");
	tap_ok(!hashes(one_rtt, 8, expected), "none of a datagram that is too short");
}

int
main(void)
{
	test_short();
	test_v6();
	test_long();
	test_cut();
	test_lying_udp();
	test_connection_id();
	return tap_done();
}
