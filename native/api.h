/*
 * Owner: the addon (one data plane per process, as DPDK's EAL is one per process). Threads: every
 * call on the thread that called ks_open. Lifetime: ks_open .. ks_close, never opened again.
 *
 * The whole C API of the data plane. No DPDK type and no atomic here: C++ includes it. Addresses
 * and ports are in network order when their name ends in _be, else in host order.
 */
#ifndef KS_API_H
#define KS_API_H

#include <stdbool.h>
#include <stdint.h>

#include "ip.h"
#include "service.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KS_NAME_BYTES 64
#define KS_INTERFACE_NAME_BYTES 16
#define KS_DEVICE_BYTES 256
#define KS_REASON_BYTES 512
#define KS_OPEN_PORTS_MAX 16
#define KS_OPEN_WORKERS_MAX 64
#define KS_MAC_BYTES 6
/* A lease without end; also what ks_lease_row says of one. */
#define KS_FOREVER UINT64_MAX

/* A whole sentence for the operator: the cause and what to do. */
struct ks_reason {
	char text[KS_REASON_BYTES];
};

enum ks_hugepages {
	KS_HUGEPAGES_AUTO,
	KS_HUGEPAGES_ON,
	KS_HUGEPAGES_OFF,
};

struct ks_port_options {
	char name[KS_NAME_BYTES];
	char device[KS_DEVICE_BYTES];
	char kni_name[KS_INTERFACE_NAME_BYTES];
	uint16_t mtu_bytes;
};

struct ks_open_options {
	char file_prefix[KS_NAME_BYTES];
	uint32_t workers_count;
	uint32_t worker_cpus_count; /* 0: the data plane chooses */
	uint32_t worker_cpus[KS_OPEN_WORKERS_MAX];
	bool is_adaptive; /* workers sleep a little when idle */
	uint32_t connections_max;
	uint32_t packet_buffers;
	enum ks_hugepages hugepages;
	uint32_t ports_count;
	struct ks_port_options ports[KS_OPEN_PORTS_MAX];
};

enum ks_open_status {
	KS_OPENED,
	KS_OPEN_REFUSED,
	KS_OPEN_RESTART_NEEDED,
};

/* Refused: reason. Restart needed: what differs, separated by newlines, in reason too. */
enum ks_open_status ks_open(const struct ks_open_options *options, struct ks_reason *reason);

enum ks_owner {
	KS_OWNER_CONFIG,
	KS_OWNER_OPERATOR,
	KS_OWNER_VRRP, /* of a leased address, in rows only, or of a route of a MASTER */
};

enum ks_verb {
	KS_ADD_ADDRESS,
	KS_REMOVE_ADDRESS,
	KS_ADD_ROUTE,
	KS_REMOVE_ROUTE,
	KS_ADD_SERVICE,
	KS_ALTER_SERVICE,
	KS_REMOVE_SERVICE,
	KS_ADD_SERVER,
	KS_ALTER_SERVER,
	KS_REMOVE_SERVER,
	KS_ADD_LOCAL_ADDRESS,
	KS_REMOVE_LOCAL_ADDRESS,
	KS_SET_SETTINGS,
};

/* In the order of enum ks_connection_state, then what has no states. */
enum ks_timeout {
	KS_TIMEOUT_NONE,
	KS_TIMEOUT_ESTABLISHED,
	KS_TIMEOUT_SYN_SENT,
	KS_TIMEOUT_SYN_RECV,
	KS_TIMEOUT_FIN_WAIT,
	KS_TIMEOUT_TIME_WAIT,
	KS_TIMEOUT_CLOSE,
	KS_TIMEOUT_CLOSE_WAIT,
	KS_TIMEOUT_LAST_ACK,
	KS_TIMEOUT_UDP,
	KS_TIMEOUT_SCTP,
	KS_TIMEOUTS,
};

/* Of the data plane as a whole; changed at run-time. */
struct ks_settings {
	uint32_t timeout_seconds[KS_TIMEOUTS]; /* 1..31535999 */
	uint8_t timeouts_owner;                /* enum ks_owner: whoever set them last; kept only */
	uint8_t uoa_mode;                      /* enum ks_uoa_mode */
	uint8_t uoa_packets_max; /* uoa_max_trail: of a connection, until the server answers */
	bool forwards_ipv4;      /* what is for nobody here goes on by the routes */
	bool forwards_ipv6;
	bool expires_quiescent_templates;
	bool drops_unserved_udp; /* UDP to an address of ours that has no service there */
	bool drops_stray_tcp;    /* TCP that belongs to no connection and opens none */
};

/* Before anybody sets others; src/dataplane/settings.ts has the same. */
#define KS_SETTINGS_DEFAULT                                                                        \
	{                                                                                          \
		{2, 90, 3, 30, 7, 7, 3, 7, 7, 300, 900}, KS_OWNER_CONFIG, KS_UOA_PROTOCOL, 3,      \
			false, false, false, false, false                                          \
	}

