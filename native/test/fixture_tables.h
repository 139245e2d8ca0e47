/*
 * Owner: test_fixtures.c. Threads: its only one. Lifetime: one fixture.
 *
 * The tables of a fixture, said in its own words: every line that is not part of a step is one
 * directive (fixtures/README.md), and changes the world.
 */
#ifndef KS_TEST_FIXTURE_TABLES_H
#define KS_TEST_FIXTURE_TABLES_H

#include "fixture.h"

#define FIXTURE_WORDS_MAX 24u

/* A line of a fixture, cut at its blanks. */
struct fixture_line {
	const char *path;
	uint32_t number;
	uint32_t count;
	char *words[FIXTURE_WORDS_MAX];
};

/* Ends the program with the reason, as a fixture that cannot be read proves nothing. */
void fixture_fail(const struct fixture_line *line, const char *reason);

uint32_t fixture_number(const struct fixture_line *line, uint32_t word);
struct ks_ip fixture_address(const struct fixture_line *line, uint32_t word);

/*
 * The world without a service, and with neighbours of both families. deciding_worker: the one that
 * owns every packet; all of them arrive at worker 0.
 */
void fixture_begin(struct world *world, uint16_t deciding_worker);

/* The same world with workers that share what arrives, as a real one has them. */
void fixture_spread(struct world *world, uint16_t workers_count);

/* False: not a word about tables. */
bool fixture_directive(
	struct world *world, uint16_t deciding_worker, const struct fixture_line *line);

#endif
