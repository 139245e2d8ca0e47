/* Schedulers: who gets how many, in what order, and what happens when weights change. */
#include "scheduler_world.h"

#define SERVERS_MAX 5

/* The next picks as a word of letters, '-' for none. */
static const char *
picks(const struct ks_virtual_server *service, uint32_t count)
{
	static char word[64];

	for (uint32_t i = 0; i < count; i++) {
		const struct ks_server *server = pick_from(service, i);

		word[i] = server == NULL ? '-' : (char)('A' + server->id);
	}
	word[count] = '\0';
	return word;
}

static void
is_word(const char *actual, const char *expected, const char *name)
{
	if (!tap_ok(strcmp(actual, expected) == 0, "%s", name))
		printf("# actual %s, expected %s\n", actual, expected);
}

static void
test_round_robin(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_ROUND_ROBIN, 3, (uint16_t[]){1, 5, 1});

	states[1] = (struct ks_scheduler_state){0};
	is_word(picks(&service, 6), "ABCABC", "rr goes round whatever the weights");
	servers[1].options.weight = 0;
	is_word(picks(&service, 4), "ACAC", "rr passes over weight 0");
	servers[0].options.weight = servers[2].options.weight = 0;
	is_word(picks(&service, 2), "--", "rr with nobody");
	servers[0].options.weight = 1;
	service.servers_count = 1;
	is_word(picks(&service, 3), "AAA", "rr goes on when servers went away");
	service.servers_count = 0;
	is_word(picks(&service, 1), "-", "rr without servers");
}

static void
test_weighted(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 3, (uint16_t[]){4, 3, 2});

	states[1] = (struct ks_scheduler_state){0};
	is_word(picks(&service, 18), "AABABCABCAABABCABC", "wrr 4:3:2, the example of LVS");
	service = service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 2, (uint16_t[]){300, 100});
	states[1] = (struct ks_scheduler_state){0};
	is_word(picks(&service, 8), "AAABAAAB", "wrr 300:100 is 3:1");
	service = service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 3, (uint16_t[]){0, 7, 0});
	is_word(picks(&service, 4), "BBBB", "wrr passes over weight 0, after a change of weights");
	service = service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 2, (uint16_t[]){0, 0});
	is_word(picks(&service, 2), "--", "wrr with nobody");
	service = service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 0, NULL);
	is_word(picks(&service, 1), "-", "wrr without servers");
}

/* Any weights: shares are exact over a whole cycle, from any state that an older service left. */
static void
test_shares(void)
{
	static const uint16_t weights[][SERVERS_MAX] = {
		{1, 2, 3, 4, 5},
		{10, 0, 40, 20, 30},
		{65535, 65534, 1, 0, 7},
	};

	for (uint32_t w = 0; w < 3; w++) {
		struct ks_virtual_server service =
			service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, SERVERS_MAX, weights[w]);
		uint32_t counts[SERVERS_MAX] = {0};
		uint32_t cycle = 0, wrong = 0;

		for (uint32_t i = 0; i < SERVERS_MAX; i++)
			cycle += weights[w][i] / service.weight_gcd;
		states[1] = (struct ks_scheduler_state){.position = w * 3, .weight_now = w * 40000};
		/* Settle in what the new weights allow, then one whole cycle. */
		picks(&service, 63);
		for (uint32_t i = 0; i < cycle; i++)
			counts[pick_from(&service, i)->id]++;
		for (uint32_t i = 0; i < SERVERS_MAX; i++)
			wrong += counts[i] != weights[w][i] / service.weight_gcd;
		tap_equal(wrong, 0, "wrr: every server has its share of a cycle");
	}
}

static void
set_load(uint32_t server, uint64_t active, uint64_t inactive)
{
	counters[server].active = active;
	counters[server].inactive = inactive;
}

