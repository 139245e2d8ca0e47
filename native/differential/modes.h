/*
 * Owner: nobody, constants. Threads: any. Lifetime: the program.
 *
 * What is compared: a mode of forwarding in one family, as directives for our tables. The rules of
 * the kernel that mean the same are in scripts/differential/kernel-rules.ts, by the same names.
 */
#ifndef KS_DIFFERENTIAL_MODES_H
#define KS_DIFFERENTIAL_MODES_H

#include "packets.h"

#define DIRECTIVES_MAX 12u

struct mode {
	const char *name;
	const char *directives[DIRECTIVES_MAX]; /* up to NULL */
	enum side asking;
	bool is_v6;
	const char *target;     /* that is asked; NULL: anybody outside */
	const char *answerer;   /* who answers, as its own packets say; NULL: the target */
	const char *translated; /* what stands for the asking end behind us; NULL: itself */
};

const struct mode *mode_find(const char *name);

#endif
