/*
 * Owner: the caller of each function. Threads: Node's main thread. Lifetime: a call.
 *
 * What is asked for often or in masses: samples of the traffic of all services and servers as flat
 * arrays (src/dataplane/rates.ts), and the connections of now.
 */
#ifndef KS_BINDING_COUNTERS_H
#define KS_BINDING_COUNTERS_H

#include <napi.h>

#include "convert.h"

/* { services, servers }, each a Float64Array with six numbers a row. */
Napi::Value traffic_to_js(Napi::Env env, uint32_t first, uint32_t count);

void read_connection_filter(
	const Napi::Value &value, ks_connection_filter *filter, Problems *problems);
/* { connections, isCut } */
Napi::Value connections_to_js(Napi::Env env, const ks_connection_filter &filter);

#endif
