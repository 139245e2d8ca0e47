/*
 * Owner: the port. Threads: control. Lifetime: the port's; what it holds (file descriptors) the
 * kernel undoes by itself when the process dies.
 *
 * The kernel's interface under a net_af_packet or net_af_xdp port: brought up, made to receive all
 * multicast, and kept from merging packets into segments larger than the MTU.
 */
#ifndef KS_CONTROL_INTERFACE_H
#define KS_CONTROL_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

#include "../api.h"

struct ks_interface {
	char name[KS_INTERFACE_NAME_BYTES]; /* "": the port has none */
	int claim_fd;                       /* so that no second data plane takes it; -1: none */
	int membership_fd;                  /* -1: none */
	int xdp_fd;                         /* -1: none */
};

int ks_interface_check(const char *port, const char *name, struct ks_reason *reason);
/* may_attach_xdp: the port's driver has no XDP program of its own. */
int ks_interface_prepare(struct ks_interface *interface, const char *port, uint16_t mtu_bytes,
	bool may_attach_xdp, struct ks_reason *reason);
void ks_interface_release(struct ks_interface *interface);

#endif
