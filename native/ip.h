/*
 * Owner: nobody, a value. Threads: any. Lifetime: a value's.
 *
 * An IPv4 or IPv6 address: 16 octets in network order, IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
 * So tables, keys and interfaces know one kind of address; only packets have two. C++ includes it.
 */
#ifndef KS_IP_H
#define KS_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define KS_IP_ASSERT static_assert
#else
#define KS_IP_ASSERT _Static_assert
#endif

/* Of the 128 bits of an address, those before the 32 of IPv4. */
#define KS_IP_V4_BITS 96u
#define KS_IP_BITS 128u

enum ks_family {
	KS_IPV4,
	KS_IPV6,
	KS_FAMILIES,
};

struct ks_ip {
	uint64_t words[2]; /* as they lie in memory; both 0: no address */
};

KS_IP_ASSERT(sizeof(struct ks_ip) == 16, "as in the header of a packet");

/* The lower 32 bits of the second word: octets 00 00 ff ff. */
#define KS_IP_V4_MARK UINT64_C(0x00000000ffff0000)

static inline struct ks_ip
ks_ip_from_v4(uint32_t address_be)
{
	struct ks_ip ip = {{0, KS_IP_V4_MARK | (uint64_t)address_be << 32}};

	return ip;
}

/* octets: 16, of any alignment. */
static inline struct ks_ip
ks_ip_from_octets(const void *octets)
{
	struct ks_ip ip;

	memcpy(ip.words, octets, sizeof(ip.words));
	return ip;
}

static inline bool
ks_ip_is_v4(struct ks_ip ip)
{
	return ip.words[0] == 0 && (uint32_t)ip.words[1] == (uint32_t)KS_IP_V4_MARK;
}

static inline enum ks_family
ks_ip_family(struct ks_ip ip)
{
	return ks_ip_is_v4(ip) ? KS_IPV4 : KS_IPV6;
}

/* Of an IPv4 address, in network order. */
static inline uint32_t
ks_ip_v4(struct ks_ip ip)
{
	return (uint32_t)(ip.words[1] >> 32);
}

static inline bool
ks_ip_equal(struct ks_ip left, struct ks_ip right)
{
	return ((left.words[0] ^ right.words[0]) | (left.words[1] ^ right.words[1])) == 0;
}

/* No address: neither ::, nor anything else. */
static inline bool
ks_ip_is_none(struct ks_ip ip)
{
	return (ip.words[0] | ip.words[1]) == 0;
}

/* fe80::/10: means nothing beyond its link (RFC 4291, 2.5.6). */
static inline bool
ks_ip_is_link_local(struct ks_ip ip)
{
	return (ip.words[0] & UINT64_C(0xc0ff)) == UINT64_C(0x80fe);
}

/* Order of the octets: negative, 0, positive. */
static inline int
ks_ip_compare(struct ks_ip left, struct ks_ip right)
{
	return memcmp(left.words, right.words, sizeof(left.words));
}

/* The first length_bits (0..128) of the address, all others 0. */
static inline struct ks_ip
ks_ip_masked(struct ks_ip ip, uint32_t length_bits)
{
	uint8_t octets[16];

	memcpy(octets, ip.words, sizeof(octets));
	for (uint32_t i = 0; i < sizeof(octets); i++) {
		uint32_t kept_bits = length_bits <= i * 8 ? 0 : length_bits - i * 8;

		if (kept_bits < 8)
			octets[i] &= (uint8_t)(0xff00u >> kept_bits);
	}
	return ks_ip_from_octets(octets);
}

/* For tables whose keys no stranger chooses. */
static inline uint64_t
ks_ip_hash(struct ks_ip ip)
{
	uint64_t word = (ip.words[0] * UINT64_C(0xc2b2ae3d27d4eb4f)) ^ ip.words[1];
	unsigned __int128 product = (unsigned __int128)word * UINT64_C(0x9e3779b97f4a7c15);

	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

#endif
