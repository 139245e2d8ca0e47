/* tcp_state.c: stories of connections, from both ends, and the timeouts of their states. */
#include "packet_builder.h"
#include "tap.h"
#include "tcp_state.h"

#define STEPS_MAX 10

struct step {
	uint8_t direction;
	uint8_t flags;
	uint8_t state;
};

struct story {
	const char *description;
	struct step steps[STEPS_MAX];
};

#define CLIENT_SENDS KS_FROM_CLIENT
#define SERVER_SENDS KS_FROM_SERVER
#define HANDSHAKE                                                                                  \
	{CLIENT_SENDS, SYN, KS_STATE_SYN_RECV}, {SERVER_SENDS, SYN | ACK, KS_STATE_SYN_RECV},      \
	{                                                                                          \
		CLIENT_SENDS, ACK, KS_STATE_ESTABLISHED                                            \
	}

static const struct story stories[] = {
	{"the client closes first", {HANDSHAKE, {CLIENT_SENDS, PSH | ACK, KS_STATE_ESTABLISHED},
					    {CLIENT_SENDS, FIN | ACK, KS_STATE_CLOSE_WAIT},
					    {SERVER_SENDS, ACK, KS_STATE_CLOSE_WAIT},
					    {SERVER_SENDS, FIN | ACK, KS_STATE_TIME_WAIT},
					    {CLIENT_SENDS, ACK, KS_STATE_TIME_WAIT}}},
	{"the server closes first", {HANDSHAKE, {SERVER_SENDS, FIN | ACK, KS_STATE_FIN_WAIT},
					    {CLIENT_SENDS, ACK, KS_STATE_FIN_WAIT},
					    {CLIENT_SENDS, FIN | ACK, KS_STATE_TIME_WAIT},
					    {SERVER_SENDS, ACK, KS_STATE_TIME_WAIT}}},
	{"the client resets", {HANDSHAKE, {CLIENT_SENDS, RST, KS_STATE_CLOSE}}},
	{"the server resets", {HANDSHAKE, {SERVER_SENDS, RST | ACK, KS_STATE_CLOSE}}},
	{"the server refuses", {{CLIENT_SENDS, SYN, KS_STATE_SYN_RECV},
				       {SERVER_SENDS, RST | ACK, KS_STATE_CLOSE}}},
	{"the SYN comes again",
		{{CLIENT_SENDS, SYN, KS_STATE_SYN_RECV}, {CLIENT_SENDS, SYN, KS_STATE_SYN_RECV}}},
	{"no flags change nothing", {HANDSHAKE, {CLIENT_SENDS, PSH, KS_STATE_ESTABLISHED}}},
	{"FIN and RST together are a reset",
		{HANDSHAKE, {CLIENT_SENDS, FIN | RST, KS_STATE_CLOSE}}},
};

static void
test_stories(void)
{
	for (uint32_t i = 0; i < RTE_DIM(stories); i++) {
		uint8_t state = KS_STATE_NONE;
		uint32_t wrong = 0;

		for (uint32_t s = 0; s < STEPS_MAX && stories[i].steps[s].flags != 0; s++) {
			const struct step *step = &stories[i].steps[s];

			state = ks_tcp_state_next(state, step->direction, step->flags);
			wrong += state != step->state;
		}
		tap_equal(wrong, 0, stories[i].description);
	}
}

static void
test_timeouts(void)
{
	static const uint16_t seconds[KS_STATES] = {
		[KS_STATE_NONE] = 2,
		[KS_STATE_ESTABLISHED] = 90,
		[KS_STATE_SYN_SENT] = 3,
		[KS_STATE_SYN_RECV] = 30,
		[KS_STATE_FIN_WAIT] = 7,
		[KS_STATE_TIME_WAIT] = 7,
		[KS_STATE_CLOSE] = 3,
		[KS_STATE_CLOSE_WAIT] = 7,
		[KS_STATE_LAST_ACK] = 7,
		[KS_STATE_UDP] = 300,
		[KS_STATE_SCTP] = 900,
		[KS_STATE_ICMP] = 300,
	};
	uint32_t wrong = 0;

	for (uint32_t state = 0; state < KS_STATES; state++)
		wrong += ks_state_timeout_ticks[state] != seconds[state] * KS_TICKS_PER_SECOND;
	tap_equal(wrong, 0, "timeouts are those of DPVS");
}

/* Every state reaches only states, whatever the flags. */
static void
test_all_flags(void)
{
	uint32_t wrong = 0;

	for (uint32_t flags = 0; flags < 256; flags++)
		for (uint8_t direction = 0; direction < KS_DIRECTIONS; direction++)
			for (uint8_t state = 0; state < KS_TCP_STATES; state++)
				wrong += ks_tcp_state_next(state, direction, (uint8_t)flags) >=
					 KS_TCP_STATES;
	tap_equal(wrong, 0, "all flags in all states");
	tap_ok(ks_tcp_is_opening(SYN) && ks_tcp_is_opening(SYN | 0xc0) &&
			!ks_tcp_is_opening(SYN | ACK) && !ks_tcp_is_opening(SYN | RST) &&
			!ks_tcp_is_opening(SYN | FIN) && !ks_tcp_is_opening(ACK) &&
			!ks_tcp_is_opening(0),
		"only a pure SYN opens, with ECN or without");
}

int
main(void)
{
	test_stories();
	test_timeouts();
	test_all_flags();
	return tap_done();
}
