#include "client_address.h"

#include <netinet/in.h>

#include <rte_branch_prediction.h>

#include "checksum.h"
#include "connect.h"
#include "proxy_header_udp.h"
#include "tcp_options.h"
#include "uoa.h"

static struct ks_client_state *
state_of(const struct ks_connection_table *table, const struct ks_connection_half *half)
{
	return &table->client_states[(half - table->halves) / 2];
}

static struct ks_headers
headers_of(const struct ks_packet *packet)
{
	return (struct ks_headers){.mbuf = packet->mbuf,
		.ip_offset_bytes = sizeof(struct rte_ether_hdr),
		.l4_offset_bytes = packet->l4_offset_bytes,
		.protocol = packet->key.protocol,
		.is_v6 = ks_packet_ip(packet)[0] >> 4 == 6};
}

/* Who is to tell; false: nobody. */
static bool
choose_teller(
	const struct ks_virtual_server *service, const struct ks_packet *packet, uint8_t *teller)
{
	const struct ks_service_options *options = &service->options;
	bool is_tcp = packet->key.protocol == IPPROTO_TCP;
	enum ks_proxy_protocol proxy = (enum ks_proxy_protocol)options->proxy_protocol;

	if (!is_tcp && packet->key.protocol != IPPROTO_UDP)
		return false;
	if (proxy != KS_PROXY_OFF) {
		*teller = is_tcp ? KS_TELL_PROXY_TCP : KS_TELL_PROXY_UDP;
		return is_tcp || ks_proxy_version(proxy) == 2;
	}
	*teller = is_tcp ? KS_TELL_TOA : KS_TELL_UOA;
	if (is_tcp)
		return (options->flags & KS_SERVICE_NO_CLIENT_ADDRESS) == 0;
	return (options->flags & KS_SERVICE_UOA) != 0;
}

void
ks_client_address_begin(struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_connection_half *first, const struct ks_packet *packet)
{
	struct ks_client_state *state = state_of(worker->connections, first);
	rte_be16_t client_port_be = packet->key.source_port_be;
	struct ks_ip client = ks_packet_source(packet);
	uint8_t teller;

	if (!choose_teller(service, packet, &teller))
		return;
	*state = (struct ks_client_state){.teller = teller,
		.keeps_toa = (service->options.flags & KS_SERVICE_KEEPS_CLIENT_TOA) != 0,
		.client_port_be = client_port_be,
		.client = client};
	if (teller == KS_TELL_UOA) {
		state->uoa_trails_left = ks_uoa_begin(worker->tables->uoa_packets_max);
	} else if (teller != KS_TELL_TOA) {
		struct ks_proxy_addresses addresses = ks_proxy_addresses_of(client, client_port_be,
			ks_packet_destination(packet), packet->key.destination_port_be);

		ks_proxy_connection_begin(&state->proxy,
			(enum ks_proxy_protocol)service->options.proxy_protocol, &addresses);
	}
	for (uint32_t i = 0; i < 2; i++) {
		first[i].marks |= KS_MARK_CLIENT_ADDRESS;
		first[i].path |= KS_PATH_SLOW;
	}
}

/* The server knows, and nothing is shifted: both directions are as others again. */
static void
finish(struct ks_connection_half *half)
{
	struct ks_connection_half *first = ks_connection_first_half(half);

	for (uint32_t i = 0; i < 2; i++) {
		first[i].marks &= (uint8_t)~KS_MARK_CLIENT_ADDRESS;
		first[i].path &= (uint8_t)~KS_PATH_SLOW;
	}
}

uint32_t
ks_client_address_growth(const struct ks_connection_table *table,
	const struct ks_connection_half *half, const struct ks_packet *packet)
{
	const struct ks_client_state *state = state_of(table, half);
	struct ks_headers headers;

	if (half->direction != KS_FROM_CLIENT || state->teller != KS_TELL_TOA)
		return 0;
	headers = headers_of(packet);
	return ks_toa_bytes(&state->toa, &headers, state->client);
}

static bool
is_syn(const struct ks_packet *packet)
{
	return (packet->tcp_flags & KS_TCP_SYN) != 0;
}

