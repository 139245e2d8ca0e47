/*
 * Owner: nobody, functions on text. Threads: control. Lifetime: the program.
 *
 * DPDK device arguments as the operator writes them ("0000:01:00.0", "net_af_packet0,iface=eth0")
 * and as DPDK gets them.
 */
#ifndef KS_CONTROL_DEVICE_H
#define KS_CONTROL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "../api.h"

bool ks_device_is_pci(const char *device);
/* Packets come from (and go to) a kernel on this host, which leaves checksums to hardware. */
bool ks_device_is_kernel_backed(const char *device);
/* The name that DPDK gives the port: what stands before the first comma. */
void ks_device_name(const char *device, char name[KS_DEVICE_BYTES]);

/* The existing kernel interface under the device; false: it has none. */
bool ks_device_interface(const char *device, char name[KS_INTERFACE_NAME_BYTES]);
bool ks_device_loads_xdp(const char *device);

/* Bytes of a frame in a net_af_packet ring: an MTU with the kernel's own header, a power of two. */
uint32_t ks_device_frame_bytes(uint16_t mtu_bytes);
/* Adds what the operator did not say: ring sizes and one queue pair per worker. */
void ks_device_complete(const char *device, uint16_t mtu_bytes, uint32_t workers_count,
	char completed[KS_DEVICE_BYTES]);

#endif
