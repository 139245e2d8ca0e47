/*
 * Lets UDP packets of many flows arrive on an interface and says what the kernel does with each, in
 * TSC cycles. No driver and no sender are part of the figure: the kernel's own test run of an XDP
 * program makes the frames in bursts of 64, the program gives each its flow, and the stack takes
 * them within the time that the kernel reports. 64 octets each, correct checksums, the clients of
 * bench_datapath, flows at random. Bounded: it ends after its windows.
 *
 *     inject_flows INTERFACE floor|hit|new FLOWS
 *
 * floor makes frames of a protocol that nobody wants: what is left is making and receiving them.
 * new begins a flow with (nearly) every packet. One JSON line at the end.
 */
#define _GNU_SOURCE /* CPU sets */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define FRAME_BYTES 64u
#define BURST 64u
#define WINDOWS 60u
#define WINDOW_PACKETS 1024u /* short enough for some to pass undisturbed */
#define FLOWS_MAX 1048576u
#define NEW_FLOWS (1u << 31)
#define INSTRUCTIONS_MAX 96u

#define SOURCE_FIRST (100u << 24 | 64u << 16)
#define AT_IP 14
#define AT_UDP 34

enum kind { KIND_FLOOR, KIND_HIT, KIND_NEW };

struct program {
	struct bpf_insn instructions[INSTRUCTIONS_MAX];
	uint32_t count;
};

struct injector {
	int program;
	uint32_t interface_index;
	uint32_t flows;
	enum kind kind;
	uint64_t injected;
	uint8_t frame[FRAME_BYTES];
};

__attribute__((noreturn, format(printf, 1, 2))) static void
fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("inject_flows: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

static void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t
sum16(const uint8_t *octets, uint32_t length)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < length; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	return sum;
}

/* A datagram to 192.0.2.10:53 with nothing yet that tells flows apart, and no checksums. */
static void
fill_frame(uint8_t *frame, enum kind kind)
{
	memset(frame, 0, FRAME_BYTES);
	memset(frame, 0xff, ETH_ALEN); /* to whom is set when the interface is known */
	frame[6] = 2;
	put16(frame + 12, kind == KIND_FLOOR ? ETH_P_802_EX1 : ETH_P_IP);
	frame[AT_IP] = 0x45;
	put16(frame + AT_IP + 2, FRAME_BYTES - AT_IP);
	frame[AT_IP + 8] = 64;
	frame[AT_IP + 9] = IPPROTO_UDP;
	put32(frame + AT_IP + 16, 192u << 24 | 2u << 8 | 10u);
	put16(frame + AT_UDP + 2, 53);
	put16(frame + AT_UDP + 4, FRAME_BYTES - AT_UDP);
}

static void
emit(struct program *program, uint8_t code, uint8_t destination, uint8_t source, int16_t offset,
	uint32_t immediate)
{
	if (program->count == INSTRUCTIONS_MAX)
		fail("the XDP program has no room for its instructions");
	program->instructions[program->count++] = (struct bpf_insn){
		.code = code,
		.dst_reg = destination & 0xfu,
		.src_reg = source & 0xfu,
		.off = offset,
		.imm = (int32_t)immediate,
	};
}

static void
emit_constant(struct program *program, uint8_t operation, uint8_t destination, uint32_t value)
{
	emit(program, BPF_ALU64 | operation | BPF_K, destination, 0, 0, value);
}

static void
emit_register(struct program *program, uint8_t operation, uint8_t destination, uint8_t source)
{
	emit(program, BPF_ALU64 | operation | BPF_X, destination, source, 0, 0);
}

/* R6 is the frame: the low bits of a register, in network order, at an offset of it. */
static void
emit_store_be(struct program *program, uint8_t source, uint32_t bits, int16_t offset)
{
	emit(program, BPF_ALU | BPF_END | BPF_TO_BE, source, 0, 0, bits);
	emit(program, BPF_STX | BPF_MEM | (bits == 16 ? BPF_H : BPF_W), BPF_REG_6, source, offset,
		0);
}

/* R4, a sum of 16-bit words, becomes a checksum. R5 is lost. */
static void
emit_checksum(struct program *program, int16_t offset)
{
	for (int i = 0; i < 2; i++) {
		emit_register(program, BPF_MOV, BPF_REG_5, BPF_REG_4);
		emit_constant(program, BPF_RSH, BPF_REG_5, 16);
		emit_constant(program, BPF_AND, BPF_REG_4, 0xffff);
		emit_register(program, BPF_ADD, BPF_REG_4, BPF_REG_5);
	}
	emit_constant(program, BPF_XOR, BPF_REG_4, 0xffff);
	emit_store_be(program, BPF_REG_4, 16, offset);
}

