/*
 * Owner: nobody, values. Threads: any. Lifetime: a value's.
 *
 * What an operator may say of a service and of a server, in the words of ipvsadm, keepalived and
 * DPVS: the same struct on the way from the addon to the packet path. C++ includes it.
 */
#ifndef KS_SERVICE_H
#define KS_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "ip.h"

enum ks_scheduler {
	KS_SCHEDULER_ROUND_ROBIN,
	KS_SCHEDULER_WEIGHTED_ROUND_ROBIN,
	KS_SCHEDULER_LEAST_CONNECTION,
	KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION,
	KS_SCHEDULER_SHORTEST_EXPECTED_DELAY,
	KS_SCHEDULER_NEVER_QUEUE,
	KS_SCHEDULER_FAILOVER,
	KS_SCHEDULER_OVERFLOW,
	KS_SCHEDULER_SOURCE_HASH,
	KS_SCHEDULER_DESTINATION_HASH,
	KS_SCHEDULER_MAGLEV,
	KS_SCHEDULER_CONSISTENT_HASH,
	KS_SCHEDULER_LOCALITY_LEAST_CONNECTION,
	KS_SCHEDULER_LOCALITY_LEAST_CONNECTION_REPLICATION,
	KS_SCHEDULERS,
};

enum ks_scheduler_flag {
	KS_HASH_PORT = 1,     /* sh-port, mh-port: the client's port counts, too */
	KS_HASH_FALLBACK = 2, /* sh-fallback, mh-fallback: another server for one that takes none */
};

/* What conhash looks at. */
enum ks_hash_target {
	KS_HASH_SOURCE_ADDRESS, /* sip */
	KS_HASH_QUIC_ID,        /* qid */
};

/* How packets reach a server. */
enum ks_forwarding {
	KS_FORWARD_FULLNAT,
	KS_FORWARD_NAT,    /* ipvsadm: Masq; the server's way back leads through us */
	KS_FORWARD_DIRECT, /* ipvsadm: Route */
	KS_FORWARD_TUNNEL,
	KS_FORWARD_SNAT, /* of services by match: the "server" is an address of ours */
	KS_FORWARDINGS,
};

enum ks_tunnel {
	KS_TUNNEL_IPIP, /* and 6in4, 4in6, 6in6, as the addresses are */
	KS_TUNNEL_GRE,
	KS_TUNNEL_GUE,
	KS_TUNNELS,
};

enum ks_proxy_protocol {
	KS_PROXY_OFF,
	KS_PROXY_V1,
	KS_PROXY_V2,
	KS_PROXY_V1_INSECURE, /* a header that the client sent is passed on */
	KS_PROXY_V2_INSECURE,
};

/* What carries the client's address to a UDP server. */
enum ks_uoa_mode {
	KS_UOA_PROTOCOL, /* opp: a header of its own, IP protocol 248 */
	KS_UOA_OPTION,   /* ipo: an IP option, IPv4 only */
};

enum ks_service_flag {
	KS_SERVICE_ONE_PACKET = 1, /* ops: UDP, every datagram is scheduled for itself */
	KS_SERVICE_QUIC = 2,       /* the server's address is in the connection id */
	KS_SERVICE_EXPIRE_QUIESCENT = 4,
	KS_SERVICE_NO_CLIENT_ADDRESS = 8, /* no TOA */
	KS_SERVICE_KEEPS_CLIENT_TOA = 16, /* a TOA option that the client sent is passed on */
	KS_SERVICE_REJECTS = 32,          /* RST or ICMP unreachable where else it is dropped */
	KS_SERVICE_SYN_PROXY = 64,
	KS_SERVICE_UOA = 128, /* UDP: servers know UOA; others drop what carries it */
};

struct ks_service_options {
	uint8_t scheduler; /* enum ks_scheduler */
	uint8_t scheduler_flags;
	uint8_t hash_target;
	uint8_t proxy_protocol;
	uint8_t flags;            /* enum ks_service_flag */
	uint8_t persistence_bits; /* of the client's address that count; 32 or 128: all */
	uint16_t reserved;
	uint32_t persistence_seconds; /* 0: not persistent */
	uint32_t established_seconds; /* timeout of established connections; 0: the general one */
	uint32_t maglev_slots;        /* a prime; 0: the default */
	uint32_t connections_max;     /* per worker share of all; 0: no limit */
};

struct ks_server_options {
	uint16_t weight;
	uint8_t forwarding;          /* enum ks_forwarding */
	uint8_t tunnel;              /* enum ks_tunnel */
	uint16_t tunnel_port_be;     /* GUE */
	uint8_t tunnel_has_checksum; /* GRE and GUE */
	uint8_t reserved;
	uint32_t upper_threshold; /* connections; 0: no limit */
	uint32_t lower_threshold; /* 0: three quarters of the upper */
};

/* DPVS "match": packets that are for nobody here. Ranges include both ends; none: all zeros. */
struct ks_match {
	struct ks_ip source_first, source_last;
	struct ks_ip destination_first, destination_last;
	uint16_t source_port_first, source_port_last; /* host order; 0-0: any */
	uint16_t destination_port_first, destination_port_last;
	uint16_t in_port, out_port; /* KS_MATCH_ANY_PORT: any */
	uint16_t is_ipv6;
	uint16_t reserved;
};

#define KS_MATCH_ANY_PORT UINT16_MAX

#endif
