// Whole services, by what Debian's `keepalived -t` (2.2.7) ends with: keywords that need or
// contradict each other, families of addresses, groups, and what checkers refer to.
import { entries, type Judged, judged } from './judged-services.js';

const abbreviations: ReadonlyMap<string, string> = new Map([
  ['$file', 'track_file tf { file /tf } $service { $nat $first FILE_CHECK {'],
  ['$bfd', 'bfd_instance b { neighbor_ip 192.0.2.99 } $service { $nat $first BFD_CHECK {'],
  ['$group', 'virtual_server_group g {'],
  ['$useGroup', 'virtual_server group g {'],
  ['$nat', 'lb_algo rr; lb_kind NAT; protocol TCP;'],
  ['$dr', 'lb_algo rr; lb_kind DR; protocol TCP;'],
  ['$tun', 'lb_algo rr; lb_kind TUN; protocol TCP;'],
  ['$service', 'virtual_server 192.0.2.10 80'],
  ['$server', 'real_server 192.0.2.20 80 {}'],
  ['$anyProtocol', 'lb_algo rr; lb_kind NAT;'],
  ['$first', 'real_server 192.0.2.20 80 {'],
]);

/** "; " ends a line, and so do braces. */
function expanded(entry: string): string {
  const text = [...abbreviations].reduce(
    (result, [name, meaning]) => result.replace(new RegExp(`\\${name}\\b`, 'g'), () => meaning),
    entry,
  );
  return `${text.replaceAll('{', '{\n').replaceAll('}', '\n}\n').replaceAll(';', '\n')}\n`;
}

