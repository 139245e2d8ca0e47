/*
 * How libFuzzer changes inputs of fuzz_pipeline: one frame as it likes, then most of the time with
 * our MAC address and all checksums put right, as few mutations would pass these by luck.
 */
#include <string.h>

#include "frame_checksums.h"
#include "packet_builder.h"
#include "pipeline_record.h"

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t length_max);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t length_max, unsigned int seed);

static size_t
put_record(uint8_t *to, size_t room, const struct record *record)
{
	if (room < RECORD_HEAD_BYTES + record->length)
		return 0;
	to[0] = record->control;
	put16(to + 1, record->length);
	memcpy(to + RECORD_HEAD_BYTES, record->bytes, record->length);
	return RECORD_HEAD_BYTES + record->length;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t length_max, unsigned int seed)
{
	static uint8_t input[65536], frame[RECORD_FRAME_BYTES_MAX];
	struct record records[RECORDS_MAX];
	uint32_t count, chosen;
	size_t end = 0;

	if (length > sizeof(input))
		return LLVMFuzzerMutate(bytes, length, length_max);
	memcpy(input, bytes, length);
	count = records_read(input, length, records);
	if (count == 0 || seed % 32 == 0)
		return LLVMFuzzerMutate(bytes, length, length_max);
	chosen = seed / 32 % count;
	memcpy(frame, records[chosen].bytes, records[chosen].length);
	records[chosen].length =
		(uint32_t)LLVMFuzzerMutate(frame, records[chosen].length, sizeof(frame));
	records[chosen].bytes = frame;
	if (seed / 128 % 8 == 0)
		records[chosen].control ^= (uint8_t)(1u << seed / 1024 % 3);
	if (seed / 4096 % 8 != 0 && records[chosen].length >= 14) {
		put_mac(frame, records[chosen].control & RECORD_PORT ? 0x11 : 0x10);
		frame_make_sound(frame, records[chosen].length);
	}
	if (seed / 32768 % 8 == 0 && count < RECORDS_MAX) {
		records[count] = records[seed / 262144 % count];
		count++;
	}
	for (uint32_t i = 0; i < count; i++)
		end += put_record(bytes + end, length_max - end, &records[i]);
	return end;
}
