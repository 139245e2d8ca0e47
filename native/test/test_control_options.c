/* control/options.c: what a second open differs in from the first. */
#include "../control/options.h"
#include "tap.h"

static const struct ks_open_options running = {.file_prefix = "keelson",
	.workers_count = 2,
	.worker_cpus_count = 2,
	.worker_cpus = {2, 3},
	.is_adaptive = true,
	.connections_max = 65536,
	.packet_buffers = 16384,
	.ports_count = 1,
	.ports = {{.name = "dpdk0",
		.device = "net_null0",
		.kni_name = "dpdk0.kni",
		.mtu_bytes = 1500}}};

static void
differs(const struct ks_open_options *wanted, const char *expected)
{
	struct ks_reason differences;
	bool is_equal = ks_options_equal(&running, wanted, &differences);

	tap_ok(!is_equal, "%.*s", (int)strcspn(expected, "\n"), expected);
	tap_equal_bytes((const uint8_t *)differences.text, (uint32_t)strlen(differences.text),
		(const uint8_t *)expected, (uint32_t)strlen(expected), "and nothing else");
}

int
main(void)
{
	struct ks_open_options wanted = running;
	struct ks_reason differences;

	tap_ok(ks_options_equal(&running, &wanted, &differences), "equal");
	wanted.workers_count = 1;
	wanted.is_adaptive = false;
	differs(&wanted, "workers (from 2 to 1)\npoll (from adaptive to busy)");
	wanted = running;
	wanted.worker_cpus[1] = 4;
	differs(&wanted, "CPUs of the workers");
	wanted = running;
	wanted.hugepages = KS_HUGEPAGES_OFF;
	wanted.ports[0].mtu_bytes = 9000;
	differs(&wanted, "hugepages (from auto to off)\nMTU of port dpdk0 (from 1500 to 9000)");
	wanted = running;
	memcpy(wanted.ports[0].device, "net_null1", sizeof("net_null1"));
	differs(&wanted, "device of port dpdk0 (from net_null0 to net_null1)");
	wanted = running;
	memcpy(wanted.ports[0].name, "lan", sizeof("lan"));
	differs(&wanted, "ports (lan instead of dpdk0)");
	wanted = running;
	wanted.ports_count = 0;
	differs(&wanted, "ports (from 1 to 0)");
	return tap_done();
}
