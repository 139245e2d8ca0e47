/*
 * A small model of a TCP sender and a receiver with proxy_header_tcp.c and sequence.c between them,
 * over a network that loses, repeats and reorders: the server must get exactly the header and the
 * stream, octet by octet at the right number, and the client exactly the acknowledgements and SACK
 * blocks that are true of its own stream.
 */
#include "proxy_header_tcp.h"
#include "sample.h"

#define STREAM_BYTES_MAX 3000u
#define EXPECTED_BYTES_MAX (STREAM_BYTES_MAX + KS_PROXY_HEADER_BYTES_MAX)
#define NETWORK_MAX 24u
#define STEPS_MAX 60000u
#define MTU 300u
#define SEGMENT_BYTES_MAX 240u
#define WINDOW_BYTES 1500u
#define CLIENT_PORT 40000u

#define OURS_V1 "PROXY TCP4 198.51.100.7 192.0.2.10 40000 80\r\n"
#define OURS_V2 "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x0a\x9c\x40\0\x50"
#define THEIRS_V1 "PROXY TCP4 1.2.3.4 5.6.7.8 1000 2000\r\n"
#define THEIRS_V2 "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\1\2\3\4\5\6\7\x08\3\xe8\7\xd0"
#define THEIRS_TLV "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0f\1\2\3\4\5\6\7\x08\3\xe8\7\xd0\4\0\0"
#define BROKEN "PROXY TCP4 1.2.3.4 5.6.7.8 1000 99999\r\n"

struct text {
	const char *octets;
	uint32_t bytes;
};

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

/* What the client begins with, and what the server gets in its place. */
struct variant {
	const char *name;
	uint8_t protocol;
	struct text theirs;   /* first of the client's stream */
	struct text inserted; /* first of the server's */
	bool is_replaced;     /* theirs does not go on */
};

static const struct variant variants[] = {
	{"v1", KS_PROXY_V1, {"", 0}, TEXT(OURS_V1), false},
	{"v2", KS_PROXY_V2, {"", 0}, TEXT(OURS_V2), false},
	{"v1 for the client's v1", KS_PROXY_V1, TEXT(THEIRS_V1), TEXT(OURS_V1), true},
	{"v2 for the client's v1", KS_PROXY_V2, TEXT(THEIRS_V1), TEXT(OURS_V2), true},
	{"v1 for the client's v2", KS_PROXY_V1, TEXT(THEIRS_TLV), TEXT(OURS_V1), true},
	{"v2 before what is none", KS_PROXY_V2, TEXT(BROKEN), TEXT(OURS_V2), false},
	{"insecure v1", KS_PROXY_V1_INSECURE, {"", 0}, TEXT(OURS_V1), false},
	{"insecure v2", KS_PROXY_V2_INSECURE, {"", 0}, TEXT(OURS_V2), false},
	{"insecure, v1 kept", KS_PROXY_V1_INSECURE, TEXT(THEIRS_V1), {"", 0}, false},
	{"insecure, v2 kept", KS_PROXY_V2_INSECURE, TEXT(THEIRS_TLV), {"", 0}, false},
	{"insecure, v1 to v2", KS_PROXY_V2_INSECURE, TEXT(THEIRS_V1), TEXT(THEIRS_V2), true},
	{"insecure, v2 to v1", KS_PROXY_V1_INSECURE, TEXT(THEIRS_TLV), TEXT(THEIRS_V1), true},
	{"insecure, before what is none", KS_PROXY_V1_INSECURE, TEXT(BROKEN), TEXT(OURS_V1), false},
};

struct packet {
	uint32_t bytes;
	uint8_t ip[512];
};

struct network {
	struct packet packets[NETWORK_MAX];
	uint32_t count;
};

