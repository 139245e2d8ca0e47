/*
 * Owner: the program. Threads: its only one. Lifetime: the program.
 *
 * The kernel's own NAT, between two TUN devices of the network namespace that the program runs in:
 * tun0 for the outside, tun1 for the inside. What is written to one is forwarded before write(2)
 * returns, so that what left can be read at once.
 */
#ifndef KS_DIFFERENTIAL_KERNEL_H
#define KS_DIFFERENTIAL_KERNEL_H

#include "packets.h"

#define LEAVING_MAX 4u

/* What became of one packet. */
struct outcome {
	uint32_t count;
	uint8_t sides[LEAVING_MAX];
	struct octets packets[LEAVING_MAX];
};

struct kernel {
	int devices[SIDES];
};

/* Ends the program with a sentence when the devices are not there. */
void kernel_open(struct kernel *kernel);

void kernel_pass(const struct kernel *kernel, enum side side, const struct octets *packet,
	struct outcome *outcome);

#endif
