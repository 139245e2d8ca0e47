/*
 * Owner: struct ks_dataplane. Threads: control; rte_eth_stats may be read at any time. Lifetime:
 * ks_ports_open .. ks_ports_close.
 *
 * The DPDK ports: PCI devices and virtual devices, their queues, MTU and MAC address. What must
 * be done to the kernel's interface under a port is in interface.c.
 */
#ifndef KS_CONTROL_PORTS_H
#define KS_CONTROL_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "../api.h"
#include "interface.h"
#include "pools.h"
#include "rss.h"

struct ks_port {
	char name[KS_NAME_BYTES];
	char device[KS_DEVICE_BYTES]; /* as the operator wrote it */
	char kni_name[KS_INTERFACE_NAME_BYTES];
	uint16_t mtu_bytes;
	uint16_t ethdev_id;
	uint16_t rx_queues;
	uint16_t tx_queues;
	bool is_probed;
	bool is_started;
	bool completes_checksums;
	bool is_hashed;     /* the NIC spreads packets by `rss` itself */
	struct ks_rss *rss; /* who owns packets to addresses of this port */
	struct rte_ether_addr mac;
	struct ks_interface interface; /* the kernel's, under the port, if any */
};

struct ks_ports {
	uint8_t rss_key[KS_RSS_KEY_BYTES_MAX];
	struct ks_port ports[KS_OPEN_PORTS_MAX];
	uint32_t count;
};

/* Before anything is started: interfaces, names, permissions. */
int ks_ports_check(const struct ks_open_options *options, struct ks_reason *reason);
/* Bytes that a packet buffer must hold for these ports. */
uint16_t ks_ports_buffer_bytes(const struct ks_open_options *options);

/* pools: where the packets of each worker's receive queue come from. */
int ks_ports_open(struct ks_ports *ports, const struct ks_open_options *options,
	const struct ks_pools *pools, struct ks_reason *reason);
void ks_ports_close(struct ks_ports *ports);

/* Its position, or -1 and the reason. */
int ks_ports_find(const struct ks_ports *ports, const char *name, struct ks_reason *reason);
void ks_port_describe(const struct ks_port *port, struct ks_port_row *row);

#endif
