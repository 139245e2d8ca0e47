/* Tables for ownership by RSS, made once per port. */
#include <string.h>

#include "rss.h"

static void
group_ports(struct ks_rss *rss, enum ks_family family)
{
	/* The destination port is the last of the tuple. */
	uint32_t position = family == KS_IPV4 ? 10 : 34;
	uint16_t share_of_bit[KS_PORT_BITS];

	for (uint32_t bit = 0; bit < KS_PORT_BITS; bit++) {
		rte_be16_t port_be = rte_cpu_to_be_16((uint16_t)(1u << bit));
		uint32_t hash = ks_toeplitz_share(&rss->toeplitz, position, &port_be, 2);

		share_of_bit[bit] = (uint16_t)(hash & rss->table_mask);
	}
	ks_port_groups_init(&rss->groups[family], share_of_bit, rss->table_mask + 1);
}

void
ks_rss_init(struct ks_rss *rss, const uint8_t key[KS_TOEPLITZ_KEY_BYTES], const uint8_t *owners,
	uint32_t table_size)
{
	uint16_t count = 0;

	memset(rss, 0, sizeof(*rss));
	rss->table_mask = table_size - 1;
	memcpy(rss->owners, owners, table_size);
	for (uint32_t worker = 0; worker < KS_RSS_WORKERS_MAX; worker++) {
		rss->entries_first[worker] = count;
		for (uint32_t entry = 0; entry < table_size; entry++) {
			if (owners[entry] == worker)
				rss->entries[count++] = (uint16_t)entry;
		}
	}
	rss->entries_first[KS_RSS_WORKERS_MAX] = count;
	ks_toeplitz_init(&rss->toeplitz, key);
	group_ports(rss, KS_IPV4);
	group_ports(rss, KS_IPV6);
}
