/*
 * libFuzzer target: any bytes as a frame into a port of the whole packet path, with a service, a
 * connection in the table and neighbours; before that, into both parsers alone in memory of exactly
 * their size, and these must agree. `make -C native/test fuzz` builds it; replay.c runs its corpus
 * in the tests.
 */
#include <netinet/in.h>
#include <stdlib.h>

#include "fixture.h"
#include "parse.h"
#include "parse_plain.h"
#include "tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct world *world;

/* So that frames may also belong to a connection: CLIENT:40000 to VIP:80 is known. */
static void
open_world(void)
{
	struct packet_spec spec = {
		.source_mac = MAC_GATEWAY,
		.destination_mac = MAC_PORT_0,
		.source = CLIENT,
		.destination = VIP,
		.source_port = 40000,
		.destination_port = 80,
		.protocol = BUILT_TCP,
		.tcp_flags = SYN,
		.ttl = 64,
	};

	world = world_open("fuzz_parse", 4096);
	world->workers[0].ports[0].completes_checksums = true;
	world_verdict(world, 0, &spec);
	world_drain(world);
}

/* What a flow's header needs is within the packet, and that within the frame. */
static void
check_bounds(const struct ks_packet *packet, uint32_t length)
{
	static const uint8_t header_bytes[256] = {
		[IPPROTO_TCP] = 20, [IPPROTO_UDP] = 8, [IPPROTO_SCTP] = 12};
	uint32_t end = packet->ip_length_bytes + 14u;
	uint32_t needed = packet->kind == KS_PACKET_FLOW ? header_bytes[packet->key.protocol] : 0;

	if (packet->verdict != KS_VERDICT_UNDECIDED)
		return;
	if (end > length || packet->l4_offset_bytes + needed > end)
		abort();
}

/* The straight parser takes what the other finds to be TCP or UDP over IPv4 without options. */
static void
compare_plain(const struct ks_packet *general, uint8_t *frame, uint32_t length,
	const struct ks_worker *worker)
{
	const struct ks_hash_secret *secret = &worker->connections->secret;
	bool is_plain = general->verdict == KS_VERDICT_UNDECIDED &&
			general->kind == KS_PACKET_FLOW && !ks_packet_is_v6(general) &&
			general->key.protocol != IPPROTO_SCTP &&
			length >= KS_PLAIN_FRAME_BYTES_MIN &&
			general->l4_offset_bytes == KS_PLAIN_L4_OFFSET;
	struct ks_packet plain;

	if (ks_parse_plain(&plain, frame, length, worker->ports[0].mac_word, secret) != is_plain)
		abort();
	if (is_plain &&
		(!ks_flow_keys_equal(&plain.key, &general->key) ||
			plain.hash != ks_hash_flow(secret, &general->key) ||
			plain.ip_length_bytes != general->ip_length_bytes ||
			plain.l4_offset_bytes != general->l4_offset_bytes ||
			plain.tcp_flags != general->tcp_flags || plain.verdict != general->verdict))
		abort();
}

static void
parse_alone(const uint8_t *bytes, uint32_t length)
{
	static const struct rte_ether_addr mac = {{2, 0, 0, 0, 0, MAC_PORT_0}};
	uint8_t *frame = malloc(length > 0 ? length : 1);
	struct ks_packet packet;

	memcpy(frame, bytes, length);
	ks_parse(&packet, frame, length, &mac);
	check_bounds(&packet, length);
	compare_plain(&packet, frame, length, &world->workers[0]);
	if (packet.verdict == KS_VERDICT_UNDECIDED && packet.kind == KS_PACKET_FLOW)
		ks_parse_complete_checksum(&packet);
	free(frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct built_packet packet;

	if (world == NULL)
		open_world();
	if (length > sizeof(packet.bytes))
		return 0;
	parse_alone(bytes, (uint32_t)length);
	memcpy(packet.bytes, bytes, length);
	packet.length = (uint32_t)length;
	world_send(world, 0, &packet);
	world_run(world, 0);
	world_drain(world);
	if (tap_failures > 0)
		abort();
	/* Connections of earlier inputs end, so that every input finds about the same world. */
	world->workers[0].now_ticks += KS_TICKS_PER_SECOND;
	return 0;
}
