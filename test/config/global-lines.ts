// Lines of global_defs and of the small blocks at the root, by what Debian's `keepalived -t`
// (2.2.7) ends with when a file has nothing else.

type Lines = readonly string[];

/** One text in which each line of the template is an entry; "\n" inside an entry is a new line. */
function entries(text: string): Lines {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('\\n', '\n'));
}

const acceptedGlobals = entries(String.raw`
  router_id ""
  router_id a b
  router_id a\nrouter_id b
  default_interface eth9
  default_interface no-interface-has-this-name
  notification_email { a@b c@d }
  notification_email {\na@b\nc@d e@f\n}
  notification_email_from a@b c
  smtp_server 127.0.0.1
  smtp_server ::1 25
  smtp_server 127.0.0.1\nsmtp_server 127.0.0.2
  smtp_helo_name
  smtp_connect_timeout 4294
  smtp_alert
  smtp_alert_checker no
  no_email_faults foo
  startup_script_timeout 1
  startup_script_timeout 1000
  script_user root root
  enable_script_security foo
  script_user root\nenable_script_security\nstartup_script "/bin/true x" root
  script_user root\nenable_script_security\nnotify_fifo_script /bin/true
  script_user root\nnotify_fifo x
  script_user root\nnotify_fifo ""
  process_names foo
  process_name foo bar
  vrrp_process_name abcdefghijklmno
  lvs_process_name foo
  max_auto_priority
  max_auto_priority -1
  max_auto_priority 99
  min_auto_priority_delay 10000000
  vrrp_priority -20
  vrrp_priority +5
  vrrp_priority -0
  vrrp_rt_priority 99
  vrrp_rlimit_rttime 4294967295
  vrrp_rlimit_rtime 1
  vrrp_cpu_affinity 0 0
  bfd_no_swap x
  umask 0777
  umask 18
  umask 0X1ff
  umask "0177"
  umask IRUSR |IWUSR| IXUSR
  umask IRUSR|IRUSR
  random_seed 4294967295
  include_check
  include_check -read
  include_check read +match
  include_check read\ninclude_check +match
  config_save_dir /a\nconfig_save_dir /b
  tmp_config_directory ""
  reload_check_config
  reload_time_file ""
  reload_repeat 5
  reload_file /tmp/x y
  dynamic_interfaces
  dynamic_interfaces allow_if_changes foo
  disable_local_igmp x
  vrrp_mcast_group4 239.255.255.255
  vrrp_mcast_group6 ff02::12
  vrrp_version 03
  vrrp_garp_master_delay 4294
  vrrp_garp_master_repeat 4294967295
  vrrp_garp_master_repeat 007
  vrrp_garp_master_refresh 4294967295
  vrrp_garp_lower_prio_repeat 0
  vrrp_garp_lower_prio_repeat 2147483647
  vrrp_garp_interval 0.000001
  vrrp_garp_interval 4294.967295
  vrrp_garp_interval .5
  vrrp_garp_interval 5.
  vrrp_garp_interval +1
  vrrp_garp_extra_if 5 all
  vrrp_garp_extra_if 5 6
  vrrp_down_timer_adverts 100
  vrrp_check_unicast_src foo
  vrrp_strict off
  vrrp_startup_delay 0.001
  log_unknown_vrids off
  vrrp_rx_bufs_policy advert
  vrrp_rx_bufs_policy 4294967295
  vrrp_rx_bufs_policy 5\nvrrp_rx_bufs_policy 6
  vrrp_rx_bufs_multiplier 4294967295
  vrrp_netlink_cmd_rcv_bufs 0
  lvs_netlink_monitor_rcv_bufs_force off
  vmac_prefix a/b
  nftables a b
  nftables_priority -2147483648
  nftables_priority 5\nnftables
  nftables_ifindex x
  lvs_timeouts tcp 2678400
  lvs_timeouts tcp 5 tcpfin 6 udp 7
  lvs_timeouts udp 5 udp 6
  lvs_timeouts tcp 5\nlvs_timeouts udp 6
  lvs_flush foo
  lvs_flush_on_stop VS
  lvs_flush_onstop
  lvs_sync_daemon eth9 V1
  lvs_sync_daemon eth0 V1 id 5 maxlen 1400
  lvs_sync_daemon eth0 inst V1 id 5 maxlen 65507 port 8848 ttl 255 group 224.0.0.81
  lvs_sync_daemon eth0 group ff02::81 ttl 4 ttl 6
  lvs_sync_daemon ""
  lvs_sync_daemon eth0 inst ""
  nftables_ipvs_start_fwmark 4294967295
  snmp_socket unix:/var/agentx/master
  enable_snmp_keepalived
  dbus_service_name a.b c
`);

