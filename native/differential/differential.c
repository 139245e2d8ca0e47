/*
 * Every generated packet through the kernel's NAT and through ours: what leaves must be the same,
 * octet by octet, but for what allowances.c lists with reasons. Runs in a network namespace with
 * tun0, tun1 and the rules of the mode: scripts/differential/main.ts makes it.
 *
 *     differential MODE SEED PACKETS
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allowances.h"
#include "conversation.h"
#include "ours.h"
#include "tap.h"

#define CONVERSATIONS 64u
#define CONVERSATIONS_MAX 64000u /* each has a port of its own */
#define SHOWN_MAX 5u

struct run {
	const struct mode *mode;
	struct random random;
	struct kernel kernel;
	struct world *world;
	struct conversation conversations[CONVERSATIONS];
	uint32_t begun;
	uint64_t same, forwarded, differing, other_ports;
	uint64_t by_verdict[KS_VERDICT_COUNT + 1];
};

static void
show_octets(const char *name, const struct octets *packet)
{
	printf("#   %s, %u octets:", name, packet->length);
	for (uint32_t i = 0; i < packet->length && i < 160; i++)
		printf("%s%02x", i % 4 == 0 ? " " : "", packet->bytes[i]);
	printf("\n");
}

static void
show_outcome(const char *name, const struct outcome *outcome)
{
	if (outcome->count == 0)
		printf("#   %s: nothing\n", name);
	for (uint32_t i = 0; i < outcome->count; i++) {
		printf("#   %s: by side %u\n", name, outcome->sides[i]);
		show_octets(name, &outcome->packets[i]);
	}
}

static void
note_difference(struct run *run, const struct input *input, const struct outcome *kernel,
	const struct outcome *ours, enum ks_verdict verdict)
{
	if (run->differing++ >= SHOWN_MAX)
		return;
	printf("# a packet of side %d, sum %d, damage %d: our verdict is %s\n", (int)input->side,
		(int)input->spec.sum, (int)input->spec.damage, world_verdict_name(verdict));
	show_octets("in", &input->packet);
	show_outcome("kernel", kernel);
	show_outcome("ours", ours);
}

static bool
are_same(const struct outcome *left, const struct outcome *right)
{
	if (left->count != right->count)
		return false;
	for (uint32_t i = 0; i < left->count; i++) {
		const struct octets *one = &left->packets[i], *other = &right->packets[i];

		if (left->sides[i] != right->sides[i] || one->length != other->length ||
			memcmp(one->bytes, other->bytes, one->length) != 0)
			return false;
	}
	return true;
}

static void
choose_port(struct run *run, const struct conversation *conversation)
{
	const char *protocol = conversation->protocol == TCP      ? "tcp"
			       : conversation->protocol == UDP    ? "udp"
			       : conversation->protocol == ICMPV6 ? "icmpv6"
								  : "icmp";

	if (run->mode->translated != NULL)
		ours_choose_port(run->world, protocol, conversation->translated, conversation->port,
			conversation->answerer,
			conversation->protocol == TCP || conversation->protocol == UDP
				? conversation->answerer_port
				: 0);
}

/* The source port that a packet left with; of an echo request, the identifier. */
static uint16_t
port_of(const struct conversation *conversation, const struct octets *packet)
{
	const uint8_t *l4 = packet->bytes + packets_l4_offset(packet->bytes);

	if (conversation->protocol != TCP && conversation->protocol != UDP)
		l4 += 4;
	return (uint16_t)(l4[0] << 8 | l4[1]);
}

static bool
has_other_port(const struct conversation *conversation, const struct outcome *outcome)
{
	return outcome->count == 1 && outcome->sides[0] != (uint8_t)conversation->mode->asking &&
	       port_of(conversation, &outcome->packets[0]) != conversation->port;
}

/*
 * The kernel takes another port when one is in use (by a packet of a strange source); our pool
 * keeps ports in few bits, and sometimes one looks used that is not (source_port.c). Nothing that
 * follows could be compared.
 */
static bool
ends_for_port(struct run *run, struct conversation *conversation, const struct input *input,
	const struct outcome *kernel, const struct outcome *ours)
{
	if (input->end != ASKING || conversation->mode->translated == NULL ||
		(!has_other_port(conversation, kernel) && !has_other_port(conversation, ours)))
		return false;
	conversation->packets_left = 0;
	run->other_ports++;
	return true;
}

static void
step(struct run *run)
{
	static struct outcome kernel, ours;
	static struct input input;
	struct conversation *conversation =
		&run->conversations[random_below(&run->random, CONVERSATIONS)];
	enum ks_verdict verdict;

	if (conversation->packets_left == 0)
		conversation_begin(conversation, run->mode, &run->random, run->begun++);
	conversation->packets_left--;
	conversation_say(conversation, &run->random, &input);
	if (input.end == ASKING)
		choose_port(run, conversation);
	if (input.is_split) {
		kernel_pass(&run->kernel, input.side, &input.first, &kernel);
		ours_pass(run->world, input.side, &input.first, &ours);
	}
	kernel_pass(&run->kernel, input.side, &input.packet, &kernel);
	verdict = ours_pass(run->world, input.side, &input.packet, &ours);
	run->by_verdict[verdict]++;
	if (ends_for_port(run, conversation, &input, &kernel, &ours))
		return;
	if (are_same(&kernel, &ours)) {
		run->same++;
		run->forwarded += ours.count;
	} else if (!allowances_cover(&input, &kernel, &ours, verdict)) {
		note_difference(run, &input, &kernel, &ours, verdict);
		return;
	}
	if (verdict == KS_VERDICT_forwarded && ours.count == 1 &&
		(input.spec.fragment & 0x3fff) == 0 && !input.is_split)
		conversation_note(conversation, &input, (enum side)ours.sides[0], &ours.packets[0]);
}

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "differential: \"%s\" is not a number\n", text);
		exit(2);
	}
	return value;
}

static void
report(const struct run *run, uint64_t packets)
{
	char name[160];

	printf("# %s: %u conversations, %" PRIu64 " packets the same, %" PRIu64
	       " of them went on\n",
		run->mode->name, run->begun, run->same, run->forwarded);
	printf("# %8" PRIu64 " conversations got another port from one of both, and ended there\n",
		run->other_ports);
	allowances_report();
	for (int verdict = 0; verdict < KS_VERDICT_COUNT; verdict++) {
		if (run->by_verdict[verdict] > 0)
			printf("# verdict %s: %" PRIu64 "\n",
				world_verdict_name((enum ks_verdict)verdict),
				run->by_verdict[verdict]);
	}
	snprintf(name, sizeof(name), "%s: of %" PRIu64 " packets none differs without a reason",
		run->mode->name, packets);
	tap_equal(run->differing, 0, name);
	tap_ok(run->forwarded > packets / 2, "most of them went on");
}

int
main(int arguments_count, char **arguments)
{
	static struct run run;
	uint64_t packets;

	setlinebuf(stdout);
	if (arguments_count != 4 || (run.mode = mode_find(arguments[1])) == NULL) {
		fprintf(stderr, "usage: differential MODE SEED PACKETS\n");
		return 2;
	}
	run.random.state = number(arguments[2]);
	packets = number(arguments[3]);
	run.world = ours_open(arguments[0]);
	ours_begin(run.world, run.mode->directives);
	kernel_open(&run.kernel);
	for (uint64_t i = 0; i < packets && run.begun < CONVERSATIONS_MAX; i++)
		step(&run);
	report(&run, packets);
	world_check_leaks(run.world);
	return tap_done();
}
