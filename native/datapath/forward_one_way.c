#include "forward_one_way.h"

#include <rte_branch_prediction.h>

#include "forward.h"
#include "forward_plain.h"

bool
ks_forward_one_way(struct ks_worker *worker, struct ks_packet *packet)
{
	struct ks_connection_half *half = packet->half;
	const struct ks_worker_port *port = &worker->ports[half->port];
	uint8_t ttl = ks_packet_ip(packet)[offsetof(struct rte_ipv4_hdr, time_to_live)];
	uint32_t ip_length_bytes = packet->ip_length_bytes;
	struct ks_traffic_counters *traffic;
	uint64_t mac_word;

	if (unlikely(!ks_flow_keys_equal(&half->key, &packet->key)))
		return false;
	mac_word = ks_neighbor_word(worker->neighbors, half->neighbor);
	if (unlikely((packet->tcp_flags & half->slow_flags) != 0 ||
		     mac_word >> KS_NEIGHBOR_GENERATION_SHIFT != half->neighbor_stamp ||
		     !ks_address_is_held(worker->tables, half->address_id, worker->now_tsc) ||
		     !ks_server_is_available(worker->tables, half->server_id) || ttl <= 1 ||
		     ip_length_bytes + half->growth_bytes > port->mtu_bytes ||
		     rte_pktmbuf_headroom(packet->mbuf) < half->growth_bytes))
		return false;
	traffic = &worker->servers[half->server_id].traffic[half->direction];
	traffic->packets++;
	traffic->bytes += ip_length_bytes;
	half->last_seen_ticks = worker->now_ticks;
	ks_packet_trim(packet);
	if (half->path == KS_PATH_TUNNEL)
		ks_rewrite_tunnel(worker->connections, half, packet);
	else
		ks_forward_lower_ttl(packet);
	ks_put_macs(packet->frame, mac_word, port->mac_word);
	packet->out_port = half->port;
	return true;
}
