/*
 * Maglev's table (Eisenbud et al., NSDI 2016, section 3.4): every server has an order of its own in
 * which it would like the slots, and the servers take turns, each the first in its order that is
 * free. When a server leaves, its slots are shared out and few others change hands.
 *
 * Weights: in as many rounds as the highest weight has units, a server of weight w takes w turns,
 * evenly spread. So a share is exact to within two slots whatever the weights are, and no server
 * takes many slots at a time, which the paper leaves open and IPVS does.
 */
#include <stdlib.h>

#include "../datapath/hash_stable.h"
#include "../datapath/scheduler_slots.h"
#include "reason.h"
#include "scheduler_table.h"
#include "scheduler_table_parts.h"

#define SALT_OFFSET (UINT64_C(1) << 32)
#define SALT_SKIP (UINT64_C(2) << 32)

/* A server on its way through the table. */
struct chooser {
	uint32_t position; /* the slot that it would like next */
	uint32_t skip;     /* from there to the one after that */
	uint32_t weight;
	uint32_t remainder; /* of its last turn's round * weight, by the highest weight */
	uint32_t next_due;  /* the next one in a list, rank + 1; 0: none */
};

struct filling {
	const struct ks_ranking *ranking;
	struct ks_slots *slots;
	struct chooser *choosers; /* by rank */
	uint32_t *due;            /* by round: the choosers whose turn it is, as a list */
	uint64_t *turns;          /* a bit per rank: those of this round */
	uint64_t *taken;          /* a bit per slot */
	uint32_t slots_count;
	uint32_t weight_max;
	uint32_t filled;
};

static bool
test_and_set(uint64_t *bits, uint32_t index)
{
	uint64_t bit = UINT64_C(1) << index % 64;
	bool was_set = (bits[index / 64] & bit) != 0;

	bits[index / 64] |= bit;
	return was_set;
}

/* Puts a chooser down for its next turn after a round; rounds beyond the last one never come. */
static void
await_turn(struct filling *filling, uint32_t rank, uint32_t round)
{
	struct chooser *chooser = &filling->choosers[rank];
	uint32_t missing = filling->weight_max - chooser->remainder;
	uint32_t rounds = (missing + chooser->weight - 1) / chooser->weight;

	chooser->remainder = rounds * chooser->weight - missing;
	if (rounds > filling->slots_count - round)
		return;
	chooser->next_due = filling->due[round + rounds];
	filling->due[round + rounds] = rank + 1;
}

static void
take_slot(struct filling *filling, uint32_t rank)
{
	struct chooser *chooser = &filling->choosers[rank];
	uint32_t position = chooser->position;

	while (test_and_set(filling->taken, position)) {
		position += chooser->skip;
		if (position >= filling->slots_count)
			position -= filling->slots_count;
	}
	chooser->position = position;
	filling->slots->servers[position] = filling->ranking->servers[rank];
	filling->filled++;
}

/* The lists are in no order, turns are by rank: so the list becomes bits first. */
static void
run_round(struct filling *filling, uint32_t round)
{
	uint32_t words = (filling->ranking->count + 63) / 64;

	for (uint32_t due = filling->due[round]; due != 0;) {
		test_and_set(filling->turns, due - 1);
		due = filling->choosers[due - 1].next_due;
	}
	for (uint32_t word = 0; word < words; word++) {
		while (filling->turns[word] != 0 && filling->filled < filling->slots_count) {
			uint32_t rank = word * 64 + (uint32_t)__builtin_ctzll(filling->turns[word]);

			filling->turns[word] &= filling->turns[word] - 1;
			take_slot(filling, rank);
			await_turn(filling, rank, round);
		}
	}
}

static void
begin(struct filling *filling, uint32_t rank)
{
	const struct ks_server *server = ks_ranked(filling->ranking, rank);
	uint64_t offset = ks_hash_stable(server->address, SALT_OFFSET | server->port_be);
	uint64_t skip = ks_hash_stable(server->address, SALT_SKIP | server->port_be);

	filling->choosers[rank] = (struct chooser){
		.position = ks_hash_reduce(offset, filling->slots_count),
		.skip = ks_hash_reduce(skip, filling->slots_count - 1) + 1,
		.weight = server->options.weight,
		/* Half a turn ahead, so that what light servers miss does not go to heavy ones. */
		.remainder = filling->weight_max / 2,
	};
	await_turn(filling, rank, 0);
}

void *
ks_maglev_build(const struct ks_ranking *ranking, uint32_t slots_count)
{
	uint32_t count = slots_count == 0 || !ks_maglev_slots_fit(slots_count)
				 ? KS_MAGLEV_SLOTS_DEFAULT
				 : slots_count;
	struct filling filling = {
		.ranking = ranking,
		.slots = ks_allocate(1, sizeof(struct ks_slots) + count * sizeof(uint32_t)),
		.choosers = ks_allocate(ranking->count, sizeof(struct chooser)),
		.due = ks_allocate(count + 1, sizeof(uint32_t)),
		.turns = ks_allocate(ranking->count / 64 + 1, sizeof(uint64_t)),
		.taken = ks_allocate(count / 64 + 1, sizeof(uint64_t)),
		.slots_count = count,
		.weight_max = ranking->service->weight_max,
	};

	filling.slots->kind = KS_TABLE_SLOTS;
	filling.slots->slots_count = count;
	for (uint32_t rank = 0; rank < ranking->count; rank++)
		begin(&filling, rank);
	/* The heaviest has a turn in every round, so count rounds are enough. */
	for (uint32_t round = 1; filling.filled < count; round++)
		run_round(&filling, round);
	free(filling.choosers);
	free(filling.due);
	free(filling.turns);
	free(filling.taken);
	return filling.slots;
}
