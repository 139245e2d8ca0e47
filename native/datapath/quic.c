#include "quic.h"

#include <netinet/in.h>

#include <rte_udp.h>

#define LONG_HEADER 0x80u
#define FIXED_BIT 0x40u
#define GOOGLE_HAS_ID 0x08u
#define VERSION_1 1u
#define VERSION_2 0x6b3343cfu

/* A connection id is 20 octets at most in the versions that have the format. */
#define ID_BYTES_MAX 20u
#define HASHED_BYTES 8u
/* As DPVS's generator of ids: two octets and a nonce of 28 bits besides address and port. */
#define ID_BYTES_MIN 7u
#define ID_BYTES_BESIDES 5u
#define ADDRESS_BYTES_MAX 8u

struct octets {
	const uint8_t *first;
	uint32_t length;
};

/* The payload of a datagram, whose length was checked; nothing for any other packet. */
static struct octets
payload_of(const struct ks_packet *packet)
{
	const uint8_t *l4 = ks_packet_l4(packet);
	const uint8_t *end = ks_packet_ip(packet) + packet->ip_length_bytes;
	uint32_t length;

	if (packet->key.protocol != IPPROTO_UDP || l4 + sizeof(struct rte_udp_hdr) > end)
		return (struct octets){l4, 0};
	length = rte_be_to_cpu_16(((const struct rte_udp_hdr *)l4)->dgram_len);
	if (length < sizeof(struct rte_udp_hdr) || l4 + length > end)
		return (struct octets){l4, 0};
	return (struct octets){
		l4 + sizeof(struct rte_udp_hdr), length - (uint32_t)sizeof(struct rte_udp_hdr)};
}

static struct octets
after(struct octets octets, uint32_t bytes)
{
	if (bytes > octets.length)
		return (struct octets){octets.first, 0};
	return (struct octets){octets.first + bytes, octets.length - bytes};
}

/* Of a long header: all of the id, or nothing. */
static struct octets
long_id(struct octets payload)
{
	struct octets id = after(payload, 6);
	uint32_t length;

	if (payload.length < 6)
		return (struct octets){payload.first, 0};
	length = payload.first[5];
	if (length > ID_BYTES_MAX || length > id.length)
		return (struct octets){payload.first, 0};
	id.length = length;
	return id;
}

/* The client chose the id; unknown versions may have any types, so they count as such, too. */
static bool
begins_connection(const uint8_t *header)
{
	uint32_t version = (uint32_t)header[1] << 24 | (uint32_t)header[2] << 16 |
			   (uint32_t)header[3] << 8 | header[4];
	uint8_t type = (header[0] >> 4) & 3;

	if (version == VERSION_1)
		return type != 2;
	return version != VERSION_2 || type != 3;
}

/*
 * Where the id is; of a short header, which does not tell its length, everything behind the first
 * octet.
 */
static struct octets
server_id(struct octets payload)
{
	if (payload.length == 0 || !(payload.first[0] & FIXED_BIT))
		return (struct octets){payload.first, 0};
	if (!(payload.first[0] & LONG_HEADER))
		return after(payload, 1);
	if (payload.length < 6 || begins_connection(payload.first))
		return (struct octets){payload.first, 0};
	return long_id(payload);
}

/* The octet that begins in the middle of one. */
static uint8_t
straddling(const uint8_t *octets, uint32_t index)
{
	return (uint8_t)(octets[index] << 4 | octets[index + 1] >> 4);
}

struct wanted_server {
	uint8_t address[ADDRESS_BYTES_MAX]; /* its last octets */
	uint32_t address_bytes;
	rte_be16_t port_be; /* 0: not told */
};

static bool
is_wanted(const struct ks_server *server, const struct wanted_server *wanted)
{
	uint8_t octets[16];

	if (wanted->address_bytes > 4 && ks_ip_is_v4(server->address))
		return false;
	memcpy(octets, server->address.words, sizeof(octets));
	if (memcmp(octets + sizeof(octets) - wanted->address_bytes, wanted->address,
		    wanted->address_bytes) != 0)
		return false;
	return wanted->port_be == 0 || wanted->port_be == server->port_be;
}

/* false: too short for what it says of itself. */
static bool
read_server(struct octets id, struct wanted_server *wanted)
{
	uint32_t address_bytes, port_bytes;

	if (id.length < ID_BYTES_MIN)
		return false;
	address_bytes = (id.first[1] >> 5) + 1u;
	port_bytes = id.first[1] & 0x10 ? 2 : 0;
	if (id.length < ID_BYTES_BESIDES + address_bytes + port_bytes)
		return false;
	wanted->address_bytes = address_bytes;
	for (uint32_t i = 0; i < address_bytes; i++)
		wanted->address[i] = straddling(id.first, 1 + i);
	if (port_bytes != 0) {
		uint8_t high = straddling(id.first, 1 + address_bytes);
		uint8_t low = straddling(id.first, 2 + address_bytes);

		wanted->port_be = rte_cpu_to_be_16((uint16_t)(high << 8 | low));
	}
	return true;
}

const struct ks_server *
ks_quic_server(const struct ks_virtual_server *service, const struct ks_packet *packet)
{
	struct wanted_server wanted = {0};

	if (!read_server(server_id(payload_of(packet)), &wanted))
		return NULL;
	for (uint32_t i = 0; i < service->servers_count; i++) {
		if (is_wanted(&service->servers[i], &wanted))
			return &service->servers[i];
	}
	return NULL;
}

bool
ks_quic_connection_id(const struct ks_packet *packet, uint64_t *id)
{
	struct octets octets = payload_of(packet);
	uint8_t flags;

	if (octets.length == 0)
		return false;
	flags = octets.first[0];
	if ((flags & (LONG_HEADER | FIXED_BIT)) == 0 && !(flags & GOOGLE_HAS_ID))
		return false;
	octets = flags & LONG_HEADER ? long_id(octets) : after(octets, 1);
	if (octets.length < HASHED_BYTES)
		return false;
	memcpy(id, octets.first, sizeof(*id));
	return true;
}
