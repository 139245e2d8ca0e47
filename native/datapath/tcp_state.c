/*
 * The two-direction TCP state table of LVS and the timeouts of DPVS. It follows flags only: no
 * sequence numbers, no windows. A segment without SYN, FIN, RST or ACK changes nothing here (LVS
 * closes the connection, which lets anybody close it who knows the ports).
 */
#include "tcp_state.h"

#define SECONDS(n) ((n)*KS_TICKS_PER_SECOND)

const uint32_t ks_state_timeout_ticks[KS_STATES] = {
	[KS_STATE_NONE] = SECONDS(2),
	[KS_STATE_ESTABLISHED] = SECONDS(90),
	[KS_STATE_SYN_SENT] = SECONDS(3),
	[KS_STATE_SYN_RECV] = SECONDS(30),
	[KS_STATE_FIN_WAIT] = SECONDS(7),
	[KS_STATE_TIME_WAIT] = SECONDS(7),
	[KS_STATE_CLOSE] = SECONDS(3),
	[KS_STATE_CLOSE_WAIT] = SECONDS(7),
	[KS_STATE_LAST_ACK] = SECONDS(7),
	[KS_STATE_UDP] = SECONDS(300),
	[KS_STATE_SCTP] = SECONDS(900),
	[KS_STATE_ICMP] = SECONDS(300),
};

enum tcp_event {
	EVENT_NONE,
	EVENT_SYN,
	EVENT_FIN,
	EVENT_ACK,
	EVENT_RST,
	EVENTS,
};

#define EVENT(flags)                                                                               \
	((flags)&KS_TCP_RST          ? EVENT_RST                                                   \
		: (flags)&KS_TCP_SYN ? EVENT_SYN                                                   \
		: (flags)&KS_TCP_FIN ? EVENT_FIN                                                   \
		: (flags)&KS_TCP_ACK ? EVENT_ACK                                                   \
				     : EVENT_NONE)
#define FOUR(flags) EVENT(flags), EVENT((flags) + 1), EVENT((flags) + 2), EVENT((flags) + 3)
#define SIXTEEN(flags) FOUR(flags), FOUR((flags) + 4), FOUR((flags) + 8), FOUR((flags) + 12)
#define EVENT_FLAGS 31u

/* By the flags that matter. */
static const uint8_t event_of[EVENT_FLAGS + 1] = {SIXTEEN(0), SIXTEEN(16)};

#define NO KS_STATE_NONE
#define ES KS_STATE_ESTABLISHED
#define SS KS_STATE_SYN_SENT
#define SR KS_STATE_SYN_RECV
#define FW KS_STATE_FIN_WAIT
#define TW KS_STATE_TIME_WAIT
#define CL KS_STATE_CLOSE
#define CW KS_STATE_CLOSE_WAIT
#define LA KS_STATE_LAST_ACK

/* clang-format off */
static const uint8_t state_next[KS_TCP_SIDES][EVENTS][KS_TCP_STATES] = {
	/*   in state:    NO  ES  SS  SR  FW  TW  CL  CW  LA */
	[KS_FROM_CLIENT] = {
		[EVENT_NONE] = { NO, ES, SS, SR, FW, TW, CL, CW, LA },
		[EVENT_SYN] =  { SR, ES, ES, SR, SR, SR, SR, SR, SR },
		[EVENT_FIN] =  { CL, CW, SS, TW, TW, TW, CL, CW, LA },
		[EVENT_ACK] =  { CL, ES, SS, ES, FW, TW, CL, CW, CL },
		[EVENT_RST] =  { CL, CL, CL, SR, CL, CL, CL, CL, LA },
	},
	[KS_FROM_SERVER] = {
		[EVENT_NONE] = { NO, ES, SS, SR, FW, TW, CL, CW, LA },
		[EVENT_SYN] =  { SS, ES, SS, SR, SS, SS, SS, SS, SS },
		[EVENT_FIN] =  { TW, FW, SS, TW, FW, TW, CL, TW, LA },
		[EVENT_ACK] =  { ES, ES, SS, ES, FW, TW, CL, CW, LA },
		[EVENT_RST] =  { CL, CL, SS, CL, CL, TW, CL, CL, CL },
	},
	/*
	 * Its ACK after the SYN says that the server has answered; after its FIN it may go on to
	 * receive and acknowledge, so nothing but silence ends FIN_WAIT.
	 */
	[KS_FROM_CLIENT_ALONE] = {
		[EVENT_NONE] = { NO, ES, SS, SR, FW, TW, CL, CW, LA },
		[EVENT_SYN] =  { SR, ES, SR, SR, SR, SR, SR, SR, SR },
		[EVENT_FIN] =  { FW, FW, FW, FW, FW, TW, CL, CW, LA },
		[EVENT_ACK] =  { ES, ES, ES, ES, FW, TW, CL, CW, LA },
		[EVENT_RST] =  { CL, CL, CL, CL, CL, CL, CL, CL, CL },
	},
};
/* clang-format on */

uint8_t
ks_tcp_state_next(uint8_t state, uint8_t side, uint8_t tcp_flags)
{
	return state_next[side][event_of[tcp_flags & EVENT_FLAGS]][state];
}