/* A flow at random: its address and port, and both checksums. */
static void
emit_flow(struct program *program, const uint8_t *frame, uint32_t flows)
{
	const uint32_t ip_sum = sum16(frame + AT_IP, 20);
	const uint32_t udp_bytes = FRAME_BYTES - AT_UDP;
	const uint32_t udp_sum = sum16(frame + AT_IP + 16, 4) + IPPROTO_UDP + udp_bytes +
				 sum16(frame + AT_UDP, udp_bytes);

	emit(program, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_prandom_u32);
	emit_constant(program, BPF_AND, BPF_REG_0, flows - 1);
	emit_register(program, BPF_MOV, BPF_REG_8, BPF_REG_0);
	emit_constant(program, BPF_RSH, BPF_REG_8, 15);
	emit_constant(program, BPF_ADD, BPF_REG_8, SOURCE_FIRST);
	emit_register(program, BPF_MOV, BPF_REG_9, BPF_REG_0);
	emit_constant(program, BPF_AND, BPF_REG_9, 32767);
	emit_constant(program, BPF_ADD, BPF_REG_9, 1024);
	/* R3: both halves of the source address. */
	emit_register(program, BPF_MOV, BPF_REG_3, BPF_REG_8);
	emit_constant(program, BPF_AND, BPF_REG_3, 0xffff);
	emit_register(program, BPF_MOV, BPF_REG_4, BPF_REG_8);
	emit_constant(program, BPF_RSH, BPF_REG_4, 16);
	emit_register(program, BPF_ADD, BPF_REG_3, BPF_REG_4);
	emit_register(program, BPF_MOV, BPF_REG_4, BPF_REG_3);
	emit_constant(program, BPF_ADD, BPF_REG_4, ip_sum);
	emit_checksum(program, AT_IP + 10);
	emit_register(program, BPF_MOV, BPF_REG_4, BPF_REG_3);
	emit_register(program, BPF_ADD, BPF_REG_4, BPF_REG_9);
	emit_constant(program, BPF_ADD, BPF_REG_4, udp_sum);
	emit_checksum(program, AT_UDP + 6);
	emit_store_be(program, BPF_REG_8, 32, AT_IP + 12);
	emit_store_be(program, BPF_REG_9, 16, AT_UDP);
}

