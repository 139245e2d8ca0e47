#include "kernel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* The kernel lets packets out a moment after the device was opened. */
static bool
is_running(const char *name)
{
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_flags = 0};
	bool is_running;

	memcpy(request.ifr_name, name, strlen(name) + 1);
	is_running =
		ioctl(any, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_RUNNING) != 0;
	close(any);
	return is_running;
}

static int
open_device(const char *name)
{
	int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};

	memcpy(request.ifr_name, name, strlen(name) + 1);
	if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) {
		printf("Bail out! %s cannot be opened: %m; `npm run differential` makes it in a "
		       "namespace\n",
			name);
		exit(1);
	}
	for (uint32_t tries = 0; tries < 5000 && !is_running(name); tries++)
		usleep(1000);
	return device;
}

void
kernel_open(struct kernel *kernel)
{
	kernel->devices[OUTSIDE] = open_device("tun0");
	kernel->devices[INSIDE] = open_device("tun1");
}

/* Listener reports and the like are of the kernel itself. */
static bool
is_multicast(const struct octets *packet)
{
	return packet->bytes[0] >> 4 == 6 ? packet->bytes[24] == 0xff : packet->bytes[16] >= 224;
}

static void
take(int device, enum side side, struct outcome *outcome)
{
	while (outcome->count < LEAVING_MAX) {
		struct octets *packet = &outcome->packets[outcome->count];
		ssize_t length = read(device, packet->bytes, sizeof(packet->bytes));

		if (length <= 0)
			return;
		packet->length = (uint32_t)length;
		if (is_multicast(packet))
			continue;
		outcome->sides[outcome->count++] = (uint8_t)side;
	}
}

void
kernel_pass(const struct kernel *kernel, enum side side, const struct octets *packet,
	struct outcome *outcome)
{
	outcome->count = 0;
	/* What is no IP at all is refused at the door: that counts as dropped. */
	if (write(kernel->devices[side], packet->bytes, packet->length) < 0)
		return;
	take(kernel->devices[OUTSIDE], OUTSIDE, outcome);
	take(kernel->devices[INSIDE], INSIDE, outcome);
}
