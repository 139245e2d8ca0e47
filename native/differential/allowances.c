#include "allowances.h"

#include <inttypes.h>
#include <stdio.h>

/* What goes on in the one and not in the other. */
struct refusal {
	const char *reason;
	bool (*covers)(const struct input *input, const struct outcome *kernel,
		const struct outcome *ours, enum ks_verdict verdict);
	uint64_t count;
};

/* What differs in a packet that left both: both are changed until it does not. */
struct blur {
	const char *reason;
	bool (*blur)(const struct input *input, enum ks_verdict verdict, struct octets *kernel,
		struct octets *ours);
	uint64_t count;
};

static bool
is_fragment(const struct input *input, const struct outcome *kernel, const struct outcome *ours,
	enum ks_verdict verdict)
{
	(void)ours;
	(void)verdict;
	return input->is_split && kernel->count > 0;
}

static bool
is_to_be_fragmented(const struct input *input, const struct outcome *kernel,
	const struct outcome *ours, enum ks_verdict verdict)
{
	(void)ours;
	return verdict == KS_VERDICT_drop_too_big && kernel->count == 2 &&
	       ks_ip_is_v4(input->spec.source) && (input->spec.fragment & 0x4000) == 0;
}

static bool
is_fragment_without_ports(const struct input *input, const struct outcome *kernel,
	const struct outcome *ours, enum ks_verdict verdict)
{
	(void)ours;
	return kernel->count == 0 && verdict == KS_VERDICT_forwarded &&
	       (input->spec.fragment & (input->end == ENDS ? 0x3fff : 0x1fff)) != 0;
}

/* Of the network 0.0.0.0/8 but not 0.0.0.0. */
static bool
is_of_network_zero(const struct input *input, const struct outcome *kernel,
	const struct outcome *ours, enum ks_verdict verdict)
{
	(void)ours;
	return kernel->count > 0 && verdict == KS_VERDICT_drop_martian &&
	       ks_ip_is_v4(input->spec.source) && ((const uint8_t *)&input->spec.source)[12] == 0;
}

/* As nf_conntrack_proto_tcp.c has it; and SYN-ACK from the end that opened the connection. */
static bool
has_odd_flags(const struct input *input, const struct outcome *kernel, const struct outcome *ours,
	enum ks_verdict verdict)
{
	static const uint8_t meant[] = {0x02, 0x12, 0x04, 0x14, 0x11, 0x10};
	uint8_t flags = input->spec.flags & 0x17;

	(void)verdict;
	if (input->end == ENDS || input->spec.protocol != TCP || kernel->count > 0 ||
		ours->count == 0)
		return false;
	return memchr(meant, flags, sizeof(meant)) == NULL ||
	       (input->end == ASKING && flags == 0x12);
}

static struct refusal refusals[] = {
	{"fragments: connection tracking puts them together; here they are dropped", is_fragment,
		0},
	{"too large, and may be fragmented: the kernel does, here they are dropped",
		is_to_be_fragmented, 0},
	{"fragments without ports, from a NAT server or about one: whose they are nobody knows, "
	 "so the routes alone count",
		is_fragment_without_ports, 0},
	{"sources in 0.0.0.0/8: the kernel takes them for hosts, RFC 6890 does not",
		is_of_network_zero, 0},
	{"TCP flags without a meaning: connection tracking refuses them, a server may judge",
		has_odd_flags, 0},
};

/* Without what a header says for itself: traffic class, identification, flow label. */
static void
blur_header(struct octets *packet)
{
	uint8_t *ip = packet->bytes;

	memset(ip + 1, 0, 1);
	if (ip[0] >> 4 == 4) {
		memset(ip + 4, 0, 2);
		memset(ip + 10, 0, 2);
	} else {
		ip[0] = 0x60;
		memset(ip + 1, 0, 3);
	}
}

static bool
blur_answer(const struct input *input, enum ks_verdict verdict, struct octets *kernel,
	struct octets *ours)
{
	(void)input;
	if (verdict != KS_VERDICT_ttl_reply && verdict != KS_VERDICT_too_big_reply &&
		verdict != KS_VERDICT_unreachable_reply)
		return false;
	blur_header(kernel);
	blur_header(ours);
	return true;
}

