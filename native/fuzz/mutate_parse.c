/*
 * How libFuzzer changes frames: as it likes, then most of the time with the IPv4 header checksum
 * and our own MAC address put right, as few mutations would pass these by luck.
 */
#include "packet_builder.h"

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t length_max);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t length_max, unsigned int seed);

size_t
LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t length_max, unsigned int seed)
{
	size_t header_bytes;

	length = LLVMFuzzerMutate(bytes, length, length_max);
	if (length < 34 || seed % 8 == 0)
		return length;
	put_mac(bytes, 0x10);
	header_bytes = (bytes[14] & 15u) * 4u;
	if (header_bytes < 20 || 14 + header_bytes > length)
		return length;
	put16(bytes + 24, 0);
	put16(bytes + 24, (uint16_t)~summed(bytes + 14, (uint32_t)header_bytes, 0));
	return length;
}
