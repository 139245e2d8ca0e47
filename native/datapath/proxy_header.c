/* PROXY headers written, found and chosen: see proxy_header.h. */
#include "proxy_header.h"

#include <string.h>

#include <rte_tcp.h>
#include <rte_udp.h>

#include "proxy_header_text.h"

#define TEXT_START_BYTES 6u
#define SIGNATURE_BYTES 12u
#define BINARY_BYTES 16u /* before the addresses */
#define IPV4_ADDRESSES_BYTES 12u
#define IPV6_ADDRESSES_BYTES 36u
#define UNIX_ADDRESSES_BYTES 216u

static const uint8_t text_start[TEXT_START_BYTES] = {'P', 'R', 'O', 'X', 'Y', ' '};
static const uint8_t signature[SIGNATURE_BYTES] = {
	0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

/* The 13th octet: version and command; the 14th: family and transport. */
enum {
	VERSION = 0x20,
	COMMAND_LOCAL = 0,
	COMMAND_PROXY = 1,
	FAMILY_UNSPECIFIED = 0,
	FAMILY_IPV4 = 1,
	FAMILY_IPV6 = 2,
	FAMILY_UNIX = 3,
	TRANSPORT_STREAM = 1,
	TRANSPORT_DATAGRAM = 2,
};

static uint8_t
transport_of(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? TRANSPORT_STREAM : TRANSPORT_DATAGRAM;
}

/* Without addresses it is LOCAL: no server may refuse that. */
static uint32_t
write_binary(uint8_t octets[KS_PROXY_HEADER_BYTES_MAX], const struct ks_proxy_addresses *addresses,
	uint8_t protocol)
{
	bool is_v4 = addresses->family == KS_PROXY_IPV4;
	uint32_t address_bytes = is_v4 ? 4 : 16, from = 16 - address_bytes;
	uint8_t *at = octets + BINARY_BYTES;

	memcpy(octets, signature, sizeof(signature));
	memset(octets + SIGNATURE_BYTES, 0, BINARY_BYTES - SIGNATURE_BYTES);
	if (addresses->family == KS_PROXY_UNKNOWN) {
		octets[12] = VERSION | COMMAND_LOCAL;
		return BINARY_BYTES;
	}
	octets[12] = VERSION | COMMAND_PROXY;
	octets[13] = (uint8_t)((is_v4 ? FAMILY_IPV4 : FAMILY_IPV6) << 4 | transport_of(protocol));
	octets[15] = is_v4 ? IPV4_ADDRESSES_BYTES : IPV6_ADDRESSES_BYTES;
	memcpy(at, (const uint8_t *)addresses->source.words + from, address_bytes);
	at += address_bytes;
	memcpy(at, (const uint8_t *)addresses->destination.words + from, address_bytes);
	at += address_bytes;
	memcpy(at, &addresses->source_port_be, 2);
	memcpy(at + 2, &addresses->destination_port_be, 2);
	return BINARY_BYTES + octets[15];
}

uint32_t
ks_proxy_header_write(uint8_t octets[KS_PROXY_HEADER_BYTES_MAX],
	const struct ks_proxy_addresses *addresses, uint32_t version, uint8_t protocol)
{
	if (version == 1)
		return ks_proxy_text_write(octets, addresses);
	return write_binary(octets, addresses, protocol);
}

/* The line's length with its CRLF; 0 when it does not end where it must, or not as it must. */
static uint32_t
line_bytes(const uint8_t *payload, uint32_t payload_bytes)
{
	uint32_t bytes_max = RTE_MIN(payload_bytes, KS_PROXY_HEADER_BYTES_MAX);

	for (uint32_t i = 0; i + 1 < bytes_max; i++) {
		if (payload[i] == '\r')
			return payload[i + 1] == '\n' ? i + 2 : 0;
		if (payload[i] == '\n')
			return 0;
	}
	return 0;
}

static void
find_text(struct ks_proxy_found *found, const uint8_t *payload, uint32_t payload_bytes)
{
	uint32_t bytes = line_bytes(payload, payload_bytes);

	if (bytes > 0 && ks_proxy_text_read(payload, bytes, &found->addresses)) {
		found->bytes = bytes;
		found->version = 1;
	}
}

/* Addresses of another transport, or of sockets in a file system, say nothing to us. */
static void
read_addresses(struct ks_proxy_addresses *addresses, const uint8_t *octets, uint8_t family)
{
	uint32_t address_bytes = family == FAMILY_IPV4 ? 4 : 16;
	uint8_t both[2][16] = {{[10] = 0xff, [11] = 0xff}, {[10] = 0xff, [11] = 0xff}};

	memcpy(both[0] + 16 - address_bytes, octets, address_bytes);
	memcpy(both[1] + 16 - address_bytes, octets + address_bytes, address_bytes);
	addresses->source = ks_ip_from_octets(both[0]);
	addresses->destination = ks_ip_from_octets(both[1]);
	memcpy(&addresses->source_port_be, octets + 2 * (size_t)address_bytes, 2);
	memcpy(&addresses->destination_port_be, octets + 2 * (size_t)address_bytes + 2, 2);
	addresses->family = family == FAMILY_IPV4 ? KS_PROXY_IPV4 : KS_PROXY_IPV6;
}

static void
find_binary(struct ks_proxy_found *found, const uint8_t *payload, uint32_t payload_bytes,
	uint8_t protocol)
{
	static const uint8_t wanted_bytes[] = {[FAMILY_UNSPECIFIED] = 0,
		[FAMILY_IPV4] = IPV4_ADDRESSES_BYTES,
		[FAMILY_IPV6] = IPV6_ADDRESSES_BYTES,
		[FAMILY_UNIX] = UNIX_ADDRESSES_BYTES};
	uint8_t command, family, transport;
	uint32_t bytes;

	if (payload_bytes < BINARY_BYTES)
		return;
	command = payload[12] & 0x0f;
	family = payload[13] >> 4;
	transport = payload[13] & 0x0f;
	bytes = (uint32_t)payload[14] << 8 | payload[15];
	if ((payload[12] & 0xf0) != VERSION || command > COMMAND_PROXY ||
		BINARY_BYTES + bytes > payload_bytes)
		return;
	if (command == COMMAND_PROXY) {
		if (family > FAMILY_UNIX || transport > TRANSPORT_DATAGRAM ||
			bytes < wanted_bytes[family])
			return;
		if ((family == FAMILY_IPV4 || family == FAMILY_IPV6) &&
			transport == transport_of(protocol))
			read_addresses(&found->addresses, payload + BINARY_BYTES, family);
	}
	found->bytes = BINARY_BYTES + bytes;
	found->version = 2;
}

struct ks_proxy_found
ks_proxy_header_find(const uint8_t *payload, uint32_t payload_bytes, uint8_t protocol)
{
	struct ks_proxy_found found;

	memset(&found, 0, sizeof(found));
	if (payload_bytes >= SIGNATURE_BYTES && memcmp(payload, signature, SIGNATURE_BYTES) == 0) {
		find_binary(&found, payload, payload_bytes, protocol);
		found.is_broken = found.bytes == 0;
	} else if (protocol == IPPROTO_TCP && payload_bytes >= TEXT_START_BYTES &&
		   memcmp(payload, text_start, TEXT_START_BYTES) == 0) {
		find_text(&found, payload, payload_bytes);
		found.is_broken = found.bytes == 0;
	}
	return found;
}

struct ks_proxy_choice
ks_proxy_choose(enum ks_proxy_protocol protocol, const struct ks_proxy_addresses *ours,
	const uint8_t *payload, uint32_t payload_bytes, uint8_t l4_protocol)
{
	struct ks_proxy_found found = ks_proxy_header_find(payload, payload_bytes, l4_protocol);
	struct ks_proxy_choice choice = {*ours, found.bytes, KS_PROXY_CLIENT_REPLACED};

	if (found.bytes == 0) {
		choice.client = found.is_broken ? KS_PROXY_CLIENT_BROKEN : KS_PROXY_CLIENT_SILENT;
	} else if (ks_proxy_is_insecure(protocol)) {
		if (found.version == ks_proxy_version(protocol)) {
			choice.client = KS_PROXY_CLIENT_KEPT;
			choice.removed_bytes = 0;
		} else {
			choice.client = KS_PROXY_CLIENT_TRANSLATED;
			choice.addresses = found.addresses;
		}
	}
	return choice;
}

bool
ks_proxy_write_apart(const struct ks_headers *headers, uint32_t l4_header_bytes,
	const uint8_t *octets, uint32_t bytes, uint32_t sequence_number, struct rte_mbuf *apart)
{
	struct ks_headers begun;
	uint8_t *payload;

	if (!ks_headers_begin(headers, headers->l4_offset_bytes + l4_header_bytes, apart, &begun))
		return false;
	payload = (uint8_t *)rte_pktmbuf_append(apart, (uint16_t)bytes);
	if (payload == NULL)
		return false;
	memcpy(payload, octets, bytes);
	if (headers->protocol == IPPROTO_TCP) {
		struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)ks_headers_l4(&begun);

		tcp->sent_seq = rte_cpu_to_be_32(sequence_number);
		tcp->tcp_flags = RTE_TCP_ACK_FLAG | RTE_TCP_PSH_FLAG;
		tcp->tcp_urp = 0;
	}
	ks_headers_finish(&begun);
	return true;
}