static void
test_least(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_LEAST_CONNECTION, 3, (uint16_t[]){1, 9, 1});

	memset(counters, 0, sizeof(counters));
	is_word(picks(&service, 1), "A", "lc: the first of the idle");
	set_load(0, 0, 5);
	set_load(1, 0, 4);
	set_load(2, 1, 0);
	is_word(picks(&service, 1), "B",
		"lc: an established connection weighs more than 255 others");
	servers[1].options.weight = 0;
	is_word(picks(&service, 1), "A", "lc passes over weight 0");
	service = service_of(KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, 3, (uint16_t[]){1, 9, 2});
	set_load(0, 2, 0);
	set_load(1, 17, 0);
	set_load(2, 4, 0);
	is_word(picks(&service, 1), "B", "wlc: 17 by 9 is less than 2 by 1");
	set_load(1, 18, 1);
	is_word(picks(&service, 1), "A", "wlc: the first of equal ones");
	service = service_of(KS_SCHEDULER_SHORTEST_EXPECTED_DELAY, 2, (uint16_t[]){1, 3});
	set_load(0, 0, 0);
	set_load(1, 1, 0);
	is_word(picks(&service, 1), "B", "sed: the fast one is sooner done, though not idle");
	service = service_of(KS_SCHEDULER_NEVER_QUEUE, 2, (uint16_t[]){1, 3});
	is_word(picks(&service, 1), "A", "nq: an idle one first");
	set_load(0, 1, 0);
	is_word(picks(&service, 1), "B", "nq: then as sed");
	service = service_of(KS_SCHEDULER_NEVER_QUEUE, 2, (uint16_t[]){0, 0});
	set_load(0, 0, 0);
	is_word(picks(&service, 1), "-", "nq with nobody");
	service = service_of(KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, 0, NULL);
	is_word(picks(&service, 1), "-", "wlc without servers");
}

/* Connections that stay: shares within 2 % of the weights over 100 000 of them. */
static void
test_least_shares(uint8_t scheduler, const char *name)
{
	static const uint16_t weights[SERVERS_MAX] = {10, 0, 40, 20, 30};
	struct ks_virtual_server service = service_of(scheduler, SERVERS_MAX, weights);
	uint32_t wrong = 0;

	memset(counters, 0, sizeof(counters));
	for (uint32_t i = 0; i < 100000; i++)
		counters[pick_from(&service, i)->id].active++;
	for (uint32_t i = 0; i < SERVERS_MAX; i++) {
		uint64_t wanted = weights[i] * UINT64_C(1000);

		wrong += counters[i].active * 100 < wanted * 98 ||
			 counters[i].active * 100 > wanted * 102;
	}
	tap_equal(wrong, 0, name);
}

static void
test_failover(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_FAILOVER, 4, (uint16_t[]){0, 5, 7, 7});

	is_word(picks(&service, 3), "CCC", "fo: the highest weight, the first of equals");
	servers[2].options.weight = servers[3].options.weight = 0;
	is_word(picks(&service, 3), "BBB", "fo: then the next");
	servers[1].options.weight = 0;
	is_word(picks(&service, 1), "-", "fo with nobody");
}

static void
test_overflow(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_OVERFLOW, 3, (uint16_t[]){2, 3, 0});

	forget_connections();
	set_load(1, 3, 500);
	is_word(picks(&service, 2), "BB", "ovf: the heaviest up to its weight of established ones");
	set_load(1, 4, 0);
	is_word(picks(&service, 2), "AA", "ovf: above its weight, the next");
	set_load(0, 3, 0);
	is_word(picks(&service, 1), "-", "ovf: when all flow over");
}

/* Connections come, are established and end at random: who has how many new ones all told. */
static void
test_shares_with_ends(uint8_t scheduler, const char *name)
{
	static const uint16_t weights[SERVERS_MAX] = {10, 0, 40, 20, 30};
	struct ks_virtual_server service = service_of(scheduler, SERVERS_MAX, weights);
	static uint8_t living[5000];
	uint64_t got[SERVERS_MAX] = {0}, seed = 0x5eed;
	uint32_t count = 0;

	forget_connections();
	for (uint32_t i = 0; i < 100000; i++) {
		uint32_t server = pick_from(&service, i)->id;

		got[server]++;
		counters[server].active++;
		if (count == sizeof(living)) {
			uint64_t ends = next_random(&seed) % count;

			counters[living[ends]].active--;
			living[ends] = living[--count];
		}
		living[count++] = (uint8_t)server;
	}
	tap_equal(wrong_shares(&service, got, 20), 0, name);
}

