// Every keyword of keepalived (up to its development head of 2026), block by block: what the
// tables of our language have to know. Names only; what they mean is in the tables.

export type ReferenceBlock = {
  /** Where its keywords stand; [] is the root. */
  readonly at: readonly string[];
  readonly keywords: readonly string[];
  /** How many there are, where somebody counted them in the source; null: nobody did. */
  readonly count: number | null;
};

/** `path` and `names` are separated by white space. */
export function block(path: string, names: string, count: number | null = null): ReferenceBlock {
  const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
  return { at: words(path), keywords: words(names), count };
}

const root = block(
  '',
  `global_defs linkbeat_use_polling linkbeat_interfaces net_namespace net_namespace_ipvs
   namespace_with_ipsets instance use_pid_dir child_wait_time interface_up_down_delays
   static_ipaddress static_routes static_rules track_group garp_group vrrp_sync_group
   vrrp_instance vrrp_script vrrp_track_process track_file vrrp_track_file bfd_instance SSL
   virtual_server_group virtual_server`,
  25,
);

const globalDefs = block(
  'global_defs',
  `router_id notification_email notification_email_from smtp_server smtp_helo_name
   smtp_connect_timeout smtp_alert smtp_alert_vrrp smtp_alert_checker no_email_faults
   no_checker_emails checker_log_all_failures startup_script shutdown_script
   startup_script_timeout shutdown_script_timeout script_user enable_script_security
   use_symlink_paths set_supplementary_groups process_names process_name vrrp_process_name
   checker_process_name lvs_process_name bfd_process_name max_auto_priority
   min_auto_priority_delay vrrp_priority checker_priority bfd_priority vrrp_rt_priority
   checker_rt_priority bfd_rt_priority vrrp_rlimit_rttime vrrp_rlimit_rtime
   checker_rlimit_rttime checker_rlimit_rtime bfd_rlimit_rttime bfd_rlimit_rtime
   vrrp_cpu_affinity checker_cpu_affinity bfd_cpu_affinity vrrp_no_swap checker_no_swap
   bfd_no_swap umask random_seed data_use_instance json_version state_dump_file
   stats_dump_file json_dump_file iproute_usr_dir iproute_etc_dir include_check
   config_save_dir tmp_config_directory reload_check_config reload_time_file reload_repeat
   reload_file dynamic_interfaces default_interface disable_local_igmp vrrp_mcast_group4
   vrrp_mcast_group6 vrrp_version v3_checksum_as_v2 vrrp_garp_master_delay
   vrrp_garp_master_repeat vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat
   vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat vrrp_garp_interval
   vrrp_gna_interval vrrp_min_garp vrrp_garp_extra_if vrrp_vmac_garp_intvl
   vrrp_down_timer_adverts vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert
   vrrp_owner_ignore_adverts vrrp_check_unicast_src vrrp_skip_check_adv_addr vrrp_strict
   vrrp_notify_priority_changes fifo_write_vrrp_states_on_reload vrrp_startup_delay
   vrrp_delay_after_boot log_unknown_vrids vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier
   vrrp_netlink_cmd_rcv_bufs vrrp_netlink_monitor_rcv_bufs process_monitor_rcv_bufs
   lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force
   vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs_force
   lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs_force vmac_prefix
   vmac_addr_prefix vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_ifindex
   nftables_counters notify_fifo vrrp_notify_fifo lvs_notify_fifo notify_fifo_script
   vrrp_notify_fifo_script lvs_notify_fifo_script lvs_timeouts lvs_flush lvs_flush_on_stop
   lvs_flush_onstop lvs_sync_daemon rs_init_notifies nftables_ipvs nftables_ipvs_priority
   nftables_ipvs_start_fwmark snmp_socket enable_traps enable_snmp_vrrp
   enable_snmp_keepalived enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2
   enable_snmp_rfcv3 snmp_vs_stats_update_interval snmp_rs_stats_update_interval enable_dbus
   dbus_service_name dbus_no_interface_name`,
  140,
);

const vrrpInstance = block(
  'vrrp_instance',
  `state interface virtual_router_id priority version advert_int native_ipv6 virtual_ipaddress
   virtual_ipaddress_excluded virtual_routes virtual_rules no_virtual_ipaddress accept
   no_accept preempt nopreempt preempt_delay promote_secondaries mcast_src_ip unicast_src_ip
   mcast_dst_ip track_src_ip unicast_peer unicast_fault_no_peer unicast_ttl
   check_unicast_src old_unicast_checksum v3_checksum_as_v2 use_vmac use_vmac_addr
   vmac_xmit_base use_ipvlan vrf dont_track_primary track_interface track_script track_file
   track_process track_bfd authentication auth_hmac notify notify_master notify_backup
   notify_fault notify_stop notify_deleted notify_master_rx_lower_pri
   notify_priority_changes smtp_alert strict_mode skip_check_adv_addr down_timer_adverts
   timer_expired_backup thread_timer_expired lower_prio_no_advert higher_prio_send_advert
   owner_ignore_adverts kernel_rx_buf_size debug lvs_sync_daemon_interface
   linkbeat_use_polling garp_master_delay garp_master_repeat garp_master_refresh
   garp_master_refresh_repeat garp_lower_prio_delay garp_lower_prio_repeat garp_extra_if
   vmac_garp_intvl`,
  70,
);

