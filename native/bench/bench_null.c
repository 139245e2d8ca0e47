/* Ports over net_null that deliver packets of flows; see bench_null.h. */
#include <stdlib.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "bench_null.h"

/* Frames that are ready but for being copied, one for each flow. */
struct source {
	uint8_t (*frames)[FRAME_BYTES];
	uint32_t flows;
	uint32_t next_flow;
};

static struct source sources[WORLD_PORTS];
static uint16_t ethdev_ids[WORLD_PORTS];

static uint16_t
fill_burst(uint16_t ethdev_id, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count,
	uint16_t count_max, void *context)
{
	struct source *source = context;

	(void)ethdev_id;
	(void)queue;
	(void)count_max;
	for (uint16_t i = 0; i < count; i++) {
		uint32_t flow = (source->next_flow++ * 0x9e3779b1u) & (source->flows - 1);

		memcpy(rte_pktmbuf_mtod(mbufs[i], uint8_t *), source->frames[flow], FRAME_BYTES);
	}
	return count;
}

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "net_null: no %s\n", what);
	exit(1);
}

static void
open_port(struct bench *bench, uint16_t port)
{
	const struct rte_eth_conf settings = {0};
	char name[32], device[64];
	uint16_t id;

	snprintf(name, sizeof(name), "net_null%u", port);
	snprintf(device, sizeof(device), "%s,size=%u", name, FRAME_BYTES);
	must(rte_dev_probe(device) == 0 && rte_eth_dev_get_port_by_name(name, &id) == 0, "device");
	must(rte_eth_dev_configure(id, 1, 1, &settings) == 0 &&
			rte_eth_rx_queue_setup(id, 0, 512, (unsigned int)SOCKET_ID_ANY, NULL,
				bench->world->pool) == 0 &&
			rte_eth_tx_queue_setup(id, 0, 512, (unsigned int)SOCKET_ID_ANY, NULL) ==
				0 &&
			rte_eth_dev_start(id) == 0,
		"port");
	must(rte_eth_add_rx_callback(id, 0, fill_burst, &sources[port]) != NULL, "callback");
	ethdev_ids[port] = id;
}

static void
prepare_frames(struct bench *bench, uint16_t port)
{
	struct source *source = &sources[port];
	struct rte_mbuf *mbuf = bench->mbufs[port][0];

	free(source->frames);
	source->flows = bench->flows_of[0];
	source->next_flow = 0;
	source->frames = aligned_alloc(RTE_CACHE_LINE_SIZE, (size_t)source->flows * FRAME_BYTES);
	must(source->frames != NULL, "memory");
	for (uint32_t flow = 0; flow < source->flows; flow++) {
		bench_fill(mbuf, port, &bench->keys[0][port][flow], ACK, FRAME_BYTES);
		memcpy(source->frames[flow], rte_pktmbuf_mtod(mbuf, uint8_t *), FRAME_BYTES);
	}
}

void
bench_null_use(struct bench *bench)
{
	static bool is_open;

	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		if (!is_open)
			open_port(bench, port);
		prepare_frames(bench, port);
		bench->world->workers[0].ports[port].ethdev_id = ethdev_ids[port];
	}
	is_open = true;
}
