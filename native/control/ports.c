#include "ports.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "device.h"
#include "eal.h"
#include "kni.h"
#include "memory.h"
#include "reason.h"

#define DESCRIPTORS_MAX 1024u
#define DESCRIPTORS_MIN 64u

static int
check_device(const struct ks_port_options *port, struct ks_reason *reason)
{
	char interface[KS_INTERFACE_NAME_BYTES];
	char name[KS_DEVICE_BYTES];
	char path[KS_DEVICE_BYTES + 32];

	if (ks_device_interface(port->device, interface)) {
		if (interface[0] == '\0')
			return ks_refuse(reason, EINVAL,
				"port %s: device %s names no interface; add iface=NAME", port->name,
				port->device);
		return ks_interface_check(port->name, interface, reason);
	}
	if (!ks_device_is_pci(port->device))
		return 0;
	ks_device_name(port->device, name);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", name);
	if (access(path, F_OK) == 0)
		return 0;
	return ks_refuse(reason, ENODEV,
		"port %s: there is no PCI device %s; dpdk-devbind.py --status lists what there is",
		port->name, port->device);
}

static int
check_unique(const struct ks_open_options *options, uint32_t position, struct ks_reason *reason)
{
	const struct ks_port_options *port = &options->ports[position];

	for (uint32_t i = 0; i < position; i++) {
		const struct ks_port_options *other = &options->ports[i];

		if (strcmp(port->name, other->name) == 0)
			return ks_refuse(reason, EEXIST, "two ports are named %s", port->name);
		if (strcmp(port->device, other->device) == 0)
			return ks_refuse(reason, EEXIST, "ports %s and %s share the device %s",
				other->name, port->name, port->device);
		if (port->kni_name[0] != '\0' && strcmp(port->kni_name, other->kni_name) == 0)
			return ks_refuse(reason, EEXIST,
				"ports %s and %s share the companion interface %s", other->name,
				port->name, port->kni_name);
	}
	return 0;
}

int
ks_ports_check(const struct ks_open_options *options, struct ks_reason *reason)
{
	if (options->ports_count == 0)
		return ks_refuse(reason, EINVAL, "the data plane has no port; add one");
	for (uint32_t i = 0; i < options->ports_count; i++) {
		const struct ks_port_options *port = &options->ports[i];
		int error = check_unique(options, i, reason);

		if (error == 0)
			error = check_device(port, reason);
		if (error == 0 && port->kni_name[0] != '\0')
			error = ks_kni_check(port->kni_name, reason);
		if (error != 0)
			return error;
	}
	return 0;
}

uint16_t
ks_ports_buffer_bytes(const struct ks_open_options *options)
{
	uint32_t bytes = 0;

	for (uint32_t i = 0; i < options->ports_count; i++)
		bytes = RTE_MAX(bytes, ks_device_frame_bytes(options->ports[i].mtu_bytes));
	return (uint16_t)(bytes + RTE_PKTMBUF_HEADROOM);
}

/* A virtual device is made now; a PCI device was found when DPDK started. */
static int
probe(struct ks_port *port, uint32_t workers_count, struct ks_reason *reason)
{
	char completed[KS_DEVICE_BYTES];
	char name[KS_DEVICE_BYTES];
	bool is_pci = ks_device_is_pci(port->device);
	const char *said;
	int error;

	ks_device_name(port->device, name);
	ks_device_complete(port->device, port->mtu_bytes, workers_count, completed);
	ks_eal_take_complaint();
	error = is_pci ? 0 : rte_dev_probe(completed);
	said = ks_eal_take_complaint();
	if (error == 0 && rte_eth_dev_get_port_by_name(name, &port->ethdev_id) == 0) {
		port->is_probed = true;
		return 0;
	}
	if (is_pci)
		return ks_refuse(reason, ENODEV,
			"port %s: DPDK does not take PCI device %s; bind it first "
			"(dpdk-devbind.py -b vfio-pci %s)",
			port->name, port->device, port->device);
	return ks_refuse(reason, error != 0 ? -error : ENODEV,
		"port %s: device %s is refused: %s; correct its arguments", port->name,
		port->device, said[0] != '\0' ? said : strerror(error != 0 ? -error : ENODEV));
}

