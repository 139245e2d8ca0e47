/*
 * TCP sockets of routing protocols and what is asked of them before a byte flows: signatures
 * (RFC 2385), hops (RFC 5082), a link, a source. Nothing blocks. Numbers are 0 or more, or -errno.
 *
 * Owner: the caller, who closes the descriptor.
 * Threads: any.
 * Lifetime: a call.
 */
#ifndef KS_TCP_OPTIONS_H
#define KS_TCP_OPTIONS_H

#include "flow_socket.h"

/* RFC 2385 section 4.5 asks for 80 octets at least; the kernel takes no more. */
#define KS_TCP_KEY_OCTETS_MAX 80

enum ks_tcp_option {
	KS_TCP_SENT_HOPS,
	KS_TCP_HOPS_MIN, /* 0: any */
	KS_TCP_TRAFFIC_CLASS,
	KS_TCP_REUSE_ADDRESS,
	KS_TCP_NO_DELAY,
	KS_TCP_SAVE_SYN,
	KS_TCP_OPTIONS,
};

/* A socket that takes its own family only. */
int ks_tcp_create(int family);
int ks_tcp_set(int descriptor, bool is_ipv6, enum ks_tcp_option option, int value);
int ks_tcp_bind_device(int descriptor, const char *name);
/* Segments of that neighbour are signed, and taken when they are; no octets: neither. */
int ks_tcp_sign(
	int descriptor, const struct ks_flow_address *neighbor, const void *key, size_t octets);
/* Port 0: one that is free for the target. */
int ks_tcp_bind(int descriptor, const struct ks_flow_address *source);
/* TTL or hop limit that the SYN of an accepted connection arrived with. */
int ks_tcp_syn_hops(int descriptor, bool is_ipv6);
/* Index of the link that an accepted connection came over; 0: the kernel does not say. */
int ks_tcp_link(int descriptor, bool is_ipv6);
/* What is queued and not acknowledged, a FIN too. */
int ks_tcp_unacknowledged(int descriptor);
/* The end will be a reset; else what is queued is still sent, then a FIN. */
void ks_tcp_end_with_reset(int descriptor);

#endif
