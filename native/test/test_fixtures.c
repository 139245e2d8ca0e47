/*
 * Runs fixtures/: packet in, tables, verdict, packet out, for every mode, family and direction. The
 * bytes are scapy's (fixtures/make_fixtures.py), none is made here. Each file runs twice: with one
 * worker, and with two of which the second owns every packet that the first receives. After each
 * fixture every connection is aged away, and nothing that was counted or taken may be left.
 */
#include <dirent.h>
#include <stdlib.h>

#include "fixture_tables.h"
#include "packet_text.h"
#include "tap.h"

#define FILES_MAX 64u
#define LINE_BYTES_MAX 256u
#define TUNNEL_PORT_MIN 49152u

enum {
	OUT_NOTHING = -1,
	OUT_UNCHANGED = -2, /* to the slow thread, as it came */
	OUT_RESOLVE = -3,   /* to the slow thread, complete but for MAC addresses */
};

struct step {
	char name[LINE_BYTES_MAX];
	char verdict[LINE_BYTES_MAX];
	struct built_packet in, expected;
	struct built_packet *filling; /* which of both hexadecimal lines belong to */
	uint16_t in_port;
	int out;
	uint16_t resolve_port;
	struct ks_ip next_hop;
	bool chooses_identification; /* ours to choose: taken over from what came out */
	bool chooses_source_port;
	int connections; /* afterwards; -1: not said */
};

static struct world *world;
static uint16_t decider; /* the worker that owns all packets */
static char fixture_name[LINE_BYTES_MAX];
static struct step step;
static bool has_step;
static uint16_t tunnel_source_port; /* of the fixture in progress; 0: none seen */

static void
print_problem(bool *is_ok, const char *problem)
{
	if (*is_ok)
		tap_ok(false, "%s: %s%s", fixture_name, step.name, decider > 0 ? " (steered)" : "");
	*is_ok = false;
	printf("# %s\n", problem);
}

/* The verdict that one packet got in the end, from what all workers counted. */
static enum ks_verdict
run_packet(const struct built_packet *packet)
{
	uint64_t before[KS_VERDICT_COUNT] = {0};
	enum ks_verdict found = KS_VERDICT_COUNT;

	for (uint16_t worker = 0; worker <= decider; worker++) {
		world->workers[worker].replies_left = KS_REPLIES_PER_TICK;
		for (int i = 0; i < KS_VERDICT_COUNT; i++)
			before[i] += world->workers[worker].verdicts[i];
	}
	world_send(world, step.in_port, packet);
	for (uint16_t worker = 0; worker <= decider; worker++)
		world_run(world, worker);
	for (int i = 0; i < KS_VERDICT_COUNT; i++) {
		uint64_t after = 0;

		for (uint16_t worker = 0; worker <= decider; worker++)
			after += world->workers[worker].verdicts[i];
		if (after != before[i] && i != KS_VERDICT_steered)
			found = (enum ks_verdict)i;
	}
	return found;
}

/* What is the data plane's to choose is taken over from its packet, and summed up again. */
static void
take_choices(const struct built_packet *actual, struct built_packet *expected, bool *is_ok)
{
	uint8_t *ip = expected->bytes + 14;
	bool is_v6 = expected->bytes[12] == 0x86;
	uint8_t *udp = ip + (is_v6 ? 40 : 20);
	uint32_t udp_bytes = (uint32_t)udp[4] << 8 | udp[5];
	uint16_t port;

	if (step.chooses_identification) {
		memcpy(ip + 4, actual->bytes + 18, 2);
		put16(ip + 10, 0);
		put16(ip + 10, (uint16_t)~summed(ip, 20, 0));
	}
	if (!step.chooses_source_port)
		return;
	memcpy(udp, actual->bytes + (udp - expected->bytes), 2);
	port = (uint16_t)(udp[0] << 8 | udp[1]);
	if (port < TUNNEL_PORT_MIN || (tunnel_source_port != 0 && port != tunnel_source_port))
		print_problem(is_ok, "the source port is not of the range, or changed");
	tunnel_source_port = port;
	if (udp[6] == 0 && udp[7] == 0)
		return;
	put16(udp + 6, 0);
	port = (uint16_t)~summed(
		udp, udp_bytes, summed(ip + (is_v6 ? 8 : 12), is_v6 ? 32 : 8, 17 + udp_bytes));
	put16(udp + 6, port == 0 ? 0xffff : port);
}

static void
compare(struct built_packet *actual, struct built_packet *expected, bool *is_ok)
{
	take_choices(actual, expected, is_ok);
	if (step.out == OUT_RESOLVE)
		memcpy(actual->bytes, expected->bytes, 12);
	if (actual->length == expected->length &&
		memcmp(actual->bytes, expected->bytes, expected->length) == 0)
		return;
	print_problem(is_ok, "the packet differs:");
	packet_print_differences(actual, expected);
}

