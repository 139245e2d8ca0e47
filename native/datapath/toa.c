/* The client's address as a TCP option: see toa.h. */
#include "toa.h"

#include <rte_branch_prediction.h>

#include "tcp_options.h"

/* What the options will be: ours, then theirs. */
struct layout {
	uint8_t octets[KS_TCP_OPTIONS_BYTES_MAX];
	uint32_t bytes;
};

static bool
is_toa(const uint8_t *option)
{
	return option[0] == KS_TCP_OPTION_TOA && (option[1] == 8 || option[1] == 20);
}

enum ks_toa_result
ks_toa_clean(struct ks_headers *headers, struct ks_toa *toa, bool keeps)
{
	struct ks_tcp_segment segment;
	struct ks_tcp_walk walk;
	uint8_t *option;
	uint16_t rest;
	uint32_t found = 0;

	if (unlikely(!ks_tcp_segment_read(headers, &segment)))
		return KS_TOA_MALFORMED;
	if (likely(ks_tcp_options_are_usual(segment.header)))
		return KS_TOA_NOTHING;
	rest = ks_headers_rest(headers, segment.header_bytes);
	walk = ks_tcp_walk_begin(&segment);
	while ((option = ks_tcp_walk_next(&walk)) != NULL) {
		if (!is_toa(option))
			continue;
		found++;
		if (!keeps)
			memset(option, KS_TCP_OPTION_NOP, option[1]);
	}
	if (found == 0)
		return walk.is_broken ? KS_TOA_BROKEN : KS_TOA_NOTHING;
	if (keeps) {
		if (toa != NULL)
			toa->flags &= (uint8_t)~KS_TOA_ACTIVE;
		return KS_TOA_KEPT;
	}
	ks_headers_seal(headers, segment.header_bytes, rest);
	return KS_TOA_REMOVED;
}

void
ks_toa_begin(struct ks_toa *toa, const struct ks_headers *headers)
{
	struct ks_tcp_segment segment;

	if (!ks_tcp_segment_read(headers, &segment) || (toa->flags & KS_TOA_SENT) != 0)
		return;
	toa->first_sequence = rte_be_to_cpu_32(segment.header->sent_seq) + 1;
	toa->flags |= KS_TOA_ACTIVE;
}

/*
 * The handshake's ACK, and whatever else comes before the server shows that it has seen it; then
 * only what has octets of the client.
 */
static bool
is_wanted(const struct ks_toa *toa, const struct ks_tcp_segment *segment)
{
	return (toa->flags & KS_TOA_ACTIVE) != 0 &&
	       (segment->header->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_RST_FLAG)) == 0 &&
	       (segment->payload_bytes > 0 || (toa->flags & KS_TOA_OPEN) == 0);
}

/* Their options without padding; 0 and false when they lie, as then nobody can tell what it is. */
static bool
squeeze(const struct ks_tcp_segment *segment, struct layout *squeezed)
{
	struct ks_tcp_walk walk = ks_tcp_walk_begin(segment);
	const uint8_t *option;

	squeezed->bytes = 0;
	while ((option = ks_tcp_walk_next(&walk)) != NULL) {
		memcpy(squeezed->octets + squeezed->bytes, option, option[1]);
		squeezed->bytes += option[1];
	}
	return !walk.is_broken;
}

/*
 * Leaves theirs as they are where there is room; else without padding. The header never gets
 * shorter, so that nothing is gained by writing options twice.
 */
static bool
lay_out(const struct ks_tcp_segment *segment, uint32_t toa_bytes, struct layout *layout)
{
	uint32_t old_bytes = segment->header_bytes - (uint32_t)sizeof(struct rte_tcp_hdr);
	struct layout theirs;

	if (old_bytes + toa_bytes <= KS_TCP_OPTIONS_BYTES_MAX) {
		memcpy(theirs.octets, ks_tcp_options(segment), old_bytes);
		theirs.bytes = old_bytes;
	} else if (!squeeze(segment, &theirs) ||
		   toa_bytes + theirs.bytes > KS_TCP_OPTIONS_BYTES_MAX) {
		return false;
	}
	layout->bytes = RTE_MAX(old_bytes, RTE_ALIGN(toa_bytes + theirs.bytes, 4u));
	memset(layout->octets, KS_TCP_OPTION_NOP, sizeof(layout->octets));
	memcpy(layout->octets + toa_bytes, theirs.octets, theirs.bytes);
	return true;
}

