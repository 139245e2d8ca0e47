/*
 * rss.c, toeplitz.c, port_group.c against DPDK's own Toeplitz (rte_thash.h): hashes, owners, the
 * bijection of ports, and that both directions of a connection meet.
 */
#include <stdlib.h>

#include <rte_thash.h>

#include "rss.h"
#include "tap.h"

#define TUPLES 1000000u

static uint64_t random_state = 20261121;

static uint64_t
next_random(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return random_state >> 17 ^ random_state << 29;
}

static void
random_bytes(uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)next_random();
}

/* What a NIC computes over the tuple; DPDK wants it in words of host order. */
static uint32_t
nic_hash(const uint8_t *key, const uint8_t *tuple, uint32_t length)
{
	uint32_t words[KS_TOEPLITZ_INPUT_BYTES / 4];

	for (uint32_t i = 0; i < length / 4; i++)
		words[i] = (uint32_t)tuple[4 * i] << 24 | (uint32_t)tuple[4 * i + 1] << 16 |
			   (uint32_t)tuple[4 * i + 2] << 8 | tuple[4 * i + 3];
	return rte_softrss(words, length / 4, key);
}

static void
open_rss(struct ks_rss *rss, const uint8_t *key, uint32_t table_size, uint32_t workers)
{
	uint8_t owners[KS_RSS_TABLE_MAX];

	for (uint32_t i = 0; i < table_size; i++)
		owners[i] = (uint8_t)(next_random() % workers);
	ks_rss_init(rss, key, owners, table_size);
}

static void
test_published_hash(void)
{
	/* The verification suite that Microsoft publishes for RSS, "RSS hash verification". */
	static const uint8_t key[KS_TOEPLITZ_KEY_BYTES] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e,
		0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae,
		0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7,
		0x3b, 0xbe, 0xac, 0x01, 0xfa};
	static const uint8_t addresses[8] = {66, 9, 149, 187, 161, 142, 100, 80};
	static const rte_be16_t ports[2] = {RTE_BE16(2794), RTE_BE16(1766)};
	static struct ks_rss rss;

	open_rss(&rss, key, 128, 4);
	tap_equal(ks_rss_hash(&rss, KS_IPV4, addresses, ports), 0x51ccc178,
		"66.9.149.187:2794 to 161.142.100.80:1766");
}

static void
test_random_hashes(enum ks_family family)
{
	uint32_t address_bytes = family == KS_IPV4 ? 8 : 32;
	uint32_t wrong_hashes = 0, wrong_owners = 0;
	static struct ks_rss rss;

	for (uint32_t round = 0; round < 20; round++) {
		uint8_t key[KS_TOEPLITZ_KEY_BYTES];

		random_bytes(key, sizeof(key));
		open_rss(&rss, key, 64u << (round % 4), 1 + round % 16);
		for (uint32_t i = 0; i < 500; i++) {
			uint8_t tuple[KS_TOEPLITZ_INPUT_BYTES];
			uint32_t hash;

			random_bytes(tuple, address_bytes + 4);
			hash = nic_hash(key, tuple, address_bytes + 4);
			wrong_hashes +=
				ks_rss_hash(&rss, family, tuple, tuple + address_bytes) != hash;
			wrong_owners += ks_rss_owner(&rss, family, tuple, tuple + address_bytes) !=
					rss.owners[hash % (rss.table_mask + 1)];
		}
	}
	tap_equal(wrong_hashes, 0,
		family == KS_IPV4 ? "10000 IPv4 tuples hash as a NIC does it"
				  : "10000 IPv6 tuples hash as a NIC does it");
	tap_equal(wrong_owners, 0, "and belong to the worker in the table");
}

/* Also with keys that leave groups of different sizes, or one group. */
static void
check_groups(const uint8_t *key, const char *name)
{
	static struct ks_rss rss;
	static uint8_t seen[65536];
	uint32_t wrong = 0;

	open_rss(&rss, key, 128, 8);
	memset(seen, 0, sizeof(seen));
	for (uint32_t position = 0; position < 65536; position++) {
		const struct ks_port_groups *groups = &rss.groups[KS_IPV4];
		uint16_t port = ks_port_at(groups, (uint16_t)position);
		rte_be16_t port_be = rte_cpu_to_be_16(port);
		uint32_t share = ks_toeplitz_share(&rss.toeplitz, 10, &port_be, 2) & 127;

		wrong += seen[port]++ != 0;
		wrong += ks_port_position(groups, port) != position;
		wrong += groups->group_of[share] != position >> groups->rest_bits;
	}
	tap_equal(wrong, 0, name);
}

static void
test_groups(void)
{
	uint8_t key[KS_TOEPLITZ_KEY_BYTES];

	for (uint32_t i = 0; i < 10; i++) {
		random_bytes(key, sizeof(key));
		check_groups(key, "every port has one position, beside ports of its share");
	}
	memset(key, 0, sizeof(key));
	check_groups(key, "a key of zeros makes one group");
	memset(key, 0xff, sizeof(key));
	check_groups(key, "a key of ones makes two groups");
	for (uint32_t i = 0; i < sizeof(key); i++)
		key[i] = i % 2 == 0 ? 0x6d : 0x5a;
	check_groups(key, "the symmetric key 6d5a");
}

/* NAT: the return packet has the client as its destination, and an address that may be any. */
static void
test_clients(enum ks_family family)
{
	uint32_t address_bytes = family == KS_IPV4 ? 4 : 16;
	uint32_t wrong = 0, least = TUPLES;
	uint32_t counts[16] = {0};
	uint8_t key[KS_TOEPLITZ_KEY_BYTES], owners[128];
	static struct ks_rss rss;

	random_bytes(key, sizeof(key));
	for (uint32_t i = 0; i < 128; i++)
		owners[i] = (uint8_t)(i % 16);
	ks_rss_init(&rss, key, owners, 128);
	for (uint32_t i = 0; i < TUPLES; i++) {
		/* As they lie in the packets: addresses, then ports, of each direction. */
		uint8_t there[36], back[36];
		uint16_t owner;

		random_bytes(there, 2 * address_bytes + 4);
		random_bytes(back, 2 * address_bytes + 4); /* another server, another port */
		memcpy(back + address_bytes, there, address_bytes);
		memcpy(back + 2 * address_bytes + 2, there + 2 * address_bytes, 2);
		rte_be16_t client_port_be, returned_port_be;

		memcpy(&client_port_be, there + 2 * address_bytes, 2);
		memcpy(&returned_port_be, back + 2 * address_bytes + 2, 2);
		owner = ks_rss_owner_of_client(&rss, family, there, client_port_be);
		wrong += owner != ks_rss_owner_of_client(
					  &rss, family, back + address_bytes, returned_port_be);
		counts[owner]++;
	}
	for (uint32_t i = 0; i < 16; i++)
		least = counts[i] < least ? counts[i] : least;
	tap_equal(wrong, 0, "both directions of a million NAT connections meet");
	tap_ok(least > TUPLES / 16 * 9 / 10, "and are spread evenly: least %u of 16", least);
}

int
main(void)
{
	test_published_hash();
	test_random_hashes(KS_IPV4);
	test_random_hashes(KS_IPV6);
	test_groups();
	test_clients(KS_IPV4);
	test_clients(KS_IPV6);
	return tap_done();
}
