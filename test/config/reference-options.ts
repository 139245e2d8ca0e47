// The words that keepalived's entries and keywords take by name: options of addresses, routes,
// rules, peers and trackers.
import { block, type ReferenceBlock } from './reference-keywords.js';

const address = `home dev scope broadcast brd label peer preferred_lft -nodad mngtmpaddr
  noprefixroute autojoin no_track`;
const route = `inet inet6 via gw dev src tos ttl metric preference table scope protocol onlink
  weight expires mtu advmss rtt rttvar reordering window cwnd ssthresh rto_min
  initcwnd initrwnd hoplimit quickack features congctl pref ttl-propagate
  fastopen_no_cookie encap realms oif no_track vrf nexthop or`;
const rule = `inet inet6 from to tos dsfield fwmark iif dev oif table lookup preference order
  priority suppress_prefixlength sup_pl suppress_ifgroup sup_group tunnel-id
  uidrange l3mdev protocol ipproto sport dport realms goto nop no_track`;
const weighted = 'weight reverse noreverse';

const trackers = ['vrrp_instance', 'vrrp_sync_group'].flatMap((group) => [
  block(`${group} track_interface`, 'weight reverse'),
  block(`${group} track_script`, weighted),
  block(`${group} track_file`, weighted),
  block(`${group} track_process`, weighted),
  block(`${group} track_bfd`, weighted),
]);

/** By the keyword, or the block of entries, that takes them. */
export const keepalivedOptions: readonly ReferenceBlock[] = [
  block('static_ipaddress', `${address} track_group`),
  block('static_routes', `${route} track_group`),
  block('static_rules', `${rule} track_group`),
  block('vrrp_instance virtual_ipaddress', `${address} use_vmac`),
  block('vrrp_instance virtual_ipaddress_excluded', `${address} use_vmac`),
  block('vrrp_instance virtual_routes', route),
  block('vrrp_instance virtual_rules', rule),
  block('vrrp_instance unicast_peer', 'min_ttl max_ttl'),
  ...trackers,
  block('linkbeat_interfaces', 'MII ETHTOOL IOCTL'),
  block('virtual_server_group', 'fwmark'),
  block('global_defs lvs_timeouts', 'tcp tcpfin udp'),
  block('global_defs lvs_sync_daemon', 'inst id maxlen port ttl group'),
  block('vrrp_instance use_vmac', 'name group netlink_notify_msg'),
  block('vrrp_instance use_ipvlan', 'bridge private vepa group'),
  block('vrrp_script weight', 'reverse'),
  block('vrrp_track_process weight', 'reverse'),
  block('track_file weight', 'reverse'),
  block('track_file init_file', 'overwrite'),
  block('bfd_instance weight', 'reverse'),
  block('virtual_server lb_kind', 'type port csum nocsum remcsum'),
  block('virtual_server real_server FILE_CHECK weight', 'reverse'),
];
