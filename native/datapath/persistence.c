#include "persistence.h"

#include "hash_stable.h"
#include "scheduler.h"
#include "scheduler_slots.h"

/* How often a bucket that somebody changes is looked at again. */
#define LOOKS_MAX 4u
#define NOWHERE UINT32_MAX

/* A bucket as it was at one moment. */
struct view {
	struct ks_template_bucket *bucket;
	uint64_t changes;
	struct ks_template templates[KS_TEMPLATE_WAYS];
};

size_t
ks_persistence_table_bytes(uint32_t templates_max)
{
	size_t buckets = templates_max / KS_TEMPLATE_WAYS + 1;

	return sizeof(struct ks_persistence_table) + buckets * sizeof(struct ks_template_bucket);
}

struct ks_persistence_table *
ks_persistence_table_init(void *memory, uint32_t templates_max, uint64_t seed)
{
	struct ks_persistence_table *table = memory;

	table->secret = ks_hash_secret_from_seed(seed);
	table->buckets_count = templates_max / KS_TEMPLATE_WAYS + 1;
	return table;
}

static void
read_template(const struct ks_template_bucket *bucket, uint32_t way, struct ks_template *template)
{
	uint64_t words[4];

	for (uint32_t i = 0; i < RTE_DIM(words); i++)
		words[i] = atomic_load_explicit(&bucket->words[way][i], memory_order_relaxed);
	memcpy(template, words, sizeof(*template));
}

/* false: somebody is writing, again and again. */
static bool
look(struct ks_template_bucket *bucket, struct view *view)
{
	view->bucket = bucket;
	for (uint32_t looks = 0; looks < LOOKS_MAX; looks++) {
		view->changes = atomic_load_explicit(&bucket->changes, memory_order_acquire);
		for (uint32_t way = 0; way < KS_TEMPLATE_WAYS; way++)
			read_template(bucket, way, &view->templates[way]);
		atomic_thread_fence(memory_order_acquire);
		if (view->changes % 2 == 0 && atomic_load_explicit(&bucket->changes,
						      memory_order_relaxed) == view->changes)
			return true;
	}
	return false;
}

/* false: the bucket is not as it was seen any more, so nothing was written. */
static bool
write_template(const struct view *view, uint32_t way, const struct ks_template *template)
{
	struct ks_template_bucket *bucket = view->bucket;
	uint64_t changes = view->changes, words[4];

	if (!atomic_compare_exchange_strong_explicit(&bucket->changes, &changes, changes + 1,
		    memory_order_acquire, memory_order_relaxed))
		return false;
	atomic_thread_fence(memory_order_release);
	memcpy(words, template, sizeof(words));
	for (uint32_t i = 0; i < RTE_DIM(words); i++)
		atomic_store_explicit(&bucket->words[way][i], words[i], memory_order_relaxed);
	atomic_store_explicit(&bucket->changes, changes + 2, memory_order_release);
	return true;
}

static bool
is_alive(const struct ks_template *template, uint32_t now_ticks)
{
	return template->is_used && (int32_t)(template->expires_ticks - now_ticks) > 0;
}

static uint32_t
find(const struct view *view, uint32_t service_id, struct ks_ip client, uint32_t now_ticks)
{
	for (uint32_t way = 0; way < KS_TEMPLATE_WAYS; way++) {
		const struct ks_template *template = &view->templates[way];

		if (template->service_id == service_id && ks_ip_equal(template->client, client) &&
			is_alive(template, now_ticks))
			return way;
	}
	return NOWHERE;
}

/*
 * For a new template: a free or expired one, else the one that would end soonest. A flood of
 * clients thus replaces its own first, where a table that refuses when full would take nobody for
 * as long as the flood's last.
 */
static uint32_t
find_place(const struct view *view, uint32_t now_ticks)
{
	uint32_t place = 0;
	int32_t soonest_ticks = INT32_MAX;

	for (uint32_t way = 0; way < KS_TEMPLATE_WAYS; way++) {
		const struct ks_template *template = &view->templates[way];
		int32_t left_ticks = (int32_t)(template->expires_ticks - now_ticks);

		if (!is_alive(template, now_ticks))
			return way;
		if (left_ticks < soonest_ticks) {
			soonest_ticks = left_ticks;
			place = way;
		}
	}
	return place;
}

static struct ks_template_bucket *
bucket_of(struct ks_persistence_table *table, uint32_t service_id, struct ks_ip client)
{
	uint64_t hash = ks_hash_words(
		&table->secret, client.words[0], ks_hash_scramble(client.words[1]) ^ service_id);

	return &table->buckets[ks_hash_reduce(hash, table->buckets_count)];
}

