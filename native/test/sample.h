/*
 * Owner: one test program. Threads: its only one. Lifetime: until sample_end.
 *
 * Packets typed as hex, from the IP header on, in mbufs of exactly their size (so that ASan sees
 * every octet too far), and compared with packets typed as hex. Checksum fields are typed as 0000:
 * they are summed up here word by word, sharing nothing with the data path.
 */
#ifndef KS_TEST_SAMPLE_H
#define KS_TEST_SAMPLE_H

#include <stdlib.h>

#include "headers.h"
#include "packet_builder.h"
#include "tap.h"

#define SAMPLE_HEADROOM 128u
#define SAMPLE_ETHERNET 14u
#define SAMPLE_BYTES_MAX 4096u

struct sample {
	struct rte_mbuf mbuf;
	struct ks_headers headers;
	uint8_t *memory;
};

/* Where TCP or UDP begins; 0: nowhere. Knows options, destination options and protocol 248. */
static inline uint32_t
sample_l4(const uint8_t *ip, uint32_t bytes, uint8_t *protocol)
{
	bool is_v6 = ip[0] >> 4 == 6;
	uint32_t at = is_v6 ? 40 : (ip[0] & 15u) * 4;

	*protocol = ip[is_v6 ? 6 : 9];
	if (*protocol == 60 && at + 8 <= bytes) {
		*protocol = ip[at];
		at += (ip[at + 1] + 1u) * 8;
	}
	if (*protocol == 248 && at + 4 <= bytes) {
		*protocol = ip[at + 1];
		at += (uint32_t)ip[at + 2] << 8 | ip[at + 3];
	}
	return at + 8 <= bytes && (*protocol == 6 || *protocol == 17) ? at : 0;
}

/* The sum over pseudo-header and all of TCP or UDP: 0xffff when its checksum is right. */
static inline uint16_t
sample_l4_sum(const uint8_t *ip, uint32_t bytes, uint32_t l4, uint8_t protocol)
{
	uint32_t sum = protocol;

	if (ip[0] >> 4 == 6)
		sum += summed(ip + 8, 32, 0);
	else
		sum += summed(ip + 12, 8, 0);
	return summed(ip + l4, bytes - l4, sum + (bytes - l4));
}

static inline void
sample_complete(uint8_t *ip, uint32_t bytes)
{
	uint8_t protocol;
	uint32_t l4 = sample_l4(ip, bytes, &protocol);
	uint16_t sum;

	if (ip[0] >> 4 == 4) {
		put16(ip + 10, 0);
		put16(ip + 10, (uint16_t)~summed(ip, (ip[0] & 15u) * 4, 0));
	}
	if (l4 == 0 || l4 + (protocol == 6 ? 18 : 8) > bytes)
		return;
	put16(ip + l4 + (protocol == 6 ? 16 : 6), 0);
	sum = (uint16_t)~sample_l4_sum(ip, bytes, l4, protocol);
	if (protocol == 17 && sum == 0)
		sum = 0xffff;
	put16(ip + l4 + (protocol == 6 ? 16 : 6), sum);
}

