/*
 * Owner: struct ks_port. Threads: control, before workers start. Lifetime: the port's.
 *
 * Receive side scaling of a port: the key and table that its NIC uses, set where it lets us, read
 * back where it tells, and made up where it has none.
 */
#ifndef KS_CONTROL_RSS_H
#define KS_CONTROL_RSS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>

#include "../datapath/rss.h"

/* The longest key of a NIC that DPDK drives; the first 40 octets are those that count. */
#define KS_RSS_KEY_BYTES_MAX 64u

/*
 * A random key for all ports of this process, so that they agree, and one that spreads local ports
 * evenly over tables of every size.
 */
void ks_rss_make_key(uint8_t key[KS_RSS_KEY_BYTES_MAX]);

/* Asks for hashing by the key, before rte_eth_dev_configure. */
void ks_rss_configure(struct rte_eth_conf *conf, const struct rte_eth_dev_info *device,
	uint8_t key[KS_RSS_KEY_BYTES_MAX]);

/*
 * Who owns packets of the started port: by the NIC's key and table when it hashes TCP over IPv4 to
 * a queue per worker (true), else by a table of our own (false).
 */
bool ks_rss_learn(struct ks_rss *rss, uint16_t ethdev_id, uint32_t rx_queues,
	uint32_t workers_count, const uint8_t key[KS_RSS_KEY_BYTES_MAX]);

#endif
