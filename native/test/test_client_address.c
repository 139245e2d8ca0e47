/*
 * What servers are told of their clients, through the whole packet path: TOA and the way back to
 * the straight path, PROXY headers, UOA; and what a connection may be refused or end for.
 */
#include "client_address.h"
#include "connection_dump.h"
#include "fixture.h"
#include "tap.h"

#define CLIENT_SEQUENCE 0x10000000u
#define SERVER_SEQUENCE 0x20000000u

static struct world *world;
static struct ks_worker *worker;
static uint16_t local_port; /* of the connection: of the SYN that left */

static struct packet_spec
spec_of(bool is_from_client, uint8_t tcp_flags, uint16_t payload_bytes)
{
	return (struct packet_spec){
		.source_mac = is_from_client ? MAC_GATEWAY : MAC_SERVER_A,
		.destination_mac = is_from_client ? MAC_PORT_0 : MAC_PORT_1,
		.source = is_from_client ? CLIENT : SERVER_A,
		.destination = is_from_client ? VIP : LIP,
		.source_port = is_from_client ? 40000 : 8080,
		.destination_port = is_from_client ? 80 : local_port,
		.protocol = BUILT_TCP,
		.tcp_flags = tcp_flags,
		.ttl = 64,
		.payload_bytes = payload_bytes,
	};
}

/* Sequence and acknowledgement, with the checksum that they need. */
static void
number(struct built_packet *packet, const struct packet_spec *spec, uint32_t sequence,
	uint32_t acknowledged)
{
	uint8_t *tcp = packet->bytes + 34;

	put32(tcp + 4, sequence);
	put32(tcp + 8, acknowledged);
	put16(tcp + 16, 0);
	put_l4_checksum(spec, packet->bytes + 14, tcp, 20u + spec->payload_bytes);
}

/* Sends one packet; what came out of the other port, length 0: nothing. */
static struct built_packet
exchange(bool is_from_client, uint8_t tcp_flags, uint16_t payload_bytes, uint32_t sequence,
	uint32_t acknowledged)
{
	struct packet_spec spec = spec_of(is_from_client, tcp_flags, payload_bytes);
	struct built_packet packet = build(&spec);
	struct built_packet out = {.length = 0};

	number(&packet, &spec, sequence, acknowledged);
	world_send(world, is_from_client ? 0 : 1, &packet);
	world_run(world, 0);
	world_take(world->from_port[is_from_client ? 1 : 0], &out, NULL);
	return out;
}

static bool
is_sound(const struct built_packet *packet)
{
	const uint8_t *ip = packet->bytes + 14;
	uint32_t header_bytes = (ip[0] & 0x0fu) * 4u;
	uint32_t l4_bytes = packet->length - 14 - header_bytes;

	return packet->length > 34 && (uint32_t)(ip[2] << 8 | ip[3]) == packet->length - 14 &&
	       summed(ip, header_bytes, 0) == 0xffff &&
	       summed(ip + header_bytes, l4_bytes, pseudo_header_sum(ip, l4_bytes)) == 0xffff;
}

