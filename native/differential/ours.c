#include "ours.h"

#include <stdlib.h>

#include <arpa/inet.h>

#include "fixture_tables.h"

#define CONNECTIONS_MAX 65536u
#define ETHERNET_BYTES 14u
#define LINE_BYTES 256u

struct world *
ours_open(const char *program)
{
	return world_open(program, CONNECTIONS_MAX);
}

static void
say(struct world *world, const char *directive)
{
	char text[LINE_BYTES];
	struct fixture_line line = {.path = "differential"};
	char *rest = NULL;

	snprintf(text, sizeof(text), "%s", directive);
	for (char *word = strtok_r(text, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest))
		line.words[line.count++] = word;
	if (!fixture_directive(world, 0, &line))
		fixture_fail(&line, "not a directive");
}

void
ours_begin(struct world *world, const char *const *directives)
{
	fixture_begin(world, 0);
	for (uint32_t i = 0; directives[i] != NULL; i++)
		say(world, directives[i]);
}

static const char *
text_of(struct ks_ip address, char *text, size_t bytes)
{
	bool is_v4 = ks_ip_is_v4(address);
	const uint8_t *octets = (const uint8_t *)&address;

	return inet_ntop(
		is_v4 ? AF_INET : AF_INET6, is_v4 ? octets + 12 : octets, text, (socklen_t)bytes);
}

void
ours_choose_port(struct world *world, const char *protocol, struct ks_ip source, uint16_t port,
	struct ks_ip remote, uint16_t remote_port)
{
	char directive[LINE_BYTES], source_text[INET6_ADDRSTRLEN], remote_text[INET6_ADDRSTRLEN];

	snprintf(directive, sizeof(directive), "source_port %s %s %u towards %s %u", protocol,
		text_of(source, source_text, sizeof(source_text)), port,
		text_of(remote, remote_text, sizeof(remote_text)), remote_port);
	say(world, directive);
}

static void
take(struct rte_ring *ring, enum side side, struct outcome *outcome)
{
	struct built_packet frame;

	while (outcome->count < LEAVING_MAX && world_take(ring, &frame, NULL)) {
		struct octets *packet = &outcome->packets[outcome->count];

		outcome->sides[outcome->count++] = (uint8_t)side;
		packet->length = frame.length - ETHERNET_BYTES;
		memcpy(packet->bytes, frame.bytes + ETHERNET_BYTES, packet->length);
	}
}

enum ks_verdict
ours_pass(struct world *world, enum side side, const struct octets *packet, struct outcome *outcome)
{
	static const uint8_t from[SIDES] = {MAC_GATEWAY, MAC_SERVER_A};
	struct ks_worker *worker = &world->workers[0];
	uint64_t before[KS_VERDICT_COUNT];
	struct built_packet frame, punted;

	memcpy(before, worker->verdicts, sizeof(before));
	put_mac(frame.bytes, (uint8_t)(MAC_PORT_0 + side));
	put_mac(frame.bytes + 6, from[side]);
	/* What is neither comes as IPv4, as on a wire it would say so itself. */
	put16(frame.bytes + 12, packet->bytes[0] >> 4 == 6 ? 0x86dd : 0x0800);
	memcpy(frame.bytes + ETHERNET_BYTES, packet->bytes, packet->length);
	frame.length = ETHERNET_BYTES + packet->length;
	worker->replies_left = KS_REPLIES_PER_TICK;
	world_send(world, (uint16_t)side, &frame);
	world_run(world, 0);
	outcome->count = 0;
	take(world->from_port[0], OUTSIDE, outcome);
	take(world->from_port[1], INSIDE, outcome);
	while (world_take(worker->punt, &punted, NULL))
		continue;
	for (int verdict = 0; verdict < KS_VERDICT_COUNT; verdict++) {
		if (worker->verdicts[verdict] != before[verdict])
			return (enum ks_verdict)verdict;
	}
	return KS_VERDICT_COUNT;
}
