/*
 * Owner: nobody, a function over a worker. Threads: the worker alone. Lifetime: the program.
 *
 * Who takes a new connection, of all that can say so: the packet's QUIC connection id, the client's
 * persistence, the scheduler.
 */
#ifndef KS_DATAPATH_CHOOSE_H
#define KS_DATAPATH_CHOOSE_H

#include "persistence.h"
#include "quic.h"
#include "scheduler.h"

/* NULL: nobody takes it. Whoever counts the connection then says so: ks_server_note_taken. */
static inline const struct ks_server *
ks_server_choose(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	if (unlikely(service->options.flags & KS_SERVICE_QUIC)) {
		const struct ks_server *server = ks_quic_server(service, packet);

		if (server != NULL)
			return server;
	}
	if (unlikely(service->options.persistence_seconds != 0))
		return ks_persistence_choose(
			worker, service, packet, worker->tables->expires_quiescent_templates);
	return ks_schedule(worker, service, packet);
}

#endif