struct ks_service_key {
	struct ks_ip address;
	uint16_t port_be;
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP; of a match also ICMP's */
	bool is_match;    /* address and port are nothing: by match */
	struct ks_match match;
};

/* One object; which members count depends on the verb. */
struct ks_change {
	uint32_t index; /* in the caller's batch */
	enum ks_verb verb;
	enum ks_owner owner;
	char device[KS_NAME_BYTES];    /* address, route, local address: a port's name */
	struct ks_ip address;          /* address, route's network, server, local address */
	uint8_t prefix_bits;           /* address, route: of 128, an IPv4 /24 has 120 */
	struct ks_ip gateway;          /* route; none: directly connected */
	struct ks_service_key service; /* service, server, local address */
	struct ks_service_options service_options; /* service */
	uint16_t port_be;                          /* server */
	struct ks_server_options server_options;   /* server */
	/* service by match: names of ports, "": any; they count, not in_port and out_port */
	char in_device[KS_NAME_BYTES];
	char out_device[KS_NAME_BYTES];
	bool is_leased;              /* local address: there only while VRRP leases it */
	struct ks_settings settings; /* settings */
};

/* Applies in order and goes on after a failure; `failed` is called for each change refused. */
void ks_apply(const struct ks_change *changes, uint32_t count,
	void (*failed)(void *context, uint32_t index, const char *reason), void *context);

struct ks_prefix {
	struct ks_ip address;
	uint8_t bits; /* of 128: an IPv4 /24 has 120 */
};

/* Every one of these answers 0, or a negative errno and the reason. */
int ks_lease(const char *holder, const char *device, const struct ks_prefix *prefixes,
	uint32_t count, uint64_t duration_ms, struct ks_reason *reason);
int ks_release(const char *holder, const struct ks_prefix *prefixes, uint32_t count,
	struct ks_reason *reason);
int ks_announce(const char *device, const struct ks_prefix *prefixes, uint32_t count,
	struct ks_reason *reason);

struct ks_address_row {
	struct ks_prefix prefix;
	const char *device;
	enum ks_owner owner;
};

struct ks_lease_row {
	const char *holder;
	struct ks_prefix prefix;
	const char *device;
	uint64_t remaining_ms; /* KS_FOREVER: until released */
};

struct ks_route_row {
	struct ks_prefix destination;
	struct ks_ip gateway;
	const char *device;
	enum ks_owner owner;
};

/* Sums over all workers since the object was made. */
struct ks_traffic {
	uint64_t connections;
	uint64_t active;
	uint64_t inactive;
	uint64_t in_packets;
	uint64_t in_bytes;
	uint64_t out_packets;
	uint64_t out_bytes;
};

struct ks_service_row {
	struct ks_service_key key;
	uint32_t id; /* small, and of no other service at the same time */
	struct ks_service_options options;
	enum ks_owner owner;
	struct ks_traffic traffic; /* active and inactive: 0 */
};

struct ks_server_row {
	struct ks_service_key service;
	uint32_t id; /* small, and of no other server at the same time */
	struct ks_ip address;
	uint16_t port_be;
	struct ks_server_options options;
	enum ks_owner owner;
	struct ks_traffic traffic;
};

/* One use of a source address by a service. */
struct ks_local_address_row {
	struct ks_service_key service;
	struct ks_ip address;
	const char *device;
	enum ks_owner owner;
	bool is_leased;
};

/* One row per source address, whatever the number of services that use it. */
struct ks_source_row {
	struct ks_ip address;
	const char *device;
	uint64_t used; /* connections that hold one of its ports now */
	/* How often it had no port for a new connection, by cause; each may have tried others. */
	uint64_t missed_exhausted; /* every port towards the server is in use */
	uint64_t missed_no_share;  /* the RSS table gives the worker no port towards the server */
	uint64_t missed_not_held;
	struct ks_ip missed_server; /* of an exhaustion, the latest of a worker; none: never */
	uint16_t missed_server_port_be;
};

struct ks_port_row {
	const char *name;
	const char *device;
	const char *kni_name;
	uint8_t mac[KS_MAC_BYTES];
	uint16_t mtu_bytes;
	bool is_up;
	bool is_full_duplex;
	bool is_promiscuous;
	uint32_t speed_mbps;
	uint16_t rx_queues;
	uint16_t tx_queues;
	bool is_hashed; /* its hash and table spread packets over the workers; else software does */
	uint64_t misdirected; /* is_hashed, and yet they came to another worker than their owner */
	int socket;
	uint64_t rx_packets, tx_packets;
	uint64_t rx_bytes, tx_bytes;
	uint64_t rx_errors, tx_errors;
	uint64_t missed;
	uint64_t no_buffer;
};

