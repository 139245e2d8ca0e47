/* tables.h: the hashes of addresses and services spread what operators write. */
#include "packet_builder.h"
#include "tables.h"
#include "tap.h"

#define SLOTS 32768u
#define KEYS 10000u

static uint32_t hashes[KEYS];

/* The longest way to a key, all in a table with open addressing that is a third full. */
static uint32_t
longest_probe(void)
{
	static uint8_t is_used[SLOTS];
	uint32_t longest = 0;

	memset(is_used, 0, sizeof(is_used));
	for (uint32_t i = 0; i < KEYS; i++) {
		uint32_t probes = 1;

		for (uint32_t slot = hashes[i]; is_used[slot % SLOTS]; slot++)
			probes++;
		is_used[(hashes[i] + probes - 1) % SLOTS] = 1;
		longest = probes > longest ? probes : longest;
	}
	return longest;
}

static struct ks_ip
ipv4(uint32_t address)
{
	return ks_ip_from_v4(rte_cpu_to_be_32(address));
}

static struct ks_ip
ipv6(uint32_t network, uint32_t host)
{
	return (struct ks_ip){
		{rte_cpu_to_be_64(UINT64_C(0x20010db800000000) | network), rte_cpu_to_be_64(host)}};
}

static void
check(const char *name)
{
	uint32_t longest = longest_probe();

	tap_ok(longest < 32, "%s: %u probes at most", name, longest);
}

int
main(void)
{
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_virtual_server_hash(
			ipv4(IPV4(192, 0, 0, 1) + i), RTE_BE16(80), BUILT_TCP);
	check("one port on many addresses");
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_virtual_server_hash(
			ipv4(IPV4(192, 0, 2, 1)), rte_cpu_to_be_16((uint16_t)(1 + i)), BUILT_TCP);
	check("many ports on one address");
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_virtual_server_hash(ipv4(IPV4(192, 0, 2, 1) + i % 250),
			rte_cpu_to_be_16((uint16_t)(8000 + i / 250)), BUILT_UDP);
	check("some ports on each address of a network");
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_address_hash(ipv4(IPV4(192, 0, 0, 1) + i));
	check("addresses in a row");
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_address_hash(ipv4(IPV4(10, 0, 0, 1) + i * 256));
	check("one address of each network");
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_address_hash(ipv6(1, i));
	check("IPv6 hosts in a row");
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_address_hash(ipv6(i, 1));
	check("the first host of many IPv6 networks");
	for (uint32_t i = 0; i < KEYS; i++)
		hashes[i] = ks_virtual_server_hash(
			ipv6(1, i % 250), rte_cpu_to_be_16((uint16_t)(8000 + i / 250)), BUILT_UDP);
	check("some ports on each IPv6 host");
	return tap_done();
}
