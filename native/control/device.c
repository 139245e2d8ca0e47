#include "device.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Ethernet header, VLAN tag, and the room that the kernel takes in front of a frame. */
#define FRAME_OVERHEAD_BYTES 96u
#define FRAME_BYTES_MIN 2048u
/* Two frames of 16 KB, the largest, fit; the kernel takes any whole number of pages. */
#define BLOCK_BYTES 65536u
/* What arrives while a busy machine does not let the worker run for some milliseconds. */
#define FRAMES_COUNT 2048u

static bool
has_driver(const char *device, const char *driver)
{
	size_t length = strlen(driver);

	/* "net_tap0", "eth_tap1", "net_tap_lan": the driver's name and a suffix. */
	return (strncmp(device, "net_", 4) == 0 || strncmp(device, "eth_", 4) == 0) &&
	       strncmp(device + 4, driver, length) == 0 &&
	       !isalpha((unsigned char)device[4 + length]);
}

static bool
is_full_pci_address(const char *device)
{
	unsigned int domain, bus, slot, function;

	return sscanf(device, "%x:%x:%x.%x", &domain, &bus, &slot, &function) == 4;
}

static bool
is_short_pci_address(const char *device)
{
	unsigned int bus, slot, function;

	return sscanf(device, "%x:%x.%x", &bus, &slot, &function) == 3;
}

bool
ks_device_is_pci(const char *device)
{
	return is_full_pci_address(device) || is_short_pci_address(device);
}

bool
ks_device_loads_xdp(const char *device)
{
	return has_driver(device, "af_xdp");
}

bool
ks_device_is_kernel_backed(const char *device)
{
	return has_driver(device, "af_packet") || has_driver(device, "af_xdp") ||
	       has_driver(device, "tap") || has_driver(device, "pcap") ||
	       has_driver(device, "virtio_user");
}

void
ks_device_name(const char *device, char name[KS_DEVICE_BYTES])
{
	/* DPDK names PCI ports with their domain. */
	snprintf(name, KS_DEVICE_BYTES, "%s%.*s", is_short_pci_address(device) ? "0000:" : "",
		(int)strcspn(device, ","), device);
}

/* The value of "key=" among the arguments, or NULL. */
static const char *
find_argument(const char *device, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = strchr(device, ','); at != NULL; at = strchr(at + 1, ',')) {
		if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=')
			return at + 1 + length + 1;
	}
	return NULL;
}

bool
ks_device_interface(const char *device, char name[KS_INTERFACE_NAME_BYTES])
{
	const char *found = find_argument(device, "iface");

	if (!has_driver(device, "af_packet") && !has_driver(device, "af_xdp"))
		return false;
	snprintf(name, KS_INTERFACE_NAME_BYTES, "%.*s",
		found != NULL ? (int)strcspn(found, ",") : 0, found != NULL ? found : "");
	return true;
}

uint32_t
ks_device_frame_bytes(uint16_t mtu_bytes)
{
	uint32_t bytes = FRAME_BYTES_MIN;

	while (bytes < mtu_bytes + FRAME_OVERHEAD_BYTES)
		bytes *= 2;
	return bytes;
}

static void
add_argument(char completed[KS_DEVICE_BYTES], const char *key, uint32_t value)
{
	size_t used = strlen(completed);

	if (find_argument(completed, key) == NULL)
		snprintf(completed + used, KS_DEVICE_BYTES - used, ",%s=%u", key, value);
}

void
ks_device_complete(const char *device, uint16_t mtu_bytes, uint32_t workers_count,
	char completed[KS_DEVICE_BYTES])
{
	snprintf(completed, KS_DEVICE_BYTES, "%s", device);
	if (!has_driver(device, "af_packet"))
		return;
	if (find_argument(device, "framesz") == NULL && find_argument(device, "blocksz") == NULL &&
		find_argument(device, "framecnt") == NULL) {
		add_argument(completed, "blocksz", BLOCK_BYTES);
		add_argument(completed, "framesz", ks_device_frame_bytes(mtu_bytes));
		add_argument(completed, "framecnt", FRAMES_COUNT);
	}
	if (workers_count > 1)
		add_argument(completed, "qpairs", workers_count);
}
