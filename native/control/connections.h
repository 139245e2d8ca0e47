/*
 * Owner: nobody, functions over workers. Threads: control. Lifetime: the program.
 *
 * Listing connections, as rows of the API.
 */
#ifndef KS_CONTROL_CONNECTIONS_H
#define KS_CONTROL_CONNECTIONS_H

#include "../api.h"
#include "../datapath/connection_dump.h"

/* What a copy says; timeout_ticks: by state; established_ticks: of the service, 0: the general. */
struct ks_connection_row ks_connection_row_of(const struct ks_dumped_connection *copy,
	uint32_t now_ticks, const uint32_t *timeout_ticks, uint32_t established_ticks);

bool ks_connection_fits(
	const struct ks_connection_filter *filter, const struct ks_connection_row *row);

#endif