uint32_t
ks_toa_bytes(const struct ks_toa *toa, const struct ks_headers *headers, struct ks_ip client)
{
	struct ks_tcp_segment segment;
	struct layout layout;

	if (!ks_tcp_segment_read(headers, &segment) || !is_wanted(toa, &segment) ||
		!lay_out(&segment, ks_toa_size(client), &layout))
		return 0;
	return layout.bytes + (uint32_t)sizeof(struct rte_tcp_hdr) - segment.header_bytes;
}

static void
put_option(uint8_t *at, struct ks_ip client, rte_be16_t client_port_be)
{
	uint32_t address_be = ks_ip_v4(client);

	at[0] = KS_TCP_OPTION_TOA;
	at[1] = (uint8_t)ks_toa_size(client);
	memcpy(at + 2, &client_port_be, sizeof(client_port_be));
	if (ks_ip_is_v4(client))
		memcpy(at + 4, &address_be, sizeof(address_be));
	else
		memcpy(at + 4, client.words, sizeof(client.words));
}

enum ks_toa_result
ks_toa_insert(struct ks_toa *toa, struct ks_headers *headers, struct ks_ip client,
	rte_be16_t client_port_be)
{
	struct ks_tcp_segment segment;
	struct layout layout;
	uint32_t added_bytes;
	uint16_t rest;

	if (unlikely(!ks_tcp_segment_read(headers, &segment)))
		return KS_TOA_MALFORMED;
	if (!is_wanted(toa, &segment))
		return KS_TOA_NOTHING;
	if (!lay_out(&segment, ks_toa_size(client), &layout))
		return KS_TOA_NO_ROOM;
	added_bytes = layout.bytes + (uint32_t)sizeof(struct rte_tcp_hdr) - segment.header_bytes;
	if (!ks_headers_can_grow(headers, added_bytes))
		return KS_TOA_NO_HEADROOM;
	put_option(layout.octets, client, client_port_be);
	rest = ks_headers_rest(headers, segment.header_bytes);
	if (added_bytes > 0)
		ks_headers_insert(headers,
			headers->l4_offset_bytes + (uint32_t)sizeof(struct rte_tcp_hdr),
			added_bytes);
	segment.header = (struct rte_tcp_hdr *)ks_headers_l4(headers);
	segment.header_bytes += added_bytes;
	memcpy(ks_tcp_options(&segment), layout.octets, layout.bytes);
	segment.header->data_off =
		(uint8_t)(segment.header_bytes / 4 << 4 | (segment.header->data_off & 0x0f));
	ks_headers_seal(headers, segment.header_bytes, rest);
	toa->flags |= KS_TOA_SENT;
	return KS_TOA_INSERTED;
}

void
ks_toa_from_server(struct ks_toa *toa, const struct ks_headers *headers)
{
	struct ks_tcp_segment segment;
	int32_t acknowledged_bytes;

	if ((toa->flags & (KS_TOA_ACTIVE | KS_TOA_SENT)) != (KS_TOA_ACTIVE | KS_TOA_SENT) ||
		!ks_tcp_segment_read(headers, &segment) ||
		(segment.header->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG)) !=
			RTE_TCP_ACK_FLAG)
		return;
	acknowledged_bytes =
		(int32_t)(rte_be_to_cpu_32(segment.header->recv_ack) - toa->first_sequence);
	if (acknowledged_bytes > 0)
		toa->flags &= (uint8_t)~KS_TOA_ACTIVE;
	else if (segment.payload_bytes > 0)
		toa->flags |= KS_TOA_OPEN;
}
