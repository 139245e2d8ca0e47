/*
 * libFuzzer target: any octets as TCP or UDP through everything that tells servers the client's
 * address: TOA, UOA, PROXY headers and the numbers that follow them. An input is a story of packets
 * on one connection: its settings, then for each packet what is done with it, how long it is, and
 * its octets behind the fixed IP header.
 *
 * What went in with right lengths and checksums must come out so, and never larger than foretold.
 * `make -C native/test fuzz` builds it; replay.c runs its corpus in the tests.
 */
#include <stdlib.h>

#include "proxy_header_tcp.h"
#include "proxy_header_udp.h"
#include "sample.h"
#include "tcp_options.h"
#include "toa.h"
#include "uoa.h"

#define SETTINGS_BYTES 4u
#define RECORD_BYTES 3u
#define PACKET_BYTES_MAX 2048u
#define APART_BYTES 256u
#define TRAILS 3u

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

enum operation {
	TCP_FROM_CLIENT,
	TCP_FROM_SERVER,
	TCP_SYN,
	TCP_MSS,
	UDP_UOA,
	UDP_CLEAN,
	UDP_PROXY,
	PROXY_FROM_CLIENT,
	PROXY_FROM_SERVER,
	OPERATIONS,
};

struct story {
	struct ks_toa toa;
	struct ks_proxy_connection connection;
	struct ks_ip client;
	uint32_t mtu_bytes;
	uint8_t trails_left;
	uint8_t headroom;
	uint8_t uoa_mode;
	bool is_v6;
	bool keeps;
};

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static void
open_story(struct story *story, const uint8_t settings[SETTINGS_BYTES])
{
	static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
	struct ks_proxy_addresses addresses;

	memset(story, 0, sizeof(*story));
	story->is_v6 = settings[0] & 1;
	story->client =
		settings[0] & 2 ? ks_ip_from_octets(v6) : ks_ip_from_v4(RTE_BE32(0xc6336407));
	story->keeps = settings[0] & 4;
	story->uoa_mode = settings[0] & 8 ? KS_UOA_OPTION : KS_UOA_PROTOCOL;
	story->headroom = settings[1] & 0x7f;
	story->mtu_bytes = 68 + settings[2] * 8u;
	story->trails_left = TRAILS;
	addresses =
		ks_proxy_addresses_of(story->client, RTE_BE16(40000), story->client, RTE_BE16(80));
	ks_proxy_connection_begin(&story->connection, KS_PROXY_V1 + settings[3] % 4, &addresses);
}

/* options_bytes: of the octets, how many are IPv4 options. */
static void
begin_packet(struct sample *sample, const struct story *story, bool is_tcp, const uint8_t *octets,
	uint32_t bytes, uint32_t options_bytes)
{
	static uint8_t ip[40 + PACKET_BYTES_MAX];
	uint32_t fixed_bytes = story->is_v6 ? 40 : 20;

	memset(ip, 0x11, fixed_bytes);
	ip[0] = (uint8_t)(story->is_v6 ? 0x60 : 0x45 + options_bytes / 4);
	put16(ip + (story->is_v6 ? 4 : 2), story->is_v6 ? bytes : bytes + 20);
	ip[story->is_v6 ? 6 : 9] = is_tcp ? 6 : 17;
	memcpy(ip + fixed_bytes, octets, bytes);
	sample_complete(ip, fixed_bytes + bytes);
	sample_begin_octets(sample, ip, fixed_bytes + bytes, story->headroom);
	/* Where parse would say it is, whole or not. */
	sample->headers.protocol = is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	sample->headers.l4_offset_bytes = (uint16_t)(SAMPLE_ETHERNET + fixed_bytes + options_bytes);
}

static void
check_apart(struct sample *apart, const struct sample *sample)
{
	apart->headers = sample->headers;
	apart->headers.mbuf = &apart->mbuf;
	require(sample_is_sound(apart));
}

static void
tcp_from_client(struct story *story, struct sample *sample)
{
	uint32_t before_bytes = sample->mbuf.data_len, foretold_bytes;
	enum ks_toa_result result = ks_toa_clean(&sample->headers, &story->toa, story->keeps);

	foretold_bytes = ks_toa_bytes(&story->toa, &sample->headers, story->client);
	require(foretold_bytes <= 20);
	result = ks_toa_insert(&story->toa, &sample->headers, story->client, RTE_BE16(40000));
	require(sample->mbuf.data_len ==
		before_bytes + (result == KS_TOA_INSERTED ? foretold_bytes : 0));
}

