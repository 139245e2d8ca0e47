#include "scheduler_slots.h"

#include "hash_stable.h"

/* Slots that a fallback looks at before it asks one server after the other. */
#define FALLBACK_SLOTS 16u

static const struct ks_slots *
slots_of(const struct ks_virtual_server *service)
{
	const struct ks_slots *slots = service->scheduler_table;

	return slots != NULL && slots->kind == KS_TABLE_SLOTS ? slots : NULL;
}

const struct ks_server *
ks_any_server(
	const struct ks_worker *worker, const struct ks_virtual_server *service, uint64_t hash)
{
	uint32_t index = ks_hash_reduce(hash, service->servers_count);

	for (uint32_t tries = 0; tries < service->servers_count; tries++) {
		const struct ks_server *server = &service->servers[index];

		if (ks_server_takes(worker, server))
			return server;
		index = index + 1 == service->servers_count ? 0 : index + 1;
	}
	return NULL;
}

const struct ks_server *
ks_slots_choose(const struct ks_worker *worker, const struct ks_virtual_server *service,
	struct ks_ip client, rte_be16_t port_be, bool falls_back)
{
	const struct ks_slots *slots = slots_of(service);
	uint64_t hash = ks_hash_stable(client, port_be);

	if (slots == NULL)
		return NULL;
	for (uint32_t tries = 0; tries < (falls_back ? FALLBACK_SLOTS : 1); tries++) {
		uint32_t slot = ks_hash_reduce(hash, slots->slots_count);
		const struct ks_server *server = &service->servers[slots->servers[slot]];

		if (likely(ks_server_takes(worker, server)))
			return server;
		hash = ks_hash_stable_word(hash, tries);
	}
	return falls_back ? ks_any_server(worker, service, hash) : NULL;
}

static const struct ks_server *
by_source(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	uint8_t flags = service->options.scheduler_flags;
	rte_be16_t port_be = flags & KS_HASH_PORT ? packet->key.source_port_be : 0;

	return ks_slots_choose(worker, service, ks_packet_source(packet), port_be,
		(flags & KS_HASH_FALLBACK) != 0);
}

const struct ks_server *
ks_schedule_source_hash(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	return by_source(worker, service, packet);
}

const struct ks_server *
ks_schedule_maglev(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	return by_source(worker, service, packet);
}

const struct ks_server *
ks_schedule_destination_hash(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet)
{
	return ks_slots_choose(worker, service, ks_packet_destination(packet), 0, false);
}
