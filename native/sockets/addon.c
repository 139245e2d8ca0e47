/*
 * What Node does not give: raw IP, frames, netlink, cheap flows, signed TCP, syslog, file locks
 * that end with their process.
 * Plain Node-API, loadable by every thread; src/host/sockets.ts is the only caller.
 */
#include "command.h"
#include "datagram_socket.h"
#include "flows.h"
#include "interface_sender.h"
#include "packet_socket.h"
#include "process_calls.h"
#include "route_socket.h"
#include "signal_watch.h"
#include "thread_calls.h"
#include "tcp_socket.h"
#include "udp_socket.h"
#include "values.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <uv.h>

#define LOG_LINE_BYTES_MAX 4096

/* interfaceIndex(name): -errno when there is no such interface. */
static napi_value
interface_index(napi_env env, napi_callback_info call)
{
	char name[256];
	napi_value argument;
	unsigned int index;

	if (!ks_arguments(env, call, 1, &argument) ||
		!ks_read_text(env, argument, name, sizeof(name)))
		return NULL;
	index = if_nametoindex(name);
	return ks_number(env, index == 0 ? -errno : (int)index);
}

/* interfaceName(index): -errno when there is no such interface. */
static napi_value
interface_name(napi_env env, napi_callback_info call)
{
	char name[IF_NAMESIZE];
	napi_value argument;
	uint32_t index;

	if (!ks_arguments(env, call, 1, &argument) || !ks_read_uint32(env, argument, &index))
		return NULL;
	if (if_indextoname(index, name) == NULL)
		return ks_number(env, -errno);
	return ks_text(env, name);
}

/* sendFrame(index, frame): 0 or -errno. */
static napi_value
send_frame(napi_env env, napi_callback_info call)
{
	napi_value arguments[2];
	uint32_t index;
	const void *frame;
	size_t length;
	void *packet_socket;

	if (!ks_arguments(env, call, 2, arguments) || !ks_read_uint32(env, arguments[0], &index) ||
		!ks_read_bytes(env, arguments[1], &frame, &length))
		return NULL;
	if (napi_get_instance_data(env, &packet_socket) != napi_ok || packet_socket == NULL)
		return ks_number(env, -EINVAL);
	return ks_number(env, ks_packet_socket_send(packet_socket, index, frame, length));
}

