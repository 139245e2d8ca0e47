#include "locality.h"

#include "worker.h"

#define EXPIRY_TICKS (24u * 60 * 60 * KS_TICKS_PER_SECOND)

void
ks_locality_init(struct ks_locality_table *table, uint64_t seed)
{
	table->secret = ks_hash_secret_from_seed(seed);
}

static struct ks_locality *
bucket_of(struct ks_locality_table *table, uint32_t service_id, struct ks_ip destination)
{
	uint64_t hash = ks_hash_words(&table->secret, destination.words[0],
		ks_hash_scramble(destination.words[1]) ^ service_id);

	return &table->entries[hash % (KS_LOCALITIES / KS_LOCALITY_WAYS) * KS_LOCALITY_WAYS];
}

struct ks_locality *
ks_locality_find(struct ks_locality_table *table, uint32_t service_id, struct ks_ip destination,
	uint32_t now_ticks)
{
	struct ks_locality *bucket = bucket_of(table, service_id, destination);

	for (uint32_t i = 0; i < KS_LOCALITY_WAYS; i++) {
		struct ks_locality *entry = &bucket[i];

		if (entry->count == 0 || entry->service_id != service_id ||
			!ks_ip_equal(entry->destination, destination))
			continue;
		if (now_ticks - entry->used_ticks > EXPIRY_TICKS)
			entry->count = 0;
		entry->used_ticks = now_ticks;
		return entry->count == 0 ? NULL : entry;
	}
	return NULL;
}

struct ks_locality *
ks_locality_make(struct ks_locality_table *table, uint32_t service_id, struct ks_ip destination,
	uint32_t now_ticks)
{
	struct ks_locality *bucket = bucket_of(table, service_id, destination);
	struct ks_locality *entry = bucket;

	for (uint32_t i = 0; i < KS_LOCALITY_WAYS && entry->count != 0; i++) {
		if (bucket[i].count == 0 ||
			now_ticks - bucket[i].used_ticks > now_ticks - entry->used_ticks)
			entry = &bucket[i];
	}
	*entry = (struct ks_locality){
		.destination = destination,
		.service_id = service_id,
		.used_ticks = now_ticks,
		.changed_ticks = now_ticks,
	};
	return entry;
}