const acceptedRoots = entries(String.raw`
  linkbeat_use_polling foo
  linkbeat_interfaces {\n}
  linkbeat_interfaces {\neth0\neth0 MII\neth1 ETHTOOL\neth2 IOCTL\n}
  linkbeat_interfaces {\neth0\n}\nlinkbeat_interfaces {\neth0 IOCTL\n}
  net_namespace_ipvs
  namespace_with_ipsets foo
  instance foo bar
  use_pid_dir\nuse_pid_dir
  child_wait_time 0
  child_wait_time 4294967295
  child_wait_time 3\nchild_wait_time 4
  interface_up_down_delays {\n}
  interface_up_down_delays {\neth0\n}
  interface_up_down_delays {\neth0 255 2.5 3\n}
  interface_up_down_delays {\neth0 1 2\neth0 3 4\n}
  garp_group {\ngarp_interval 1\n}
  garp_group {\ngna_interval 0\ninterface eth0 eth1\n}
  garp_group foo {\ngarp_interval 2147.483647\ninterface eth0\ninterfaces {\neth1 eth2\neth3\n}\n}
  global_defs foo {\n}
  global_defs {\nrouter_id a\n}\nglobal_defs {\nrouter_id b\n}
`);

const endingGlobals = entries(`
  smtp_server
  smtp_connect_timeout
  process_name
  checker_rlimit_rttime
  umask
  random_seed
  config_save_dir
  vrrp_mcast_group4
  vrrp_mcast_group6
  vrrp_version
  vrrp_garp_master_delay
  vrrp_garp_master_repeat
  vrrp_garp_master_refresh
  vrrp_garp_lower_prio_delay
  vrrp_garp_interval
  vrrp_down_timer_adverts
  vrrp_startup_delay
  vmac_prefix
  vmac_addr_prefix
  nftables_priority
  nftables_ipvs_start_fwmark
  lvs_sync_daemon eth0 inst
`);

const endingRoots = entries(String.raw`
  child_wait_time
  garp_group {\ngarp_interval\n}
  garp_group {\ngarp_interval 1\ninterface\n}
`);