static uint32_t
word_at(const struct built_packet *packet, uint32_t offset)
{
	const uint8_t *at = packet->bytes + offset;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void
begin(uint32_t flags, enum ks_proxy_protocol proxy)
{
	struct built_packet syn;

	world_reset(world, 1);
	world->tables.uoa_packets_max = 3;
	world->services[SERVICE_TCP].servers_count = 1;
	world->services[SERVICE_TCP].options.flags = (uint8_t)flags;
	world->services[SERVICE_TCP].options.proxy_protocol = (uint8_t)proxy;
	world_publish(world);
	syn = exchange(true, SYN, 0, CLIENT_SEQUENCE - 1, 0);
	local_port = (uint16_t)(syn.bytes[34] << 8 | syn.bytes[35]);
	tap_ok(is_sound(&syn) && syn.length == 54, "the SYN goes as it came");
	exchange(false, SYN | ACK, 0, SERVER_SEQUENCE - 1, CLIENT_SEQUENCE);
}

/* 198.51.100.7:40000, as DPVS writes it. */
static const uint8_t toa_expected[8] = {254, 8, 0x9c, 0x40, 198, 51, 100, 7};

static bool
has_toa(const struct built_packet *packet)
{
	return is_sound(packet) && packet->bytes[46] >> 4 == 7 &&
	       memcmp(packet->bytes + 54, toa_expected, sizeof(toa_expected)) == 0;
}

static bool
is_straight(void)
{
	const struct ks_connection_half *first = &worker->connections->halves[2];

	return first[0].path == KS_PATH_NAT44 && first[1].path == KS_PATH_NAT44;
}

static void
test_toa(void)
{
	struct built_packet out;

	begin(0, KS_PROXY_OFF);
	out = exchange(true, ACK, 0, CLIENT_SEQUENCE, SERVER_SEQUENCE);
	tap_ok(has_toa(&out), "the ACK of the handshake carries TOA");
	out = exchange(true, ACK | PSH, 100, CLIENT_SEQUENCE, SERVER_SEQUENCE);
	tap_ok(has_toa(&out) && out.length == 54 + 8 + 100, "the first data, too");
	tap_ok(!is_straight(), "the server has not said that it knows");
	out = exchange(false, ACK, 0, SERVER_SEQUENCE, CLIENT_SEQUENCE + 100);
	tap_ok(is_sound(&out) && word_at(&out, 42) == CLIENT_SEQUENCE + 100,
		"the server's acknowledgement goes as it is");
	tap_ok(is_straight(), "from now on both directions take the straight path");
	out = exchange(true, ACK | PSH, 50, CLIENT_SEQUENCE + 100, SERVER_SEQUENCE);
	tap_ok(is_sound(&out) && out.length == 54 + 50, "later data goes without");

	begin(KS_SERVICE_NO_CLIENT_ADDRESS, KS_PROXY_OFF);
	out = exchange(true, ACK, 0, CLIENT_SEQUENCE, SERVER_SEQUENCE);
	tap_ok(is_sound(&out) && out.length == 54, "without, when the service wants none");
}

static void
test_toa_too_big(void)
{
	struct packet_spec spec = spec_of(true, ACK, 1455);
	struct built_packet packet, out = {.length = 0};

	begin(0, KS_PROXY_OFF);
	packet = build(&spec);
	number(&packet, &spec, CLIENT_SEQUENCE, SERVER_SEQUENCE);
	put16(packet.bytes + 20, 0x4000); /* DF */
	put16(packet.bytes + 24, 0);
	put16(packet.bytes + 24, (uint16_t)~summed(packet.bytes + 14, 20, 0));
	worker->replies_left = 1;
	world_send(world, 0, &packet);
	world_run(world, 0);
	tap_equal(worker->verdicts[KS_VERDICT_too_big_reply], 1, "TOA leaves no room: its sender");
	tap_ok(world_take(world->from_port[0], &out, NULL) && out.bytes[34] == 3 &&
			out.bytes[35] == 4 && (out.bytes[40] << 8 | out.bytes[41]) == 1500 - 8,
		"... is told the MTU less the option");
}

/* Version 2, PROXY, TCP over IPv4, 198.51.100.7:40000 to 192.0.2.10:80. */
static const uint8_t proxy_expected[28] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55,
	0x49, 0x54, 0x0a, 0x21, 0x11, 0x00, 0x0c, 198, 51, 100, 7, 192, 0, 2, 10, 0x9c, 0x40, 0x00,
	0x50};

static void
test_proxy(void)
{
	struct built_packet out;

	begin(KS_SERVICE_NO_CLIENT_ADDRESS, KS_PROXY_V2);
	out = exchange(true, ACK, 0, CLIENT_SEQUENCE, SERVER_SEQUENCE);
	tap_ok(is_sound(&out) && out.length == 54 + 28 &&
			memcmp(out.bytes + 54, proxy_expected, 28) == 0,
		"the ACK of the handshake carries the PROXY header");
	out = exchange(true, ACK | PSH, 10, CLIENT_SEQUENCE + 28, SERVER_SEQUENCE);
	out = exchange(false, ACK, 0, SERVER_SEQUENCE, CLIENT_SEQUENCE + 28);
	tap_ok(is_sound(&out) && word_at(&out, 42) == CLIENT_SEQUENCE,
		"its acknowledgement is none for the client");
	out = exchange(true, ACK | PSH, 10, CLIENT_SEQUENCE, SERVER_SEQUENCE);
	tap_ok(is_sound(&out) && word_at(&out, 38) == CLIENT_SEQUENCE + 28,
		"the client's octets come behind it");
	tap_ok(!is_straight(), "shifted for the life of the connection");

	begin(KS_SERVICE_NO_CLIENT_ADDRESS, KS_PROXY_V2);
	out = exchange(true, ACK | PSH, 10, CLIENT_SEQUENCE + 1000, SERVER_SEQUENCE);
	tap_equal(out.length, 0, "octets that would overtake the header stay");
	tap_equal(worker->verdicts[KS_VERDICT_drop_before_proxy_header], 1, "... by their name");
}

/* A segment that fills the MTU needs a packet of its own for the header; the pool has none. */
static void
test_no_buffer(void)
{
	static struct rte_mbuf *all[4096];
	uint32_t count = 0;
	struct packet_spec spec = spec_of(true, ACK, 1460);
	struct built_packet packet;

	begin(KS_SERVICE_NO_CLIENT_ADDRESS, KS_PROXY_V2);
	packet = build(&spec);
	number(&packet, &spec, CLIENT_SEQUENCE, SERVER_SEQUENCE);
	world_send(world, 0, &packet);
	while (count < RTE_DIM(all) && (all[count] = rte_pktmbuf_alloc(world->pool)) != NULL)
		count++;
	world_run(world, 0);
	tap_equal(worker->verdicts[KS_VERDICT_drop_no_buffer], 1, "no buffer for the header");
	rte_pktmbuf_free_bulk(all, count);
	world_send(world, 0, &packet);
	world_run(world, 0);
	tap_equal(worker->injected, 1, "with buffers it leaves in a packet of its own");
	tap_ok(world_take(world->from_port[1], &packet, NULL) && packet.length == 54 + 28 &&
			is_sound(&packet),
		"... before the segment");
	tap_ok(world_take(world->from_port[1], &packet, NULL) && packet.length == 54 + 1460 &&
			word_at(&packet, 38) == CLIENT_SEQUENCE + 28,
		"... which comes behind it");
}

