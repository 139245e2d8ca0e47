/*
 * Owner: nobody. Threads: any. Lifetime: the program.
 *
 * Who sends frames on an interface: its MAC address, and whether IPv6 is forwarded there.
 */
#ifndef KS_INTERFACE_SENDER_H
#define KS_INTERFACE_SENDER_H

#include <node_api.h>

/*
 * interfaceSender(name): seven octets, the last is 1 where IPv6 is forwarded; null for an interface
 * without Ethernet addresses; -errno when there is none of that name. Never blocks.
 */
napi_value ks_interface_sender(napi_env env, napi_callback_info call);

#endif