const accepted = entries(`
  $service { $nat $server }
  virtual_server group nope { $nat $server }
  $service 81 { $nat $server }
  virtual_server 192.0.2.10/24 80 { $nat $server }
  virtual_server 192.0.2.10-20 80 { $nat $server }
  virtual_server fwmark 5 { $anyProtocol $server }
  virtual_server fwmark 5 { $anyProtocol real_server 192.0.2.20 {} }
  virtual_server fwmark 5 { $anyProtocol real_server 192.0.2.20 0 {} }
  virtual_server fwmark 5 { $anyProtocol real_server 2001:db8::2 {} }
  virtual_server fwmark 5 { $anyProtocol sorry_server 192.0.2.30 80; real_server 192.0.2.20 {} }
  virtual_server fwmark 5 { $anyProtocol sorry_server 192.0.2.30; real_server 192.0.2.20 {} }
  virtual_server fwmark 5 { $anyProtocol ops; real_server 192.0.2.20 {} }
  $group 2001:db8::1 80 } $useGroup $nat real_server 2001:db8::20 80 {} }
  $group 192.0.2.10 80; 2001:db8::1 80 } $useGroup $tun $server }
  $group 192.0.2.10 80; 2001:db8::1 80 } $useGroup $tun ip_family inet; $server }
  $group fwmark 5 } $useGroup $anyProtocol $server }
  $group fwmark 5 } $useGroup $anyProtocol real_server 192.0.2.20 {} }
  $group fwmark 5 inet6 } $useGroup $anyProtocol real_server 192.0.2.20 {} }
  $group 192.0.2.10 80 }
  $useGroup $nat $server } $group 192.0.2.10 80 }
  $group 192.0.2.10 80 } $useGroup $nat $server } $useGroup $anyProtocol protocol UDP; $server }
  $service { lb_algo rr; protocol TCP; $first lvs_method DR } }
  virtual_server 192.0.2.10 0 { $nat persistence_timeout 5; real_server 192.0.2.20 0 {} }
  virtual_server 192.0.2.10 0 { $nat persistence_timeout 5; $server }
  virtual_server 192.0.2.10 { $nat persistence_timeout 5; real_server 192.0.2.20 {} }
  $service { $tun real_server 2001:db8::1 80 {} }
  $service { $nat real_server 2001:db8::1 80 { lvs_method TUN } }
  $service { $dr real_server 192.0.2.20 {} }
  $service { $nat real_server 192.0.2.20 {} }
  $service { $nat real_server 192.0.2.20 0 {} }
  $service { $nat real_server 192.0.2.20 81 {} }
  $service { $anyProtocol protocol UDP; ops; $server }
  $service { $nat $server real_server 192.0.2.20 81 {} }
  $service { $anyProtocol protocol SCTP; $server }
  $service { $nat real_server 192.0.2.20 80 81 {} }
  $service { $nat real_server 192.0.2.10 80 {} }
  SSL {} $service { $nat $first SSL_GET { url { path / } } } }
  SSL { password x } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { ca /x } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { certificate /x } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { key /x } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { password a b } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { password x } $service { $nat $server }
  $service { $nat $first SSL_GET { url { path / } } } } SSL { password x }
  $service { $nat real_server 192.0.2.20 { TCP_CHECK {} } }
  virtual_server fwmark 5 { $anyProtocol real_server 192.0.2.20 { TCP_CHECK {} } }
  $file track_file tf } } }
  $file track_file tf; weight 5 } } }
  $file track_file tf; weight 5 reverse } } }
  $file track_file tf; weight 5 noreverse } } }
  $file track_file tf; weight 0 } } }
  $file track_file tf; weight -2147483647 } } }
  $file track_file tf; weight 2147483647 } } }
  $file track_file tf; weight 254 } } }
  $file track_file tf; weight 255 } } }
  $file track_file tf; track_file tf } } }
  $file track_file tf } FILE_CHECK { track_file tf } } }
  $bfd name b } } }
  $bfd name b; alpha } } }
  $bfd name b; alpha off } } }
  $bfd name b } } real_server 192.0.2.21 80 { BFD_CHECK { name b } } }
  virtual_server 192.0.2.10/foo 80 { $nat $server }
  virtual_server 192.0.2.10-foo 80 { $nat $server }
  virtual_server 2001:db8::1/64 80 { $nat real_server 2001:db8::9 80 {} }
  $service { $nat real_server 192.0.2.20/24 80 {} }
  $service { $nat real_server 192.0.2.20-25 80 {} }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 {} }
  virtual_server group nope { $anyProtocol protocol TCP }
  virtual_server group nope { $nat quorum 5; ops; $server }
  $group 192.0.2.10; 192.0.2.11 } $useGroup $nat persistence_timeout 5; $server }
  $group 2001:db8::1 80 } $useGroup $nat quorum 5; $server }
  $group 192.0.2.10 80; 2001:db8::1 80 } $useGroup $nat quorum 5; $server }
  $group 192.0.2.10 80; 2001:db8::1 80 } $useGroup $tun quorum 5; ip_family inet; $server }
  $group fwmark 5 inet6 } $useGroup $anyProtocol quorum 5; $server }
  $group fwmark 5 inet } $useGroup $anyProtocol quorum 5; real_server 2001:db8::3 {} }
  $group 192.0.2.10 80 } $useGroup $dr real_server 192.0.2.20 {} }
  $group 192.0.2.10 80 } $useGroup $dr $server }
  $group 192.0.2.10 80 } virtual_server group g extra { $nat $server }
  $service { lb_algo rr; protocol TCP; $server lb_kind DR }
  $service { $dr real_server 192.0.2.20 81 { lvs_method NAT } }
  $service { $dr sorry_server 192.0.2.30; $server }
  virtual_server fwmark 5 { $anyProtocol real_server 192.0.2.20 {} persistence_granularity 64 }
  $service { $nat quorum 7; $first weight 3 } real_server 192.0.2.21 80 { weight 4 } }
  $service { $nat quorum 5; $server weight 5 }
  $service { $nat quorum 1; $first weight 0 } real_server 192.0.2.21 80 {} }
  $file track_file tf; weight 5 reverse foo } } }
  $file track_file tf x } } }
  $file track_file tf; weight 5; weight 6 } } }
  virtual_server "192.0.2.10" "80" { $nat $server }
  $service { $nat $server real_server 192.0.2.21 {} }
  $service { $nat real_server 192.0.2.20 {} $server }
  $service { $dr real_server 192.0.2.20 {} $server }
  $service { $nat sorry_server 192.0.2.20 80; sorry_server_inhibit; $first inhibit_on_failure } }
  $group 192.0.2.10 80 } $useGroup $dr sorry_server 192.0.2.30 80; $server }
  $group 192.0.2.10 80 } $useGroup $nat sorry_server 192.0.2.30 81; $server }
  virtual_server 192.0.2.10 { $nat persistence_granularity 255.255.255.0; $server }
  $service { $tun sorry_server 2001:db8::3 80; $server }
  $group 192.0.2.10 80 } $useGroup $nat persistence_granularity 255.255.255.0; $server }
  $group 2001:db8::5 80 } $useGroup $nat ip_family inet6; real_server 2001:db8::7 80 {} }
`);