static void
test_uoa(void)
{
	struct packet_spec spec = spec_of(true, 0, 10);
	struct built_packet out;

	spec.protocol = BUILT_UDP;
	spec.destination_port = 53;
	world_reset(world, 1);
	world->tables.uoa_packets_max = 2;
	world->services[SERVICE_UDP].options.flags = KS_SERVICE_UOA;
	world_publish(world);
	for (uint32_t i = 0; i < 3; i++) {
		struct built_packet packet = build(&spec);

		world_send(world, 0, &packet);
		world_run(world, 0);
		world_take(world->from_port[1], &out, NULL);
		tap_equal(out.bytes[23], i < 2 ? 248 : BUILT_UDP,
			i < 2 ? "a first datagram has a header of UOA" : "later ones have none");
	}
	tap_ok(is_straight(), "and take the straight path");
}

static void
test_ends(void)
{
	struct packet_spec spec = spec_of(true, ACK, 0);

	begin(KS_SERVICE_NO_CLIENT_ADDRESS | KS_SERVICE_EXPIRE_QUIESCENT, KS_PROXY_OFF);
	world->server_is_available[0] = 0;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_drop_server_gone, "quiescent");
	tap_equal(ks_connection_table_count(worker->connections), 0, "ended at once");

	begin(KS_SERVICE_NO_CLIENT_ADDRESS | KS_SERVICE_EXPIRE_QUIESCENT | KS_SERVICE_REJECTS,
		KS_PROXY_OFF);
	world->server_is_available[0] = 0;
	worker->replies_left = 1;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_reset_reply, "or reset");
	tap_equal(ks_connection_table_count(worker->connections), 0, "and ended as well");

	begin(KS_SERVICE_NO_CLIENT_ADDRESS | KS_SERVICE_REJECTS, KS_PROXY_OFF);
	world->server_is_available[0] = 0;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_drop_server_gone, "not expired");
	tap_equal(ks_connection_table_count(worker->connections), 1, "it stays");

	world_reset(world, 1);
	world->services[SERVICE_TCP].options.connections_max = 1;
	spec.tcp_flags = SYN;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_forwarded, "as many as it may");
	spec.source_port++;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_drop_service_full, "one more");

	world_reset(world, 1);
	world->tables.drops_unserved_udp = world->tables.drops_stray_tcp = true;
	spec.destination_port = 9;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_punt_kernel, "a SYN may be for it");
	spec.tcp_flags = ACK;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_drop_no_service, "stray TCP");
	spec.protocol = BUILT_UDP;
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_drop_no_service, "unserved UDP");
}

static void
test_one_packet(void)
{
	struct packet_spec spec = spec_of(true, 0, 10);

	spec.protocol = BUILT_UDP;
	spec.destination_port = 53;
	world_reset(world, 1);
	world->services[SERVICE_UDP].options.flags = KS_SERVICE_ONE_PACKET;
	world->servers[2].options.forwarding = KS_FORWARD_DIRECT;
	world_publish(world);
	tap_equal(world_verdict(world, 0, &spec), KS_VERDICT_forwarded, "a datagram");
	tap_equal(ks_connection_table_count(worker->connections), 0, "leaves no connection");
	tap_equal(worker->servers[2].connections, 1, "but is counted");
}

static void
test_dump(void)
{
	static struct ks_connection_dump dump;

	begin(KS_SERVICE_NO_CLIENT_ADDRESS, KS_PROXY_OFF);
	worker->dump = &dump;
	dump.next = 1;
	atomic_store(&dump.state, KS_DUMP_ASKED);
	world_run(world, 0);
	tap_equal(atomic_load(&dump.state), KS_DUMP_ANSWERED, "a listing is answered");
	tap_equal(dump.count, 1, "... with the connection");
	tap_equal(dump.next, 0, "... and that was all");
	tap_equal(dump.rows[0].halves[1].key.destination_port_be, rte_cpu_to_be_16(local_port),
		"... as it is");
	worker->dump = NULL;
}

int
main(int arguments_count, char **arguments)
{
	(void)arguments_count;
	world = world_open(arguments[0], 1024);
	worker = &world->workers[0];
	test_toa();
	test_toa_too_big();
	test_proxy();
	test_no_buffer();
	test_uoa();
	test_ends();
	test_one_packet();
	test_dump();
	world_drain(world);
	world_check_leaks(world);
	return tap_done();
}
