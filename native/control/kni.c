#include "kni.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reason.h"

unsigned int if_nametoindex(const char *name);

/* A file descriptor, or a negative errno and the reason. */
static int
make_interface(const char *name, struct ks_reason *reason)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return ks_refuse(reason, errno,
			"companion interface %s: /dev/net/tun cannot be opened (%s); load the "
			"kernel module tun and run as root",
			name, strerror(errno));
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &request) == 0)
		return fd;
	ks_refuse(reason, errno,
		"companion interface %s cannot be made (%s); run as root or with CAP_NET_ADMIN",
		name, strerror(errno));
	close(fd);
	return -EPERM;
}

int
ks_kni_check(const char *name, struct ks_reason *reason)
{
	int fd;

	if (if_nametoindex(name) != 0)
		return ks_refuse(reason, EEXIST,
			"interface %s exists already; stop the data plane that made it or choose "
			"another kni_name",
			name);
	/* Tried now, since DPDK cannot start twice in a process. */
	fd = make_interface(name, reason);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* MAC address, MTU, up. Returns the step that failed, or NULL. */
static const char *
configure(int socket_fd, const char *name, const struct rte_ether_addr *mac, uint16_t mtu_bytes)
{
	struct ifreq request = {.ifr_hwaddr = {.sa_family = ARPHRD_ETHER}};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	memcpy(request.ifr_hwaddr.sa_data, mac->addr_bytes, RTE_ETHER_ADDR_LEN);
	if (ioctl(socket_fd, SIOCSIFHWADDR, &request) != 0)
		return "set its MAC address";
	request.ifr_mtu = mtu_bytes;
	if (ioctl(socket_fd, SIOCSIFMTU, &request) != 0)
		return "set its MTU";
	if (ioctl(socket_fd, SIOCGIFFLAGS, &request) != 0)
		return "read its flags";
	request.ifr_flags |= IFF_UP;
	if (ioctl(socket_fd, SIOCSIFFLAGS, &request) != 0)
		return "bring it up";
	return NULL;
}

int
ks_kni_open(struct ks_kni *kni, const char *name, const struct rte_ether_addr *mac,
	uint16_t mtu_bytes, struct ks_reason *reason)
{
	int fd = make_interface(name, reason);

	kni->fd = -1;
	if (fd < 0)
		return fd;
	snprintf(kni->name, sizeof(kni->name), "%s", name);

	int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *failed = configure(socket_fd, name, mac, mtu_bytes);
	int error = errno;

	close(socket_fd);
	if (failed != NULL) {
		close(fd);
		return ks_refuse(reason, error, "companion interface %s: cannot %s: %s", name,
			failed, strerror(error));
	}
	kni->fd = fd;
	return 0;
}

void
ks_kni_close(struct ks_kni *kni)
{
	if (kni->fd >= 0)
		close(kni->fd);
	kni->fd = -1;
}

void
ks_kni_write(struct ks_kni *kni, const struct rte_mbuf *packet)
{
	if (kni->fd >= 0 && write(kni->fd, rte_pktmbuf_mtod(packet, const void *),
				    rte_pktmbuf_data_len(packet)) > 0)
		kni->to_kernel++;
	else
		kni->dropped++;
}

struct rte_mbuf *
ks_kni_read(struct ks_kni *kni, struct rte_mempool *pool)
{
	struct rte_mbuf *packet = kni->fd >= 0 ? rte_pktmbuf_alloc(pool) : NULL;
	ssize_t length;

	if (packet == NULL) {
		/* Takes the frame all the same, or the caller would be called again at once. */
		char frame[1];

		if (kni->fd >= 0 && read(kni->fd, frame, sizeof(frame)) > 0)
			kni->dropped++;
		return NULL;
	}
	length = read(kni->fd, rte_pktmbuf_mtod(packet, void *), rte_pktmbuf_tailroom(packet));
	if (length < (ssize_t)sizeof(struct rte_ether_hdr)) {
		rte_pktmbuf_free(packet);
		return NULL;
	}
	rte_pktmbuf_data_len(packet) = (uint16_t)length;
	rte_pktmbuf_pkt_len(packet) = (uint32_t)length;
	kni->from_kernel++;
	return packet;
}
