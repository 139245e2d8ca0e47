/*
 * Owner: nobody, functions. Threads: any. Lifetime: the program.
 *
 * Packets field by field, for tests that compare one with another: knows the headers by their RFCs
 * and shares nothing with the data path.
 */
#ifndef KS_TEST_PACKET_TEXT_H
#define KS_TEST_PACKET_TEXT_H

#include "packet_builder.h"

/* Every field in which the packets differ, as TAP comments. */
void packet_print_differences(
	const struct built_packet *actual, const struct built_packet *expected);

#endif