/* With fewer than there are workers, the first ones receive and send for the others. */
static void
choose_queues(struct ks_port *port, const struct rte_eth_dev_info *device, uint32_t workers_count)
{
	port->rx_queues = (uint16_t)RTE_MIN(device->max_rx_queues, workers_count);
	port->tx_queues = (uint16_t)RTE_MIN(device->max_tx_queues, workers_count);
}

static struct rte_eth_conf
configuration(const struct ks_port *port, const struct rte_eth_dev_info *device,
	const struct ks_pools *pools, uint8_t *rss_key)
{
	/* It takes the buffers of a queue to be of one pool. */
	uint64_t fast_free = pools->count == 1 ? RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE : 0;
	struct rte_eth_conf conf = {.txmode = {.offloads = device->tx_offload_capa & fast_free}};

	/* The kernel's interface has its MTU already; its drivers deny more than 1500. */
	if (port->interface.name[0] == '\0')
		conf.rxmode.mtu = port->mtu_bytes;
	if (port->rx_queues > 1)
		ks_rss_configure(&conf, device, rss_key);
	return conf;
}

static int
set_up_queues(const struct ks_port *port, uint16_t descriptors, const struct ks_pools *pools)
{
	uint16_t rx_descriptors = descriptors;
	uint16_t tx_descriptors = descriptors;
	int socket = rte_eth_dev_socket_id(port->ethdev_id);
	int error =
		rte_eth_dev_adjust_nb_rx_tx_desc(port->ethdev_id, &rx_descriptors, &tx_descriptors);

	for (uint16_t queue = 0; error == 0 && queue < port->rx_queues; queue++)
		error = rte_eth_rx_queue_setup(port->ethdev_id, queue, rx_descriptors,
			(unsigned int)socket, NULL, pools->of_worker[queue]);
	for (uint16_t queue = 0; error == 0 && queue < port->tx_queues; queue++)
		error = rte_eth_tx_queue_setup(
			port->ethdev_id, queue, tx_descriptors, (unsigned int)socket, NULL);
	return error;
}

static void
learn_mac(struct ks_port *port)
{
	if (rte_eth_macaddr_get(port->ethdev_id, &port->mac) != 0 ||
		rte_is_zero_ether_addr(&port->mac))
		rte_eth_random_addr(port->mac.addr_bytes);
}

static int
start(struct ks_port *port, uint32_t workers_count, uint16_t descriptors,
	const struct ks_pools *pools, uint8_t *rss_key, struct ks_reason *reason)
{
	struct rte_eth_dev_info device;
	struct rte_eth_conf conf;
	int error = rte_eth_dev_info_get(port->ethdev_id, &device);

	if (error == 0) {
		choose_queues(port, &device, workers_count);
		conf = configuration(port, &device, pools, rss_key);
		error = rte_eth_dev_configure(
			port->ethdev_id, port->rx_queues, port->tx_queues, &conf);
	}
	if (error == 0)
		error = set_up_queues(port, descriptors, pools);
	if (error == 0)
		error = rte_eth_dev_start(port->ethdev_id);
	if (error != 0) {
		const char *said = ks_eal_take_complaint();

		return ks_refuse(reason, -error, "port %s: device %s does not start: %s",
			port->name, port->device, said[0] != '\0' ? said : strerror(-error));
	}
	port->is_started = true;
	learn_mac(port);
	port->rss = ks_memory_map(sizeof(*port->rss), false);
	port->is_hashed =
		ks_rss_learn(port->rss, port->ethdev_id, port->rx_queues, workers_count, rss_key);
	/* The companion interface wants multicast; the kernel's interface has its own switch. */
	if (port->interface.name[0] == '\0' && rte_eth_allmulticast_enable(port->ethdev_id) != 0)
		rte_eth_promiscuous_enable(port->ethdev_id);
	return 0;
}