const ending = entries(`
  virtual_server { $nat real_server 1.2.3.4 80 {} }
  virtual_server_group { 192.0.2.10 80 }
  $service { $nat real_server {} }
  $file track_file } } }
  virtual_server_group g x { 192.0.2.10 80 } $useGroup $nat $server }
`);

const refused = entries(`
  virtual_server 192.0.2.10 { $nat $server }
  virtual_server 192.0.2.10 0 { $nat $server }
  virtual_server 192.0.2.10 65536 { $nat $server }
  virtual_server 192.0.2.10 x { $nat $server }
  virtual_server x 80 { $nat $server }
  virtual_server 2001:db8::1 80 { $nat $server }
  virtual_server fwmark 5 { $nat $server }
  virtual_server fwmark 0 { $nat $server }
  virtual_server fwmark x { $nat $server }
  virtual_server fwmark 4294967295 { $nat $server }
  virtual_server fwmark 4294967296 { $nat $server }
  virtual_server 192.0.2.10:80 { $nat $server }
  virtual_server [2001:db8::1] 80 { $nat $server }
  virtual_server fwmark 5 { lb_algo rr; lb_kind DR; $server }
  virtual_server fwmark 5 { $anyProtocol ip_family inet6; real_server 192.0.2.20 {} }
  virtual_server fwmark 5 { $anyProtocol real_server 192.0.2.20 {} real_server 2001:db8::3 {} }
  virtual_server fwmark 5 { $anyProtocol ha_suspend; real_server 192.0.2.20 {} }
  virtual_server fwmark 5 { $anyProtocol persistence_granularity 64; real_server 192.0.2.20 {} }
  $group fwmark 5; 192.0.2.10 80 } $useGroup $anyProtocol $server }
  $group}
  $service { lb_kind NAT; protocol TCP; $server }
  $service { lb_algo rr; protocol TCP; $server }
  $service { $anyProtocol $server }
  $service { $anyProtocol protocol x; $server }
  $service { $anyProtocol protocol TCP }
  $service { $nat sorry_server 192.0.2.30 80 }
  $service {}
  virtual_server 192.0.2.10 0 { $nat real_server 192.0.2.20 0 {} }
  $service { $nat real_server 2001:db8::1 80 {} }
  $service { $dr real_server 192.0.2.20 81 {} }
  $service { $tun real_server 192.0.2.20 81 {} }
  $service { $dr sorry_server 192.0.2.30 81; $server }
  $service { $nat $server $server }
  $service { $nat $server $first weight 5 } }
  virtual_server 2001:db8::1 80 { $nat persistence_granularity 0; real_server 2001:db8::2 80 {} }
  $service { $nat real_server x 80 {} }
  $service { $nat real_server 192.0.2.20 x {} }
  $service { $nat real_server 192.0.2.20 65536 {} }
  SSL { password } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { ca } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { password x; password y } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { ca /x; ca /y } $service { $nat $first SSL_GET { url { path / } } } }
  SSL { nonsense } $service { $nat $first SSL_GET { url { path / } } } }
  SSL {} SSL {} $service { $nat $server }
  $file} } }
  $file track_file x } } }
  $file track_file tf; weight } } }
  $file track_file tf; weight 5 x } } }
  $file track_file tf; weight -2147483648 } } }
  $file track_file tf; weight 2147483648 } } }
  $file track_file tf; weight x } } }
  $file track_file tf; alpha } } }
  $file weight 5 } } }
  $file track_file tf; retry 5 } } }
  $file track_file tf; FILE_CHECK } } }
  $service { $nat $first FILE_CHECK { track_file tf } } } track_file tf { file /tf }
  $bfd} } }
  $bfd name } } }
  $bfd name x } } }
  $bfd name b; name b } } }
  $bfd name b; alpha foo } } }
  $bfd name b; retry 1 } } }
  $bfd name bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb } } }
  $service { $nat $first BFD_CHECK { name b } } } bfd_instance b { neighbor_ip 192.0.2.99 }
  $bfd name b } BFD_CHECK { name b } } }
  virtual_server 192.0.2.10/24-5 80 { $nat $server }
  virtual_server /24 80 { $nat $server }
  virtual_server -5 80 { $nat $server }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 { TCP_CHECK {} } }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 { UDP_CHECK {} } }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 { HTTP_GET { url { path / } } } }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 { SMTP_CHECK {} } }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 { SMTP_CHECK { host {} } } }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 { DNS_CHECK {} } }
  virtual_server 2001:db8::1 80 { $nat real_server fe80::9 80 { PING_CHECK {} } }
  $group 192.0.2.10 80 } $useGroup $nat quorum 5; $server }
  $group 192.0.2.10 80; 2001:db8::1 80 } $useGroup $tun quorum 5; $server }
  $group fwmark 5 inet6 } $useGroup $anyProtocol quorum 5; real_server 2001:db8::3 {} }
  $group fwmark 5 } $useGroup $anyProtocol quorum 5; real_server 2001:db8::3 {} }
  $group fwmark 5; 192.0.2.10 80 } $useGroup $nat quorum 5; $server }
  $group fwmark 5; 192.0.2.10 80 } $useGroup $nat ha_suspend; $server }
  $group fwmark 5 } $useGroup $anyProtocol ha_suspend; real_server 192.0.2.20 {} }
  $group 192.0.2.10 80 } $useGroup $dr real_server 192.0.2.20 81 {} }
  $group 192.0.2.10 80; 192.0.2.11 81 } $useGroup $dr $server }
  $group fwmark 5 } $useGroup lb_algo rr; lb_kind DR; $server }
  $service { lb_algo rr; protocol TCP; $first lvs_method DR } real_server 192.0.2.21 80 {} }
  $service { lb_algo rr; protocol TCP; sorry_server 192.0.2.30 80; $first lvs_method DR } }
  $service { lb_algo rr; protocol TCP; real_server 2001:db8::1 80 {} lb_kind TUN }
  $service { $nat real_server 2001:db8::1 80 {} lb_kind TUN }
  $service { $nat real_server 192.0.2.20 81 { lvs_method DR } }
  virtual_server 192.0.2.10 0 { $dr persistence_timeout 5; $server }
  virtual_server fwmark 5 { $anyProtocol real_server 192.0.2.20 {} ip_family inet6 }
  virtual_server fwmark 5 { $anyProtocol sorry_server 2001:db8::3; real_server 192.0.2.20 {} }
  $service { $nat quorum 8; $first weight 3 } real_server 192.0.2.21 80 { weight 4 } }
  $service { $nat quorum 3; hysteresis 2; $first weight 2 } }
  $file track_file x; track_file tf } } }
  $file track_file tf; track_file x } } }
  $bfd name b c } } }
  $bfd name x; name b } } }
  $bfd name b; name x } } }
  $service { $nat $server TCP_CHECK {} }
  $service { $nat $server $first lvs_method DR } }
  $service { $nat sorry_server 192.0.2.20 80; $first inhibit_on_failure } }
  $group 192.0.2.10 80 } $useGroup $dr sorry_server 192.0.2.30 81; $server }
  $service { $nat quorum 5; real_server 2001:db8::1 80 {} }
  $service { $nat quorum 2; $server real_server 2001:db8::1 80 {} }
  $service { $nat quorum 2; $server $server }
  virtual_server fwmark 5 { $anyProtocol protocol TCP }
  $service { lb_algo rr; protocol TCP; real_server x {} }
  $service { real_server x {} }
  virtual_server 192.0.2.10 { $nat ops; $server }
  virtual_server 192.0.2.10 { $nat persistence_engine sip; $server }
  $service { lb_algo rr; protocol TCP; sorry_server 2001:db8::3 80; lb_kind TUN; $server }
  $group 192.0.2.10 80 } $useGroup $nat persistence_granularity 24; $server }
  $service { lb_kind x }
  virtual_server x 80 { $nat delay_loop x; $server }
  $service { $nat real_server x 80 { weight x } real_server 192.0.2.2 80 {} }
  $group} $useGroup $nat quorum 9; $server }
  virtual_server fwmark 5 { lb_algo rr; real_server 192.0.2.20 {} }
  $service { $nat quorum 3; $first weight 0 } $first weight 5 } }
`);

