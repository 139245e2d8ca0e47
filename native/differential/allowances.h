/*
 * Owner: the program. Threads: its only one. Lifetime: the program.
 *
 * The written list of differences from the kernel's NAT that are meant, each with its reason.
 */
#ifndef KS_DIFFERENTIAL_ALLOWANCES_H
#define KS_DIFFERENTIAL_ALLOWANCES_H

#include "conversation.h"
#include "kernel.h"
#include "ours.h"

/* Whether one of them explains the difference; it is counted. */
bool allowances_cover(const struct input *input, const struct outcome *kernel,
	const struct outcome *ours, enum ks_verdict verdict);

/* How often each was used, as comments of TAP. */
void allowances_report(void);

#endif
