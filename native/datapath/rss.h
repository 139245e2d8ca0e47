/*
 * Owner: control makes one per port before workers start. Threads: read by all. Lifetime: the
 * port's.
 *
 * Which worker a packet belongs to: the Toeplitz hash of its addresses and ports, looked up in the
 * port's RSS table. Where the NIC does the same, packets arrive at their owner; where it does not
 * (one queue, af_packet, a hash without ports), the worker that received them hands them over. The
 * rule is the same, so correctness never depends on what a NIC does.
 *
 * docs/decisions/0010-one-owner-rule-for-every-port.md
 */
#ifndef KS_DATAPATH_RSS_H
#define KS_DATAPATH_RSS_H

#include <stdint.h>

#include <rte_byteorder.h>

#include "../ip.h"
#include "port_group.h"
#include "toeplitz.h"

#define KS_RSS_TABLE_MIN 64u
#define KS_RSS_TABLE_MAX KS_PORT_SHARES_MAX
#define KS_RSS_WORKERS_MAX 64u

struct ks_rss {
	uint32_t table_mask;
	uint8_t owners[KS_RSS_TABLE_MAX]; /* worker of each entry */
	/* Entries of worker w: entries[entries_first[w]] .. entries[entries_first[w + 1] - 1]. */
	uint16_t entries[KS_RSS_TABLE_MAX];
	uint16_t entries_first[KS_RSS_WORKERS_MAX + 1];
	struct ks_port_groups groups[KS_FAMILIES]; /* of local ports, destination of returns */
	struct ks_toeplitz toeplitz;
};

/* owners[i] < KS_RSS_WORKERS_MAX; table_size: a power of two, 64..512. */
void ks_rss_init(struct ks_rss *rss, const uint8_t key[KS_TOEPLITZ_KEY_BYTES],
	const uint8_t *owners, uint32_t table_size);

/* addresses: source and destination, 8 octets (IPv4) or 32; ports: both, 4 octets. */
static inline uint32_t
ks_rss_hash(
	const struct ks_rss *rss, enum ks_family family, const void *addresses, const void *ports)
{
	if (family == KS_IPV4)
		return ks_toeplitz_share(&rss->toeplitz, 0, addresses, 8) ^
		       ks_toeplitz_share(&rss->toeplitz, 8, ports, 4);
	return ks_toeplitz_share(&rss->toeplitz, 0, addresses, 32) ^
	       ks_toeplitz_share(&rss->toeplitz, 32, ports, 4);
}

/* The worker that a packet belongs to. */
static inline uint16_t
ks_rss_owner(
	const struct ks_rss *rss, enum ks_family family, const void *addresses, const void *ports)
{
	return rss->owners[ks_rss_hash(rss, family, addresses, ports) & rss->table_mask];
}

/*
 * The worker of a connection that both directions know by its client alone (NAT, where the return
 * packet carries neither the virtual address nor a port of ours). address: 4 or 16 octets.
 */
static inline uint16_t
ks_rss_owner_of_client(
	const struct ks_rss *rss, enum ks_family family, const void *address, rte_be16_t port_be)
{
	uint32_t address_bytes = family == KS_IPV4 ? 4 : 16;
	uint32_t hash = ks_toeplitz_share(&rss->toeplitz, 0, address, address_bytes) ^
			ks_toeplitz_share(&rss->toeplitz, 2 * address_bytes, &port_be, 2);

	return rss->owners[hash & rss->table_mask];
}

#endif