static void
apply_toa(struct ks_worker *worker, struct ks_client_state *state, struct ks_connection_half *half,
	const struct ks_packet *packet, struct ks_headers *headers)
{
	enum ks_toa_result result;

	if (half->direction == KS_FROM_SERVER) {
		if (is_syn(packet))
			ks_tcp_mss_lower(headers, ks_toa_size(state->client));
		ks_toa_from_server(&state->toa, headers);
	} else {
		if (is_syn(packet))
			ks_toa_begin(&state->toa, headers);
		ks_toa_clean(headers, &state->toa, state->keeps_toa);
		result = ks_toa_insert(&state->toa, headers, state->client, state->client_port_be);
		worker->untold += result == KS_TOA_NO_ROOM || result == KS_TOA_NO_HEADROOM;
	}
	/* Begun with the SYN, over when the server has acknowledged octets of the client. */
	if ((state->toa.flags & KS_TOA_ACTIVE) == 0 && !is_syn(packet))
		finish(half);
}

/* An empty packet from where the packet itself came from. */
static struct rte_mbuf *
empty_packet(const struct ks_packet *packet)
{
	return rte_pktmbuf_alloc(packet->mbuf->pool);
}

/* The other packet leaves, or it was not needed after all. */
static void
keep_if(bool is_used, struct rte_mbuf *fresh, struct rte_mbuf **apart)
{
	if (is_used)
		*apart = fresh;
	else
		rte_pktmbuf_free(fresh);
}

static uint8_t
apply_uoa(struct ks_worker *worker, struct ks_client_state *state, struct ks_connection_half *half,
	struct ks_packet *packet, struct ks_headers *headers, struct rte_mbuf **apart)
{
	enum ks_uoa_mode mode = (enum ks_uoa_mode)worker->tables->uoa_mode;
	uint32_t mtu_bytes = worker->ports[packet->out_port].mtu_bytes;
	enum ks_uoa_result result;

	if (half->direction == KS_FROM_SERVER) {
		ks_uoa_from_server(&state->uoa_trails_left);
	} else if (ks_uoa_is_wanted(state->uoa_trails_left)) {
		ks_uoa_clean(headers);
		result = ks_uoa_insert(&state->uoa_trails_left, headers, mode, state->client,
			state->client_port_be, mtu_bytes, NULL);
		if (result == KS_UOA_NEEDS_PACKET) {
			struct rte_mbuf *fresh = empty_packet(packet);

			if (fresh != NULL)
				result = ks_uoa_insert(&state->uoa_trails_left, headers, mode,
					state->client, state->client_port_be, mtu_bytes, fresh);
			keep_if(result == KS_UOA_APART, fresh, apart);
		}
		worker->untold += result != KS_UOA_INSERTED && result != KS_UOA_APART;
		if (result == KS_UOA_NO_CARRIER)
			state->uoa_trails_left = 0;
	}
	if (!ks_uoa_is_wanted(state->uoa_trails_left))
		finish(half);
	return KS_VERDICT_UNDECIDED;
}

static uint8_t
verdict_of(enum ks_proxy_result result)
{
	switch (result) {
	case KS_PROXY_PASSED:
	case KS_PROXY_ADDED:
	case KS_PROXY_ADDED_APART:
	case KS_PROXY_SYN_CUT:
	case KS_PROXY_NO_VERSION:
		return KS_VERDICT_UNDECIDED;
	case KS_PROXY_MALFORMED:
		return KS_VERDICT_drop_malformed;
	case KS_PROXY_NEEDS_PACKET:
	case KS_PROXY_NO_BUFFER:
		return KS_VERDICT_drop_no_buffer;
	case KS_PROXY_EARLY:
	case KS_PROXY_STRADDLING:
	case KS_PROXY_NO_START:
	case KS_PROXY_RESULTS:
		break;
	}
	return KS_VERDICT_drop_before_proxy_header;
}

static uint8_t
apply_proxy_tcp(const struct ks_worker *worker, struct ks_client_state *state,
	struct ks_connection_half *half, struct ks_packet *packet, struct ks_headers *headers,
	struct rte_mbuf **apart)
{
	uint32_t mtu_bytes = worker->ports[packet->out_port].mtu_bytes;
	enum ks_proxy_result result;

	if (half->direction == KS_FROM_SERVER) {
		ks_sequence_from_server(&state->proxy.sequence, headers);
		if (ks_proxy_connection_is_idle(&state->proxy))
			finish(half);
		return KS_VERDICT_UNDECIDED;
	}
	result = ks_proxy_tcp_from_client(&state->proxy, headers, mtu_bytes, NULL);
	if (result == KS_PROXY_NEEDS_PACKET) {
		struct rte_mbuf *fresh = empty_packet(packet);

		if (fresh != NULL)
			result = ks_proxy_tcp_from_client(&state->proxy, headers, mtu_bytes, fresh);
		keep_if(result == KS_PROXY_ADDED_APART, fresh, apart);
	}
	return verdict_of(result);
}

