/*
 * Owner: the caller. Threads: any. Lifetime: as long as the input's octets.
 *
 * Inputs of fuzz_pipeline: records of one octet of control, two of length, and a frame.
 */
#ifndef KS_FUZZ_PIPELINE_RECORD_H
#define KS_FUZZ_PIPELINE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#define RECORDS_MAX 4u
#define RECORD_HEAD_BYTES 3u
#define RECORD_FRAME_BYTES_MAX 2000u

enum record_control {
	RECORD_PORT = 1,  /* that the frame comes in through */
	RECORD_TWICE = 2, /* in one burst */
	RECORD_AGES = 4,  /* ten seconds later */
};

struct record {
	uint8_t control;
	uint32_t length;
	const uint8_t *bytes;
};

/* How many there are; the last may be cut. */
static inline uint32_t
records_read(const uint8_t *bytes, size_t length, struct record records[RECORDS_MAX])
{
	uint32_t count = 0;

	while (count < RECORDS_MAX && length >= RECORD_HEAD_BYTES) {
		uint32_t frame_bytes = (uint32_t)bytes[1] << 8 | bytes[2];

		length -= RECORD_HEAD_BYTES;
		if (frame_bytes > length)
			frame_bytes = (uint32_t)length;
		if (frame_bytes > RECORD_FRAME_BYTES_MAX)
			frame_bytes = RECORD_FRAME_BYTES_MAX;
		records[count++] =
			(struct record){bytes[0], frame_bytes, bytes + RECORD_HEAD_BYTES};
		bytes += RECORD_HEAD_BYTES + frame_bytes;
		length -= frame_bytes;
	}
	return count;
}

#endif