static void
proxy_from_client(struct story *story, struct sample *sample)
{
	struct sample apart;
	uint32_t before_bytes = sample_ip_bytes(sample);
	enum ks_proxy_result result = ks_proxy_tcp_from_client(
		&story->connection, &sample->headers, story->mtu_bytes, NULL);

	sample_begin_empty(&apart, APART_BYTES);
	if (result == KS_PROXY_NEEDS_PACKET) {
		require(sample_ip_bytes(sample) == before_bytes);
		result = ks_proxy_tcp_from_client(
			&story->connection, &sample->headers, story->mtu_bytes, &apart.mbuf);
	}
	if (result == KS_PROXY_ADDED_APART)
		check_apart(&apart, sample);
	require(sample_ip_bytes(sample) <= RTE_MAX(before_bytes, story->mtu_bytes));
	sample_end(&apart);
}

static void
udp_uoa(struct story *story, struct sample *sample)
{
	struct sample apart;
	uint32_t before_bytes = sample_ip_bytes(sample);
	enum ks_uoa_result result;

	if (!ks_uoa_is_wanted(story->trails_left))
		story->trails_left = TRAILS;
	sample_begin_empty(&apart, APART_BYTES);
	result = ks_uoa_insert(&story->trails_left, &sample->headers, story->uoa_mode,
		story->client, RTE_BE16(40000), story->mtu_bytes, &apart.mbuf);
	if (result == KS_UOA_APART)
		require(sample_is_sound(&apart));
	require(sample_ip_bytes(sample) <= RTE_MAX(before_bytes, story->mtu_bytes));
	sample_end(&apart);
}

static void
udp_proxy(struct story *story, struct sample *sample)
{
	struct sample apart;
	enum ks_proxy_client client;
	enum ks_proxy_result result;

	sample_begin_empty(&apart, APART_BYTES);
	result = ks_proxy_udp_first(&story->connection.addresses, story->connection.protocol,
		&sample->headers, story->mtu_bytes, &apart.mbuf, &client);
	if (result == KS_PROXY_ADDED_APART)
		check_apart(&apart, sample);
	sample_end(&apart);
}

static void
operate(struct story *story, struct sample *sample, enum operation operation)
{
	switch (operation) {
	case TCP_FROM_CLIENT:
		tcp_from_client(story, sample);
		break;
	case TCP_FROM_SERVER:
		ks_toa_from_server(&story->toa, &sample->headers);
		break;
	case TCP_SYN:
		ks_toa_begin(&story->toa, &sample->headers);
		break;
	case TCP_MSS:
		ks_tcp_mss_lower(&sample->headers, ks_toa_size(story->client));
		break;
	case UDP_UOA:
		udp_uoa(story, sample);
		break;
	case UDP_CLEAN:
		ks_uoa_clean(&sample->headers);
		break;
	case UDP_PROXY:
		udp_proxy(story, sample);
		break;
	case PROXY_FROM_CLIENT:
		proxy_from_client(story, sample);
		break;
	default:
		ks_sequence_from_server(&story->connection.sequence, &sample->headers);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
	const uint8_t *end = octets + length;
	struct story story;

	if (length < SETTINGS_BYTES)
		return 0;
	open_story(&story, octets);
	octets += SETTINGS_BYTES;
	while (end - octets >= (ptrdiff_t)RECORD_BYTES) {
		enum operation operation = octets[0] % OPERATIONS;
		bool is_tcp = operation < UDP_UOA || operation >= PROXY_FROM_CLIENT;
		uint32_t bytes = ((uint32_t)octets[1] << 8 | octets[2]) % PACKET_BYTES_MAX;
		uint32_t options_bytes =
			story.is_v6 ? 0 : RTE_MIN((uint32_t)octets[1] >> 3, 10u) * 4;
		struct sample sample;
		bool was_sound;

		octets += RECORD_BYTES;
		bytes = RTE_MIN(bytes, (uint32_t)(end - octets));
		options_bytes = bytes < options_bytes ? 0 : options_bytes;
		begin_packet(&sample, &story, is_tcp, octets, bytes, options_bytes);
		was_sound = sample_is_sound(&sample);
		operate(&story, &sample, operation);
		require(!was_sound || sample_is_sound(&sample));
		sample_end(&sample);
		octets += bytes;
	}
	return 0;
}
