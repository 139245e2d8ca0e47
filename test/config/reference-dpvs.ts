// What DPVS adds to keepalived.conf, and every item of its own dpvs.conf.
import { block, type ReferenceBlock } from './reference-keywords.js';

/** In keepalived.conf. */
export const dpvsKeywords: readonly ReferenceBlock[] = [
  block('', 'local_address_group deny_address_group allow_address_group tunnel_group'),
  block('tunnel_group', 'tunnel_entry'),
  block('tunnel_group tunnel_entry', 'kind remote local if'),
  block('vrrp_instance', 'dpdk_interface'),
  block(
    'virtual_server',
    `laddr_group_name daddr_group_name waddr_group_name syn_proxy expire_quiescent_conn quic
     vip_bind_dev establish_timeout proxy_protocol hash_target bps limit_proportion src-range
     dst-range iif oif`,
  ),
];

const timeouts = `none established syn_sent syn_recv fin_wait time_wait close close_wait last_ack
  listen synack last`;

/** In dpvs.conf, which has its own root. */
export const dpvsConfKeywords: readonly ReferenceBlock[] = [
  block(
    '',
    `global_defs netif_defs worker_defs timer_defs neigh_defs ipset_defs ipv4_defs ipv6_defs
     ctrl_defs ipvs_defs sa_pool`,
  ),
  block(
    'global_defs',
    'log_level log_file log_with_timestamp log_async_mode log_async_pool_size pdump kni lldp',
  ),
  block('netif_defs', 'pktpool_size pktpool_cache fdir_mode device bonding'),
  block('netif_defs device', 'rx tx mtu promisc_mode allmulticast kni_name'),
  block('netif_defs device rx', 'queue_number descriptor_number rss'),
  block('netif_defs device tx', 'queue_number descriptor_number mbuf_fast_free'),
  block('netif_defs bonding', 'mode slave primary numa_node kni_name options'),
  block('worker_defs', 'worker'),
  block('worker_defs worker', 'type cpu_id icmp_redirect_core port'),
  block('worker_defs worker port', 'rx_queue_ids tx_queue_ids isol_rx_cpu_ids isol_rxq_ring_sz'),
  block('timer_defs', 'schedule_interval'),
  block('neigh_defs', 'unres_queue_length timeout'),
  block('ipset_defs', 'ipset_hash_pool_size'),
  block('ipv4_defs', 'forwarding default_ttl fragment'),
  block('ipv4_defs fragment', 'bucket_number bucket_entries max_entries ttl'),
  block('ipv6_defs', 'disable forwarding addr_gen_mode stable_secret route6'),
  block('ipv6_defs route6', 'method recycle_time lpm'),
  block('ipv6_defs route6 lpm', 'lpm6_max_rules lpm6_num_tbl8s rt6_hash_bucket'),
  block('ctrl_defs', 'lcore_msg'),
  block('ctrl_defs lcore_msg', 'ring_size sync_msg_timeout_us priority_level'),
  block('ipvs_defs', 'conn udp tcp'),
  block(
    'ipvs_defs conn',
    `conn_pool_size conn_pool_cache conn_init_timeout expire_quiescent_template
     fast_xmit_close xmit_ttl redirect`,
  ),
  block('ipvs_defs udp', 'defence_udp_drop uoa_mode uoa_max_trail timeout'),
  block('ipvs_defs udp timeout', 'oneway normal last'),
  block('ipvs_defs tcp', 'defence_tcp_drop timeout synproxy'),
  block('ipvs_defs tcp timeout', timeouts),
  block(
    'ipvs_defs tcp synproxy',
    `synack_options close_client_window defer_rs_syn rs_syn_max_retry ack_storm_thresh
     max_ack_saved conn_reuse_state`,
  ),
  block('ipvs_defs tcp synproxy synack_options', 'mss ttl sack wscale timestamp'),
  block('ipvs_defs tcp synproxy conn_reuse_state', 'close time_wait fin_wait close_wait last_ack'),
  block('sa_pool', 'pool_hash_size flow_enable'),
];