const refusedGlobals = entries(String.raw`
  linkbeat_use_polling
  router_id
  router_id a {\n}
  default_interface
  notification_email {\n}
  notification_email a@b
  notification_email foo {\na@b\n}
  notification_email_from
  smtp_server 127.0.0.1 0
  smtp_server 127.0.0.1 smtp
  smtp_server 10.0.0.256
  smtp_server 10.0.0.1/32
  smtp_server "" 25
  smtp_connect_timeout 0
  smtp_connect_timeout 1.5
  smtp_connect_timeout 4295
  smtp_alert foo
  smtp_alert {\n}
  no_checker_emails foo
  startup_script_timeout
  startup_script_timeout 0
  shutdown_script_timeout 1001
  script_user
  script_user root\nenable_script_security\nstartup_script
  script_user root\nenable_script_security\nstartup_script ""
  script_user root\nenable_script_security\nstartup_script /bin/true\nstartup_script /bin/false
  script_user root\nnotify_fifo
  script_user root\nnotify_fifo a\nnotify_fifo b
  process_name abcdefghijklmnop
  max_auto_priority -2
  max_auto_priority 100
  min_auto_priority_delay
  min_auto_priority_delay 0
  vrrp_priority
  vrrp_priority -21
  checker_priority 20
  bfd_rt_priority
  vrrp_rt_priority 0
  vrrp_rt_priority 100
  vrrp_rt_priority 1.5
  vrrp_rt_priority 2147483648
  vrrp_rlimit_rttime 0
  vrrp_rlimit_rttime 4294967296
  vrrp_cpu_affinity
  vrrp_cpu_affinity 0 x
  vrrp_cpu_affinity -1
  umask 01777
  umask 0x200
  umask 512
  umask 099
  umask 0177 0
  umask IRUSR IWUSR
  umask IRUSR|
  umask |IRUSR
  umask IRUSR||IWUSR
  umask "IRUSR | IWUSR"
  umask irusr
  random_seed -1
  include_check all
  include_check read match
  include_check + read
  tmp_config_directory
  tmp_config_directory a\ntmp_config_directory b
  reload_time_file
  reload_time_file a b
  dynamic_interfaces foo
  vrrp_mcast_group4 10.0.0.1
  vrrp_mcast_group4 ff02::12
  vrrp_mcast_group6 fe80::1
  vrrp_version 4
  vrrp_garp_master_delay 1.5
  vrrp_garp_master_delay 4295
  vrrp_garp_master_repeat 0
  vrrp_garp_master_repeat 4294967296
  vrrp_garp_master_refresh_repeat 0
  vrrp_garp_lower_prio_repeat 2147483648
  vrrp_garp_interval 0
  vrrp_garp_interval -1
  vrrp_garp_interval 1e3
  vrrp_garp_interval 1.0000001
  vrrp_gna_interval 4295
  vrrp_garp_extra_if
  vrrp_garp_extra_if 0
  vrrp_garp_extra_if all
  vrrp_garp_extra_if ALL 5
  vrrp_garp_extra_if 5\nvrrp_garp_extra_if all
  vrrp_vmac_garp_intvl all 5
  vrrp_down_timer_adverts 101
  vrrp_startup_delay 0
  vrrp_startup_delay 4295
  vrrp_rx_bufs_policy
  vrrp_rx_bufs_policy foo
  vrrp_rx_bufs_policy MTU ADVERT
  vrrp_rx_bufs_policy 1000 MTU
  vrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_policy ADVERT
  vrrp_rx_bufs_multiplier
  vrrp_rx_bufs_multiplier 0
  vrrp_rx_bufs_multiplier 1 2
  vrrp_netlink_cmd_rcv_bufs
  lvs_netlink_monitor_rcv_bufs x
  process_monitor_rcv_bufs 4294967296
  process_monitor_rcv_bufs_force foo
  vmac_prefix a\nvmac_prefix b
  nftables a\nnftables b
  nftables_priority 2147483648
  vrrp_iptables
  vrrp_iptables INPUT OUTPUT
  vrrp_iptables a\nnftables b
  vrrp_ipsets a b
  lvs_timeouts
  lvs_timeouts tcp
  lvs_timeouts udp 5 tcp
  lvs_timeouts udp 5 foo
  lvs_timeouts tcp 2678401
  lvs_flush_on_stop vs
  lvs_sync_daemon
  lvs_sync_daemon abcdefghijklmnop
  lvs_sync_daemon eth0\nlvs_sync_daemon eth1
  lvs_sync_daemon eth0 V1 5
  lvs_sync_daemon eth0 V1 300
  lvs_sync_daemon eth0 inst A inst B
  lvs_sync_daemon eth0 id 5 foo
  lvs_sync_daemon eth0 id
  lvs_sync_daemon eth0 id 256
  lvs_sync_daemon eth0 maxlen 65508
  lvs_sync_daemon eth0 port 0
  lvs_sync_daemon eth0 ttl 256
  lvs_sync_daemon eth0 group 10.0.0.1
  nftables_ipvs_start_fwmark 0
  snmp_socket
  snmp_socket a b
  snmp_socket a\nsnmp_socket b
  dbus_service_name
`);

