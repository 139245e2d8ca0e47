/*
 * Owner: the caller, on its stack. Threads: one. Lifetime: one packet.
 *
 * IP packets of every kind, good and bad, from values that a generator draws. Checksums are summed
 * up word by word, and share nothing with the data path.
 */
#ifndef KS_DIFFERENTIAL_PACKETS_H
#define KS_DIFFERENTIAL_PACKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "ip.h"

#define OCTETS_MAX 2048u
#define OPTIONS_MAX 40u

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };

/* Where packets come in and leave: port 0 of the data plane, port 1. */
enum side { OUTSIDE, INSIDE, SIDES };

enum sum { SUM_RIGHT, SUM_WRONG, SUM_NONE };

/* What is wrong with a packet beyond its checksum. */
enum damage {
	UNDAMAGED,
	DAMAGED_VERSION,
	DAMAGED_TOTAL_LENGTH,
	DAMAGED_IP_CHECKSUM,
	DAMAGED_HEADER_LENGTH,
	DAMAGED_TRANSPORT_LENGTH,
	DAMAGES,
};

/* From the IP header on. */
struct octets {
	uint32_t length;
	uint8_t bytes[OCTETS_MAX];
};

struct spec {
	struct ks_ip source, destination;
	uint16_t source_port, destination_port; /* host order */
	uint8_t protocol;
	uint8_t traffic_class;
	uint8_t ttl;
	uint8_t flags; /* of TCP */
	uint16_t id;
	uint16_t fragment; /* as in the IPv4 header, DF as well; of IPv6 without DF */
	uint32_t flow_label;
	uint32_t sequence, acknowledgement;
	uint16_t window, urgent;
	uint8_t ip_options_bytes; /* of IPv6: all of the extension headers */
	uint8_t tcp_options_bytes;
	uint8_t ip_options[OPTIONS_MAX]; /* of IPv6, the first octet is its type */
	uint8_t tcp_options[OPTIONS_MAX];
	uint8_t icmp_type, icmp_code; /* ICMP: what follows the header is the payload */
	uint32_t icmp_rest;
	const uint8_t *payload; /* NULL: of the seed */
	uint32_t payload_bytes;
	uint64_t payload_seed;
	enum sum sum;
	enum damage damage;
};

/* A generator (splitmix64): the same seed, the same packets. */
struct random {
	uint64_t state;
};

uint64_t random_next(struct random *random);
uint32_t random_below(struct random *random, uint32_t end);
/* True once in so many times. */
bool random_is_one_in(struct random *random, uint32_t times);

void packets_build(const struct spec *spec, struct octets *packet);

/*
 * Cuts an IPv4 packet without damage into two fragments, or an IPv6 one without extension headers;
 * false: too short for that, or another.
 */
bool packets_split(const struct octets *packet, uint32_t id, struct octets pieces[2]);

/* Where transport begins, behind options or the one extension header that a packet may have. */
uint32_t packets_l4_offset(const uint8_t *ip);

/* The plain sum of RFC 1071 over octets, begun with another. */
uint32_t packets_sum(const uint8_t *bytes, uint32_t length, uint32_t sum);
uint16_t packets_fold(uint32_t sum);

#endif