/* Offsets are of octets behind the SYN, so the FIN is the octet behind the last. */
struct story {
	const struct variant *variant;
	struct ks_proxy_connection connection;
	uint32_t seed;
	uint32_t isn;
	uint32_t stream_bytes, expected_bytes;
	uint32_t inserted_bytes, removed_bytes;
	uint8_t stream[STREAM_BYTES_MAX + 1];
	uint8_t expected[EXPECTED_BYTES_MAX + 1];
	/* The client. */
	uint32_t unacknowledged, next;
	bool is_sacked[STREAM_BYTES_MAX + 2];
	/* The server. */
	uint32_t received; /* all octets before this one */
	bool is_received[EXPECTED_BYTES_MAX + 2];
	uint32_t latest_from, latest_to; /* the segment that came last */
	bool is_duplicate;
	struct network to_server, to_client;
	uint32_t wrong;
	const char *why;
};

static void
fail(struct story *story, const char *why)
{
	if (story->wrong++ == 0)
		story->why = why;
}

static uint32_t
random_below(struct story *story, uint32_t bound)
{
	return sample_random(&story->seed) % bound;
}

/* Lost, or repeated, or neither; the oldest gives way. */
static void
network_put(struct story *story, struct network *network, struct sample *sample)
{
	uint32_t copies = random_below(story, 5) == 0 ? 0 : 1 + (random_below(story, 8) == 0);

	if (!sample_is_sound(sample))
		fail(story, "lengths or checksums are wrong");
	while (copies-- > 0) {
		struct packet *packet =
			&network->packets[network->count < NETWORK_MAX
						  ? network->count++
						  : random_below(story, NETWORK_MAX)];

		packet->bytes = sample_ip_bytes(sample);
		memcpy(packet->ip, sample_ip(sample), packet->bytes);
	}
}

static bool
network_take(struct story *story, struct network *network, struct packet *packet)
{
	uint32_t index;

	if (network->count == 0)
		return false;
	index = random_below(story, network->count);
	*packet = network->packets[index];
	network->packets[index] = network->packets[--network->count];
	return true;
}

/* Options are timestamps at times, and what the caller has written behind them. */
static void
begin_segment(struct sample *sample, bool is_from_client, uint32_t number, uint32_t acknowledged,
	uint8_t flags, const uint8_t *options, uint32_t options_bytes, const uint8_t *payload,
	uint32_t payload_bytes)
{
	uint8_t ip[512] = {0x45, [6] = 0x40, [8] = 63, [9] = 6};
	uint32_t tcp_bytes = 20 + options_bytes, bytes = 20 + tcp_bytes + payload_bytes;

	put16(ip + 2, bytes);
	put32(ip + 12, is_from_client ? 0x0a000005 : 0xc000020a);
	put32(ip + 16, is_from_client ? 0x0a000065 : 0xc6336407);
	put16(ip + 20, is_from_client ? CLIENT_PORT + 1 : 80);
	put16(ip + 22, is_from_client ? 8080 : CLIENT_PORT);
	put32(ip + 24, number);
	put32(ip + 28, acknowledged);
	ip[32] = (uint8_t)(tcp_bytes / 4 << 4);
	ip[33] = flags;
	memcpy(ip + 40, options, options_bytes);
	memcpy(ip + 20 + tcp_bytes, payload, payload_bytes);
	sample_complete(ip, bytes);
	sample_begin_octets(sample, ip, bytes, SAMPLE_HEADROOM);
}

/* Through the data path to the server; sometimes there is no mbuf for what leaves apart. */
static void
client_to_server(struct story *story, struct sample *sample)
{
	struct sample apart;
	enum ks_proxy_result result =
		ks_proxy_tcp_from_client(&story->connection, &sample->headers, MTU, NULL);

	sample_begin_empty(&apart, 400);
	if (result == KS_PROXY_NEEDS_PACKET && random_below(story, 4) != 0)
		result = ks_proxy_tcp_from_client(
			&story->connection, &sample->headers, MTU, &apart.mbuf);
	if (result == KS_PROXY_ADDED_APART) {
		apart.headers = sample->headers;
		apart.headers.mbuf = &apart.mbuf;
		network_put(story, &story->to_server, &apart);
	}
	if (result <= KS_PROXY_SYN_CUT)
		network_put(story, &story->to_server, sample);
	else if (result > KS_PROXY_EARLY)
		fail(story, "a segment is refused");
	if (sample_ip_bytes(sample) > MTU)
		fail(story, "larger than the MTU");
	sample_end(sample);
	sample_end(&apart);
}

