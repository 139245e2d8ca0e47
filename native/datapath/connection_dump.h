/*
 * Owner: control makes one per worker. Threads: control asks and reads, the worker answers between
 * bursts; the state says whose turn it is. Lifetime: the data plane's.
 *
 * Copies of a worker's connections, a page at a time, for listings.
 */
#ifndef KS_DATAPATH_CONNECTION_DUMP_H
#define KS_DATAPATH_CONNECTION_DUMP_H

#include <stdatomic.h>

#include "connection.h"

#define KS_DUMP_ROWS 128u
/* Connections that a worker looks at for one page, used or free. */
#define KS_DUMP_LOOKS 512u

enum ks_dump_state {
	KS_DUMP_IDLE,
	KS_DUMP_ASKED,    /* the worker's turn */
	KS_DUMP_ANSWERED, /* control's turn */
};

struct ks_dumped_connection {
	struct ks_connection_half halves[2];
	struct ks_endpoints endpoints; /* when it has some */
};

struct ks_connection_dump {
	_Atomic uint32_t state;
	uint32_t next;      /* connection to go on with; 0: that was all */
	uint32_t now_ticks; /* of the worker, as the connections' times */
	uint32_t count;
	struct ks_dumped_connection rows[KS_DUMP_ROWS];
};

/* The worker's, once a pass. */
void ks_connection_dump_answer(struct ks_worker *worker, struct ks_connection_dump *dump);

static inline void
ks_connection_dump_run(struct ks_worker *worker, struct ks_connection_dump *dump)
{
	if (unlikely(dump != NULL &&
		     atomic_load_explicit(&dump->state, memory_order_acquire) == KS_DUMP_ASKED))
		ks_connection_dump_answer(worker, dump);
}

#endif
