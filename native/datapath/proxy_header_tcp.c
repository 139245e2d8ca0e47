/* The PROXY header of a TCP connection, and the shift of what follows: see proxy_header_tcp.h. */
#include "proxy_header_tcp.h"

#include <rte_branch_prediction.h>

#include "checksum.h"
#include "tcp_options.h"

/* A segment from the client, and where it lies in the client's stream. */
struct piece {
	struct ks_tcp_segment segment;
	uint32_t number;
	int32_t offset_bytes; /* of `number` from the start; says nothing once that is far */
	uint32_t cut_bytes;   /* of its payload: the client's own header */
};

void
ks_proxy_connection_begin(struct ks_proxy_connection *connection, enum ks_proxy_protocol protocol,
	const struct ks_proxy_addresses *addresses)
{
	memset(connection, 0, sizeof(*connection));
	connection->addresses = *addresses;
	connection->protocol = (uint8_t)protocol;
}

static bool
has_flag(const struct ks_proxy_connection *connection, enum ks_sequence_flag flag)
{
	return (connection->sequence.flags & flag) != 0;
}

static bool
is_decided(const struct ks_proxy_connection *connection)
{
	return connection->client != KS_PROXY_CLIENT_UNDECIDED;
}

/*
 * Where the stream starts. Octets in a SYN (RFC 7413) would lie in front of the header: the server
 * must not get them before it, so it gets them when the client repeats them.
 */
static enum ks_proxy_result
begin_stream(struct ks_proxy_connection *connection, struct ks_headers *headers,
	const struct piece *piece)
{
	const struct ks_tcp_segment *segment = &piece->segment;
	uint16_t rest;

	if (!has_flag(connection, KS_SEQUENCE_IN_FORCE) && !is_decided(connection)) {
		connection->sequence.first = piece->number + 1;
		connection->sequence.flags |= KS_SEQUENCE_STARTED;
	}
	if (segment->payload_bytes == 0)
		return KS_PROXY_PASSED;
	rest = ks_headers_rest(headers, segment->header_bytes + segment->payload_bytes);
	ks_headers_cut(headers, segment->payload_bytes);
	ks_headers_seal(headers, segment->header_bytes, rest);
	return KS_PROXY_SYN_CUT;
}

/* The first octets of the stream tell what the client sent itself. */
static void
decide(struct ks_proxy_connection *connection, const struct piece *piece)
{
	const uint8_t *payload =
		(const uint8_t *)piece->segment.header + piece->segment.header_bytes;
	struct ks_proxy_choice choice = ks_proxy_choose(connection->protocol,
		&connection->addresses, payload, piece->segment.payload_bytes, IPPROTO_TCP);

	connection->client = (uint8_t)choice.client;
	connection->addresses = choice.addresses;
	connection->sequence.removed_bytes = (uint16_t)choice.removed_bytes;
	if (choice.client == KS_PROXY_CLIENT_KEPT)
		connection->sequence.flags |= KS_SEQUENCE_IN_FORCE;
}

/*
 * Whether the header goes in front: at the start of the stream, until the server has it. And when
 * nothing is left of a segment but the client's own header, as only octets make the server answer
 * what the client waits for.
 */
static bool
is_due(const struct ks_proxy_connection *connection, const struct piece *piece)
{
	bool is_known = is_decided(connection) || !ks_proxy_is_insecure(connection->protocol);

	if (piece->offset_bytes != 0 || !is_known || connection->client == KS_PROXY_CLIENT_KEPT ||
		(piece->segment.header->tcp_flags & RTE_TCP_RST_FLAG) != 0)
		return false;
	return !has_flag(connection, KS_SEQUENCE_ACKNOWLEDGED) ||
	       (piece->cut_bytes > 0 && piece->cut_bytes == piece->segment.payload_bytes);
}

/* The urgent pointer counts from the sequence number (RFC 9293, 3.8.5). */
static void
move_urgent_pointer(struct rte_tcp_hdr *header, uint32_t cut_bytes, uint32_t added_bytes)
{
	uint32_t urgent_bytes = rte_be_to_cpu_16(header->tcp_urp);

	if ((header->tcp_flags & RTE_TCP_URG_FLAG) == 0)
		return;
	urgent_bytes = urgent_bytes > cut_bytes ? urgent_bytes - cut_bytes : 0;
	urgent_bytes = RTE_MIN(urgent_bytes + added_bytes, (uint32_t)UINT16_MAX);
	header->tcp_urp = rte_cpu_to_be_16((uint16_t)urgent_bytes);
}

/*
 * Cuts octets off the front of the payload, puts others there, and gives the segment its number.
 */
static void
rewrite(struct ks_headers *headers, const struct piece *piece, uint32_t number,
	const uint8_t *octets, uint32_t bytes)
{
	uint32_t header_bytes = piece->segment.header_bytes;
	uint32_t at_bytes = headers->l4_offset_bytes + header_bytes;
	uint16_t rest = ks_headers_rest(headers, header_bytes + piece->cut_bytes);
	struct rte_tcp_hdr *header;

	if (piece->cut_bytes > 0)
		ks_headers_remove(headers, at_bytes, piece->cut_bytes);
	if (bytes > 0)
		memcpy(ks_headers_insert(headers, at_bytes, bytes), octets, bytes);
	header = (struct rte_tcp_hdr *)ks_headers_l4(headers);
	header->sent_seq = rte_cpu_to_be_32(number);
	move_urgent_pointer(header, piece->cut_bytes, bytes);
	ks_headers_seal(headers, header_bytes + bytes, rest);
}