static void
check_out(bool *is_ok)
{
	struct built_packet actual = {.length = 0};
	struct ks_packet_note note = {0};
	bool has_left = false;

	if (step.out == OUT_NOTHING)
		return;
	if (step.out >= 0) {
		has_left = world_take(world->from_port[step.out], &actual, &note);
	} else {
		for (uint16_t worker = 0; worker <= decider && !has_left; worker++)
			has_left = world_take(world->workers[worker].punt, &actual, &note);
	}
	if (!has_left) {
		print_problem(is_ok, "no packet came out there");
		return;
	}
	if (step.out == OUT_UNCHANGED)
		step.expected = step.in;
	compare(&actual, &step.expected, is_ok);
	if (step.out == OUT_RESOLVE &&
		(note.port != step.resolve_port || !ks_ip_equal(note.next_hop, step.next_hop)))
		print_problem(is_ok, "the slow thread is asked for another next hop");
	if (step.out == OUT_UNCHANGED && note.port != step.in_port)
		print_problem(is_ok, "the slow thread is told another port");
}

static bool
is_quiet(void)
{
	bool is_quiet = true;

	for (uint16_t port = 0; port < WORLD_PORTS; port++)
		is_quiet = is_quiet && rte_ring_empty(world->from_port[port]);
	for (uint16_t worker = 0; worker <= decider; worker++)
		is_quiet = is_quiet && rte_ring_empty(world->workers[worker].punt) &&
			   rte_ring_empty(world->workers[worker].steered);
	return is_quiet;
}

static void
finish_step(void)
{
	const struct ks_connection_table *table = world->workers[decider].connections;
	unsigned int failures = tap_failures;
	enum ks_verdict verdict;
	char problem[LINE_BYTES_MAX * 2];
	bool is_ok = true;

	if (!has_step)
		return;
	has_step = false;
	verdict = run_packet(&step.in);
	if (strcmp(world_verdict_name(verdict), step.verdict) != 0) {
		snprintf(problem, sizeof(problem), "verdict %s, expected %s",
			world_verdict_name(verdict), step.verdict);
		print_problem(&is_ok, problem);
	}
	check_out(&is_ok);
	if (!is_quiet())
		print_problem(&is_ok, "another packet came out");
	if (step.connections >= 0 &&
		ks_connection_table_count(table) != (uint32_t)step.connections) {
		snprintf(problem, sizeof(problem), "%u connections, expected %d",
			ks_connection_table_count(table), step.connections);
		print_problem(&is_ok, problem);
	}
	if (is_ok && failures == tap_failures)
		tap_ok(true, "%s: %s%s", fixture_name, step.name, decider > 0 ? " (steered)" : "");
	world_drain(world);
}

/* Everything that connections took is given back when they end. */
static void
finish_fixture(void)
{
	struct ks_worker *worker = &world->workers[decider];
	uint64_t left = 0;

	finish_step();
	if (fixture_name[0] == '\0')
		return;
	worker->now_ticks += 3600 * KS_TICKS_PER_SECOND;
	for (uint32_t pass = 0; pass < 100; pass++)
		world_run(world, decider);
	for (uint32_t i = 0; i < WORLD_SERVERS_MAX; i++)
		left += worker->servers[i].active + worker->servers[i].inactive;
	for (uint32_t i = 0; i < WORLD_ADDRESSES_MAX; i++)
		left += worker->sources[i].used;
	for (uint32_t i = 0; i < WORLD_SERVICES_MAX; i++)
		left += worker->schedulers[i].connections;
	for (uint32_t i = 0; i < worker->connections->source_ports.blocks_count * 8; i++)
		left += worker->connections->source_ports.words[i] != 0;
	if (left != 0 || ks_connection_table_count(worker->connections) != 0)
		tap_ok(false, "%s: nothing is left of its connections", fixture_name);
	fixture_name[0] = '\0';
}

/* Hexadecimal digits; or one octet and, behind a *, how often. */
static void
add_word(const struct fixture_line *line, const char *digits)
{
	struct built_packet *packet = step.filling;
	uint32_t times = strlen(digits) > 3 && digits[2] == '*' ? (uint32_t)atoi(digits + 3) : 1;
	uint32_t octets = times > 1 ? 1 : (uint32_t)strlen(digits) / 2;

	if (times == 1 && strlen(digits) % 2 != 0)
		fixture_fail(line, "half an octet");
	if (packet == NULL || packet->length + octets * times > sizeof(packet->bytes))
		fixture_fail(line, "octets of no packet, or too many");
	for (uint32_t i = 0; i < octets * times; i++) {
		const char *at = digits + (times > 1 ? 0 : 2 * i);
		const char octet[3] = {at[0], at[1], '\0'};
		char *end;

		packet->bytes[packet->length++] = (uint8_t)strtoul(octet, &end, 16);
		if (*end != '\0')
			fixture_fail(line, "not hexadecimal");
	}
}

static void
add_octets(const struct fixture_line *line)
{
	for (uint32_t word = 0; word < line->count; word++)
		add_word(line, line->words[word]);
}

