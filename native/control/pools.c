#include "pools.h"

#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "../datapath/worker.h"
#include "reason.h"

#define CACHE_PACKETS 256u

static struct rte_mempool *
make_pool(uint32_t buffers, uint16_t buffer_bytes, unsigned int socket)
{
	uint32_t cache = RTE_MIN(CACHE_PACKETS, buffers / 16);
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "ks_packets_%u", socket);
	return rte_pktmbuf_pool_create(name, buffers, cache,
		RTE_ALIGN(sizeof(struct ks_packet_note), RTE_MBUF_PRIV_ALIGN), buffer_bytes,
		(int)socket);
}

static uint32_t
count_sockets(const unsigned int *sockets, uint32_t workers_count)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < workers_count; i++) {
		uint32_t before = 0;

		while (sockets[before] != sockets[i])
			before++;
		count += before == i;
	}
	return count;
}

int
ks_pools_make(struct ks_pools *pools, const uint32_t *lcores, uint32_t workers_count,
	uint32_t buffers, uint16_t buffer_bytes, struct ks_reason *reason)
{
	unsigned int sockets[KS_OPEN_WORKERS_MAX];
	uint32_t sockets_count;

	memset(pools, 0, sizeof(*pools));
	for (uint32_t i = 0; i < workers_count; i++)
		sockets[i] = rte_lcore_to_socket_id(lcores[i]);
	sockets_count = count_sockets(sockets, workers_count);
	for (uint32_t i = 0; i < workers_count; i++) {
		uint32_t before = 0;

		while (sockets[before] != sockets[i])
			before++;
		if (before < i) {
			pools->of_worker[i] = pools->of_worker[before];
			continue;
		}
		pools->of_worker[i] = make_pool(buffers / sockets_count, buffer_bytes, sockets[i]);
		if (pools->of_worker[i] == NULL)
			return ks_refuse(reason, rte_errno,
				"no memory for %u packet buffers on NUMA node %u (%s); lower "
				"packet_buffers or reserve more hugepages there",
				buffers / sockets_count, sockets[i], rte_strerror(rte_errno));
		pools->pools[pools->count++] = pools->of_worker[i];
	}
	return 0;
}

void
ks_pools_free(struct ks_pools *pools)
{
	for (uint32_t i = 0; i < pools->count; i++)
		rte_mempool_free(pools->pools[i]);
	memset(pools, 0, sizeof(*pools));
}