/* Takes options out of an IPv4 header, and extension headers away from behind one of IPv6. */
static void
strip_options(struct octets *packet, uint32_t option_bytes, uint8_t protocol)
{
	uint8_t *ip = packet->bytes;
	uint32_t kept = ip[0] >> 4 == 4 ? 20 : 40;

	memmove(ip + kept, ip + kept + option_bytes, packet->length - kept - option_bytes);
	packet->length -= option_bytes;
	if (kept == 20) {
		ip[0] = 0x45;
		ip[2] = (uint8_t)(packet->length >> 8);
		ip[3] = (uint8_t)packet->length;
		memset(ip + 10, 0, 2);
	} else {
		ip[4] = (uint8_t)((packet->length - kept) >> 8);
		ip[5] = (uint8_t)(packet->length - kept);
		ip[6] = protocol;
	}
}

static bool
blur_error_options(const struct input *input, enum ks_verdict verdict, struct octets *kernel,
	struct octets *ours)
{
	bool is_v4 = kernel->bytes[0] >> 4 == 4;

	if (input->end != ENDS || verdict != KS_VERDICT_forwarded ||
		input->spec.ip_options_bytes == 0 ||
		kernel->length != ours->length + input->spec.ip_options_bytes)
		return false;
	strip_options(kernel, input->spec.ip_options_bytes, input->spec.protocol);
	if (is_v4)
		memset(ours->bytes + 10, 0, 2);
	return true;
}

/* The ICMP checksum tells whether all of the rest is right. */
static bool
blur_cut_tcp(const struct input *input, enum ks_verdict verdict, struct octets *kernel,
	struct octets *ours)
{
	uint32_t quoted_bytes = input->spec.payload_bytes, l4_bytes;
	struct octets *both[] = {kernel, ours};

	if (input->end != ENDS || verdict != KS_VERDICT_forwarded)
		return false;
	l4_bytes = quoted_bytes - packets_l4_offset(input->quote);
	if (l4_bytes < 18 || l4_bytes >= 20)
		return false;
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *end = both[i]->bytes + both[i]->length;

		memset(end - l4_bytes + 16, 0, 2);
		memset(end - quoted_bytes - 6, 0, 2);
	}
	return true;
}

static struct blur blurs[] = {
	{"ICMP errors that are made here: traffic class, identification and flow label",
		blur_answer, 0},
	{"options of relayed ICMP errors: their IP header is made anew, without",
		blur_error_options, 0},
	{"quotes that end within the last four octets of a TCP header: the kernel leaves the "
	 "quoted checksum as it is",
		blur_cut_tcp, 0},
};

static bool
is_blurred(const struct input *input, const struct outcome *kernel, const struct outcome *ours,
	enum ks_verdict verdict)
{
	struct octets left = kernel->packets[0], right = ours->packets[0];
	uint64_t counts[RTE_DIM(blurs)] = {0};

	if (kernel->count != 1 || ours->count != 1 || kernel->sides[0] != ours->sides[0])
		return false;
	for (size_t i = 0; i < RTE_DIM(blurs); i++)
		counts[i] = blurs[i].blur(input, verdict, &left, &right);
	if (left.length != right.length || memcmp(left.bytes, right.bytes, left.length) != 0)
		return false;
	for (size_t i = 0; i < RTE_DIM(blurs); i++)
		blurs[i].count += counts[i];
	return true;
}

bool
allowances_cover(const struct input *input, const struct outcome *kernel,
	const struct outcome *ours, enum ks_verdict verdict)
{
	for (size_t i = 0; i < RTE_DIM(refusals); i++) {
		if (refusals[i].covers(input, kernel, ours, verdict)) {
			refusals[i].count++;
			return true;
		}
	}
	return is_blurred(input, kernel, ours, verdict);
}

void
allowances_report(void)
{
	for (size_t i = 0; i < RTE_DIM(refusals); i++)
		printf("# %8" PRIu64 " %s\n", refusals[i].count, refusals[i].reason);
	for (size_t i = 0; i < RTE_DIM(blurs); i++)
		printf("# %8" PRIu64 " %s\n", blurs[i].count, blurs[i].reason);
}