static uint8_t
apply_proxy_udp(const struct ks_worker *worker, struct ks_client_state *state,
	struct ks_connection_half *half, struct ks_packet *packet, struct ks_headers *headers,
	struct rte_mbuf **apart)
{
	uint32_t mtu_bytes = worker->ports[packet->out_port].mtu_bytes;
	enum ks_proxy_protocol protocol = (enum ks_proxy_protocol)state->proxy.protocol;
	enum ks_proxy_client client;
	enum ks_proxy_result result;

	if (half->direction == KS_FROM_SERVER)
		return KS_VERDICT_UNDECIDED;
	result = ks_proxy_udp_first(
		&state->proxy.addresses, protocol, headers, mtu_bytes, NULL, &client);
	if (result == KS_PROXY_NEEDS_PACKET) {
		struct rte_mbuf *fresh = empty_packet(packet);

		if (fresh != NULL)
			result = ks_proxy_udp_first(&state->proxy.addresses, protocol, headers,
				mtu_bytes, fresh, &client);
		keep_if(result == KS_PROXY_ADDED_APART, fresh, apart);
	}
	finish(half);
	return verdict_of(result);
}

uint8_t
ks_client_address_apply(struct ks_worker *worker, struct ks_connection_half *half,
	struct ks_packet *packet, struct rte_mbuf **apart)
{
	struct ks_client_state *state = state_of(worker->connections, half);
	struct ks_headers headers = headers_of(packet);
	uint8_t verdict = KS_VERDICT_UNDECIDED;

	*apart = NULL;
	switch ((enum ks_client_teller)state->teller) {
	case KS_TELL_TOA:
		apply_toa(worker, state, half, packet, &headers);
		break;
	case KS_TELL_UOA:
		verdict = apply_uoa(worker, state, half, packet, &headers, apart);
		break;
	case KS_TELL_PROXY_TCP:
		verdict = apply_proxy_tcp(worker, state, half, packet, &headers, apart);
		break;
	case KS_TELL_PROXY_UDP:
		verdict = apply_proxy_udp(worker, state, half, packet, &headers, apart);
		break;
	}
	packet->frame = rte_pktmbuf_mtod(packet->mbuf, uint8_t *);
	packet->ip_length_bytes = (uint16_t)ks_headers_ip_bytes(&headers);
	packet->l4_offset_bytes = (uint8_t)headers.l4_offset_bytes;
	return verdict;
}

/* What segments with octets of the client get more, at present. */
static uint32_t
added_bytes(const struct ks_client_state *state)
{
	const struct ks_sequence *sequence = &state->proxy.sequence;

	if (state->teller == KS_TELL_TOA && (state->toa.flags & KS_TOA_ACTIVE) != 0)
		return ks_toa_size(state->client);
	if (state->teller == KS_TELL_PROXY_TCP && (sequence->flags & KS_SEQUENCE_ACKNOWLEDGED) == 0)
		return sequence->inserted_bytes;
	return 0;
}

uint32_t
ks_client_address_mtu(const struct ks_connection_table *table,
	const struct ks_connection_half *half, uint32_t mtu_bytes, uint32_t mtu_min_bytes)
{
	struct ks_client_state *state = state_of(table, half);
	uint32_t added = added_bytes(state);

	if (half->direction != KS_FROM_SERVER || added == 0 || mtu_bytes == 0)
		return mtu_bytes;
	if (mtu_bytes >= mtu_min_bytes + added)
		return mtu_bytes - added;
	if (state->teller == KS_TELL_TOA)
		state->toa.flags &= (uint8_t)~KS_TOA_ACTIVE;
	return RTE_MIN(mtu_bytes, mtu_min_bytes);
}

void
ks_client_address_restore(const struct ks_connection_table *table,
	const struct ks_connection_half *half, uint8_t *l4, uint32_t bytes)
{
	const struct ks_client_state *state = state_of(table, half);
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)l4;
	uint32_t before, after;

	if (half->direction != KS_FROM_SERVER || state->teller != KS_TELL_PROXY_TCP)
		return;
	before = rte_be_to_cpu_32(tcp->sent_seq);
	after = ks_sequence_to_client(&state->proxy.sequence, before);
	tcp->sent_seq = rte_cpu_to_be_32(after);
	if (bytes >= offsetof(struct rte_tcp_hdr, cksum) + sizeof(tcp->cksum))
		tcp->cksum = ks_checksum_update(tcp->cksum,
			ks_checksum_fold(
				ks_checksum_delta(0, rte_cpu_to_be_32(before), tcp->sent_seq)));
}