enum ks_neighbor_state {
	KS_NEIGHBOR_FAILED,  /* gave up; kept for a moment so that a flood does not ask again */
	KS_NEIGHBOR_ASKING,  /* first resolution, packets wait */
	KS_NEIGHBOR_REACHED, /* confirmed within its lifetime */
	KS_NEIGHBOR_PROBING, /* lifetime over, asking again; still used */
};

struct ks_neighbor_row {
	struct ks_ip address;
	uint8_t mac[KS_MAC_BYTES];
	enum ks_neighbor_state state;
	const char *device;
};

struct ks_worker_row {
	uint16_t worker;
	uint16_t cpu;
	uint32_t connections;
	uint64_t rx;            /* from ports and from other workers: the sum of all verdicts */
	uint64_t injected;      /* frames of others that went to a port through this worker */
	uint64_t inject_failed; /* of these, not taken by the port */
	uint64_t checksums_completed;
	uint64_t untold; /* packets that went on without the client's address: no room for it */
	const uint64_t *verdicts;
	uint32_t verdicts_count; /* in the order of verdict.def */
};

/* What the slow thread let go of, by cause. */
struct ks_slow_thread_row {
	uint64_t unresolved_dropped; /* waited for a neighbour in vain, or found no place to wait */
	uint64_t inject_full;        /* no room on the way to a worker */
	uint64_t no_buffer;
};

/* The companion interface of a port. */
struct ks_companion_row {
	const char *device;
	uint64_t to_kernel;
	uint64_t from_kernel;
	uint64_t dropped; /* the kernel did not take it, or no buffer was left */
};

/* Which connections; each member by itself says none or 0 for any. */
struct ks_connection_filter {
	struct ks_ip client;
	struct ks_ip destination; /* as the client sees it: the virtual address */
	struct ks_ip server;
	uint16_t client_port_be;
	uint16_t destination_port_be;
	uint16_t server_port_be;
	uint8_t protocol;
	bool templates_only; /* of persistence */
	uint32_t rows_max;
};

struct ks_connection_row {
	uint16_t worker;
	uint8_t protocol;
	uint8_t state;      /* enum ks_timeout: that of enum ks_connection_state */
	uint8_t forwarding; /* enum ks_forwarding */
	bool is_template;   /* of persistence: client under its mask, port 0 */
	uint32_t expires_seconds;
	struct ks_ip client;
	struct ks_ip destination;
	struct ks_ip local; /* FNAT, SNAT: what the server sees; else as the client's */
	struct ks_ip server;
	uint16_t client_port_be;
	uint16_t destination_port_be;
	uint16_t local_port_be;
	uint16_t server_port_be;
};

/* Those of now, at most rows_max of them. Answers whether there were more. */
bool ks_each_connection(const struct ks_connection_filter *filter,
	void (*visit)(void *context, const struct ks_connection_row *), void *context);

void ks_get_settings(struct ks_settings *settings);

/* Each calls `visit` once per object that there is now; the row lives until visit returns. */
void ks_each_address(void (*visit)(void *context, const struct ks_address_row *), void *context);
void ks_each_lease(void (*visit)(void *context, const struct ks_lease_row *), void *context);
void ks_each_route(void (*visit)(void *context, const struct ks_route_row *), void *context);
void ks_each_service(void (*visit)(void *context, const struct ks_service_row *), void *context);
void ks_each_server(void (*visit)(void *context, const struct ks_server_row *), void *context);
/*
 * Services with ids from first on, count of them at most, and their servers: the counters of all
 * are many, and whoever wants them often asks for a part at a time. Answers the end of all ids.
 */
uint32_t ks_each_traffic(uint32_t first, uint32_t count,
	void (*visit_service)(void *context, const struct ks_service_row *),
	void (*visit_server)(void *context, const struct ks_server_row *), void *context);
void ks_each_local_address(
	void (*visit)(void *context, const struct ks_local_address_row *), void *context);
void ks_each_source(void (*visit)(void *context, const struct ks_source_row *), void *context);
void ks_each_port(void (*visit)(void *context, const struct ks_port_row *), void *context);
void ks_each_neighbor(void (*visit)(void *context, const struct ks_neighbor_row *), void *context);
void ks_each_worker(void (*visit)(void *context, const struct ks_worker_row *), void *context);
void ks_each_slow_thread(
	void (*visit)(void *context, const struct ks_slow_thread_row *), void *context);
void ks_each_companion(
	void (*visit)(void *context, const struct ks_companion_row *), void *context);

bool ks_is_open(void);
/* Packets stop; ports, companion interfaces and threads end. Does nothing when not open. */
void ks_close(void);

#ifdef __cplusplus
}
#endif

#endif