const refusedRoots = entries(String.raw`
  linkbeat_interfaces {\neth0 ioctl\n}
  linkbeat_interfaces {\neth0 MII foo\n}
  linkbeat_interfaces foo {\neth0\n}
  net_namespace
  net_namespace_ipvs\nnet_namespace_ipvs b
  instance
  instance a\ninstance b
  child_wait_time 1.5
  child_wait_time 4294967296
  child_wait_time 3 {\n}
  interface_up_down_delays {\neth0 256\n}
  interface_up_down_delays {\neth0 1 x\n}
  interface_up_down_delays {\neth0 0.0000001\n}
  interface_up_down_delays foo {\neth0 1\n}
  garp_group {\n}
  garp_group {\ninterface eth0\n}
  garp_group {\ngarp_interval x\n}
  garp_group {\ngarp_interval 2148\n}
  garp_group {\ngarp_interval 1\ninterfaces {\n}\n}
  garp_group {\ngarp_interval 1\ninterfaces foo {\neth0\n}\n}
  garp_group {\ngarp_interval 1\ninterface eth0\ninterface eth0\n}
  garp_group {\ngarp_interval 1\ninterface eth0\n}\ngarp_group {\ngna_interval 1\ninterface eth0\n}
  global_defs\nuse_pid_dir
  global_defs {\nrouter_id\n}\nglobal_defs {\nrouter_id b\n}
  global_defs {\nnftables a\n}\nglobal_defs {\nnftables b\n}
  global_defs {\nlvs_sync_daemon eth0\n}\nglobal_defs {\nlvs_sync_daemon eth1\n}
  global_defs {\nvrrp_rx_bufs_policy MTU\n}\nglobal_defs {\nvrrp_rx_bufs_policy 5\n}
`);

export type Judged = { readonly text: string; readonly exitCode: number };

function judged(exitCode: number, globals: Lines, roots: Lines): readonly Judged[] {
  const texts = [...globals.map((line) => `global_defs {\n${line}\n}`), ...roots];
  return texts.map((text) => ({ text: `${text}\n`, exitCode }));
}

export const judgedByDebian: readonly Judged[] = [
  ...judged(0, acceptedGlobals, acceptedRoots),
  ...judged(2, endingGlobals, endingRoots),
  ...judged(5, refusedGlobals, refusedRoots),
];

/** Where our verdict is another one, and why. */
export const judgedOtherwise: readonly (Judged & { readonly ours: number; because: string })[] = [
  {
    text: 'global_defs {\nsmtp_alert Yes\n}\n',
    exitCode: 5,
    ours: 0,
    because: 'later versions do not care for upper and lower case',
  },
  {
    text: 'global_defs {\nvrrp_mcast_group4 224.0.0.18/24\n}\n',
    exitCode: 0,
    ours: 5,
    because: 'nothing comes of the length of a prefix',
  },
  {
    text: 'global_defs {\nsmtp_server mail.invalid\n}\n',
    exitCode: 5,
    ours: 0,
    because: 'a test of a file does not ask the DNS',
  },
  {
    text: 'global_defs {\njson_version 2\n}\n',
    exitCode: 5,
    ours: 0,
    because: 'later versions have the keyword',
  },
  {
    text: 'net_namespace no_such_namespace\nnet_namespace b\n',
    exitCode: 0,
    ours: 5,
    because: '2.2.7 says so as well but forgets it because it cannot enter the namespace',
  },
  {
    text: 'linkbeat_interfaces\n',
    exitCode: 0,
    ours: 5,
    because: 'without braces the next line is taken for the block',
  },
];
