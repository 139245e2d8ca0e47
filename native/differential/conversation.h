/*
 * Owner: the program. Threads: its only one. Lifetime: until one conversation ends and another
 * takes its place.
 *
 * Who says what: TCP from the handshake to its end and beyond, UDP, echo; each end's packets with
 * options, lengths, checksums, hop limits and damages of all kinds, and ICMP errors about what
 * went before.
 */
#ifndef KS_DIFFERENTIAL_CONVERSATION_H
#define KS_DIFFERENTIAL_CONVERSATION_H

#include "modes.h"

enum { ASKING, ANSWERING, ENDS };

enum progress {
	UNHEARD, /* nothing of the asking end went on yet */
	ASKED,
	ANSWERED, /* of TCP, up to the last ACK of the handshake */
	UNDER_WAY,
};

struct conversation {
	const struct mode *mode;
	struct ks_ip asking, target;       /* as the asking end sees them */
	struct ks_ip translated, answerer; /* as the answering end does */
	uint16_t port;                     /* of the asking end, on both sides; or identifier */
	uint16_t target_port, answerer_port;
	uint8_t protocol;
	uint8_t progress;
	uint32_t packets_left;
	struct octets left[SIDES]; /* the latest packet that left on each side; or empty */
};

struct input {
	enum side side;
	int end; /* who sends it; ENDS: an ICMP error */
	struct spec spec;
	struct octets packet;
	bool is_split; /* the packet is the second of two fragments, the first is here */
	struct octets first;
	uint8_t quote[OCTETS_MAX];
};

/* number: no two of a run share a port. */
void conversation_begin(struct conversation *conversation, const struct mode *mode,
	struct random *random, uint32_t number);

void conversation_say(
	const struct conversation *conversation, struct random *random, struct input *input);

/* Both made this of the input, and the same. */
void conversation_note(struct conversation *conversation, const struct input *input, enum side side,
	const struct octets *packet);

#endif
