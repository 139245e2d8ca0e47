/*
 * Owner: the caller frees the block with free(). Threads: control builds, workers read once it is
 * published. Lifetime: the published service's.
 *
 * What a scheduler wants prepared: built whenever a changed service is published, as a function of
 * its servers, weights and options alone. Servers are taken in the order of their addresses and
 * ports and hashed without a secret, so that nodes whose configurations list them in different
 * order agree on every client.
 */
#ifndef KS_CONTROL_SCHEDULER_TABLE_H
#define KS_CONTROL_SCHEDULER_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct ks_virtual_server;

/*
 * service: complete but for its scheduler_table. NULL: its scheduler has no table, or no server has
 * a weight.
 */
const void *ks_scheduler_table_build(const struct ks_virtual_server *service);

/* What options.maglev_slots may be: a prime from 251 to 131071, or 0, the default. */
bool ks_maglev_slots_fit(uint32_t slots_count);

#endif
