#include "eal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_mbuf.h>

#include "device.h"
#include "ports.h"
#include "reason.h"

#define ARGUMENTS_MAX 64
#define PAGE_MEGABYTES 2u
/* Rings, queues and DPDK's own; more than was ever seen in use. */
#define MEGABYTES_SPARE 48u

/* Worker i runs on lcore i + 1; lcore 0 is the thread that opens. */
#define MAIN_LCORE 0u

struct arguments {
	char *values[ARGUMENTS_MAX];
	int count;
};

/* The gravest line, and of those the first: later ones only say that something failed. */
static char complaint[KS_REASON_BYTES];
static int complaint_level;
static pthread_mutex_t complaint_lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t
write_complaint(void *cookie, const char *text, size_t length)
{
	size_t kept = RTE_MIN(length, sizeof(complaint) - 1);
	int level = rte_log_cur_msg_loglevel();

	(void)cookie;
	pthread_mutex_lock(&complaint_lock);
	if (complaint[0] == '\0' || level < complaint_level) {
		memcpy(complaint, text, kept);
		complaint[kept] = '\0';
		complaint[strcspn(complaint, "\n")] = '\0';
		complaint_level = level;
	}
	pthread_mutex_unlock(&complaint_lock);
	return (ssize_t)length;
}

const char *
ks_eal_take_complaint(void)
{
	static char taken[KS_REASON_BYTES];

	pthread_mutex_lock(&complaint_lock);
	memcpy(taken, complaint, sizeof(taken));
	complaint[0] = '\0';
	pthread_mutex_unlock(&complaint_lock);
	return taken;
}

/*
 * No packet buffer crosses a page (rte_mempool_op_populate_helper), so with ordinary pages one that
 * is larger than half of a page takes a whole one.
 */
static uint32_t
megabytes_needed(const struct ks_open_options *options, uint64_t page_bytes)
{
	/* Header, private area, room, and the mempool's own words around each. */
	uint64_t buffer_bytes = sizeof(struct rte_mbuf) + 64 + 64 + ks_ports_buffer_bytes(options);
	uint64_t buffers_in_page = page_bytes / buffer_bytes;
	uint64_t bytes = RTE_ALIGN_CEIL(buffer_bytes, page_bytes) * options->packet_buffers;

	if (buffers_in_page > 1)
		bytes = (options->packet_buffers / buffers_in_page + 1) * page_bytes;
	return (uint32_t)(bytes >> 20) + MEGABYTES_SPARE;
}

static uint32_t
free_hugepage_megabytes(void)
{
	FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");
	unsigned int pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%u", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * PAGE_MEGABYTES;
}

static int
choose_memory(struct ks_eal *eal, const struct ks_open_options *options, struct ks_reason *reason)
{
	uint32_t needed = megabytes_needed(options, (uint64_t)PAGE_MEGABYTES << 20);
	uint32_t available = options->hugepages == KS_HUGEPAGES_OFF ? 0 : free_hugepage_megabytes();

	eal->has_hugepages = available >= needed;
	if (options->hugepages != KS_HUGEPAGES_ON || eal->has_hugepages)
		return 0;
	return ks_refuse(reason, ENOMEM,
		"hugepages are on, but %u MB are needed in 2 MB pages and %u MB are free; reserve "
		"them (sysctl vm.nr_hugepages=%u), lower packet_buffers or set hugepages auto",
		needed, available, (needed - available) / PAGE_MEGABYTES + 1);
}

/* The given CPUs; else the last allowed ones downward, shared when there are too few. */
static int
choose_cpus(struct ks_eal *eal, const struct ks_open_options *options, struct ks_reason *reason)
{
	uint32_t allowed[CPU_SETSIZE];
	uint32_t allowed_count = 0;
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return ks_refuse(
			reason, errno, "the allowed CPUs cannot be read: %s", strerror(errno));
	for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &cpus))
			allowed[allowed_count++] = cpu;
	}
	for (uint32_t i = 0; i < options->workers_count; i++) {
		uint32_t cpu = options->worker_cpus_count != 0
				       ? options->worker_cpus[i % options->worker_cpus_count]
				       : allowed[allowed_count - 1 - i % allowed_count];

		if (cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &cpus))
			return ks_refuse(reason, EINVAL,
				"worker %u cannot run on CPU %u; this process may use %u CPUs, "
				"choose one of those",
				i, cpu, allowed_count);
		eal->worker_cpus[i] = cpu;
		eal->worker_lcores[i] = MAIN_LCORE + 1 + i;
	}
	return 0;
}

