/*
 * Sockets of flows: an outgoing TCP connection that is being made, or a socket for the datagrams
 * and ICMP messages of one target. Nothing blocks.
 *
 * Owner: the caller, who closes the descriptor.
 * Threads: any.
 * Lifetime: a call.
 */
#ifndef KS_FLOW_SOCKET_H
#define KS_FLOW_SOCKET_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum ks_flow_protocol {
	KS_FLOW_TCP,
	KS_FLOW_UDP,
	KS_FLOW_ICMP,
};

struct ks_flow_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	};
	socklen_t length; /* 0: none */
};

struct ks_flow_settings {
	enum ks_flow_protocol protocol;
	struct ks_flow_address target;
	struct ks_flow_address source; /* port 0: as the kernel chooses */
	char interface[IFNAMSIZ];      /* empty: as routed */
	uint32_t mark;                 /* 0: none */
	/* TCP, only whether it can be established: 1 + its number (knock_settings.h); else 0. */
	int32_t knock;
};

struct ks_flow_socket {
	int descriptor;
	bool is_ipv6;
	/* A connection that is not established yet. */
	bool is_connecting;
	/* ICMP without the kernel's help: id, checksum and IPv4 header are ours (flow_icmp.h). */
	bool is_raw;
	uint16_t identifier_be;
};

/* False when the text is no address. */
bool ks_flow_address_read(struct ks_flow_address *address, const char *text, uint16_t port);

/* 0 or -errno. `identifier` is for a raw socket, should there have to be one. */
int ks_flow_socket_open(const struct ks_flow_settings *settings, uint16_t identifier,
	struct ks_flow_socket *opened);

#endif
