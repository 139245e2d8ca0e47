/* Schedulers: who gets how many, in what order, and what happens when weights change. */
#include "scheduler.h"
#include "tap.h"

#define SERVERS_MAX 5

static struct ks_server servers[SERVERS_MAX];
static struct ks_scheduler_state state;
static struct ks_server_counters counters[SERVERS_MAX];

static struct ks_virtual_server
service_of(uint8_t scheduler, uint32_t count, const uint16_t weights[])
{
	struct ks_virtual_server service = {
		.scheduler = scheduler,
		.servers = servers,
		.servers_count = count,
		.weight_gcd = 1,
	};
	uint32_t gcd = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t left = weights[i];

		servers[i] = (struct ks_server){.id = i, .weight = weights[i]};
		if (weights[i] > service.weight_max)
			service.weight_max = weights[i];
		while (left != 0) {
			uint32_t rest = gcd % left;

			gcd = left;
			left = rest;
		}
	}
	if (gcd != 0)
		service.weight_gcd = gcd;
	return service;
}

/* The next picks as a word of letters, '-' for none. */
static const char *
picks(const struct ks_virtual_server *service, uint32_t count)
{
	static char word[64];

	for (uint32_t i = 0; i < count; i++) {
		const struct ks_server *server = ks_schedule(service, &state, counters);

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

	state = (struct ks_scheduler_state){0};
	is_word(picks(&service, 6), "ABCABC", "rr goes round whatever the weights");
	servers[1].weight = 0;
	is_word(picks(&service, 4), "ACAC", "rr passes over weight 0");
	servers[0].weight = servers[2].weight = 0;
	is_word(picks(&service, 2), "--", "rr with nobody");
	servers[0].weight = 1;
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

	state = (struct ks_scheduler_state){0};
	is_word(picks(&service, 18), "AABABCABCAABABCABC", "wrr 4:3:2, the example of LVS");
	service = service_of(KS_SCHEDULER_WEIGHTED_ROUND_ROBIN, 2, (uint16_t[]){300, 100});
	state = (struct ks_scheduler_state){0};
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
		state = (struct ks_scheduler_state){.position = w * 3, .weight_now = w * 40000};
		/* Settle in what the new weights allow, then one whole cycle. */
		picks(&service, 63);
		for (uint32_t i = 0; i < cycle; i++)
			counts[ks_schedule(&service, &state, counters)->id]++;
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
	servers[1].weight = 0;
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
		counters[ks_schedule(&service, &state, counters)->id].active++;
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
	servers[2].weight = servers[3].weight = 0;
	is_word(picks(&service, 3), "BBB", "fo: then the next");
	servers[1].weight = 0;
	is_word(picks(&service, 1), "-", "fo with nobody");
}

int
main(void)
{
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
