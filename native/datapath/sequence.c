/* Acknowledgements from the server, in the numbers of the client: see sequence.h. */
#include "sequence.h"

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

#include "checksum.h"
#include "tcp_options.h"

#define SACK_HEADER_BYTES 2u
#define SACK_BLOCK_BYTES 8u

struct block {
	uint32_t left;  /* first octet received */
	uint32_t right; /* first octet behind it */
};

static uint32_t
get32(const uint8_t *at)
{
	rte_be32_t word_be;

	memcpy(&word_be, at, sizeof(word_be));
	return rte_be_to_cpu_32(word_be);
}

static void
put32(uint8_t *at, uint32_t word)
{
	rte_be32_t word_be = rte_cpu_to_be_32(word);

	memcpy(at, &word_be, sizeof(word_be));
}

/* What the server's acknowledgement says of the insertion. */
static void
note_acknowledgement(struct ks_sequence *sequence, uint32_t number)
{
	int32_t offset_bytes = (int32_t)(number - sequence->first);

	if (likely((sequence->flags & KS_SEQUENCE_FAR) != 0) || offset_bytes <= 0 ||
		offset_bytes < sequence->inserted_bytes)
		return;
	sequence->flags |= KS_SEQUENCE_ACKNOWLEDGED;
	if (offset_bytes >= KS_SEQUENCE_FAR_BYTES)
		sequence->flags |= KS_SEQUENCE_FAR;
}

/*
 * A block in the client's numbers; false when nothing of it is the client's. It never claims more
 * than what has arrived: an edge within the insertion moves to its end or start. While the
 * insertion itself is missing at the server, the client's first octet must come again, and with it
 * the insertion: so that octet counts as missing, too.
 */
static bool
translate_block(const struct ks_sequence *sequence, struct block *block)
{
	if ((sequence->flags & KS_SEQUENCE_FAR) == 0) {
		int32_t left = (int32_t)(block->left - sequence->first);
		int32_t right = (int32_t)(block->right - sequence->first);
		bool is_missing = (sequence->flags & KS_SEQUENCE_ACKNOWLEDGED) == 0;

		if (right > 0 && right <= sequence->inserted_bytes)
			return false;
		if (left > 0 && left < sequence->inserted_bytes)
			block->left = sequence->first + sequence->inserted_bytes;
		block->left = ks_sequence_to_client(sequence, block->left);
		block->right = ks_sequence_to_client(sequence, block->right);
		if (is_missing && left > 0 && block->left == sequence->first)
			block->left++;
		return block->left != block->right;
	}
	block->left = ks_sequence_to_client(sequence, block->left);
	block->right = ks_sequence_to_client(sequence, block->right);
	return true;
}

static void
translate_sack(const struct ks_sequence *sequence, uint8_t *option)
{
	uint8_t *end = option + option[1], *at = option + SACK_HEADER_BYTES, *kept = at;

	for (; at < end; at += SACK_BLOCK_BYTES) {
		struct block block = {get32(at), get32(at + 4)};

		if (!translate_block(sequence, &block))
			continue;
		put32(kept, block.left);
		put32(kept + 4, block.right);
		kept += SACK_BLOCK_BYTES;
	}
	if (kept == option + SACK_HEADER_BYTES)
		kept = option;
	else
		option[1] = (uint8_t)(kept - option);
	memset(kept, KS_TCP_OPTION_NOP, (size_t)(end - kept));
}

static enum ks_sequence_result
translate_options(const struct ks_sequence *sequence, struct ks_headers *headers,
	struct ks_tcp_segment *segment)
{
	struct ks_tcp_walk walk = ks_tcp_walk_begin(segment);
	uint16_t rest = 0;
	uint8_t *option;
	bool is_changed = false;

	while ((option = ks_tcp_walk_next(&walk)) != NULL) {
		/* Blocks that are none mean nothing to a receiver, either. */
		if (option[0] != KS_TCP_OPTION_SACK || option[1] == SACK_HEADER_BYTES ||
			(option[1] - SACK_HEADER_BYTES) % SACK_BLOCK_BYTES != 0)
			continue;
		if (!is_changed)
			rest = ks_headers_rest(headers, segment->header_bytes);
		translate_sack(sequence, option);
		is_changed = true;
	}
	if (is_changed)
		ks_headers_seal(headers, segment->header_bytes, rest);
	return walk.is_broken ? KS_SEQUENCE_BROKEN : KS_SEQUENCE_DONE;
}

enum ks_sequence_result
ks_sequence_from_server(struct ks_sequence *sequence, struct ks_headers *headers)
{
	struct ks_tcp_segment segment;
	rte_be32_t old_be, new_be;
	uint32_t number;

	if (unlikely(!ks_tcp_segment_read(headers, &segment)))
		return KS_SEQUENCE_MALFORMED;
	if ((sequence->flags & KS_SEQUENCE_IN_FORCE) == 0 ||
		(segment.header->tcp_flags & RTE_TCP_ACK_FLAG) == 0)
		return KS_SEQUENCE_DONE;
	old_be = segment.header->recv_ack;
	number = rte_be_to_cpu_32(old_be);
	note_acknowledgement(sequence, number);
	new_be = rte_cpu_to_be_32(ks_sequence_to_client(sequence, number));
	if (new_be != old_be) {
		segment.header->recv_ack = new_be;
		segment.header->cksum = ks_checksum_update(segment.header->cksum,
			ks_checksum_fold(ks_checksum_delta(0, old_be, new_be)));
	}
	if (ks_tcp_options_are_usual(segment.header))
		return KS_SEQUENCE_DONE;
	return translate_options(sequence, headers, &segment);
}
