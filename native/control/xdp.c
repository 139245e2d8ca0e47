#include "xdp.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* Names of the programs that libxdp and libbpf load for AF_XDP sockets. */
static const char *const af_xdp_programs[] = {"xdp_dispatcher", "xsk_def_prog", "xdp_sock_prog"};

static int
print_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

int
ks_xdp_attach_pass(unsigned int interface_index)
{
	/* r0 = XDP_PASS; exit */
	const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int program_fd, link_fd;

	libbpf_set_print(print_nothing);
	program_fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "ks_pass", "Apache-2.0", program,
		sizeof(program) / sizeof(program[0]), NULL);
	if (program_fd < 0)
		return -1;
	link_fd = bpf_link_create(program_fd, (int)interface_index, BPF_XDP, NULL);
	close(program_fd);
	return link_fd < 0 ? -1 : link_fd;
}

static bool
is_af_xdp_program(uint32_t id)
{
	struct bpf_prog_info program = {0};
	uint32_t length = sizeof(program);
	int fd = bpf_prog_get_fd_by_id(id);
	bool is_known = false;

	if (fd < 0)
		return false;
	if (bpf_obj_get_info_by_fd(fd, &program, &length) == 0) {
		for (size_t i = 0; i < sizeof(af_xdp_programs) / sizeof(af_xdp_programs[0]); i++)
			is_known |= strcmp(program.name, af_xdp_programs[i]) == 0;
	}
	close(fd);
	return is_known;
}

/* Whether one of the sockets in a part of the kernel's answer is bound to the interface. */
static bool
names_interface(const struct nlmsghdr *message, unsigned int interface_index)
{
	size_t left = message->nlmsg_len - NLMSG_LENGTH(sizeof(struct xdp_diag_msg));
	const uint8_t *at = (const uint8_t *)NLMSG_DATA(message) + sizeof(struct xdp_diag_msg);

	while (left >= sizeof(struct nlattr)) {
		const struct nlattr *attribute = (const struct nlattr *)at;
		size_t bytes = NLA_ALIGN(attribute->nla_len);

		if (attribute->nla_type == XDP_DIAG_INFO &&
			((const struct xdp_diag_info *)(attribute + 1))->ifindex == interface_index)
			return true;
		if (bytes < sizeof(*attribute) || bytes > left)
			break;
		at += bytes;
		left -= bytes;
	}
	return false;
}

/* Whether an AF_XDP socket is bound to the interface; false also when the kernel does not tell. */
static bool
has_sockets(unsigned int interface_index)
{
	struct {
		struct nlmsghdr header;
		struct xdp_diag_req request;
	} question = {
		.header = {.nlmsg_len = sizeof(question),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.request = {.sdiag_family = AF_XDP, .xdiag_show = XDP_SHOW_INFO},
	};
	uint8_t answer[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	bool is_found = false;

	if (fd < 0 || send(fd, &question, sizeof(question), 0) < 0)
		goto done;
	for (;;) {
		ssize_t received = recv(fd, answer, sizeof(answer), 0);
		uint32_t left = (uint32_t)received;

		if (received <= 0)
			goto done;
		for (struct nlmsghdr *message = (struct nlmsghdr *)answer; NLMSG_OK(message, left);
			message = NLMSG_NEXT(message, left)) {
			if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY)
				goto done;
			if (names_interface(message, interface_index)) {
				is_found = true;
				goto done;
			}
		}
	}
done:
	if (fd >= 0)
		close(fd);
	return is_found;
}

void
ks_xdp_detach_stale(unsigned int interface_index)
{
	uint32_t id = 0;

	libbpf_set_print(print_nothing);
	if (bpf_xdp_query_id((int)interface_index, 0, &id) != 0 || id == 0)
		return;
	if (is_af_xdp_program(id) && !has_sockets(interface_index))
		bpf_xdp_detach((int)interface_index, 0, NULL);
}
