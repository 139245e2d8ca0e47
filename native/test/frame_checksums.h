/*
 * Owner: nobody, functions. Threads: any. Lifetime: the program.
 *
 * Whether every checksum of a frame is right, from outside to inside, and how to make them so;
 * summed up octet by octet, and sharing nothing with the data path.
 */
#ifndef KS_FUZZ_FRAME_CHECKSUMS_H
#define KS_FUZZ_FRAME_CHECKSUMS_H

#include <stdbool.h>
#include <stdint.h>

/* False, too, for what is not whole: lengths beyond the frame, headers cut. */
bool frame_is_sound(const uint8_t *frame, uint32_t length);

/* Of IPv4, TCP, UDP (but one that is 0), SCTP, ICMP and GRE, as far as the frame can be read. */
void frame_make_sound(uint8_t *frame, uint32_t length);

#endif
