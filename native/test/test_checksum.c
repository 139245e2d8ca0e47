/* checksum.h against sums computed octet by octet. */
#include "checksum.h"
#include "packet_builder.h"
#include "tap.h"

static uint32_t random_state = 1;

static uint32_t
next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state ^ random_state >> 16;
}

static uint16_t
in_memory(uint16_t host_order)
{
	return rte_cpu_to_be_16(host_order);
}

static void
test_every_length(void)
{
	uint8_t bytes[70];
	uint32_t wrong = 0;

	for (uint32_t length = 0; length < 64; length++) {
		for (uint32_t offset = 0; offset < 4; offset++) {
			for (uint32_t i = 0; i < sizeof(bytes); i++)
				bytes[i] = (uint8_t)next_random();
			wrong += ks_checksum_fold(ks_checksum_add(0, bytes + offset, length)) !=
				 in_memory(summed(bytes + offset, length, 0));
		}
	}
	tap_equal(wrong, 0, "sums of every length and alignment");
	memset(bytes, 0xff, sizeof(bytes));
	tap_equal(
		ks_checksum_fold(ks_checksum_add(0, bytes, 64)), 0xffff, "all ones stay all ones");
	tap_equal(ks_checksum_fold(UINT64_MAX), 0xffff, "the largest sum folds");
}

/* RFC 1624 section 4: the case that the older equation gets wrong. */
static void
test_rfc_1624_example(void)
{
	uint64_t delta = ks_checksum_delta(0, in_memory(0x5555), in_memory(0x3285));

	tap_equal(ks_checksum_update(in_memory(0xdd2f), ks_checksum_fold(delta)), in_memory(0x0000),
		"the example of RFC 1624");
}

static void
test_updates(void)
{
	uint32_t wrong = 0, zero_deltas = 0;

	for (uint32_t round = 0; round < 20000; round++) {
		uint8_t bytes[24];
		uint32_t old_word, new_word = round % 5 == 0 ? 0 : next_random();
		uint16_t before, after, delta;

		for (uint32_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = round % 7 == 0 ? 0xff : (uint8_t)next_random();
		before = (uint16_t)~summed(bytes, sizeof(bytes), 0);
		memcpy(&old_word, bytes + 12, sizeof(old_word));
		memcpy(bytes + 12, &new_word, sizeof(new_word));
		bytes[8] |= 1;
		after = (uint16_t)~summed(bytes, sizeof(bytes), 0);
		bytes[8] |= 1;
		delta = ks_checksum_fold(ks_checksum_delta(0, old_word, new_word));
		zero_deltas += delta == 0 && old_word != UINT32_MAX;
		memcpy(bytes + 12, &old_word, sizeof(old_word));
		before = (uint16_t)~summed(bytes, sizeof(bytes), 0);
		wrong += ks_checksum_update(in_memory(before), delta) != in_memory(after);
	}
	tap_equal(wrong, 0, "an update equals a new sum");
	tap_equal(zero_deltas, 0, "a delta is never zero");
}

static void
test_ttl(void)
{
	uint32_t wrong = 0;

	for (uint32_t ttl = 2; ttl < 256; ttl++) {
		uint8_t header[20] = {0x45, 0, 0, 40, 1, 2, 0, 0, (uint8_t)ttl, 6, 0, 0, 10, 0, 0,
			1, 10, 0, 0, 2};
		uint16_t before = (uint16_t)~summed(header, sizeof(header), 0);
		uint16_t delta = KS_CHECKSUM_DELTA_TTL;

		header[8]--;
		wrong += ks_checksum_update(in_memory(before), delta) !=
			 in_memory((uint16_t)~summed(header, sizeof(header), 0));
	}
	tap_equal(wrong, 0, "every TTL, one lower");
}

int
main(void)
{
	test_every_length();
	test_rfc_1624_example();
	test_updates();
	test_ttl();
	return tap_done();
}
