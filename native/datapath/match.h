/*
 * Owner: nobody, functions over tables. Threads: the worker alone. Lifetime: the program.
 *
 * Services by match (DPVS): for packets to addresses that are not ours, by where they come from,
 * where they go, and through which ports.
 */
#ifndef KS_DATAPATH_MATCH_H
#define KS_DATAPATH_MATCH_H

#include "packet.h"
#include "tables.h"

/* The first service whose match fits, or NULL. The packet's key has its ports (of ICMP: none). */
const struct ks_virtual_server *ks_match_find(
	const struct ks_tables *tables, const struct ks_packet *packet);

/* Whether one would fit, whatever the ports: those of fragments are not known. */
bool ks_match_may_fit(const struct ks_tables *tables, const struct ks_packet *packet);

#endif
