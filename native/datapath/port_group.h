/*
 * Owner: struct ks_rss. Threads: written once before workers start, then read by all. Lifetime: the
 * port's.
 *
 * Ports grouped by what they add to the index of the RSS table. That share is linear in the port's
 * 16 bits, so there is a linear bijection port <-> position that puts the ports of one group side
 * by side: position = group << rest_bits | rest. Each way is two small tables and one XOR.
 *
 * With a key that is not degenerate the upper bits of `rest` are the port's upper six, so the ports
 * below 1024 are the first of every group: groups of 1008, 504, 252, 126 usable ports for tables of
 * 64, 128, 256, 512 entries.
 */
#ifndef KS_DATAPATH_PORT_GROUP_H
#define KS_DATAPATH_PORT_GROUP_H

#include <stdint.h>

#define KS_PORT_BITS 16u
#define KS_PORT_SHARES_MAX 512u
#define KS_PORT_GROUP_NONE UINT16_MAX

struct ks_port_groups {
	uint16_t position_of[2][256];          /* by upper and lower octet of the port */
	uint16_t port_of[2][256];              /* by upper and lower octet of the position */
	uint16_t group_of[KS_PORT_SHARES_MAX]; /* by share; NONE: no port has this share */
	uint16_t rest_bits;
	uint16_t first_rest; /* of a group: ports before are below 1024, if all groups are alike */
};

/*
 * share_of_bit[b]: what bit b (1 << b) of a port adds to the index, below shares_count (a power of
 * two, KS_PORT_SHARES_MAX at most).
 */
void ks_port_groups_init(struct ks_port_groups *groups, const uint16_t share_of_bit[KS_PORT_BITS],
	uint32_t shares_count);

static inline uint16_t
ks_port_position(const struct ks_port_groups *groups, uint16_t port)
{
	return groups->position_of[0][port >> 8] ^ groups->position_of[1][port & 0xff];
}

static inline uint16_t
ks_port_at(const struct ks_port_groups *groups, uint16_t position)
{
	return groups->port_of[0][position >> 8] ^ groups->port_of[1][position & 0xff];
}

#endif
