/*
 * Owner: nobody, tables and pure functions. Threads: any. Lifetime: the program.
 *
 * States of a connection as LVS sees it, from both directions, and how long each lasts.
 */
#ifndef KS_DATAPATH_TCP_STATE_H
#define KS_DATAPATH_TCP_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"

enum ks_direction {
	KS_FROM_CLIENT,
	KS_FROM_SERVER,
	KS_DIRECTIONS,
};

/* Whose packets a state follows; the first two as above. */
enum ks_tcp_side {
	/* Of a connection whose server answers past us (DR, TUN): nobody else is heard. */
	KS_FROM_CLIENT_ALONE = KS_DIRECTIONS,
	KS_TCP_SIDES,
};

enum ks_connection_state {
	KS_STATE_NONE,
	KS_STATE_ESTABLISHED,
	KS_STATE_SYN_SENT,
	KS_STATE_SYN_RECV,
	KS_STATE_FIN_WAIT,
	KS_STATE_TIME_WAIT,
	KS_STATE_CLOSE,
	KS_STATE_CLOSE_WAIT,
	KS_STATE_LAST_ACK,
	KS_TCP_STATES,
	KS_STATE_UDP = KS_TCP_STATES,
	KS_STATE_SCTP, /* no state, but the timeout of an established association */
	KS_STATE_ICMP,
	KS_STATES,
};

/* Of a connection in this state without a packet, in ticks, unless the operator says otherwise. */
extern const uint32_t ks_state_timeout_ticks[KS_STATES];

/* The TCP state after a segment with these flags; side: a direction, or enum ks_tcp_side. */
uint8_t ks_tcp_state_next(uint8_t state, uint8_t side, uint8_t tcp_flags);

/* A SYN that asks for a connection, and nothing else. */
static inline bool
ks_tcp_is_opening(uint8_t tcp_flags)
{
	return (tcp_flags & (KS_TCP_SYN | KS_TCP_ACK | KS_TCP_RST | KS_TCP_FIN)) == KS_TCP_SYN;
}

/*
 * Flags of segments that may change this state, or end the connection: all, except that an
 * established one stays so with anything but SYN, FIN and RST. UDP has no flags.
 */
static inline uint8_t
ks_state_slow_flags(uint8_t state)
{
	return state == KS_STATE_ESTABLISHED ? KS_TCP_SYN | KS_TCP_FIN | KS_TCP_RST : UINT8_MAX;
}

/* Over: a new SYN of the client on the same addresses and ports is a new connection. */
static inline bool
ks_state_is_over(uint8_t state)
{
	return state == KS_STATE_TIME_WAIT || state == KS_STATE_CLOSE;
}

#endif
