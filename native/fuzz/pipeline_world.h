/*
 * Owner: fuzz_pipeline.c. Threads: its only one. Lifetime: the program.
 *
 * A world with a service of every mode in both families, and a connection through each of them; it
 * can be put back to how it was then. Two workers: the first receives, the second owns everything.
 */
#ifndef KS_FUZZ_PIPELINE_WORLD_H
#define KS_FUZZ_PIPELINE_WORLD_H

#include "fixture.h"

#define PIPELINE_WORKERS 2u

struct world *pipeline_world_open(void);

/* As after pipeline_world_open, but for packet buffers under way. */
void pipeline_world_restore(struct world *world);

#endif
