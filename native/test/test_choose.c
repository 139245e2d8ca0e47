/*
 * Who takes a new connection, through the whole packet path: thresholds as connections come and go,
 * templates that connections hold, QUIC connection ids that come from elsewhere.
 */
#include "fixture.h"
#include "persistence.h"
#include "tap.h"

#define TEMPLATES 256u

static struct world *world;
static struct ks_worker *worker;
static struct ks_persistence_table *table;

static struct packet_spec
from_client(uint16_t client_port, uint16_t service_port, uint8_t tcp_flags)
{
	return (struct packet_spec){
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = CLIENT,
		.destination = VIP,
		.source_port = client_port,
		.destination_port = service_port,
		.protocol = BUILT_TCP,
		.tcp_flags = tcp_flags,
		.ttl = 64,
	};
}

/* The server that a packet reached, by the last octet of its address: 'A', 'B'; '-': none. */
static char
reached(void)
{
	struct built_packet out = {.length = 0};

	if (!world_take(world->from_port[1], &out, NULL))
		return '-';
	return (char)('A' + out.bytes[33] - 101);
}

static char
open_connection(uint16_t client_port)
{
	struct packet_spec spec = from_client(client_port, 80, SYN);

	world_verdict(world, 0, &spec);
	return reached();
}

static void
send_on(uint16_t client_port, uint8_t tcp_flags)
{
	struct packet_spec spec = from_client(client_port, 80, tcp_flags);

	world_verdict(world, 0, &spec);
	reached();
}

static void
is_server(char actual, char expected, const char *name)
{
	if (!tap_ok(actual == expected, "%s", name))
		printf("# %c\n", actual);
}

/* In steps that the scan of connections follows. */
static void
pass_seconds(uint32_t seconds)
{
	for (; seconds > 0; seconds--) {
		worker->now_ticks += KS_TICKS_PER_SECOND;
		for (uint32_t pass = 0; pass < 4; pass++)
			world_run(world, 0);
	}
}

static void
reset(void)
{
	world_reset(world, 1);
	memset(table, 0, ks_persistence_table_bytes(TEMPLATES));
	ks_persistence_table_init(table, TEMPLATES, 4711);
	worker->persistence = table;
}

static void
test_thresholds(void)
{
	char word[8] = {0};

	reset();
	world->servers[0].options.upper_threshold = 2;
	world_publish(world);
	for (uint16_t i = 0; i < 6; i++)
		word[i] = open_connection((uint16_t)(1000 + i));
	if (!tap_ok(strcmp(word, "ABABBB") == 0, "two at A, which is enough; the others at B"))
		printf("# %s\n", word);
	pass_seconds(40);
	tap_equal(ks_connection_table_count(worker->connections), 0, "they end");
	word[0] = open_connection(2000);
	word[1] = open_connection(2001);
	word[2] = '\0';
	tap_ok(strcmp(word, "AB") == 0 || strcmp(word, "BA") == 0, "A takes again");
}

static void
make_persistent(uint32_t seconds)
{
	struct ks_virtual_server *service = &world->services[SERVICE_TCP];

	service->options.scheduler = KS_SCHEDULER_FAILOVER;
	service->options.persistence_seconds = seconds;
	world->servers[0].options.weight = 2;
	world_publish(world);
}

static void
test_persistence(void)
{
	reset();
	make_persistent(10);
	is_server(open_connection(1000), 'A', "a client comes to A");
	send_on(1000, ACK);
	world->servers[1].options.weight = 3;
	world_publish(world);
	is_server(open_connection(1001), 'A', "and comes back, though B is now the first choice");
	for (uint32_t i = 0; i < 8; i++) {
		pass_seconds(30);
		send_on(1000, ACK);
	}
	is_server(open_connection(1002), 'A', "four minutes later, too, while a connection lives");
	send_on(1000, RST);
	send_on(1001, RST);
	send_on(1002, RST);
	pass_seconds(80);
	tap_equal(ks_connection_table_count(worker->connections), 0, "its connections end");
	is_server(open_connection(1003), 'B', "and so does the template");
}

static void
test_quiescent(void)
{
	reset();
	make_persistent(100);
	open_connection(1000);
	world->servers[0].options.weight = 0;
	world_publish(world);
	is_server(open_connection(1001), 'A', "A is drained, but knows the client");
	world->tables.expires_quiescent_templates = true;
	world_publish(world);
	is_server(open_connection(1002), 'B', "expire_quiescent_template");
}

/* UDP without a checksum, so that its payload can be written afterwards. */
static char
send_quic(uint16_t client_port, const uint8_t *payload, uint16_t length)
{
	struct packet_spec spec = from_client(client_port, 53, 0);
	struct built_packet packet;

	spec.protocol = BUILT_UDP;
	spec.checksum = CHECKSUM_NONE;
	spec.payload_bytes = length;
	packet = build(&spec);
	memcpy(&packet.bytes[42], payload, length);
	world_send(world, 0, &packet);
	world_run(world, 0);
	return reached();
}

static void
test_quic(void)
{
	/* 10.0.0.101 and .102 by their last octet, 0x65 and 0x66. */
	static const uint8_t at_a[] = {0x40, 0xff, 0x06, 0x5f, 1, 2, 3, 4, 5, 6, 7, 8};
	static const uint8_t at_b[] = {0x40, 0xff, 0x06, 0x6f, 1, 2, 3, 4, 5, 6, 7, 8};
	struct ks_virtual_server *service;
	uint32_t others = 0;

	reset();
	service = &world->services[SERVICE_UDP];
	service->servers = &world->servers[0];
	service->servers_count = 2;
	service->options.scheduler = KS_SCHEDULER_FAILOVER;
	service->options.flags = KS_SERVICE_QUIC;
	world->servers[0].options.weight = 2;
	world_publish(world);
	for (uint16_t port = 1000; port < 1010; port++) {
		others += send_quic(port, at_a, sizeof(at_a)) != 'A';
		others += send_quic((uint16_t)(port + 1000), at_b, sizeof(at_b)) != 'B';
	}
	tap_equal(others, 0, "QUIC clients come back to their servers from anywhere");
	is_server(send_quic(5000, (const uint8_t[]){0x40}, 1), 'A', "the others are scheduled");
	service->options.flags = 0;
	world_publish(world);
	is_server(send_quic(5001, at_b, sizeof(at_b)), 'A', "without quic all are");
}

int
main(int argc, char **argv)
{
	size_t bytes = RTE_ALIGN(ks_persistence_table_bytes(TEMPLATES), 64);

	(void)argc;
	world = world_open(argv[0], 4096);
	worker = &world->workers[0];
	table = aligned_alloc(64, bytes);
	test_thresholds();
	test_persistence();
	test_quiescent();
	test_quic();
	world_drain(world);
	world_check_leaks(world);
	free(table);
	return tap_done();
}