export const judgedServices: readonly Judged[] = [
  ...judged(0, accepted.map(expanded)),
  ...judged(2, ending.map(expanded)),
  ...judged(5, refused.map(expanded)),
];

/** Where our verdict is another one, and why. */
export const judgedOtherwise: readonly (Judged & { readonly ours: number; because: string })[] = [
  {
    text: expanded('$service { $nat $first UDP_CHECK { payload 00ff } } }'),
    exitCode: 5,
    ours: 0,
    because: '2.2.7 takes an octet of ff for the end of what it can read',
  },
  {
    text: expanded('$service { $nat $first UDP_CHECK { payload hello } } }'),
    exitCode: 5,
    ours: 0,
    because: 'DPVS sends text',
  },
  {
    text: expanded('$service { $nat lb_algo conhash; $server }'),
    exitCode: 5,
    ours: 0,
    because: 'a scheduler of DPVS',
  },
  {
    text: expanded(
      'dataplane { port a { device net_null } } local_address_group g { 192.0.2.9 a }' +
        '$service { $nat lb_kind FNAT; laddr_group_name g; $server }',
    ),
    exitCode: 5,
    ours: 0,
    because: 'DPVS forwards so',
  },
  {
    text: expanded('virtual_server match a { $nat iif dpdk0; $server }'),
    exitCode: 5,
    ours: 0,
    because: 'DPVS has services by match',
  },
  {
    text: expanded('$service { $nat $first HTTP_GET { } } }'),
    exitCode: 139,
    ours: 5,
    because: '2.2.7 says that there is no url, and crashes',
  },
  {
    text: expanded('$service { $nat $first HTTP_GET { url { digest 00 } } } }'),
    exitCode: 139,
    ours: 5,
    because: '2.2.7 says that there is no path, and crashes',
  },
  {
    text: expanded(
      '$service { $nat $first SSL_GET { sni_name a; tls_compliant; url { path / } } } }',
    ),
    exitCode: 5,
    ours: 0,
    because: 'later versions have the keywords',
  },
  {
    text: expanded('virtual_server fwmark { $nat $server }'),
    exitCode: 139,
    ours: 2,
    because: '2.2.7 crashes where an argument is missing',
  },
  {
    text: expanded('$service { $nat persistence_granularity 255.255.255; $server }'),
    exitCode: 0,
    ours: 5,
    because: 'an address has four parts',
  },
];
