/*
 * Owner: struct ks_dataplane. Threads: control opens and closes; in between the slow thread reads
 * and writes. Lifetime: the data plane's; the interface goes away with the file descriptor.
 *
 * The companion interface of a port ("dpdk0.kni"): a TAP with the port's MAC address and MTU, so
 * that the kernel's stack, FRR, tcpdump and ssh see the port.
 */
#ifndef KS_CONTROL_KNI_H
#define KS_CONTROL_KNI_H

#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "../api.h"

struct ks_kni {
	int fd; /* -1: none */
	char name[KS_INTERFACE_NAME_BYTES];
	uint64_t to_kernel;
	uint64_t from_kernel;
	uint64_t dropped; /* the kernel did not take it, or no buffer was left */
};

/* Before anything is started: whether the interface can be made. */
int ks_kni_check(const char *name, struct ks_reason *reason);
int ks_kni_open(struct ks_kni *kni, const char *name, const struct rte_ether_addr *mac,
	uint16_t mtu_bytes, struct ks_reason *reason);
void ks_kni_close(struct ks_kni *kni);

/* Hands a copy to the kernel; the packet stays the caller's. */
void ks_kni_write(struct ks_kni *kni, const struct rte_mbuf *packet);
/* The next frame that the kernel sends, or NULL when there is none. */
struct rte_mbuf *ks_kni_read(struct ks_kni *kni, struct rte_mempool *pool);

#endif