/* The service's server takes one connection, as connect.c counts it. */
static void
take(const struct ks_server *server)
{
	counters[server->id].inactive++;
	ks_server_note_taken(&worker, server);
}

static void
test_thresholds(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_ROUND_ROBIN, 2, (uint16_t[]){1, 1});
	struct ks_server *first = &servers[0];

	forget_connections();
	first->options.upper_threshold = 8;
	for (uint32_t i = 0; i < 8; i++) {
		tap_ok(ks_server_takes(&worker, first), "takes connection %u of 8", i + 1);
		take(first);
	}
	is_word(picks(&service, 3), "BBB", "at the upper threshold it takes no more");
	counters[0].inactive = 6;
	is_word(picks(&service, 3), "BBB", "nor at three quarters of it");
	counters[0].inactive = 5;
	is_word(picks(&service, 3), "ABA", "but below them");
	take(first);
	counters[0].active = 1;
	is_word(picks(&service, 1), "B", "(in turn)");
	is_word(picks(&service, 1), "A", "and then up to the upper one again");
	take(first);
	is_word(picks(&service, 2), "BB", "which active and inactive reach together");
	first->options.lower_threshold = 2;
	is_word(picks(&service, 2), "AB", "changed thresholds end an overload");
	take(first);
	counters[0] = (struct ks_server_counters){.inactive = 2,
		.overload_stamp = counters[0].overload_stamp,
		.resumes_below = counters[0].resumes_below};
	is_word(picks(&service, 2), "BB", "a lower threshold of its own: not at it");
	counters[0].inactive = 1;
	is_word(picks(&service, 2), "AB", "but below");
	first->options.upper_threshold = 0;
	counters[0].inactive = 1000000;
	is_word(picks(&service, 2), "AB", "no threshold, no overload");
}

static void
test_threshold_shares(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 3, (uint16_t[]){3, 2, 1});

	forget_connections();
	worker.workers_count = 4;
	tap_equal(ks_threshold_share(10, 4), 3, "a worker's share is rounded up");
	tap_equal(ks_threshold_share(UINT32_MAX, 64), UINT32_C(1) << 26, "and does not overflow");
	servers[0].options.upper_threshold = 10;
	for (uint32_t i = 0; i < 3; i++)
		take(&servers[0]);
	is_word(picks(&service, 9), "BBCBBCBBC", "wrr: the others go on by their weights");
	servers[1].options.upper_threshold = 1;
	take(&servers[1]);
	is_word(picks(&service, 3), "CCC", "wrr: the last one");
	servers[2].options.upper_threshold = 1;
	take(&servers[2]);
	is_word(picks(&service, 2), "--", "wrr: all are overloaded");
	counters[0].inactive = 0;
	is_word(picks(&service, 2), "AA", "wrr: the heaviest is back");
	worker.workers_count = 1;
}

int
main(void)
{
	test_overflow();
	test_shares_with_ends(
		KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, "wlc: shares, while some end");
	test_shares_with_ends(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, "wrr: shares, while some end");
	test_thresholds();
	test_threshold_shares();
	test_least();
	test_least_shares(KS_SCHEDULER_WEIGHTED_LEAST_CONNECTION, "wlc: shares as the weights");
	test_least_shares(KS_SCHEDULER_SHORTEST_EXPECTED_DELAY, "sed: shares as the weights");
	test_least_shares(KS_SCHEDULER_NEVER_QUEUE, "nq: shares as the weights");
	test_failover();
	test_round_robin();
	test_weighted();
	test_shares();
	return tap_done();
}
