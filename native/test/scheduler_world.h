/*
 * Owner: one test program. Threads: its only one. Lifetime: the program.
 *
 * What schedulers see and nothing else: a worker with counters and states, one service, first
 * packets of clients. No EAL, no tables.
 */
#ifndef KS_TEST_SCHEDULER_WORLD_H
#define KS_TEST_SCHEDULER_WORLD_H

#include <netinet/in.h>
#include <stdlib.h>

#include "scheduler.h"
#include "tap.h"

#define SCHEDULED_SERVERS_MAX 2048u

static struct ks_server servers[SCHEDULED_SERVERS_MAX];
static struct ks_server_counters counters[SCHEDULED_SERVERS_MAX];
static struct ks_scheduler_state states[4];
static struct ks_worker worker = {
	.servers = counters,
	.schedulers = states,
	.workers_count = 1,
	.now_ticks = 1000,
};

static uint8_t frame[128];

static inline uint32_t
address_of(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (uint32_t)a << 24 | (uint32_t)b << 16 | (uint32_t)c << 8 | d;
}

/* Sets what tables.c derives of weights. */
static inline void
service_set_weights(struct ks_virtual_server *service)
{
	uint32_t gcd = 0;

	service->weight_max = 0;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		uint32_t left = service->servers[i].options.weight;

		if (left > service->weight_max)
			service->weight_max = left;
		while (left != 0) {
			uint32_t rest = gcd % left;

			gcd = left;
			left = rest;
		}
	}
	service->weight_gcd = gcd == 0 ? 1 : gcd;
}

/* Servers 10.1.0.1, 10.1.0.2, ... port 8080, ids from 0. weights NULL: all 1. */
static inline struct ks_virtual_server
service_of(uint8_t scheduler, uint32_t count, const uint16_t weights[])
{
	struct ks_virtual_server service = {
		.address = ks_ip_from_v4(rte_cpu_to_be_32(address_of(192, 0, 2, 10))),
		.port_be = rte_cpu_to_be_16(80),
		.protocol = IPPROTO_TCP,
		.id = 1,
		.options.scheduler = scheduler,
		.servers = servers,
		.servers_count = count,
	};

	for (uint32_t i = 0; i < count; i++) {
		uint32_t address = address_of(10, 1, 0, 0) + i + 1;

		servers[i] = (struct ks_server){
			.id = i,
			.address = ks_ip_from_v4(rte_cpu_to_be_32(address)),
			.port_be = rte_cpu_to_be_16(8080),
			.options.weight = weights == NULL ? 1 : weights[i],
		};
	}
	service_set_weights(&service);
	return service;
}

/* A first packet with this source, towards a destination: only what schedulers look at. */
static inline struct ks_packet
packet_from(uint32_t source, uint16_t source_port, uint32_t destination)
{
	struct ks_packet packet = {
		.key = {.source_be = rte_cpu_to_be_32(source),
			.destination_be = rte_cpu_to_be_32(destination),
			.source_port_be = rte_cpu_to_be_16(source_port),
			.destination_port_be = rte_cpu_to_be_16(80),
			.protocol = IPPROTO_TCP,
			.family = KS_IPV4},
		.frame = frame,
	};

	return packet;
}

static inline const struct ks_server *
pick_from(const struct ks_virtual_server *service, uint32_t source)
{
	struct ks_packet packet = packet_from(source, 40000, address_of(192, 0, 2, 10));

	return ks_schedule(&worker, service, &packet);
}

static inline void
forget_connections(void)
{
	memset(counters, 0, sizeof(counters));
	memset(states, 0, sizeof(states));
}

/* How many servers have not got their share of connections by weight, give or take per mille. */
static inline uint32_t
wrong_shares(const struct ks_virtual_server *service, const uint64_t got[], uint32_t per_mille)
{
	uint64_t weights = 0, connections = 0;
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < service->servers_count; i++) {
		weights += service->servers[i].options.weight;
		connections += got[i];
	}
	for (uint32_t i = 0; i < service->servers_count; i++) {
		uint64_t is = got[i] * weights * 1000;
		uint64_t wanted = connections * service->servers[i].options.weight;

		if (is < wanted * (1000 - per_mille) || is > wanted * (1000 + per_mille)) {
			printf("# server %u of weight %u: %llu connections\n", i,
				service->servers[i].options.weight, (unsigned long long)got[i]);
			wrong++;
		}
	}
	return wrong;
}

/* xorshift64*: the same numbers in every run. */
static inline uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

#endif
