#include "neighbor_timers.h"

static uint64_t
due_at(const struct ks_neighbors *neighbors, uint32_t position)
{
	return neighbors->entries[neighbors->timers[position]].due_ms;
}

static void
place(struct ks_neighbors *neighbors, uint32_t position, uint32_t index)
{
	neighbors->timers[position] = index;
	neighbors->entries[index].timer = position;
}

static void
swap(struct ks_neighbors *neighbors, uint32_t left, uint32_t right)
{
	uint32_t index = neighbors->timers[left];

	place(neighbors, left, neighbors->timers[right]);
	place(neighbors, right, index);
}

static void
sift(struct ks_neighbors *neighbors, uint32_t position)
{
	while (position != 0 &&
		due_at(neighbors, position) < due_at(neighbors, (position - 1) / 2)) {
		swap(neighbors, position, (position - 1) / 2);
		position = (position - 1) / 2;
	}
	for (;;) {
		uint32_t child = position * 2 + 1;

		if (child + 1 < neighbors->timers_count &&
			due_at(neighbors, child + 1) < due_at(neighbors, child))
			child++;
		if (child >= neighbors->timers_count ||
			due_at(neighbors, position) <= due_at(neighbors, child))
			return;
		swap(neighbors, position, child);
		position = child;
	}
}

void
ks_neighbor_timers_add(struct ks_neighbors *neighbors, uint32_t index, uint64_t due_ms)
{
	neighbors->entries[index].due_ms = due_ms;
	place(neighbors, neighbors->timers_count++, index);
	sift(neighbors, neighbors->timers_count - 1);
}

void
ks_neighbor_timers_set(struct ks_neighbors *neighbors, uint32_t index, uint64_t due_ms)
{
	neighbors->entries[index].due_ms = due_ms;
	sift(neighbors, neighbors->entries[index].timer);
}

void
ks_neighbor_timers_remove(struct ks_neighbors *neighbors, uint32_t index)
{
	uint32_t position = neighbors->entries[index].timer;

	if (position != --neighbors->timers_count) {
		place(neighbors, position, neighbors->timers[neighbors->timers_count]);
		sift(neighbors, position);
	}
}