/* Buffers come back as the stack left them, so the whole frame is written every time. */
static void
emit_program(struct program *program, const struct injector *injector)
{
	uint32_t check;

	emit(program, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_6, BPF_REG_1,
		offsetof(struct xdp_md, data), 0);
	emit(program, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_7, BPF_REG_1,
		offsetof(struct xdp_md, data_end), 0);
	emit_register(program, BPF_MOV, BPF_REG_8, BPF_REG_6);
	emit_constant(program, BPF_ADD, BPF_REG_8, FRAME_BYTES);
	check = program->count;
	emit(program, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_8, BPF_REG_7, 0, 0);
	for (uint32_t at = 0; at < FRAME_BYTES; at += 8) {
		uint32_t words[2];

		memcpy(words, injector->frame + at, sizeof(words));
		emit(program, BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, 0, 0, words[0]);
		emit(program, 0, 0, 0, 0, words[1]);
		emit(program, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_1, (int16_t)at, 0);
	}
	if (injector->kind != KIND_FLOOR)
		emit_flow(program, injector->frame, injector->flows);
	emit_constant(program, BPF_MOV, BPF_REG_0, XDP_PASS);
	emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	program->instructions[check].off = (int16_t)(program->count - check - 1);
	emit_constant(program, BPF_MOV, BPF_REG_0, XDP_DROP);
	emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static long
bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static void
load_program(struct injector *injector)
{
	static struct program program;
	static char log[65536];
	union bpf_attr attributes;

	emit_program(&program, injector);
	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_type = BPF_PROG_TYPE_XDP;
	attributes.insns = (uintptr_t)program.instructions;
	attributes.insn_cnt = program.count;
	attributes.license = (uintptr_t) "";
	attributes.log_buf = (uintptr_t)log;
	attributes.log_size = sizeof(log);
	attributes.log_level = 1;
	injector->program = (int)bpf(BPF_PROG_LOAD, &attributes);
	if (injector->program < 0)
		fail("the kernel does not load an XDP program: %s\n%s", strerror(errno), log);
}

/* Returns nanoseconds per packet by the kernel's clock: setting up a run takes it milliseconds. */
static uint32_t
window(struct injector *injector, uint32_t packets)
{
	struct xdp_md context = {
		.data_end = FRAME_BYTES, .ingress_ifindex = injector->interface_index};
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.test.prog_fd = (uint32_t)injector->program;
	attributes.test.data_in = (uintptr_t)injector->frame;
	attributes.test.data_size_in = FRAME_BYTES;
	attributes.test.ctx_in = (uintptr_t)&context;
	attributes.test.ctx_size_in = sizeof(context);
	attributes.test.repeat = packets;
	attributes.test.batch_size = BURST;
	attributes.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
	if (bpf(BPF_PROG_TEST_RUN, &attributes) != 0)
		fail("the kernel (5.18 or newer is needed) does not run an XDP program on live "
		     "frames: %s",
			strerror(errno));
	injector->injected += packets;
	return attributes.test.duration;
}

static double
tsc_hz(void)
{
	const struct timespec wait = {0, 50 * 1000 * 1000};
	struct timespec from, until;
	uint64_t start, cycles;

	clock_gettime(CLOCK_MONOTONIC_RAW, &from);
	start = __rdtsc();
	nanosleep(&wait, NULL);
	clock_gettime(CLOCK_MONOTONIC_RAW, &until);
	cycles = __rdtsc() - start;
	return (double)cycles / ((double)(until.tv_sec - from.tv_sec) +
					(double)(until.tv_nsec - from.tv_nsec) / 1e9);
}

static void
read_mac(const char *interface, uint8_t *mac)
{
	char path[64 + IF_NAMESIZE];
	FILE *file;
	int octets = 0;

	snprintf(path, sizeof(path), "/sys/class/net/%s/address", interface);
	file = fopen(path, "r");
	if (file != NULL) {
		octets = fscanf(file, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1],
			&mac[2], &mac[3], &mac[4], &mac[5]);
		fclose(file);
	}
	if (octets != ETH_ALEN)
		fail("%s tells no MAC address", path);
}

static void
read_arguments(struct injector *injector, int count, char **arguments)
{
	static const char *const kinds[] = {"floor", "hit", "new"};
	int kind = 0;

	if (count != 4)
		fail("expected INTERFACE floor|hit|new FLOWS");
	injector->interface_index = if_nametoindex(arguments[1]);
	if (injector->interface_index == 0)
		fail("there is no interface %s", arguments[1]);
	while (kind < 3 && strcmp(arguments[2], kinds[kind]) != 0)
		kind++;
	if (kind == 3)
		fail("%s is not floor, hit or new", arguments[2]);
	injector->kind = (enum kind)kind;
	injector->flows = (uint32_t)strtoul(arguments[3], NULL, 10);
	if (injector->flows < 1 || injector->flows > FLOWS_MAX ||
		(injector->flows & (injector->flows - 1)) != 0)
		fail("%s is not a power of two up to %u", arguments[3], FLOWS_MAX);
	fill_frame(injector->frame, injector->kind);
	read_mac(arguments[1], injector->frame);
}

int
main(int count, char **arguments)
{
	static struct injector injector;
	const uint32_t *flows = &injector.flows;
	uint32_t least = UINT32_MAX;
	cpu_set_t here;

	read_arguments(&injector, count, arguments);
	if (injector.kind == KIND_NEW)
		injector.flows = NEW_FLOWS;
	load_program(&injector);
	/* Where the worker of bench_datapath runs; another CPU's figures mean no less. */
	CPU_ZERO(&here);
	CPU_SET(0, &here);
	sched_setaffinity(0, sizeof(here), &here);
	/* So many draws leave out hardly any flow. */
	window(&injector, injector.kind == KIND_HIT ? 16 * *flows : WINDOW_PACKETS);
	for (uint32_t i = 0; i < WINDOWS; i++) {
		uint32_t nanoseconds = window(&injector, WINDOW_PACKETS);

		least = nanoseconds < least ? nanoseconds : least;
	}
	printf("{\"cyclesPerPacket\":%.1f,\"packetsPerSecond\":%.0f,\"injected\":%llu}\n",
		least * tsc_hz() / 1e9, 1e9 / least, (unsigned long long)injector.injected);
	return 0;
}
