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
 * prepareKnock(address, port, source, sourcePort, interface, mark): settings that any table takes,
 * as often as wished: reading them costs as much as a tenth of a check.
 */
napi_value ks_flows_prepare_knock(napi_env env, napi_callback_info call);
/* knock(table, settings): the number of a TCP connection that closes once established, or -errno.
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
