/*
 * libFuzzer target: a few frames, one after the other, through the whole packet path with services
 * and connections of every mode in both families (pipeline_world.h). Every frame gets one verdict
 * per worker that sees it, no buffer is lost, no sanitizer finds anything; and what leaves is
 * whole, its checksums right if those of what came were. Each input finds the same world.
 *
 * An input is records: where the frame comes in and what is done before, its length, its octets.
 */
#include <stdlib.h>

#include "frame_checksums.h"
#include "pipeline_record.h"
#include "pipeline_world.h"
#include "tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct world *world;
static uint32_t buffers;

static void __attribute__((noreturn))
fail(const char *reason, const struct built_packet *came, const struct built_packet *left)
{
	fprintf(stderr, "%s\n", reason);
	for (uint32_t i = 0; came != NULL && i < came->length; i++)
		fprintf(stderr, "%02x", came->bytes[i]);
	fprintf(stderr, "\n");
	for (uint32_t i = 0; left != NULL && i < left->length; i++)
		fprintf(stderr, "%02x", left->bytes[i]);
	fprintf(stderr, "\n");
	abort();
}

/* IP of exactly the frame's length: padding is cut off. */
static bool
is_whole(const struct built_packet *left)
{
	const uint8_t *ip = left->bytes + 14;
	bool is_v6 = left->length > 14 && ip[0] >> 4 == 6;
	uint32_t bytes;

	if (left->length < (is_v6 ? 54u : 34u) || (ip[0] >> 4 == 6) != (left->bytes[12] == 0x86))
		return false;
	bytes = is_v6 ? 40u + (uint32_t)(ip[4] << 8 | ip[5]) : (uint32_t)(ip[2] << 8 | ip[3]);
	return bytes + 14 == left->length;
}

static void
check_left(const struct built_packet *came, const struct built_packet *left, bool was_sound)
{
	if (!is_whole(left))
		fail("what leaves is not whole", came, left);
	if (was_sound && !frame_is_sound(left->bytes, left->length))
		fail("what leaves has a wrong checksum", came, left);
}

static void
check_rings(const struct built_packet *came)
{
	bool was_sound = frame_is_sound(came->bytes, came->length);
	struct ks_packet_note note;
	struct built_packet left;

	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		while (world_take(world->from_port[port], &left, NULL))
			check_left(came, &left, was_sound);
	}
	for (uint16_t worker = 0; worker < PIPELINE_WORKERS; worker++) {
		while (world_take(world->workers[worker].punt, &left, &note)) {
			if (note.verdict == KS_VERDICT_punt_resolve)
				check_left(came, &left, was_sound);
			else if (left.length != came->length ||
				 memcmp(left.bytes, came->bytes, left.length) != 0)
				fail("the kernel's packet was changed", came, &left);
		}
	}
}

static void
run(const struct record *record)
{
	struct built_packet packet = {.length = record->length};

	memcpy(packet.bytes, record->bytes, record->length);
	if (record->control & RECORD_AGES) {
		for (uint16_t worker = 0; worker < PIPELINE_WORKERS; worker++)
			world->workers[worker].now_ticks += 10 * KS_TICKS_PER_SECOND;
	}
	world_send(world, record->control & RECORD_PORT, &packet);
	if (record->control & RECORD_TWICE)
		world_send(world, record->control & RECORD_PORT, &packet);
	for (uint16_t worker = 0; worker < PIPELINE_WORKERS; worker++)
		world_run(world, worker);
	if (!rte_ring_empty(world->workers[0].steered))
		fail("handed back by its owner", &packet, NULL);
	check_rings(&packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct record records[RECORDS_MAX];
	uint32_t count = records_read(bytes, length, records);

	if (world == NULL) {
		world = pipeline_world_open();
		buffers = rte_mempool_avail_count(world->pool);
	}
	for (uint32_t i = 0; i < count; i++)
		run(&records[i]);
	if (tap_failures > 0 || rte_mempool_avail_count(world->pool) != buffers)
		fail("a verdict or a packet buffer is missing", NULL, NULL);
	pipeline_world_restore(world);
	return 0;
}