static void
open_log(void)
{
	/* Without LOG_CONS: a missing log daemon must not send every line to a slow console. */
	openlog("Keelson", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

/* writeSyslog(priority, line): 8 * facility + severity as in RFC 5424; facility 0 is the daemon's.
 */
static napi_value
write_syslog(napi_env env, napi_callback_info call)
{
	static uv_once_t once = UV_ONCE_INIT;
	char line[LOG_LINE_BYTES_MAX];
	napi_value arguments[2];
	uint32_t priority;

	if (!ks_arguments(env, call, 2, arguments) ||
		!ks_read_uint32(env, arguments[0], &priority) ||
		!ks_read_text(env, arguments[1], line, sizeof(line)))
		return NULL;
	uv_once(&once, open_log);
	syslog((int)priority & (LOG_PRIMASK | LOG_FACMASK), "%s", line);
	return NULL;
}

/* lockFile(descriptor): 0, or -EAGAIN when another open of the file holds the lock. */
static napi_value
lock_file(napi_env env, napi_callback_info call)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	napi_value argument;
	uint32_t descriptor;

	if (!ks_arguments(env, call, 1, &argument) || !ks_read_uint32(env, argument, &descriptor))
		return NULL;
	return ks_number(env, fcntl((int)descriptor, F_OFD_SETLK, &whole) == 0 ? 0 : -errno);
}

/* errorText(errno): the operating system's sentence. */
static napi_value
error_text(napi_env env, napi_callback_info call)
{
	char room[128];
	napi_value argument;
	uint32_t error;

	if (!ks_arguments(env, call, 1, &argument) || !ks_read_uint32(env, argument, &error))
		return NULL;
	return ks_text(env, strerror_r((int)error, room, sizeof(room)));
}

static void
instance_ended(napi_env env, void *packet_socket, void *hint)
{
	(void)env;
	(void)hint;
	ks_packet_socket_close(packet_socket);
	free(packet_socket);
}

static const napi_property_descriptor functions[] = {
	{.utf8name = "openRoute", .method = ks_route_socket_open, .attributes = napi_enumerable},
	{.utf8name = "openProcesses",
		.method = ks_route_socket_open_processes,
		.attributes = napi_enumerable},
	{.utf8name = "sendRoute", .method = ks_route_socket_send, .attributes = napi_enumerable},
	{.utf8name = "closeRoute", .method = ks_route_socket_close, .attributes = napi_enumerable},
	{.utf8name = "openDatagrams",
		.method = ks_datagram_socket_open,
		.attributes = napi_enumerable},
	{.utf8name = "joinGroup", .method = ks_datagram_socket_join, .attributes = napi_enumerable},
	{.utf8name = "setReceiveBuffer",
		.method = ks_datagram_socket_set_buffer,
		.attributes = napi_enumerable},
	{.utf8name = "sendDatagram",
		.method = ks_datagram_socket_send,
		.attributes = napi_enumerable},
	{.utf8name = "closeDatagrams",
		.method = ks_datagram_socket_close,
		.attributes = napi_enumerable},
	{.utf8name = "openFlows", .method = ks_flows_open, .attributes = napi_enumerable},
	{.utf8name = "openFlow", .method = ks_flows_open_one, .attributes = napi_enumerable},
	{.utf8name = "prepareKnock",
		.method = ks_flows_prepare_knock,
		.attributes = napi_enumerable},
	{.utf8name = "forgetKnock", .method = ks_flows_forget_knock, .attributes = napi_enumerable},
	{.utf8name = "knock", .method = ks_flows_knock, .attributes = napi_enumerable},
	{.utf8name = "sendFlow", .method = ks_flows_send, .attributes = napi_enumerable},
	{.utf8name = "receiveFlow", .method = ks_flows_receive, .attributes = napi_enumerable},
	{.utf8name = "closeFlow", .method = ks_flows_close_one, .attributes = napi_enumerable},
	{.utf8name = "closeFlows", .method = ks_flows_close, .attributes = napi_enumerable},
	{.utf8name = "openUdpListener",
		.method = ks_udp_listener_open,
		.attributes = napi_enumerable},
	{.utf8name = "closeUdpListener",
		.method = ks_udp_listener_close,
		.attributes = napi_enumerable},
	{.utf8name = "openUdpSender", .method = ks_udp_sender_open, .attributes = napi_enumerable},
	{.utf8name = "sendUdp", .method = ks_udp_sender_send, .attributes = napi_enumerable},
	{.utf8name = "closeUdpSender",
		.method = ks_udp_sender_close,
		.attributes = napi_enumerable},
	{.utf8name = "interfaceName", .method = interface_name, .attributes = napi_enumerable},
	{.utf8name = "interfaceIndex", .method = interface_index, .attributes = napi_enumerable},
	{.utf8name = "interfaceSender",
		.method = ks_interface_sender,
		.attributes = napi_enumerable},
	{.utf8name = "sendFrame", .method = send_frame, .attributes = napi_enumerable},
	{.utf8name = "writeSyslog", .method = write_syslog, .attributes = napi_enumerable},
	{.utf8name = "lockFile", .method = lock_file, .attributes = napi_enumerable},
	{.utf8name = "errorText", .method = error_text, .attributes = napi_enumerable},
	{.utf8name = "watchSignal", .method = ks_signal_watch, .attributes = napi_enumerable},
	{.utf8name = "enterNetworkNamespace",
		.method = ks_enter_network_namespace,
		.attributes = napi_enumerable},
	{.utf8name = "mountPrivately", .method = ks_mount_privately, .attributes = napi_enumerable},
	{.utf8name = "replaceProcess", .method = ks_replace_process, .attributes = napi_enumerable},
	{.utf8name = "startCommand", .method = ks_command_start, .attributes = napi_enumerable},
	{.utf8name = "programAnswer", .method = ks_program_answer, .attributes = napi_enumerable},
	{.utf8name = "sendNotice", .method = ks_send_notice, .attributes = napi_enumerable},
	{.utf8name = "setRealTime", .method = ks_set_real_time, .attributes = napi_enumerable},
	{.utf8name = "setProcessors", .method = ks_set_processors, .attributes = napi_enumerable},
	{.utf8name = "openTcp", .method = ks_tcp_socket_open, .attributes = napi_enumerable},
	{.utf8name = "setTcp", .method = ks_tcp_socket_set, .attributes = napi_enumerable},
	{.utf8name = "bindTcpDevice",
		.method = ks_tcp_socket_bind_device,
		.attributes = napi_enumerable},
	{.utf8name = "signTcp", .method = ks_tcp_socket_sign, .attributes = napi_enumerable},
	{.utf8name = "bindTcp", .method = ks_tcp_socket_bind, .attributes = napi_enumerable},
	{.utf8name = "connectTcp", .method = ks_tcp_socket_connect, .attributes = napi_enumerable},
	{.utf8name = "listenTcp", .method = ks_tcp_socket_listen, .attributes = napi_enumerable},
	{.utf8name = "acceptTcp", .method = ks_tcp_socket_accept, .attributes = napi_enumerable},
	{.utf8name = "tcpSynHops", .method = ks_tcp_socket_syn_hops, .attributes = napi_enumerable},
	{.utf8name = "tcpAddress", .method = ks_tcp_socket_address, .attributes = napi_enumerable},
	{.utf8name = "tcpError", .method = ks_tcp_socket_error, .attributes = napi_enumerable},
	{.utf8name = "tcpLink", .method = ks_tcp_socket_link, .attributes = napi_enumerable},
	{.utf8name = "sendTcp", .method = ks_tcp_socket_send, .attributes = napi_enumerable},
	{.utf8name = "receiveTcp", .method = ks_tcp_socket_receive, .attributes = napi_enumerable},
	{.utf8name = "tcpUnacknowledged",
		.method = ks_tcp_socket_unacknowledged,
		.attributes = napi_enumerable},
	{.utf8name = "shutTcp", .method = ks_tcp_socket_shut, .attributes = napi_enumerable},
	{.utf8name = "watchTcp", .method = ks_tcp_socket_watch, .attributes = napi_enumerable},
	{.utf8name = "closeTcp", .method = ks_tcp_socket_close, .attributes = napi_enumerable},
};

/* The macro below defines it without declaring it. */
NAPI_MODULE_EXPORT int32_t NODE_API_MODULE_GET_API_VERSION(void);

NAPI_MODULE_INIT()
{
	struct ks_packet_socket *packet_socket = malloc(sizeof(*packet_socket));

	if (packet_socket == NULL)
		return NULL;
	packet_socket->descriptor = -1;
	if (napi_set_instance_data(env, packet_socket, instance_ended, NULL) != napi_ok) {
		free(packet_socket);
		return NULL;
	}
	napi_define_properties(env, exports, sizeof(functions) / sizeof(functions[0]), functions);
	return exports;
}
