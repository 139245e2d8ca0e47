/* control/device.c: device arguments as operators write them and as DPDK gets them. */
#include "../control/device.h"
#include "tap.h"

static void
completes(const char *device, uint32_t workers_count, const char *expected)
{
	char completed[KS_DEVICE_BYTES];

	ks_device_complete(device, 1500, workers_count, completed);
	if (!tap_ok(strcmp(completed, expected) == 0, "%s with %u", device, workers_count))
		printf("# actual %s\n", completed);
}

static void
names(const char *device, const char *expected)
{
	char name[KS_DEVICE_BYTES];

	ks_device_name(device, name);
	tap_ok(strcmp(name, expected) == 0, "%s is %s", device, name);
}

int
main(void)
{
	char interface[KS_INTERFACE_NAME_BYTES];

	tap_ok(ks_device_is_pci("0000:01:00.0") && ks_device_is_pci("01:00.1,opt=1"), "PCI");
	tap_ok(!ks_device_is_pci("net_af_packet0,iface=eth0"), "not PCI");
	names("01:00.0", "0000:01:00.0");
	names("0001:01:00.0,opt=1", "0001:01:00.0");
	names("net_tap0,iface=tap0", "net_tap0");

	tap_ok(ks_device_is_kernel_backed("net_af_packet0,iface=eth0") &&
			ks_device_is_kernel_backed("eth_af_packet1") &&
			ks_device_is_kernel_backed("net_tap_lan"),
		"a kernel behind them");
	tap_ok(!ks_device_is_kernel_backed("net_tapestry0") &&
			!ks_device_is_kernel_backed("net_ring0") &&
			!ks_device_is_kernel_backed("0000:01:00.0"),
		"no kernel behind them");
	tap_ok(ks_device_interface("net_af_xdp0,start_queue=0,iface=eth7,x=1", interface) &&
			strcmp(interface, "eth7") == 0,
		"iface= anywhere");
	tap_ok(ks_device_interface("net_af_packet0,myiface=eth7", interface) &&
			interface[0] == '\0',
		"iface= missing");
	tap_ok(!ks_device_interface("net_tap0,iface=tap0", interface),
		"the interface of net_tap does not exist before");

	tap_equal(ks_device_frame_bytes(1500), 2048, "room for an MTU of 1500");
	tap_equal(ks_device_frame_bytes(1953), 4096, "and the kernel's header");
	tap_equal(ks_device_frame_bytes(9000), 16384, "and of 9000");

	completes("net_ring0", 4, "net_ring0");
	completes("net_af_packet0,iface=eth0", 1,
		"net_af_packet0,iface=eth0,blocksz=65536,framesz=2048,framecnt=2048");
	completes("net_af_packet0,iface=eth0,framesz=4096", 2,
		"net_af_packet0,iface=eth0,framesz=4096,qpairs=2");
	completes("net_af_packet0,iface=eth0,framecnt=512,qpairs=1", 2,
		"net_af_packet0,iface=eth0,framecnt=512,qpairs=1");
	return tap_done();
}
