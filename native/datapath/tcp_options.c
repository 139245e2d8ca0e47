/* The one TCP option that others than its owner change: the maximum segment size. */
#include "tcp_options.h"

#define MSS_BYTES 4u

bool
ks_tcp_mss_lower(struct ks_headers *headers, uint32_t lowered_bytes)
{
	struct ks_tcp_segment segment;
	struct ks_tcp_walk walk;
	uint8_t *option;
	uint16_t rest;
	bool is_lowered = false;

	if (!ks_tcp_segment_read(headers, &segment) ||
		(segment.header->tcp_flags & RTE_TCP_SYN_FLAG) == 0)
		return false;
	rest = ks_headers_rest(headers, segment.header_bytes);
	walk = ks_tcp_walk_begin(&segment);
	while ((option = ks_tcp_walk_next(&walk)) != NULL) {
		uint32_t mss_bytes;

		if (option[0] != KS_TCP_OPTION_MSS || option[1] != MSS_BYTES)
			continue;
		mss_bytes = (uint32_t)option[2] << 8 | option[3];
		if (mss_bytes < lowered_bytes + KS_TCP_MSS_MIN)
			continue;
		mss_bytes -= lowered_bytes;
		option[2] = (uint8_t)(mss_bytes >> 8);
		option[3] = (uint8_t)mss_bytes;
		is_lowered = true;
	}
	if (is_lowered)
		ks_headers_seal(headers, segment.header_bytes, rest);
	return is_lowered;
}