static inline uint32_t
sample_nibble(char digit)
{
	return (uint32_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* Blanks between octets mean nothing. */
static inline uint32_t
sample_parse(const char *hex, uint8_t *octets)
{
	uint32_t count = 0;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		octets[count++] = (uint8_t)(sample_nibble(hex[0]) << 4 | sample_nibble(hex[1]));
		hex++;
	}
	return count;
}

static inline uint8_t *
sample_ip(struct sample *sample)
{
	return ks_headers_ip(&sample->headers);
}

static inline uint32_t
sample_ip_bytes(const struct sample *sample)
{
	return sample->mbuf.data_len - SAMPLE_ETHERNET;
}

/* An mbuf whose memory ends with its last octet; tailroom: octets that may be appended. */
static inline void
sample_open(struct sample *sample, uint32_t headroom, uint32_t bytes, uint32_t tailroom)
{
	memset(sample, 0, sizeof(*sample));
	sample->memory = malloc(headroom + bytes + tailroom);
	sample->mbuf.buf_addr = sample->memory;
	sample->mbuf.buf_len = (uint16_t)(headroom + bytes + tailroom);
	sample->mbuf.data_off = (uint16_t)headroom;
	sample->mbuf.data_len = (uint16_t)bytes;
	sample->mbuf.pkt_len = bytes;
	sample->mbuf.nb_segs = 1;
	rte_mbuf_refcnt_set(&sample->mbuf, 1);
}

static inline void
sample_set_headers(struct sample *sample)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(&sample->mbuf, uint8_t *, SAMPLE_ETHERNET);
	uint8_t protocol;
	uint32_t l4 = sample_l4(ip, sample_ip_bytes(sample), &protocol);

	sample->headers = (struct ks_headers){&sample->mbuf, SAMPLE_ETHERNET,
		(uint16_t)(SAMPLE_ETHERNET + l4), protocol, ip[0] >> 4 == 6};
}

static inline void
sample_begin_octets(struct sample *sample, const uint8_t *ip, uint32_t bytes, uint32_t headroom)
{
	uint8_t *frame;

	sample_open(sample, headroom, SAMPLE_ETHERNET + bytes, 0);
	frame = rte_pktmbuf_mtod(&sample->mbuf, uint8_t *);
	memset(frame, 0xe7, SAMPLE_ETHERNET);
	memcpy(frame + SAMPLE_ETHERNET, ip, bytes);
	sample_set_headers(sample);
}

static inline void
sample_begin(struct sample *sample, const char *hex)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_parse(hex, octets);

	sample_complete(octets, bytes);
	sample_begin_octets(sample, octets, bytes, SAMPLE_HEADROOM);
}

/* For what is written apart. */
static inline void
sample_begin_empty(struct sample *sample, uint32_t tailroom)
{
	sample_open(sample, SAMPLE_HEADROOM, 0, tailroom);
}

static inline void
sample_end(struct sample *sample)
{
	free(sample->memory);
	sample->memory = NULL;
}

/* The frame: its link header moved along, and from there the octets of the hex. */
static inline bool
sample_is(struct sample *sample, const char *hex, const char *name)
{
	uint8_t expected[SAMPLE_ETHERNET + SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_parse(hex, expected + SAMPLE_ETHERNET);

	memset(expected, 0xe7, SAMPLE_ETHERNET);
	sample_complete(expected + SAMPLE_ETHERNET, bytes);
	return tap_equal_bytes(rte_pktmbuf_mtod(&sample->mbuf, uint8_t *), sample->mbuf.data_len,
		       expected, SAMPLE_ETHERNET + bytes, name) &&
	       sample->mbuf.pkt_len == sample->mbuf.data_len;
}

/* Lengths and checksums as they must be, told by plain sums. */
static inline bool
sample_is_sound(struct sample *sample)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(&sample->mbuf, uint8_t *, SAMPLE_ETHERNET);
	uint32_t bytes = sample_ip_bytes(sample);
	bool is_v6 = ip[0] >> 4 == 6;
	uint32_t said = is_v6 ? 40u + ((uint32_t)ip[4] << 8 | ip[5]) : (uint32_t)ip[2] << 8 | ip[3];
	uint8_t protocol;
	uint32_t l4 = sample_l4(ip, bytes, &protocol);

	if (said != bytes || l4 == 0 || sample->mbuf.pkt_len != sample->mbuf.data_len)
		return false;
	if (!is_v6 && summed(ip, (ip[0] & 15u) * 4, 0) != 0xffff)
		return false;
	if (protocol == 17 && (((uint32_t)ip[l4 + 4] << 8 | ip[l4 + 5]) != bytes - l4))
		return false;
	return sample_l4_sum(ip, bytes, l4, protocol) == 0xffff;
}

/* A small generator: every run of a test is the same. */
static inline uint32_t
sample_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#endif