static int
open_port(struct ks_port *port, const struct ks_open_options *options, const struct ks_pools *pools,
	uint8_t *rss_key, struct ks_reason *reason)
{
	uint32_t descriptors =
		options->packet_buffers / (8 * options->ports_count * options->workers_count);
	int error = 0;

	port->completes_checksums = ks_device_is_kernel_backed(port->device);
	if (ks_device_interface(port->device, port->interface.name))
		error = ks_interface_prepare(&port->interface, port->name, port->mtu_bytes,
			!ks_device_loads_xdp(port->device), reason);
	if (error == 0)
		error = probe(port, options->workers_count, reason);
	if (error == 0)
		error = start(port, options->workers_count,
			(uint16_t)RTE_MAX(RTE_MIN(descriptors, DESCRIPTORS_MAX), DESCRIPTORS_MIN),
			pools, rss_key, reason);
	return error;
}

int
ks_ports_open(struct ks_ports *ports, const struct ks_open_options *options,
	const struct ks_pools *pools, struct ks_reason *reason)
{
	memset(ports, 0, sizeof(*ports));
	ks_rss_make_key(ports->rss_key);
	for (uint32_t i = 0; i < options->ports_count; i++) {
		const struct ks_port_options *from = &options->ports[i];
		struct ks_port *port = &ports->ports[ports->count++];
		int error;

		memcpy(port->name, from->name, sizeof(port->name));
		memcpy(port->device, from->device, sizeof(port->device));
		memcpy(port->kni_name, from->kni_name, sizeof(port->kni_name));
		port->mtu_bytes = from->mtu_bytes;
		error = open_port(port, options, pools, ports->rss_key, reason);
		if (error != 0)
			return error;
	}
	return 0;
}

void
ks_ports_close(struct ks_ports *ports)
{
	for (uint32_t i = 0; i < ports->count; i++) {
		struct ks_port *port = &ports->ports[i];

		if (port->is_started)
			rte_eth_dev_stop(port->ethdev_id);
		if (port->is_probed)
			rte_eth_dev_close(port->ethdev_id);
		ks_interface_release(&port->interface);
		ks_memory_unmap(port->rss, sizeof(*port->rss));
	}
	memset(ports, 0, sizeof(*ports));
}

int
ks_ports_find(const struct ks_ports *ports, const char *name, struct ks_reason *reason)
{
	for (uint32_t i = 0; i < ports->count; i++) {
		if (strcmp(ports->ports[i].name, name) == 0)
			return (int)i;
	}
	ks_refuse(reason, ENODEV, "there is no port %s", name);
	return -1;
}

void
ks_port_describe(const struct ks_port *port, struct ks_port_row *row)
{
	struct rte_eth_stats stats = {0};
	struct rte_eth_link link = {0};

	rte_eth_stats_get(port->ethdev_id, &stats);
	rte_eth_link_get_nowait(port->ethdev_id, &link);
	*row = (struct ks_port_row){.name = port->name,
		.device = port->device,
		.kni_name = port->kni_name,
		.mtu_bytes = port->mtu_bytes,
		.is_up = link.link_status == RTE_ETH_LINK_UP,
		.is_full_duplex = link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX,
		.is_promiscuous = rte_eth_promiscuous_get(port->ethdev_id) == 1,
		.speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed,
		.rx_queues = port->rx_queues,
		.is_hashed = port->is_hashed,
		.tx_queues = port->tx_queues,
		.socket = rte_eth_dev_socket_id(port->ethdev_id),
		.rx_packets = stats.ipackets,
		.tx_packets = stats.opackets,
		.rx_bytes = stats.ibytes,
		.tx_bytes = stats.obytes,
		.rx_errors = stats.ierrors,
		.tx_errors = stats.oerrors,
		.missed = stats.imissed,
		.no_buffer = stats.rx_nombuf};
	memcpy(row->mac, port->mac.addr_bytes, sizeof(row->mac));
}