/* Only the number changes: one word of the header, and its checksum. */
static void
shift(struct rte_tcp_hdr *header, uint32_t number)
{
	rte_be32_t new_be = rte_cpu_to_be_32(number);

	if (header->sent_seq == new_be)
		return;
	header->cksum = ks_checksum_update(
		header->cksum, ks_checksum_fold(ks_checksum_delta(0, header->sent_seq, new_be)));
	header->sent_seq = new_be;
}

static enum ks_proxy_result
pass(const struct ks_proxy_connection *connection, struct ks_headers *headers,
	const struct piece *piece)
{
	uint32_t number = ks_sequence_to_server(&connection->sequence, piece->number);

	if (unlikely(piece->cut_bytes > 0))
		rewrite(headers, piece, number, NULL, 0);
	else
		shift(piece->segment.header, number);
	return KS_PROXY_PASSED;
}

static enum ks_proxy_result
add_header(struct ks_proxy_connection *connection, struct ks_headers *headers,
	const struct piece *piece, uint32_t mtu_bytes, struct rte_mbuf *apart)
{
	struct ks_sequence *sequence = &connection->sequence;
	uint8_t octets[KS_PROXY_HEADER_BYTES_MAX];
	uint32_t bytes = ks_proxy_header_write(octets, &connection->addresses,
		ks_proxy_version(connection->protocol), IPPROTO_TCP);
	uint32_t left_bytes = ks_headers_ip_bytes(headers) - piece->cut_bytes;
	bool is_small = left_bytes + bytes <= mtu_bytes &&
			(bytes <= piece->cut_bytes ||
				ks_headers_can_grow(headers, bytes - piece->cut_bytes));

	if (!is_small && apart == NULL)
		return KS_PROXY_NEEDS_PACKET;
	if (!is_small && !ks_proxy_write_apart(headers, piece->segment.header_bytes, octets, bytes,
				 sequence->first, apart))
		return KS_PROXY_NO_BUFFER;
	sequence->inserted_bytes = (uint16_t)bytes;
	sequence->flags |= KS_SEQUENCE_IN_FORCE;
	if (is_small) {
		rewrite(headers, piece, sequence->first, octets, bytes);
		return KS_PROXY_ADDED;
	}
	pass(connection, headers, piece);
	return KS_PROXY_ADDED_APART;
}

/* What of the payload is the client's own header, which does not go on. */
static uint32_t
cut_of(const struct ks_proxy_connection *connection, const struct piece *piece)
{
	int32_t removed_bytes = connection->sequence.removed_bytes;

	if (likely(piece->offset_bytes >= removed_bytes) || piece->offset_bytes < 0)
		return 0;
	return RTE_MIN(
		piece->segment.payload_bytes, (uint32_t)(removed_bytes - piece->offset_bytes));
}

/*
 * Octets (a FIN is one) may go on once it is known what the stream starts with, and the header has
 * left: both decide their numbers. Until then, what is not the start is dropped, and comes again.
 */
static bool
is_early(const struct ks_proxy_connection *connection, const struct piece *piece)
{
	bool is_settled = is_decided(connection) && has_flag(connection, KS_SEQUENCE_IN_FORCE);

	return !is_settled && piece->offset_bytes > 0 &&
	       (piece->segment.payload_bytes > 0 ||
		       (piece->segment.header->tcp_flags & RTE_TCP_FIN_FLAG) != 0) &&
	       (piece->segment.header->tcp_flags & RTE_TCP_RST_FLAG) == 0;
}

enum ks_proxy_result
ks_proxy_tcp_from_client(struct ks_proxy_connection *connection, struct ks_headers *headers,
	uint32_t mtu_bytes, struct rte_mbuf *apart)
{
	struct piece piece = {.cut_bytes = 0};

	if (unlikely(!ks_tcp_segment_read(headers, &piece.segment)))
		return KS_PROXY_MALFORMED;
	piece.number = rte_be_to_cpu_32(piece.segment.header->sent_seq);
	piece.offset_bytes = (int32_t)(piece.number - connection->sequence.first);
	if ((piece.segment.header->tcp_flags & RTE_TCP_SYN_FLAG) != 0)
		return begin_stream(connection, headers, &piece);
	if (unlikely(!has_flag(connection, KS_SEQUENCE_STARTED)))
		return KS_PROXY_NO_START;
	if (has_flag(connection, KS_SEQUENCE_FAR))
		return pass(connection, headers, &piece);
	if (piece.offset_bytes < 0)
		return (int64_t)piece.offset_bytes + piece.segment.payload_bytes > 0
			       ? KS_PROXY_STRADDLING
			       : KS_PROXY_PASSED;
	if (is_early(connection, &piece))
		return KS_PROXY_EARLY;
	if (!is_decided(connection) && piece.segment.payload_bytes > 0 &&
		(piece.segment.header->tcp_flags & RTE_TCP_RST_FLAG) == 0)
		decide(connection, &piece);
	piece.cut_bytes = cut_of(connection, &piece);
	if (is_due(connection, &piece))
		return add_header(connection, headers, &piece, mtu_bytes, apart);
	return pass(connection, headers, &piece);
}
