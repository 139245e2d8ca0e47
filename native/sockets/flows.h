/*
 * A table of flows for JavaScript: what flow_table.h has, read on Node's loop.
 *
 * Owner, threads, lifetime: as polled.h says.
 */
#ifndef KS_FLOWS_H
#define KS_FLOWS_H

#include <node_api.h>

/*
 * openFlows(news, happened): the table, or -errno. `news` is an Int32Array that holds, while
 * happened(count) runs, `count` times number, bits and errno (struct ks_flow_news).
 */
napi_value ks_flows_open(napi_env env, napi_callback_info call);
/*
 * openFlow(table, protocol, address, port, source, sourcePort, interface, mark): the number or
 * -errno; protocol as enum ks_flow_protocol, empty texts, port 0 and mark 0 for nothing.
 */
napi_value ks_flows_open_one(napi_env env, napi_callback_info call);
/*
 * prepareKnock(table, address, port, source, sourcePort, interface, mark): a number for `knock`, or
 * -errno. Reading the settings costs as much as a tenth of a check.
 */
napi_value ks_flows_prepare_knock(napi_env env, napi_callback_info call);
/* forgetKnock(table, number): another may get the number. */
napi_value ks_flows_forget_knock(napi_env env, napi_callback_info call);
/*
 * knock(table, numbers, count): the first `count` of an Int32Array, from prepareKnock, become the
 * numbers of TCP connections that close once established, or -errno.
 */
napi_value ks_flows_knock(napi_env env, napi_callback_info call);
/* sendFlow(table, number, bytes, offset): octets taken or -errno. */
napi_value ks_flows_send(napi_env env, napi_callback_info call);
/* receiveFlow(table, number, room, most): octets received or -errno. */
napi_value ks_flows_receive(napi_env env, napi_callback_info call);
/* closeFlow(table, number). */
napi_value ks_flows_close_one(napi_env env, napi_callback_info call);
/* closeFlows(table): all of them, at once. */
napi_value ks_flows_close(napi_env env, napi_callback_info call);

#endif
