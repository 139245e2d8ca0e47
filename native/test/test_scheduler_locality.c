/* lblc and lblcr: destinations keep their servers, within bounds of load, time and memory. */
#include "locality.h"
#include "scheduler_world.h"

#define SITE address_of(203, 0, 113, 1)
#define DAY_TICKS (24u * 60 * 60 * KS_TICKS_PER_SECOND)

static struct ks_locality_table locality __rte_cache_aligned;

static const struct ks_server *
pick_towards(const struct ks_virtual_server *service, uint32_t destination)
{
	struct ks_packet packet = packet_from(address_of(198, 51, 100, 7), 40000, destination);

	return ks_schedule(&worker, service, &packet);
}

static uint32_t
id_towards(const struct ks_virtual_server *service, uint32_t destination)
{
	const struct ks_server *server = pick_towards(service, destination);

	return server == NULL ? UINT32_MAX : server->id;
}

static void
begin(void)
{
	forget_connections();
	memset(&locality, 0, sizeof(locality));
	ks_locality_init(&locality, 0xfeed);
	worker.locality = &locality;
	worker.now_ticks = 1000;
}

static void
test_lblc(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_LOCALITY_LEAST_CONNECTION, 3, (uint16_t[]){10, 10, 10});

	begin();
	tap_equal(id_towards(&service, SITE), 0, "lblc: the least loaded first");
	counters[0].active = 9;
	tap_equal(id_towards(&service, SITE), 0, "lblc: and then again, though others have less");
	tap_equal(id_towards(&service, SITE + 1), 1, "lblc: another destination, another server");
	counters[0].active = 11;
	counters[1].active = counters[2].active = 5;
	tap_equal(id_towards(&service, SITE), 0, "lblc: nobody has less than half of its weight");
	counters[2].active = 4;
	tap_equal(id_towards(&service, SITE), 2, "lblc: now one has");
	counters[0].active = 0;
	tap_equal(id_towards(&service, SITE), 2, "lblc: and keeps it");
	servers[2].options.weight = 0;
	tap_equal(id_towards(&service, SITE), 0, "lblc: a drained one loses it");
	service.servers = &servers[1];
	service.servers_count = 1;
	tap_equal(id_towards(&service, SITE), 1, "lblc: and so does one that is gone");
	worker.locality = NULL;
	tap_equal(id_towards(&service, SITE), 1, "lblc: without a table it is wlc");
}

static void
test_lblcr(void)
{
	struct ks_virtual_server service = service_of(
		KS_SCHEDULER_LOCALITY_LEAST_CONNECTION_REPLICATION, 3, (uint16_t[]){10, 10, 10});

	begin();
	tap_equal(id_towards(&service, SITE), 0, "lblcr: the least loaded first");
	counters[0].active = 11;
	tap_equal(id_towards(&service, SITE), 1, "lblcr: a second one when it has too much to do");
	counters[1].active = 8;
	tap_equal(id_towards(&service, SITE), 1, "lblcr: the less loaded of both");
	counters[0].active = 2;
	tap_equal(id_towards(&service, SITE), 0, "lblcr: which may change");
	worker.now_ticks += DAY_TICKS;
	tap_equal(id_towards(&service, SITE), 0, "lblcr: a day later");
	worker.now_ticks += 1;
	tap_equal(id_towards(&service, SITE), 0, "lblcr: the most loaded one leaves the set");
	counters[0].active = 10;
	counters[1].active = 0;
	tap_equal(id_towards(&service, SITE), 0, "lblcr: it is in the set no more");
	worker.now_ticks += DAY_TICKS + 1;
	tap_equal(
		id_towards(&service, SITE), 1, "lblcr: all is forgotten a day after its last use");
	servers[1].options.weight = 0;
	tap_equal(id_towards(&service, SITE), 2, "lblcr: a drained one is passed over");
}

/* More servers than an entry has room for, each overloaded in turn. */
static void
test_set_bound(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_LOCALITY_LEAST_CONNECTION_REPLICATION, 30, NULL);
	uint32_t wrong = 0;

	begin();
	for (uint32_t i = 0; i < 30; i++) {
		wrong += id_towards(&service, SITE) != i;
		counters[i].active = 2;
	}
	tap_equal(wrong, 0, "lblcr: sets have a bound, choices have not");
}

/* Many destinations: those in use keep their entries. */
static void
test_flood(void)
{
	struct ks_virtual_server service =
		service_of(KS_SCHEDULER_LOCALITY_LEAST_CONNECTION, 2, (uint16_t[]){100, 100});
	uint32_t moved = 0;

	begin();
	id_towards(&service, SITE);
	counters[0].active = 1;
	for (uint32_t i = 1; i < 200000; i++) {
		worker.now_ticks += i % 64 == 0;
		id_towards(&service, SITE + i);
		if (i % 64 == 0)
			moved += id_towards(&service, SITE) != 0;
	}
	tap_equal(moved, 0, "a destination in use is not forgotten for 200 000 others");
	service.id = 2;
	tap_equal(id_towards(&service, SITE), 1, "services have entries of their own");
}

int
main(void)
{
	test_lblc();
	test_lblcr();
	test_set_bound();
	test_flood();
	return tap_done();
}
