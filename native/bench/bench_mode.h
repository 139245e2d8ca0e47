/*
 * Owner: one benchmark program. Threads: its only one. Lifetime: the program.
 *
 * How the services of a case reach their servers, and what else they want. Addresses of IPv6 are
 * those of IPv4 in the last four octets of a network, so that a key of a flow says both.
 */
#ifndef KS_BENCH_MODE_H
#define KS_BENCH_MODE_H

#include "fixture.h"

struct bench_mode {
	uint8_t forwarding; /* enum ks_forwarding; 0: FNAT */
	uint8_t tunnel;     /* enum ks_tunnel */
	bool client_is_v6;
	bool server_is_v6;
	bool tells_client; /* TOA */
	uint8_t proxy_protocol;
	uint8_t scheduler;
	uint32_t persistence_seconds;
	bool has_only_clients; /* no packets of servers, as where these answer past us */
};

/* The address that stands for this one; in network order, as in a key. */
struct ks_ip bench_ip6(rte_be32_t address_be);

/* The first service of a reset world becomes one of this mode, its servers with it. */
void bench_mode_set(struct world *world, const struct bench_mode *mode);

static inline bool
bench_mode_has_only_clients(const struct bench_mode *mode)
{
	return mode->has_only_clients || mode->forwarding == KS_FORWARD_DIRECT ||
	       mode->forwarding == KS_FORWARD_TUNNEL;
}

#endif
