/*
 * Owner: nobody, a function. Threads: control. Lifetime: the program.
 *
 * One change of the batch (src/dataplane/state.ts) applied to what control keeps; workers see it
 * with the publication at the end of the batch.
 */
#ifndef KS_CONTROL_CHANGE_H
#define KS_CONTROL_CHANGE_H

#include "../api.h"
#include "addresses.h"
#include "ports.h"
#include "routes.h"
#include "services.h"
#include "tables.h"

struct ks_state {
	const struct ks_ports *ports;
	struct ks_addresses *addresses;
	struct ks_routes *routes;
	struct ks_services *services;
	struct ks_kept_settings *settings;
};

/* 0, or a negative errno and the reason. */
int ks_change_apply(
	const struct ks_state *state, const struct ks_change *change, struct ks_reason *reason);

#endif
