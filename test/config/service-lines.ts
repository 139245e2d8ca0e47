// Lines of a virtual_server and of a virtual_server_group, by what Debian's `keepalived -t` (2.2.7)
// ends with when the rest of the file is right.
import { entries, type Judged, judged, serviceText } from './judged-services.js';

const acceptedService = entries(String.raw`
  delay_loop 5.5
  delay_loop 99999
  delay_loop 4294967
  delay_loop 0.0001
  flag-1
  lb_algo sh\nsh-port
  lb_algo mh\nmh-port\nmh-fallback
  lb_algo mh\nsh-port
  lb_algo sh\nmh-port
  lb_algo sh\nflag-1\nflag-2\nflag-3
  lb_kind TUN
  lb_kind TUN type ipip
  lb_kind TUN type ipip nocsum
  lb_kind TUN type gue port 5
  lb_kind TUN type gue port 5 csum
  lb_kind TUN type gue port 5 remcsum
  lb_kind TUN type gue port 5 nocsum
  lb_kind TUN type gre
  lb_kind TUN type gre csum
  lb_kind TUN type gre nocsum
  lb_kind TUN type gre csum nocsum
  lb_kind TUN type gre csum csum
  lb_kind DR type gre
  lb_kind TUN type gue csum port 5
  lb_kind TUN port 5 type gue
  lb_kind DR
  persistence_engine sip
  persistence_engine foo
  persistence_timeout
  persistence_timeout 1
  persistence_timeout 2678400
  persistence_granularity 255.255.255.0
  persistence_granularity 255.0.255.0
  persistence_granularity 24
  persistence_granularity 0.0.0.0
  persistence_granularity 255.255.255.255
  persistence_granularity 64
  protocol tcp
  protocol SCTP
  protocol sctp
  ip_family inet
  ha_suspend
  ha_suspend x
  smtp_alert
  smtp_alert on
  smtp_alert off
  virtualhost a
  virtualhost a b
  virtualhost "a b"
  snmp_name a
  snmp_name "a b"
  alpha
  alpha on
  alpha foo
  omega
  omega foo
  quorum 1
  hysteresis 0
  weight 5\nquorum 5\nhysteresis 4
  quorum_up /bin/true
  quorum_up "/bin/true a"
  quorum_down /bin/nonexist
  weight 1
  weight 2147483647
  weight 70000
  connect_timeout 5.5
  connect_timeout 3600
  connect_timeout 4000
  connect_timeout 4294
  retry 1
  retry 4294967295
  delay_before_retry 0
  delay_before_retry 1.5
  warmup 0
  warmup 1
  inhibit_on_failure
  inhibit_on_failure off
  inhibit_on_failure foo
  sorry_server 192.0.2.30
  sorry_server 192.0.2.30 80
  sorry_server 192.0.2.30 81
  sorry_server 192.0.2.30 80\nsorry_server 192.0.2.31 80
  sorry_server 192.0.2.30 80\nsorry_server_inhibit
  sorry_server 192.0.2.30 80\nsorry_server_lvs_method DR
  sorry_server 192.0.2.30 80\nsorry_server_lvs_method TUN type gue port 5
  sorry_server 192.0.2.20 80
  sorry_server 2001:db8::1 80\nsorry_server_lvs_method TUN
  sorry_server 192.0.2.30\n
  sorry_server 192.0.2.10 80
  sorry_server 192.0.2.30/24 80
  sorry_server 192.0.2.30-40 80
  lb_algo rr
  lb_algo wrr
  lb_algo lc
  lb_algo wlc
  lb_algo lblc
  lb_algo lblcr
  lb_algo sh
  lb_algo mh
  lb_algo dh
  lb_algo fo
  lb_algo ovf
  lb_algo sed
  lb_algo nq
  lb_algo twos
  lb_algo rr x
  delay_before_retry 5000000
  warmup 5000000
  delay_loop 9999999999
  protocol tcp x
  ip_family inet x
  persistence_timeout 5 x
  quorum 1 x
  persistence_engine 123456789012345
  persistence_engine 1234567890123456
  quorum_up ""
  quorum_up "" root
  weight 1 x
  lb_algo sh\nhashed
  lb_algo rr\nlb_algo sh\nsh-port
  lvs_sched sh\nsh-port
  lvs_method DR
  sorry_server 192.0.2.30 0
  sorry_server 192.0.2.30 80 x
  persistence_granularity 4294967295
  persistence_granularity 0
`);

const endingService = entries(String.raw`
  delay_loop
  lb_algo
  lb_kind
  persistence_engine
  persistence_granularity
  protocol
  ip_family
  quorum
  hysteresis
  quorum_up
  weight
  connect_timeout
  retry
  delay_before_retry
  warmup
  sorry_server
  sorry_server 192.0.2.30 80\nsorry_server_lvs_method
`);

