#include "tcp_options.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Where the TTL is in an IPv4 header. */
#define TTL_OFFSET 8
#define IPV4_HEADER_BYTES 20

int
ks_tcp_create(int family)
{
	int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error, one = 1;

	if (descriptor < 0)
		return -errno;
	if (family != AF_INET6 ||
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0)
		return descriptor;
	error = -errno;
	close(descriptor);
	return error;
}

int
ks_tcp_set(int descriptor, bool is_ipv6, enum ks_tcp_option option, int value)
{
	static const struct {
		int level;
		int name;
	} names[KS_TCP_OPTIONS][2] = {
		[KS_TCP_SENT_HOPS] = {{IPPROTO_IP, IP_TTL}, {IPPROTO_IPV6, IPV6_UNICAST_HOPS}},
		[KS_TCP_HOPS_MIN] = {{IPPROTO_IP, IP_MINTTL}, {IPPROTO_IPV6, IPV6_MINHOPCOUNT}},
		[KS_TCP_TRAFFIC_CLASS] = {{IPPROTO_IP, IP_TOS}, {IPPROTO_IPV6, IPV6_TCLASS}},
		[KS_TCP_REUSE_ADDRESS] = {{SOL_SOCKET, SO_REUSEADDR}, {SOL_SOCKET, SO_REUSEADDR}},
		[KS_TCP_NO_DELAY] = {{IPPROTO_TCP, TCP_NODELAY}, {IPPROTO_TCP, TCP_NODELAY}},
		[KS_TCP_SAVE_SYN] = {{IPPROTO_TCP, TCP_SAVE_SYN}, {IPPROTO_TCP, TCP_SAVE_SYN}},
	};

	return setsockopt(descriptor, names[option][is_ipv6].level, names[option][is_ipv6].name,
		       &value, sizeof(value)) == 0
		       ? 0
		       : -errno;
}

int
ks_tcp_bind_device(int descriptor, const char *name)
{
	socklen_t length = (socklen_t)strnlen(name, IFNAMSIZ);

	/* Cut, it would be the name of another. */
	if (length >= IFNAMSIZ)
		return -ENODEV;
	return setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, length) == 0 ? 0 : -errno;
}

int
ks_tcp_sign(int descriptor, const struct ks_flow_address *neighbor, const void *key, size_t octets)
{
	struct tcp_md5sig signature;
	int error;

	if (octets > KS_TCP_KEY_OCTETS_MAX)
		return -EMSGSIZE;
	memset(&signature, 0, sizeof(signature));
	memcpy(&signature.tcpm_addr, &neighbor->any, neighbor->length);
	signature.tcpm_keylen = (uint16_t)octets;
	if (octets > 0)
		memcpy(signature.tcpm_key, key, octets);
	error = setsockopt(descriptor, IPPROTO_TCP, TCP_MD5SIG, &signature, sizeof(signature)) == 0
			? 0
			: -errno;
	explicit_bzero(&signature, sizeof(signature));
	return error;
}

int
ks_tcp_bind(int descriptor, const struct ks_flow_address *source)
{
	int one = 1;

	/* Elsewhere a port would be taken from all targets, not from this one. */
	if (source->ipv4.sin_port == 0 &&
		setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) != 0)
		return -errno;
	return bind(descriptor, &source->any, source->length) == 0 ? 0 : -errno;
}

int
ks_tcp_syn_hops(int descriptor, bool is_ipv6)
{
	unsigned char header[128];
	socklen_t length = sizeof(header);
	size_t needed = is_ipv6 ? sizeof(struct ip6_hdr) : IPV4_HEADER_BYTES;

	if (getsockopt(descriptor, IPPROTO_TCP, TCP_SAVED_SYN, header, &length) != 0)
		return -errno;
	if (length < needed)
		return -ENODATA;
	return header[is_ipv6 ? offsetof(struct ip6_hdr, ip6_hlim) : TTL_OFFSET];
}

int
ks_tcp_link(int descriptor, bool is_ipv6)
{
	/* Room for every message that the kernel may put beside the one that is asked for. */
	_Alignas(struct cmsghdr) unsigned char control[256];
	struct msghdr message = {.msg_control = control};
	socklen_t length = sizeof(control);
	int level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, one = 1;
	struct in6_pktinfo info6;
	struct in_pktinfo info;

	if (setsockopt(descriptor, level, is_ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &one,
		    sizeof(one)) != 0 ||
		getsockopt(descriptor, level, is_ipv6 ? IPV6_2292PKTOPTIONS : IP_PKTOPTIONS,
			control, &length) != 0)
		return -errno;
	message.msg_controllen = length;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL;
		part = CMSG_NXTHDR(&message, part)) {
		if (!is_ipv6 && part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(part), sizeof(info));
			return info.ipi_ifindex;
		}
		if (is_ipv6 && part->cmsg_level == IPPROTO_IPV6 &&
			part->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(part), sizeof(info6));
			return (int)info6.ipi6_ifindex;
		}
	}
	return 0;
}

int
ks_tcp_unacknowledged(int descriptor)
{
	int octets = 0;

	return ioctl(descriptor, SIOCOUTQ, &octets) == 0 ? octets : -errno;
}

void
ks_tcp_end_with_reset(int descriptor)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}
