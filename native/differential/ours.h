/*
 * Owner: the program. Threads: its only one. Lifetime: the program.
 *
 * Our NAT: the pipeline of the packet path over rings, with the tables of one mode.
 */
#ifndef KS_DIFFERENTIAL_OURS_H
#define KS_DIFFERENTIAL_OURS_H

#include "fixture.h"
#include "kernel.h"

/* Directives of fixture_tables.h, up to NULL. */
struct world *ours_open(const char *program);
void ours_begin(struct world *world, const char *const *directives);

/*
 * The port of the pool for the next connection: the one that the asking side itself has, as the
 * kernel takes it, too, when it is free.
 */
void ours_choose_port(struct world *world, const char *protocol, struct ks_ip source, uint16_t port,
	struct ks_ip remote, uint16_t remote_port);

enum ks_verdict ours_pass(
	struct world *world, enum side side, const struct octets *packet, struct outcome *outcome);

#endif