static void
set_out(const struct fixture_line *line)
{
	step.filling = &step.expected;
	if (line->count < 2)
		fixture_fail(line, "where?");
	if (strcmp(line->words[1], "unchanged") == 0) {
		step.out = OUT_UNCHANGED;
	} else if (strcmp(line->words[1], "resolve") == 0) {
		step.out = OUT_RESOLVE;
		step.resolve_port = (uint16_t)fixture_number(line, 2);
		step.next_hop = fixture_address(line, 3);
	} else {
		step.out = (int)(fixture_number(line, 1) % WORLD_PORTS);
	}
}

static void
set_step(const struct fixture_line *line)
{
	const char *word = line->words[0];

	if (!has_step || line->count < 2)
		fixture_fail(line, "not known, or not here");
	if (strcmp(word, "in") == 0) {
		step.in_port = (uint16_t)fixture_number(line, 1);
		step.filling = &step.in;
	} else if (strcmp(word, "verdict") == 0) {
		snprintf(step.verdict, sizeof(step.verdict), "%s", line->words[1]);
	} else if (strcmp(word, "out") == 0) {
		set_out(line);
	} else if (strcmp(word, "connections") == 0) {
		step.connections = (int)fixture_number(line, 1);
	} else if (strcmp(word, "chosen") == 0) {
		step.chooses_identification |= strcmp(line->words[1], "identification") == 0;
		step.chooses_source_port |= strcmp(line->words[1], "source_port") == 0;
	} else {
		fixture_fail(line, "not known");
	}
}

/* The rest of a line behind its first word. */
static void
copy_title(char *title, const char *text)
{
	text += strcspn(text, " ");
	snprintf(title, LINE_BYTES_MAX, "%s", text + strspn(text, " "));
	title[strcspn(title, "\n")] = '\0';
}

static bool
is_of_step(const char *word)
{
	static const char *const words[] = {"in", "out", "verdict", "connections", "chosen"};

	for (uint32_t i = 0; i < RTE_DIM(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

static void
split(struct fixture_line *line, char *text)
{
	char *saved;

	text[strcspn(text, "#\n")] = '\0';
	line->count = 0;
	for (char *word = strtok_r(text, " \t", &saved); word != NULL;
		word = strtok_r(NULL, " \t", &saved)) {
		if (line->count == FIXTURE_WORDS_MAX)
			fixture_fail(line, "too many words");
		line->words[line->count++] = word;
	}
}

static void
run_line(struct fixture_line *line, char *text)
{
	bool has_octets = text[0] == '\t';

	if (strncmp(text, "fixture ", 8) == 0) {
		finish_fixture();
		copy_title(fixture_name, text);
		fixture_begin(world, decider);
		tunnel_source_port = 0;
		return;
	}
	if (strncmp(text, "step ", 5) == 0) {
		finish_step();
		step = (struct step){.out = OUT_NOTHING, .connections = -1};
		copy_title(step.name, text);
		has_step = true;
		return;
	}
	split(line, text);
	if (line->count == 0)
		return;
	if (has_octets) {
		add_octets(line);
	} else if (is_of_step(line->words[0])) {
		set_step(line);
	} else {
		/* Tables may change between steps. */
		finish_step();
		if (!fixture_directive(world, decider, line))
			fixture_fail(line, "not known");
	}
}

static void
run_file(const char *path)
{
	struct fixture_line line = {.path = path};
	FILE *file = fopen(path, "r");
	char text[LINE_BYTES_MAX];

	if (!tap_ok(file != NULL, "%s opens", strrchr(path, '/') + 1))
		return;
	printf("# %s\n", decider > 0 ? "with two workers" : "with one worker");
	while (fgets(text, sizeof(text), file) != NULL) {
		line.number++;
		line.words[0] = text;
		run_line(&line, text);
	}
	finish_fixture();
	fclose(file);
}

static int
compare_names(const void *left, const void *right)
{
	return strcmp(left, right);
}

int
main(int arguments_count, char **arguments)
{
	static char paths[FILES_MAX][512];
	const char *folder = getenv("KS_FIXTURES");
	uint32_t count = 0;
	DIR *directory;

	folder = folder == NULL ? KS_FIXTURES_FOLDER : folder;
	world = world_open("test_fixtures", 64);
	directory = opendir(folder);
	for (const struct dirent *entry;
		directory != NULL && (entry = readdir(directory)) != NULL;) {
		const char *suffix = strrchr(entry->d_name, '.');

		if (suffix == NULL || strcmp(suffix, ".fixture") != 0 || count == FILES_MAX)
			continue;
		if (arguments_count > 1 && strstr(entry->d_name, arguments[1]) == NULL)
			continue;
		snprintf(paths[count++], sizeof(paths[0]), "%s/%s", folder, entry->d_name);
	}
	if (directory != NULL)
		closedir(directory);
	qsort(paths, count, sizeof(paths[0]), compare_names);
	tap_ok(count > 0, "there are fixtures in %s", folder);
	for (decider = 0; decider <= 1; decider++) {
		for (uint32_t i = 0; i < count; i++)
			run_file(paths[i]);
	}
	decider = 0;
	world_check_leaks(world);
	return tap_done();
}