const vrrpOthers = [
  block('vrrp_instance authentication', 'auth_type auth_pass'),
  block('vrrp_instance auth_hmac', 'key active_key time_window anti_replay mode'),
  block(
    'vrrp_sync_group',
    `group track_interface track_script track_file track_process track_bfd notify notify_master
     notify_backup notify_fault notify_stop smtp_alert notify_priority_changes global_tracking
     sync_group_tracking_weight`,
    15,
  ),
  block('vrrp_script', 'script interval timeout weight rise fall user init_fail'),
  block(
    'vrrp_track_process',
    `process param_match weight quorum quorum_max delay fork_delay terminate_delay
     full_command`,
  ),
  block('track_file', 'file weight init_file'),
  block('vrrp_track_file', 'file weight init_file'),
  block('track_group', 'group'),
  block('garp_group', 'garp_interval gna_interval interface interfaces'),
  block(
    'bfd_instance',
    `neighbor_ip neighbour_ip source_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit
     max_hops multihop weight vrrp checker`,
    15,
  ),
] as const;

const virtualServer = block(
  'virtual_server',
  `delay_loop lb_algo lvs_sched hashed ops flag-1 flag-2 flag-3 sh-port sh-fallback mh-port
   mh-fallback lb_kind lvs_method persistence_engine persistence_timeout
   persistence_granularity protocol ip_family ha_suspend smtp_alert virtualhost snmp_name
   alpha omega quorum hysteresis quorum_up quorum_down weight connect_timeout retry
   delay_before_retry warmup inhibit_on_failure sorry_server sorry_server_inhibit
   sorry_server_lvs_method real_server`,
  39,
);

/** Without its checkers. */
const realServer = `weight lvs_method uthreshold lthreshold inhibit_on_failure notify_up
  notify_down alpha retry delay_before_retry warmup connect_timeout delay_loop smtp_alert
  virtualhost snmp_name`;

const checkers = `TCP_CHECK PING_CHECK UDP_CHECK HTTP_GET SSL_GET SMTP_CHECK DNS_CHECK MISC_CHECK
  FILE_CHECK BFD_CHECK`;

/** What every checker has that connects. */
const connecting = `connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry
  delay_before_retry warmup delay_loop alpha log_all_failures`;

const httpGet = `nb_get_retry virtualhost http_protocol enable_sni sni_name fast_recovery url`;
const url = `path digest status_code virtualhost regex regex_no_match regex_options
  regex_min_offset regex_max_offset regex_stack`;

function checker(names: string, keywords: string, count: number): ReferenceBlock {
  return block(`virtual_server real_server ${names}`, keywords, count);
}

const checkerBlocks = [
  checker('TCP_CHECK', connecting, 13),
  checker('PING_CHECK', connecting, 13),
  checker('UDP_CHECK', `${connecting} payload require_reply min_reply_length max_reply_length`, 17),
  checker('HTTP_GET', `${connecting} ${httpGet}`, 20),
  checker('HTTP_GET url', url, 10),
  checker('SSL_GET', `${connecting} ${httpGet} tls_compliant`, 21),
  checker('SSL_GET url', `${url} tls_compliant`, 11),
  checker('SMTP_CHECK', `${connecting} helo_name host`, 15),
  checker('SMTP_CHECK host', connecting, 13),
  checker('DNS_CHECK', `${connecting} type name`, 15),
  checker(
    'MISC_CHECK',
    `misc_path misc_timeout misc_dynamic user retry delay_before_retry warmup delay_loop alpha
     log_all_failures`,
    10,
  ),
  checker('FILE_CHECK', 'track_file weight', 2),
  checker('BFD_CHECK', 'name alpha', 2),
] as const;

/** The blocks of keepalived. */
export const keepalivedKeywords: readonly ReferenceBlock[] = [
  root,
  globalDefs,
  vrrpInstance,
  ...vrrpOthers,
  block('SSL', 'password ca certificate key'),
  virtualServer,
  block('virtual_server real_server', realServer, 16),
  block('virtual_server real_server', checkers),
  ...checkerBlocks,
];