static const struct ks_server *
choose_new(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet, struct ks_ip client)
{
	if (ks_persistence_is_by_hash(&service->options))
		return ks_slots_choose(worker, service, client, 0, true);
	return ks_schedule(worker, service, packet);
}

static const struct ks_server *
server_of(const struct ks_template *template, const struct ks_virtual_server *service,
	bool drops_quiescent)
{
	const struct ks_server *server = ks_server_by_id(service, template->server_id);

	if (server == NULL || (server->options.weight == 0 && drops_quiescent))
		return NULL;
	return server;
}

/* As a template says, or a new choice written down. NULL and *is_done false: look again. */
static const struct ks_server *
choose_by(const struct view *view, struct ks_worker *worker,
	const struct ks_virtual_server *service, const struct ks_packet *packet,
	struct ks_template *wanted, bool drops_quiescent, bool *is_done)
{
	uint32_t way = find(view, service->id, wanted->client, worker->now_ticks);
	const struct ks_server *server = NULL;

	*is_done = true;
	if (way != NOWHERE)
		server = server_of(&view->templates[way], service, drops_quiescent);
	if (server != NULL) {
		uint32_t gained_ticks = wanted->expires_ticks - view->templates[way].expires_ticks;

		wanted->server_id = server->id;
		/* Written once a second at most; when another is faster, so be it. */
		if ((int32_t)gained_ticks >= (int32_t)KS_TICKS_PER_SECOND)
			write_template(view, way, wanted);
		return server;
	}
	server = choose_new(worker, service, packet, wanted->client);
	if (server == NULL)
		return NULL;
	wanted->server_id = server->id;
	if (way == NOWHERE)
		way = find_place(view, worker->now_ticks);
	*is_done = write_template(view, way, wanted);
	return server;
}

const struct ks_server *
ks_persistence_choose(struct ks_worker *worker, const struct ks_virtual_server *service,
	const struct ks_packet *packet, bool drops_quiescent)
{
	const struct ks_service_options *options = &service->options;
	struct ks_template wanted = {
		.client =
			ks_persistence_client(ks_packet_source(packet), options->persistence_bits),
		.service_id = service->id,
		.expires_ticks = worker->now_ticks +
				 RTE_MIN(options->persistence_seconds, KS_PERSISTENCE_SECONDS_MAX) *
					 KS_TICKS_PER_SECOND,
		.is_used = 1,
	};
	struct ks_template_bucket *bucket;

	if (unlikely(worker->persistence == NULL))
		return choose_new(worker, service, packet, wanted.client);
	bucket = bucket_of(worker->persistence, service->id, wanted.client);
	for (uint32_t tries = 0; tries < LOOKS_MAX; tries++) {
		struct view view;
		bool is_done;
		const struct ks_server *server;

		if (!look(bucket, &view))
			break;
		server = choose_by(
			&view, worker, service, packet, &wanted, drops_quiescent, &is_done);
		if (is_done)
			return server;
	}
	return choose_new(worker, service, packet, wanted.client);
}

void
ks_persistence_hold(struct ks_persistence_table *table, uint32_t service_id, struct ks_ip client,
	uint32_t server_id, uint32_t now_ticks)
{
	uint32_t expires_ticks = now_ticks + KS_TEMPLATE_HOLD_SECONDS * KS_TICKS_PER_SECOND;
	struct view view;
	uint32_t way;

	if (!look(bucket_of(table, service_id, client), &view))
		return;
	way = find(&view, service_id, client, now_ticks);
	if (way == NOWHERE || view.templates[way].server_id != server_id)
		return;
	if ((int32_t)(expires_ticks - view.templates[way].expires_ticks) <
		(int32_t)KS_TICKS_PER_SECOND)
		return;
	view.templates[way].expires_ticks = expires_ticks;
	write_template(&view, way, &view.templates[way]);
}

uint32_t
ks_persistence_places(const struct ks_persistence_table *table)
{
	return table->buckets_count * KS_TEMPLATE_WAYS;
}

bool
ks_persistence_read(const struct ks_persistence_table *table, uint32_t place, uint32_t now_ticks,
	struct ks_template *template)
{
	struct view view;
	/* look() only reads. */
	struct ks_template_bucket *bucket =
		(struct ks_template_bucket *)(uintptr_t)&table->buckets[place / KS_TEMPLATE_WAYS];

	if (!look(bucket, &view))
		return false;
	*template = view.templates[place % KS_TEMPLATE_WAYS];
	return is_alive(template, now_ticks);
}
