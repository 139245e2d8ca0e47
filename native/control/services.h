/*
 * Owner: struct ks_dataplane. Threads: control; workers read the bytes of server_is_available.
 * Lifetime: a service until it is removed; a removed server until no connection counts for it.
 *
 * Virtual servers with their real servers and source addresses, as the operator made them. What
 * workers see is built from this by tables.c. A server keeps its id while any connection uses it:
 * added again in that time it is the same server, and its connections go on.
 */
#ifndef KS_CONTROL_SERVICES_H
#define KS_CONTROL_SERVICES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../api.h"
#include "addresses.h"
#include "index.h"
#include "routes.h"

struct ks_virtual_server;

struct ks_server_entry {
	struct ks_ip address;
	uint16_t port_be;
	uint32_t id;
	uint32_t source_id; /* SNAT: of the address, which is ours */
	struct ks_server_options options;
	uint8_t owner;   /* enum ks_owner */
	bool is_present; /* false: removed, connections may remain */
	/* What the workers' counters stood at when this server was made. */
	struct ks_traffic baseline;
};

struct ks_source_entry {
	uint32_t address_id;
	bool is_leased;
	uint8_t owner; /* enum ks_owner */
};

struct ks_service_entry {
	struct ks_service_key key;
	uint32_t id;
	uint64_t order; /* of creation: services by match are tried in it */
	struct ks_service_options options;
	uint8_t owner; /* enum ks_owner */
	bool is_present;
	bool is_changed; /* since the last publication */
	struct ks_server_entry *servers;
	uint32_t servers_count;
	uint32_t servers_capacity;
	struct ks_source_entry *sources;
	uint32_t sources_count;
	uint32_t sources_capacity;
	struct ks_traffic past; /* of servers that were removed */
	const struct ks_virtual_server *published;
};

/* Reads the counters of a server id, summed over the workers. */
typedef void ks_read_traffic(void *context, uint32_t server_id, struct ks_traffic *traffic);

struct ks_services {
	struct ks_service_entry **entries; /* by id; NULL: free */
	uint32_t count;                    /* entries, free ones too */
	uint32_t capacity;
	struct ks_index by_key;
	struct ks_ip *seen; /* addresses of services that were ever made; never forgets */
	uint32_t seen_count;
	uint32_t seen_capacity;
	struct ks_index seen_by_address;
	bool has_shared_sources; /* one of these is, or was, a source address; stays so */
	uint64_t made_count;     /* services that were ever made */
	uint32_t *free_ids;
	uint32_t free_ids_count;
	uint32_t free_ids_capacity;
	uint32_t servers_count; /* server ids given out so far */
	uint32_t *free_server_ids;
	uint32_t free_server_ids_count;
	uint32_t free_server_ids_capacity;
	bool may_reap;                        /* something was removed and not yet freed */
	_Atomic uint8_t *server_is_available; /* by server id, KS_SERVERS_MAX of them */
	struct ks_addresses *addresses;
	const struct ks_routes *routes;
	ks_read_traffic *read_traffic;
	void *read_context;
	bool is_changed; /* since the last publication */
};

void ks_services_init(struct ks_services *services, struct ks_addresses *addresses,
	const struct ks_routes *routes, ks_read_traffic *read_traffic, void *read_context);
void ks_services_free(struct ks_services *services);

/*
 * Each takes the members of the change that its verb has. Of a key by match, ports are numbers here
 * and address and port are nothing; of any other, the match is nothing.
 */
int ks_services_add(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason);
/* An altered object keeps its owner. */
int ks_services_alter(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason);
/* With its servers and source addresses. */
int ks_services_remove(
	struct ks_services *services, const struct ks_change *change, struct ks_reason *reason);

/* For servers.c: the service that is present, or NULL and the reason; and what it must say. */
struct ks_service_entry *ks_services_find(const struct ks_services *services,
	const struct ks_service_key *key, struct ks_reason *reason);
void ks_services_mark(struct ks_services *services, struct ks_service_entry *service);
/* An address becomes a source: notes whether it is, or was, one of services, too. */
void ks_services_note_source(struct ks_services *services, struct ks_ip address);
/* Frees a service that is not present, has no server left and is published no more. */
void ks_services_forget(struct ks_services *services, struct ks_service_entry *service);

#endif