static void
client_send(struct story *story, uint32_t offset, uint32_t bytes, uint8_t flags)
{
	static const uint8_t timestamps[12] = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
	uint32_t payload_bytes = RTE_MIN(bytes, story->stream_bytes - offset);
	struct sample sample;

	if (bytes > payload_bytes)
		flags |= FIN;
	begin_segment(&sample, true, story->isn + 1 + offset, 77, flags, timestamps,
		random_below(story, 2) * 12, story->stream + offset, payload_bytes);
	client_to_server(story, &sample);
}

/* A header of the client's own is whole in the first segment that shows it, as it should be. */
static uint32_t
segment_bytes(struct story *story, uint32_t offset)
{
	uint32_t bytes = 1 + random_below(story, SEGMENT_BYTES_MAX);

	if (offset == 0 && story->connection.client == KS_PROXY_CLIENT_UNDECIDED)
		bytes = RTE_MAX(bytes, story->variant->theirs.bytes);
	return bytes;
}

static void
client_act(struct story *story)
{
	uint32_t end = story->stream_bytes + 1; /* behind the FIN */
	uint32_t offset, bytes;

	switch (random_below(story, 8)) {
	case 0:
		client_send(story, RTE_MIN(story->next, story->stream_bytes), 0, ACK);
		break;
	case 1: /* a probe; the octet of the SYN when nothing was acknowledged */
		if (story->unacknowledged > 0 && story->unacknowledged < end)
			client_send(story, story->unacknowledged - 1, random_below(story, 2), ACK);
		break;
	case 2:
	case 3: /* what is missing, cut in other places than before */
		offset = story->unacknowledged;
		if (random_below(story, 2) == 0 && story->next > offset)
			offset += random_below(story, story->next - offset);
		if (offset >= story->next || story->is_sacked[offset])
			break;
		bytes = RTE_MIN(segment_bytes(story, offset), story->next - offset);
		client_send(story, offset, bytes, ACK);
		break;
	default:
		if (story->next == end || story->next - story->unacknowledged > WINDOW_BYTES)
			break;
		bytes = RTE_MIN(segment_bytes(story, story->next), end - story->next);
		offset = story->next;
		story->next += bytes;
		client_send(story, offset, bytes, ACK);
	}
}

