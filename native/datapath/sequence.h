/*
 * Owner: the worker, one per connection that needs it. Threads: the worker alone. Lifetime: the
 * connection's.
 *
 * A connection whose stream from the client is not the one that the server gets: in front of it
 * inserted_bytes of ours take the place of removed_bytes of the client's (often 0). So sequence
 * numbers of the client rise, and acknowledgement numbers and SACK blocks (RFC 2018, 2883) of the
 * server fall by what that makes; the other direction stays as it is.
 *
 *     client    first ............ first + removed_bytes ...
 *     server    first ............ first + inserted_bytes ...
 *
 * Nothing is changed before the insertion is in force, nothing before `first`, and what lies within
 * the insertion means `first` to the client. That tells old numbers from new ones by their
 * distance to `first`, which holds for the first 2^30 octets; after them nothing so old can still
 * be on its way (RFC 9293, 3.4.3), and all numbers are shifted.
 */
#ifndef KS_DATAPATH_SEQUENCE_H
#define KS_DATAPATH_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "headers.h"

/* Acknowledged octets after which old numbers are none any more: a window is never larger. */
#define KS_SEQUENCE_FAR_BYTES (1 << 30)

enum ks_sequence_flag {
	KS_SEQUENCE_STARTED = 1,      /* `first` is known */
	KS_SEQUENCE_IN_FORCE = 2,     /* the server has been sent what is inserted */
	KS_SEQUENCE_ACKNOWLEDGED = 4, /* and has received all of it */
	KS_SEQUENCE_FAR = 8,
};

struct ks_sequence {
	uint32_t first; /* the client's ISN + 1 */
	uint16_t inserted_bytes;
	uint16_t removed_bytes;
	uint8_t flags;
	uint8_t reserved[3];
};

_Static_assert(sizeof(struct ks_sequence) == 12, "small enough to stand beside other state");

enum ks_sequence_result {
	KS_SEQUENCE_DONE,
	KS_SEQUENCE_BROKEN,    /* options that lie; SACK blocks before the lie are right */
	KS_SEQUENCE_MALFORMED, /* no TCP header: nothing was done */
	KS_SEQUENCE_RESULTS,
};

/* Where a number of the client's lies in the stream that the server gets. */
static inline uint32_t
ks_sequence_to_server(const struct ks_sequence *sequence, uint32_t number)
{
	if ((sequence->flags & KS_SEQUENCE_IN_FORCE) == 0)
		return number;
	if ((sequence->flags & KS_SEQUENCE_FAR) == 0) {
		int32_t offset_bytes = (int32_t)(number - sequence->first);

		if (offset_bytes < 0)
			return number;
		if (offset_bytes < sequence->removed_bytes)
			return sequence->first + sequence->inserted_bytes;
	}
	return number + sequence->inserted_bytes - sequence->removed_bytes;
}

/*
 * And back: of acknowledgements, and of segments that ICMP errors from the server's side quote.
 */
static inline uint32_t
ks_sequence_to_client(const struct ks_sequence *sequence, uint32_t number)
{
	if ((sequence->flags & KS_SEQUENCE_IN_FORCE) == 0)
		return number;
	if ((sequence->flags & KS_SEQUENCE_FAR) == 0) {
		int32_t offset_bytes = (int32_t)(number - sequence->first);

		if (offset_bytes <= 0)
			return number;
		if (offset_bytes < sequence->inserted_bytes)
			return sequence->first;
	}
	return number - sequence->inserted_bytes + sequence->removed_bytes;
}

/* Once in force, and without effect: the connection needs it no more. */
static inline bool
ks_sequence_is_identity(const struct ks_sequence *sequence)
{
	return (sequence->flags & KS_SEQUENCE_IN_FORCE) != 0 && sequence->inserted_bytes == 0 &&
	       sequence->removed_bytes == 0;
}

/* A segment from the server: its acknowledgement and SACK blocks become the client's. */
enum ks_sequence_result ks_sequence_from_server(
	struct ks_sequence *sequence, struct ks_headers *headers);

#endif
