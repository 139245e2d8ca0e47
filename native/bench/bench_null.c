/* Ports over net_null that deliver packets of flows; see bench_null.h. */
#include <stdlib.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "bench_null.h"

/* One frame per port; a packet differs in its key and the checksum that this makes. */
struct source {
	struct bench *bench;
	uint32_t next_flow;
	uint16_t port;
};

static struct source sources[WORLD_PORTS];
static uint16_t ethdev_ids[WORLD_PORTS];

static uint16_t
fill_burst(uint16_t ethdev_id, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count,
	uint16_t count_max, void *context)
{
	struct source *source = context;
	const struct bench *bench = source->bench;

	(void)ethdev_id;
	(void)queue;
	(void)count_max;
	for (uint16_t i = 0; i < count; i++) {
		uint32_t flow = (source->next_flow++ * 0x9e3779b1u) & (bench->flows_of[0] - 1);

		bench_fill(mbufs[i], source->port, &bench->keys[0][source->port][flow], ACK,
			FRAME_BYTES);
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
	sources[port] = (struct source){.bench = bench, .port = port};
	must(rte_eth_add_rx_callback(id, 0, fill_burst, &sources[port]) != NULL, "callback");
	ethdev_ids[port] = id;
}

void
bench_null_use(struct bench *bench)
{
	static bool is_open;

	for (uint16_t port = 0; port < WORLD_PORTS; port++) {
		if (!is_open)
			open_port(bench, port);
		bench->world->workers[0].ports[port].ethdev_id = ethdev_ids[port];
	}
	is_open = true;
}