static void
server_receive(struct story *story, const struct packet *packet)
{
	const uint8_t *tcp = packet->ip + 20;
	uint32_t tcp_bytes = (tcp[12] >> 4) * 4u, bytes = packet->bytes - 20 - tcp_bytes;
	uint32_t number =
		(uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 | (uint32_t)tcp[6] << 8 | tcp[7];
	int32_t offset = (int32_t)(number - story->isn - 1);
	uint32_t ends = bytes + ((tcp[13] & FIN) != 0);

	if ((tcp[13] & SYN) != 0)
		return;
	story->is_duplicate = ends > 0;
	for (uint32_t i = 0; i < ends; i++) {
		int32_t at = offset + (int32_t)i;

		if (at < -1 || at > (int32_t)story->expected_bytes)
			fail(story, "an octet beyond the stream");
		else if (i < bytes && at >= 0 &&
			 (at == (int32_t)story->expected_bytes ||
				 tcp[tcp_bytes + i] != story->expected[at]))
			fail(story, "another octet than the stream's");
		else if (i == bytes && at != (int32_t)story->expected_bytes)
			fail(story, "a FIN at another place");
		else if (at >= 0) {
			story->is_duplicate &= story->is_received[at];
			story->is_received[at] = true;
		}
	}
	while (story->received <= story->expected_bytes && story->is_received[story->received])
		story->received++;
	if (ends > 0 && offset >= 0) {
		story->latest_from = (uint32_t)offset;
		story->latest_to = (uint32_t)offset + ends;
	}
}

/* A duplicate first (RFC 2883), then blocks beyond what is acknowledged. */
static uint32_t
server_blocks(struct story *story, uint8_t *option)
{
	uint32_t blocks_max = 1 + random_below(story, 3), count = 0;

	if (story->is_duplicate && random_below(story, 2) == 0) {
		put32(option + 2, story->isn + 1 + story->latest_from);
		put32(option + 6, story->isn + 1 + story->latest_to);
		count++;
	}
	for (uint32_t at = story->received; at <= story->expected_bytes && count < blocks_max;
		at++) {
		uint32_t end = at;

		while (end <= story->expected_bytes && story->is_received[end])
			end++;
		if (end == at || random_below(story, 3) == 0)
			continue;
		put32(option + 2 + 8 * (size_t)count, story->isn + 1 + at);
		put32(option + 6 + 8 * (size_t)count, story->isn + 1 + end);
		count++;
		at = end;
	}
	option[0] = 5;
	option[1] = (uint8_t)(2 + 8 * count);
	return count == 0 ? 0 : option[1];
}

/* Whether the server has what this octet of the client's stands for. */
static bool
has_octet(const struct story *story, uint32_t offset)
{
	bool is_decided = story->connection.client != KS_PROXY_CLIENT_UNDECIDED;
	uint32_t removed_bytes = is_decided ? story->removed_bytes : 0;

	if (offset < removed_bytes)
		return story->received >= story->inserted_bytes;
	return story->is_received[offset - removed_bytes + story->inserted_bytes];
}

static void
check_blocks(struct story *story, const uint8_t *tcp, uint32_t acknowledged)
{
	uint32_t end = (tcp[12] >> 4) * 4u;

	for (uint32_t at = 20; at < end; at += tcp[at] == 1 ? 1 : tcp[at + 1]) {
		if (tcp[at] != 5)
			continue;
		for (uint32_t b = at + 2; b < at + tcp[at + 1]; b += 8) {
			uint32_t left, right;

			memcpy(&left, tcp + b, 4);
			memcpy(&right, tcp + b + 4, 4);
			left = rte_be_to_cpu_32(left) - story->isn - 1;
			right = rte_be_to_cpu_32(right) - story->isn - 1;
			if (left >= right || right > story->stream_bytes + 1) {
				fail(story, "a block that is none");
				return;
			}
			for (uint32_t i = left; i < right; i++) {
				if (!has_octet(story, i))
					fail(story, "a block of what has not arrived");
				story->is_sacked[i] = true;
			}
			if (left == acknowledged && right > acknowledged)
				fail(story, "a block that begins where octets are missing");
		}
	}
}

static void
client_receive(struct story *story, const struct packet *packet)
{
	const uint8_t *tcp = packet->ip + 20;
	uint32_t acknowledged;

	memcpy(&acknowledged, tcp + 8, 4);
	acknowledged = rte_be_to_cpu_32(acknowledged) - story->isn - 1;
	if (acknowledged > story->next)
		fail(story, "octets are acknowledged that were never sent");
	else
		story->unacknowledged = RTE_MAX(story->unacknowledged, acknowledged);
}

/* What the acknowledgement means to the client, in plain offsets. */
static uint32_t
expected_acknowledgement(const struct story *story)
{
	bool is_decided = story->connection.client != KS_PROXY_CLIENT_UNDECIDED;

	if (story->received < story->inserted_bytes)
		return 0;
	return story->received - story->inserted_bytes + (is_decided ? story->removed_bytes : 0);
}

static void
server_act(struct story *story)
{
	static const uint8_t octets[4] = "SMTP";
	uint8_t options[40] = {1, 1, 8, 10, 9, 8, 7, 6, 5, 4, 3, 2};
	uint32_t bytes = random_below(story, 2) * 12, block_bytes, acknowledged;
	struct sample sample;
	const uint8_t *tcp;

	block_bytes = server_blocks(story, options + bytes);
	memset(options + bytes + block_bytes, 1, sizeof(options) - bytes - block_bytes);
	bytes = RTE_ALIGN(bytes + block_bytes, 4);
	begin_segment(&sample, false, 5000, story->isn + 1 + story->received, ACK, options, bytes,
		octets, random_below(story, 5));
	ks_sequence_from_server(&story->connection.sequence, &sample.headers);
	tcp = ks_headers_l4(&sample.headers);
	memcpy(&acknowledged, tcp + 8, 4);
	acknowledged = rte_be_to_cpu_32(acknowledged) - story->isn - 1;
	if (acknowledged != expected_acknowledgement(story))
		fail(story, "another acknowledgement than the client's stream has");
	check_blocks(story, tcp, acknowledged);
	network_put(story, &story->to_client, &sample);
	sample_end(&sample);
}

static void
open_story(struct story *story, const struct variant *variant, uint32_t seed)
{
	struct ks_proxy_addresses addresses =
		ks_proxy_addresses_of(ks_ip_from_v4(RTE_BE32(0xc6336407)), RTE_BE16(CLIENT_PORT),
			ks_ip_from_v4(RTE_BE32(0xc000020a)), RTE_BE16(80));
	static const uint8_t nothing[1];
	uint32_t body_bytes, from;
	struct sample sample;

	memset(story, 0, sizeof(*story));
	story->variant = variant;
	story->seed = seed;
	body_bytes = random_below(story, 4) == 0
			     ? 0
			     : random_below(story, STREAM_BYTES_MAX - variant->theirs.bytes);
	story->stream_bytes = variant->theirs.bytes + body_bytes;
	memcpy(story->stream, variant->theirs.octets, variant->theirs.bytes);
	for (uint32_t i = variant->theirs.bytes; i < story->stream_bytes; i++)
		story->stream[i] = (uint8_t)(random_below(story, 26) + 'a');
	/* A client that sends nothing has no header sent for it where its own may come first. */
	if (story->stream_bytes > 0 || !ks_proxy_is_insecure(variant->protocol))
		story->inserted_bytes = variant->inserted.bytes;
	story->removed_bytes = variant->is_replaced ? variant->theirs.bytes : 0;
	from = story->removed_bytes;
	memcpy(story->expected, variant->inserted.octets, story->inserted_bytes);
	memcpy(story->expected + story->inserted_bytes, story->stream + from,
		story->stream_bytes - from);
	story->expected_bytes = story->inserted_bytes + story->stream_bytes - from;
	story->isn = random_below(story, 2) == 0 ? sample_random(&story->seed)
						 : 0u - random_below(story, 2000);
	ks_proxy_connection_begin(&story->connection, variant->protocol, &addresses);
	begin_segment(&sample, true, story->isn, 0, SYN, nothing, 0, nothing, 0);
	client_to_server(story, &sample);
}

static bool
is_over(const struct story *story)
{
	return story->unacknowledged == story->stream_bytes + 1;
}

static void
run_story(struct story *story)
{
	struct packet packet;
	uint32_t steps = 0;

	for (; steps < STEPS_MAX && !is_over(story) && story->wrong == 0; steps++) {
		switch (random_below(story, 4)) {
		case 0:
			client_act(story);
			break;
		case 1:
			server_act(story);
			break;
		case 2:
			if (network_take(story, &story->to_server, &packet))
				server_receive(story, &packet);
			break;
		default:
			if (network_take(story, &story->to_client, &packet))
				client_receive(story, &packet);
		}
	}
	if (steps == STEPS_MAX)
		fail(story, "the stream does not come to its end");
	if (is_over(story) && story->received != story->expected_bytes + 1)
		fail(story, "the client is done, and the server is not");
}

int
main(void)
{
	static struct story story;

	for (size_t v = 0; v < RTE_DIM(variants); v++) {
		uint32_t wrong = 0;

		for (uint32_t seed = 1; seed <= 150 && wrong == 0; seed++) {
			open_story(&story, &variants[v], seed * 2654435761u);
			run_story(&story);
			wrong = story.wrong;
		}
		if (!tap_equal(wrong, 0, variants[v].name))
			printf("# seed %u: %s\n", story.seed, story.why);
	}
	return tap_done();
}
