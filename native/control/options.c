#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const hugepages_words[] = {"auto", "on", "off"};

static void add_line(struct ks_reason *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
add_line(struct ks_reason *lines, const char *format, ...)
{
	size_t used = strlen(lines->text);
	va_list arguments;

	if (used != 0 && used + 1 < sizeof(lines->text)) {
		lines->text[used++] = '\n';
		lines->text[used] = '\0';
	}
	va_start(arguments, format);
	vsnprintf(lines->text + used, sizeof(lines->text) - used, format, arguments);
	va_end(arguments);
}

static void
compare_number(struct ks_reason *lines, const char *name, uint32_t running, uint32_t wanted)
{
	if (running != wanted)
		add_line(lines, "%s (from %u to %u)", name, running, wanted);
}

static void
compare_text(struct ks_reason *lines, const char *name, const char *running, const char *wanted)
{
	if (strcmp(running, wanted) != 0)
		add_line(lines, "%s (from %s to %s)", name, running, wanted);
}

static void
compare_port(struct ks_reason *lines, const struct ks_port_options *running,
	const struct ks_port_options *wanted)
{
	char name[KS_NAME_BYTES + 32];

	if (strcmp(running->name, wanted->name) != 0) {
		add_line(lines, "ports (%s instead of %s)", wanted->name, running->name);
		return;
	}
	snprintf(name, sizeof(name), "device of port %s", wanted->name);
	compare_text(lines, name, running->device, wanted->device);
	snprintf(name, sizeof(name), "companion interface of port %s", wanted->name);
	compare_text(lines, name, running->kni_name, wanted->kni_name);
	snprintf(name, sizeof(name), "MTU of port %s", wanted->name);
	compare_number(lines, name, running->mtu_bytes, wanted->mtu_bytes);
}

static bool
has_same_cpus(const struct ks_open_options *running, const struct ks_open_options *wanted)
{
	return running->worker_cpus_count == wanted->worker_cpus_count &&
	       memcmp(running->worker_cpus, wanted->worker_cpus,
		       wanted->worker_cpus_count * sizeof(wanted->worker_cpus[0])) == 0;
}

bool
ks_options_equal(const struct ks_open_options *running, const struct ks_open_options *wanted,
	struct ks_reason *differences)
{
	differences->text[0] = '\0';
	compare_text(differences, "file prefix", running->file_prefix, wanted->file_prefix);
	compare_number(differences, "workers", running->workers_count, wanted->workers_count);
	if (!has_same_cpus(running, wanted))
		add_line(differences, "CPUs of the workers");
	compare_text(differences, "poll", running->is_adaptive ? "adaptive" : "busy",
		wanted->is_adaptive ? "adaptive" : "busy");
	compare_number(
		differences, "connections", running->connections_max, wanted->connections_max);
	compare_number(
		differences, "packet buffers", running->packet_buffers, wanted->packet_buffers);
	compare_text(differences, "hugepages", hugepages_words[running->hugepages],
		hugepages_words[wanted->hugepages]);
	compare_number(differences, "ports", running->ports_count, wanted->ports_count);
	if (running->ports_count == wanted->ports_count) {
		for (uint32_t i = 0; i < wanted->ports_count; i++)
			compare_port(differences, &running->ports[i], &wanted->ports[i]);
	}
	return differences->text[0] == '\0';
}
