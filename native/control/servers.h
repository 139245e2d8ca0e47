/*
 * Owner: the service (services.h). Threads: control. Lifetime: see services.h.
 *
 * The real servers and source addresses of a service, and what was counted for them.
 */
#ifndef KS_CONTROL_SERVERS_H
#define KS_CONTROL_SERVERS_H

#include "services.h"

int ks_servers_add(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason);
int ks_servers_alter(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason);
int ks_servers_remove(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason);
int ks_sources_add(struct ks_services *services, const struct ks_change *change, uint16_t port,
	struct ks_reason *reason);
int ks_sources_remove(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason);

/*
 * Whether the connections of each server may go on: not of one that was removed, nor of one of
 * weight 0 when the service expires what is quiescent.
 */
void ks_servers_refresh(struct ks_services *services, const struct ks_service_entry *service);

/* Takes the server out: no new connection, and the next packet of an old one is dropped. */
void ks_server_drain(struct ks_services *services, struct ks_service_entry *service,
	struct ks_server_entry *server);

/* Of one server since it was made, and of all servers that the service had. */
struct ks_traffic ks_server_traffic(
	const struct ks_services *services, const struct ks_server_entry *server);
struct ks_traffic ks_service_traffic(
	const struct ks_services *services, const struct ks_service_entry *service);

/*
 * Frees the ids of removed servers that no connection uses any more, and of services without any.
 * Only to be called when every worker has passed the publication that removed them.
 */
void ks_services_reap(struct ks_services *services);

#endif