const refusedService = entries(String.raw`
  delay_loop 0
  delay_loop x
  lb_algo xx
  lb_algo RR
  hashed
  ops
  sh-port
  mh-port
  mh-fallback
  sh-fallback
  sh-port\nlb_algo sh
  lb_kind FNAT
  lb_kind nat
  lb_kind tun
  lb_kind TUN type
  lb_kind TUN type ipip csum
  lb_kind TUN type gue
  lb_kind TUN type gue port
  lb_kind TUN type gue port 99999
  lb_kind TUN type gue port 0
  lb_kind TUN type gre remcsum
  lb_kind TUN type gre port 5
  lb_kind TUN type foo
  lb_kind TUN foo
  lb_kind TUN csum
  lb_kind NAT foo
  persistence_engine verylongname123456789
  persistence_timeout 0
  persistence_timeout 2678401
  persistence_timeout 9999999
  persistence_timeout 5.5
  persistence_timeout x
  persistence_granularity x
  persistence_granularity /24
  protocol ICMP
  ip_family inet6
  ip_family xx
  smtp_alert foo
  virtualhost
  snmp_name
  snmp_name a b
  quorum 0
  quorum 2
  quorum 4294967295
  quorum 4294967296
  quorum x
  quorum -1
  hysteresis 1
  hysteresis 4294967295
  hysteresis 4294967296
  hysteresis x
  quorum 1\nhysteresis 1
  weight 5\nquorum 5\nhysteresis 5
  quorum_up /bin/true\nquorum_up /bin/false
  weight 0
  weight 2147483648
  weight x
  connect_timeout 0
  connect_timeout x
  connect_timeout 4295
  retry 0
  retry 4294967296
  retry x
  delay_before_retry x
  warmup x
  sorry_server 192.0.2.30 x
  sorry_server x 80
  sorry_server 2001:db8::1 80
  sorry_server_inhibit
  sorry_server_inhibit\nsorry_server 192.0.2.30 80
  sorry_server_lvs_method DR
  sorry_server 192.0.2.30 80\nsorry_server_lvs_method xx
  sorry_server 192.0.2.20 80\nsorry_server_inhibit
  nonsense
  sorry_server 192.0.2.30 81\nsorry_server_lvs_method DR\n
  ops x
  delay_loop 99999999999999
  lb_algo sh\nlb_algo rr\nsh-port
  lb_algo xx\nhashed
  sorry_server 192.0.2.30 80 {\n}
  delay_loop 5 {\n}
  sorry_server 192.0.2.20 80\ninhibit_on_failure
  persistence_granularity 4294967296
  persistence_granularity 255.255.255.256
  persistence_engine 12345678901234567
  warmup -1
  sorry_server_lvs_method DR\nsorry_server 192.0.2.30 80
`);

const acceptedGroup = entries(String.raw`
  192.0.2.10 80
  192.0.2.10-20 80
  192.0.2.10-192.0.2.20 80
  192.0.2.10-192.0.2.10 80
  192.0.2.10-192.0.3.20 80
  192.0.2.0/24 80
  192.0.2.10/32 80
  10.0.0.0/8 80
  192.0.2.10 80 81
  192.0.2.10 80\n192.0.2.10 80
  192.0.2.10 80\n192.0.2.11 81
  192.0.2.10 80\n2001:db8::1 80
  2001:db8::1 80
  fwmark 5 inet6
  fwmark 5 inet\nfwmark 5 inet6
  fwmark 5\n192.0.2.10 80
  fwmark 5 inet\n192.0.2.10 80\n2001:db8::1 80
  2001:db8::1-5 80
  2001:db8::1-ff 80
  2001:db8::1-2001:db8::ff 80
  2001:db8::/64 80
  2001:db8::/120 80
  192.0.2.10 80\n}\nvirtual_server_group g {\n192.0.2.11 80
  192.0.2.10 80 81\nfwmark 5 inet foo
`);

const endingGroup = entries(`
  fwmark
`);

const refusedGroup = entries(String.raw`
  192.0.2.10
  192.0.2.10-9 80
  192.0.2.10-10 80
  192.0.2.10-192.0.2.5 80
  192.0.2.10-256 80
  192.0.2.10/24 80
  192.0.2.0/33 80
  192.0.2.0/0 80
  192.0.2.0/x 80
  192.0.2.0/8 80
  192.0.2.10 x
  x 80
  192.0.2.10 0
  192.0.2.10 65536
  fwmark 5
  fwmark 5 inet
  fwmark 5 xx
  fwmark 0
  fwmark x
  fwmark 5\nfwmark 5
  fwmark 5\n192.0.2.10 80\n2001:db8::1 80
  192.0.2.10-2001:db8::1 80
  192.0.2.10- 80
  192.0.2.10/ 80
  192.0.2.10 80\n192.0.2.11
  fwmark 5\n192.0.2.10
`);

export function serviceWith(line: string): string {
  return serviceText('192.0.2.10 80', line, '');
}

export function groupWith(line: string): string {
  return `virtual_server_group g {\n${line}\n}\n${serviceText('group g', '', '')}`;
}

export const judgedServiceLines: readonly Judged[] = [
  ...judged(0, acceptedService.map(serviceWith)),
  ...judged(2, endingService.map(serviceWith)),
  ...judged(5, refusedService.map(serviceWith)),
  ...judged(0, acceptedGroup.map(groupWith)),
  ...judged(2, endingGroup.map(groupWith)),
  ...judged(5, refusedGroup.map(groupWith)),
];
