#include "../api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "counters.h"
#include "dataplane.h"
#include "lease.h"
#include "reason.h"
#include "servers.h"
#include "slow_arp.h"
#include "slow_nd.h"

static void
publish(struct ks_dataplane *dataplane)
{
	if (ks_publisher_publish(&dataplane->publisher))
		ks_slow_thread_routes_changed(&dataplane->slow, dataplane->publisher.token);
}

void
ks_apply(const struct ks_change *changes, uint32_t count,
	void (*failed)(void *context, uint32_t index, const char *reason), void *context)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	const struct ks_state state = {&dataplane->ports, &dataplane->addresses, &dataplane->routes,
		&dataplane->services, &dataplane->settings};

	ks_dataplane_keep_house(dataplane);
	for (uint32_t i = 0; i < count; i++) {
		struct ks_reason reason;

		if (ks_change_apply(&state, &changes[i], &reason) != 0)
			failed(context, changes[i].index, reason.text);
	}
	publish(dataplane);
}

static uint64_t
tsc_in(uint64_t now_tsc, uint64_t duration_ms)
{
	if (duration_ms == KS_FOREVER)
		return UINT64_MAX;
	return now_tsc + duration_ms * (rte_get_tsc_hz() / 1000);
}

int
ks_lease(const char *holder, const char *device, const struct ks_prefix *prefixes, uint32_t count,
	uint64_t duration_ms, struct ks_reason *reason)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	struct ks_lease_request request = {
		.holder = holder, .prefixes = prefixes, .count = count, .now_tsc = rte_rdtsc()};
	int port = ks_ports_find(&dataplane->ports, device, reason);
	int error;

	if (port < 0)
		return -ENODEV;
	ks_dataplane_keep_house(dataplane);
	request.port = (uint16_t)port;
	request.until_tsc = tsc_in(request.now_tsc, duration_ms);
	error = ks_lease_take(&dataplane->addresses, &request, reason);
	publish(dataplane);
	return error;
}

int
ks_release(const char *holder, const struct ks_prefix *prefixes, uint32_t count,
	struct ks_reason *reason)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	int error;

	ks_dataplane_keep_house(dataplane);
	error = ks_lease_release(&dataplane->addresses, holder, prefixes, count, reason);
	publish(dataplane);
	return error;
}

struct announcement {
	uint16_t port;
	const struct ks_prefix *prefixes;
	uint32_t count;
};

static void
announce_on_slow_thread(struct ks_slow_thread *slow, void *context)
{
	const struct announcement *announcement = context;

	for (uint32_t i = 0; i < announcement->count; i++) {
		struct ks_ip address = announcement->prefixes[i].address;

		if (ks_ip_is_v4(address))
			ks_slow_arp_announce(slow, announcement->port, address);
		else
			ks_slow_nd_announce(slow, announcement->port, address);
	}
}

int
ks_announce(const char *device, const struct ks_prefix *prefixes, uint32_t count,
	struct ks_reason *reason)
{
	struct ks_dataplane *dataplane = ks_dataplane();
	struct announcement announcement = {.prefixes = prefixes, .count = count};
	int port = ks_ports_find(&dataplane->ports, device, reason);

	if (port < 0)
		return -ENODEV;
	announcement.port = (uint16_t)port;
	ks_slow_thread_call(&dataplane->slow, announce_on_slow_thread, &announcement);
	return 0;
}