int
ks_eal_check(struct ks_eal *eal, const struct ks_open_options *options, struct ks_reason *reason)
{
	if (options->workers_count == 0 || options->workers_count > KS_OPEN_WORKERS_MAX)
		return ks_refuse(reason, EINVAL, "%u workers: choose between 1 and %u",
			options->workers_count, KS_OPEN_WORKERS_MAX);
	if (options->worker_cpus_count != 0 && options->worker_cpus_count < options->workers_count)
		return ks_refuse(reason, EINVAL,
			"%u workers but only %u CPUs for them; name a CPU for each worker or none",
			options->workers_count, options->worker_cpus_count);
	if (options->packet_buffers < 1024)
		return ks_refuse(reason, EINVAL, "%u packet buffers are too few; at least 1024",
			options->packet_buffers);

	int error = choose_cpus(eal, options, reason);

	return error != 0 ? error : choose_memory(eal, options, reason);
}

static void add_argument(struct arguments *arguments, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
add_argument(struct arguments *arguments, const char *format, ...)
{
	char text[KS_DEVICE_BYTES + 4096];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	/* Never freed: EAL keeps pointers into its arguments. */
	arguments->values[arguments->count++] = strdup(text);
}

/* "0@(0,1),1@1": lcore 0 wherever this thread may run, then one lcore per worker. */
static void
add_lcores(struct arguments *arguments, const struct ks_eal *eal, uint32_t workers_count)
{
	char text[4096];
	size_t used = (size_t)snprintf(text, sizeof(text), "%u@(", MAIN_LCORE);
	const char *separator = "";
	cpu_set_t cpus;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (uint32_t cpu = 0; cpu < CPU_SETSIZE && used < sizeof(text) / 2; cpu++) {
		if (!CPU_ISSET(cpu, &cpus))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", separator, cpu);
		separator = ",";
	}
	used += (size_t)snprintf(text + used, sizeof(text) - used, ")");
	for (uint32_t i = 0; i < workers_count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, ",%u@%u",
			eal->worker_lcores[i], eal->worker_cpus[i]);
	add_argument(arguments, "--lcores=%s", text);
}

static void
build_arguments(struct arguments *arguments, const struct ks_eal *eal,
	const struct ks_open_options *options)
{
	bool has_pci = false;

	add_argument(arguments, "dpvs");
	add_argument(arguments, "--file-prefix=%s", options->file_prefix);
	add_lcores(arguments, eal, options->workers_count);
	add_argument(arguments, "--main-lcore=%u", MAIN_LCORE);
	add_argument(arguments, "--no-telemetry");
	add_argument(arguments, "--log-level=*:warning");
	/* Neither leaves a file behind; the first does not go with --no-huge. */
	if (eal->has_hugepages) {
		add_argument(arguments, "--in-memory");
	} else {
		add_argument(arguments, "--no-shconf");
		add_argument(arguments, "--no-huge");
		add_argument(arguments, "-m");
		add_argument(arguments, "%u",
			megabytes_needed(options, (uint64_t)sysconf(_SC_PAGESIZE)));
	}
	for (uint32_t i = 0; i < options->ports_count; i++) {
		if (!ks_device_is_pci(options->ports[i].device))
			continue;
		add_argument(arguments, "-a");
		add_argument(arguments, "%s", options->ports[i].device);
		has_pci = true;
	}
	if (!has_pci)
		add_argument(arguments, "--no-pci");
}

/* rte_eal_init binds the calling thread to lcore 0 and its threads inherit the signal mask. */
static int
init_guarded(struct arguments *arguments)
{
	cpu_set_t cpus;
	sigset_t all, before;
	int result;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = rte_eal_init(arguments->count, arguments->values);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	return result;
}

int
ks_eal_start(struct ks_eal *eal, const struct ks_open_options *options, struct ks_reason *reason)
{
	const cookie_io_functions_t functions = {.write = write_complaint};
	struct arguments arguments = {.count = 0};
	FILE *log = fopencookie(NULL, "w", functions);

	if (log != NULL) {
		setvbuf(log, NULL, _IOLBF, 512);
		rte_openlog_stream(log);
	}
	build_arguments(&arguments, eal, options);
	if (init_guarded(&arguments) < 0) {
		int error = rte_errno;
		const char *said = ks_eal_take_complaint();

		return ks_refuse(reason, error != 0 ? error : EIO,
			"DPDK does not start: %s (%s); start a new process once that is mended",
			said[0] != '\0' ? said : "it gave no reason", strerror(error));
	}
	eal->is_started = true;
	return 0;
}

void
ks_eal_stop(struct ks_eal *eal)
{
	if (!eal->is_started)
		return;
	rte_eal_cleanup();
	/* EAL leaves its folder behind, empty. */
	rmdir(rte_eal_get_runtime_dir());
	eal->is_started = false;
}
