#include "connection_dump.h"

#include <rte_common.h>

static void
copy(const struct ks_connection_table *table, uint32_t connection, struct ks_dumped_connection *row)
{
	memcpy(row->halves, &table->halves[connection * 2], sizeof(row->halves));
	if (row->halves[0].path != KS_PATH_NAT44)
		row->endpoints = table->endpoints[connection];
}

void
ks_connection_dump_answer(struct ks_worker *worker, struct ks_connection_dump *dump)
{
	const struct ks_connection_table *table = worker->connections;
	uint32_t connection = RTE_MAX(dump->next, 1u);
	uint32_t end = RTE_MIN(connection + KS_DUMP_LOOKS - 1, table->highest_used);

	dump->count = 0;
	dump->now_ticks = worker->now_ticks;
	for (; connection <= end && dump->count < KS_DUMP_ROWS; connection++) {
		if (table->halves[connection * 2].key.protocol != 0)
			copy(table, connection, &dump->rows[dump->count++]);
	}
	dump->next = connection > table->highest_used ? 0 : connection;
	atomic_store_explicit(&dump->state, KS_DUMP_ANSWERED, memory_order_release);
}
