// Lines of a real_server and of its health checkers, by what Debian's `keepalived -t` (2.2.7) ends
// with when the rest of the file is right.
import { entries, type Judged, judged, serviceText } from './judged-services.js';

const acceptedServer = entries(String.raw`
  SSL_GET {\nurl {\npath /\n}\n}
  weight 2147483647
  lvs_method DR
  lvs_method TUN
  lvs_method TUN type gue port 5
  uthreshold 0
  uthreshold 4294967295
  lthreshold 5
  uthreshold 5\nlthreshold 10
  lthreshold 10
  inhibit_on_failure
  inhibit_on_failure off
  notify_up /bin/true
  notify_up "/bin/true a" root
  notify_up /nonexist
  alpha
  alpha off
  retry 1
  retry 4294967295
  delay_before_retry 0
  warmup 0
  connect_timeout 1
  delay_loop 1
  smtp_alert
  smtp_alert off
  virtualhost a
  virtualhost a b
  snmp_name a
  TCP_CHECK {\n}
  TCP_CHECK { }
  TCP_CHECK x {\n}
  PING_CHECK {\n}
  PING_CHECK { }
  PING_CHECK x {\n}
  UDP_CHECK {\n}
  UDP_CHECK { }
  UDP_CHECK x {\n}
  DNS_CHECK {\n}
  DNS_CHECK { }
  DNS_CHECK x {\n}
  SMTP_CHECK {\n}
  SMTP_CHECK { }
  SMTP_CHECK x {\n}
  TCP_CHECK {\nconnect_ip 192.0.2.1\n}
  TCP_CHECK {\nconnect_ip 2001:db8::1\n}
  TCP_CHECK {\nconnect_ip 192.0.2.1 80\n}
  TCP_CHECK {\nbindto 192.0.2.1\n}
  TCP_CHECK {\nconnect_ip fe80::2\nbind_if eth0\n}
  TCP_CHECK {\nconnect_port 1\n}
  TCP_CHECK {\nconnect_port 65535\n}
  TCP_CHECK {\nbind_port 1\n}
  TCP_CHECK {\nbind_if eth9\n}
  TCP_CHECK {\nbind_if eth0\n}
  TCP_CHECK {\nconnect_timeout 0.5\n}
  TCP_CHECK {\nconnect_timeout 4294\n}
  TCP_CHECK {\nfwmark 0\n}
  TCP_CHECK {\nfwmark 5\n}
  TCP_CHECK {\nfwmark 4294967295\n}
  TCP_CHECK {\nretry 0\n}
  TCP_CHECK {\nretry 1\n}
  TCP_CHECK {\nretry 4294967295\n}
  TCP_CHECK {\ndelay_before_retry 0\n}
  TCP_CHECK {\ndelay_before_retry 1\n}
  TCP_CHECK {\ndelay_before_retry 5000\n}
  TCP_CHECK {\nwarmup 0\n}
  TCP_CHECK {\nwarmup 1\n}
  TCP_CHECK {\ndelay_loop 1\n}
  TCP_CHECK {\ndelay_loop 99999\n}
  TCP_CHECK {\nalpha\n}
  TCP_CHECK {\nalpha off\n}
  TCP_CHECK {\nlog_all_failures\n}
  TCP_CHECK {\nlog_all_failures off\n}
  TCP_CHECK {\nretry 1\nretry 2\n}
  TCP_CHECK {\nconnect_timeout 100\ndelay_loop 5\n}
  TCP_CHECK {\n}\nTCP_CHECK {\n}
  UDP_CHECK {\npayload 0\n}
  UDP_CHECK {\npayload 0 f\n}
  UDP_CHECK {\npayload 00f\n}
  UDP_CHECK {\nrequire_reply\n}
  UDP_CHECK {\nrequire_reply XX00\n}
  UDP_CHECK {\nrequire_reply X0\n}
  UDP_CHECK {\nrequire_reply 00 XX\n}
  UDP_CHECK {\nrequire_reply "00 XX"\n}
  UDP_CHECK {\nrequire_reply xx\n}
  UDP_CHECK {\nrequire_reply 0\n}
  UDP_CHECK {\nmin_reply_length 0\n}
  UDP_CHECK {\nmax_reply_length 0\n}
  UDP_CHECK {\nmax_reply_length 65535\n}
  UDP_CHECK {\nmax_reply_length 300\n}
  DNS_CHECK {\ntype A\n}
  DNS_CHECK {\ntype a\n}
  DNS_CHECK {\ntype TXT\n}
  DNS_CHECK {\ntype DNSKEY\n}
  DNS_CHECK {\nname example.com\n}
  DNS_CHECK {\nname .\n}
  DNS_CHECK {\nname aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n}
  DNS_CHECK {\nname "a b"\n}
  DNS_CHECK {\nretry 5\n}
  DNS_CHECK {\ntype A\ntype NS\n}
  DNS_CHECK {\nconnect_ip 192.0.2.1\nconnect_port 53\n}
  SMTP_CHECK {\nhelo_name a\n}
  SMTP_CHECK {\nhelo_name a\nhelo_name b\n}
  SMTP_CHECK {\nhelo_name "a b"\n}
  SMTP_CHECK {\nhost {\n}\n}
  SMTP_CHECK {\nhost {\nconnect_ip 192.0.2.1\n}\n}
  SMTP_CHECK {\nhost {\n}\nhost {\n}\n}
  SMTP_CHECK {\nhost x {\n}\n}
  SMTP_CHECK {\nhost {\nretry 5\n}\n}
  SMTP_CHECK {\nconnect_ip 192.0.2.1\n}
  SMTP_CHECK {\nhost {\nwarmup 5\n}\n}
  SMTP_CHECK {\nhost {\nlog_all_failures\n}\n}
  SMTP_CHECK {\nhost {\nalpha\n}\n}
  SMTP_CHECK {\nhost {\ndelay_loop 5\n}\n}
  SMTP_CHECK {\nconnect_ip 192.0.2.5\nhost {\nconnect_ip 192.0.2.1\n}\n}
  HTTP_GET {\nurl {\npath /\n}\n\n}
  HTTP_GET {\nurl {\npath /\n}\nvirtualhost a\n}
  HTTP_GET {\nurl {\npath /\n}\nvirtualhost a b\n}
  HTTP_GET {\nurl {\npath /\n}\nvirtualhost a\nvirtualhost b\n}
  HTTP_GET {\nurl {\npath /\n}\nhttp_protocol 1.0\n}
  HTTP_GET {\nurl {\npath /\n}\nhttp_protocol 1.0C\n}
  HTTP_GET {\nurl {\npath /\n}\nhttp_protocol 1.0c\n}
  HTTP_GET {\nurl {\npath /\n}\nhttp_protocol 1.1\n}
  HTTP_GET {\nurl {\npath /\n}\nhttp_protocol 1.1\nhttp_protocol 1.0\n}
  HTTP_GET {\nurl {\npath /\n}\nenable_sni\n}
  HTTP_GET {\nurl {\npath /\n}\nenable_sni off\n}
  HTTP_GET {\nurl {\npath /\n}\nfast_recovery\n}
  HTTP_GET {\nurl {\npath /\n}\nfast_recovery off\n}
  HTTP_GET {\nurl {\npath /\n}\nurl {\npath /\n}\n\n}
  HTTP_GET {\nurl x {\npath /\n}\n}
  HTTP_GET {\nurl {\npath /\n}\nretry 5\ndelay_before_retry 5\n}
  HTTP_GET {\nurl {\npath /a\n}\n}
  HTTP_GET {\nurl {\npath "/a b"\n}\n}
  HTTP_GET {\nurl {\npath /a b\n}\n}
  HTTP_GET {\nurl {\npath /a\npath /b\n}\n}
  HTTP_GET {\nurl {\npath /\ndigest 00112233445566778899aabbccddeeff\n}\n}
  HTTP_GET {\nurl {\npath /\ndigest 00112233445566778899AABBCCDDEEFF\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 200-299\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 200 201 300-399\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 599\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 100\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 200\nstatus_code 300\n}\n}
  HTTP_GET {\nurl {\npath /\nvirtualhost a\n}\n}
  HTTP_GET {\nurl {\npath /\nvirtualhost a b\n}\n}
  HTTP_GET {\nurl {\npath /\nregex\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\n}\n}
  HTTP_GET {\nurl {\npath /\nregex "a b"\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a b\n}\n}
  HTTP_GET {\nurl {\npath /\nregex (\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex b\n}\n}
  HTTP_GET {\nurl {\npath /\nregex_no_match\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_no_match\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_no_match off\n}\n}
  HTTP_GET {\nurl {\npath /\nregex_options\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_options\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_options caseless dotall\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_options foo\n}\n}
  HTTP_GET {\nurl {\npath /\nregex_options caseless\n}\n}
  HTTP_GET {\nurl {\npath /\nregex_min_offset\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_min_offset 5\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_min_offset x\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_min_offset 5 6\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_min_offset -1\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_max_offset 5\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_max_offset x\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_min_offset 9\nregex_max_offset 5\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_min_offset 5\nregex_max_offset 5\n}\n}
  HTTP_GET {\nurl {\npath /\nregex_min_offset 5\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_stack\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_stack 5\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_stack 5 6\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_stack 7 6\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_stack x 6\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_stack 5 x\n}\n}
  HTTP_GET {\nurl {\npath /\nregex_stack 5 6\n}\n}
  HTTP_GET {\nurl {\npath ""\n}\n}
  HTTP_GET {\nurl {\npath /\nregex ""\n}\n}
  HTTP_GET {\nurl {\npath /\nregex 'a b'\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_options caseless,dotall\n}\n}
  HTTP_GET {\nurl {\npath /\nregex a\nregex_min_offset 1\nregex_min_offset 2\n}\n}
  SSL_GET {\nenable_sni\nurl {\npath /\n}\n}
  MISC_CHECK {\nmisc_path /bin/true\n\n}
  MISC_CHECK {\nmisc_path "/bin/true a b"\n}
  MISC_CHECK {\nmisc_path /nonexist\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_path /bin/false\n}
  MISC_CHECK {\nmisc_path relative\n}
  MISC_CHECK {\nmisc_path "sh -c x"\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 0\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 5\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 4294\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_dynamic\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_dynamic off\n}
  MISC_CHECK {\nmisc_path /bin/true\nuser root\n}
  MISC_CHECK {\nmisc_path /bin/true\nuser root root\n}
  MISC_CHECK {\nmisc_path /bin/true\nuser root root x\n}
  MISC_CHECK {\nmisc_path /bin/true\nretry 0\n}
  MISC_CHECK {\nmisc_path /bin/true\nretry 5\n}
  MISC_CHECK {\nmisc_path /bin/true\ndelay_before_retry 5\n}
  MISC_CHECK {\nmisc_path /bin/true\nwarmup 5\n}
  MISC_CHECK {\nmisc_path /bin/true\ndelay_loop 5\n}
  MISC_CHECK {\nmisc_path /bin/true\nalpha\n}
  MISC_CHECK {\nmisc_path /bin/true\nlog_all_failures\n}
  UDP_CHECK {\npayload 12\n}
  UDP_CHECK {\npayload fe\n}
  UDP_CHECK {\npayload f0\n}
  UDP_CHECK {\npayload af\n}
  UDP_CHECK {\npayload 0f\n}
  UDP_CHECK {\npayload 0f0f\n}
  UDP_CHECK {\npayload aabb\n}
  UDP_CHECK {\npayload AABB\n}
  UDP_CHECK {\npayload 1234567890abcdef\n}
  UDP_CHECK {\npayload "48 65 6c"\n}
  UDP_CHECK {\npayload 48 65 6c\n}
  UDP_CHECK {\npayload 486\n}
  UDP_CHECK {\npayload 4 86\n}
  UDP_CHECK {\npayload 48 6\n}
  UDP_CHECK {\nrequire_reply f\n}
  UDP_CHECK {\nrequire_reply x\n}
  UDP_CHECK {\nrequire_reply xX\n}
  UDP_CHECK {\nrequire_reply 0x\n}
  UDP_CHECK {\nrequire_reply 1x2\n}
  UDP_CHECK {\nrequire_reply 1x 2\n}
  UDP_CHECK {\nrequire_reply aabb\n}
  UDP_CHECK {\npayload ab\n}
  UDP_CHECK {\npayload cd\n}
  UDP_CHECK {\npayload dead\n}
  UDP_CHECK {\npayload beef\n}
  UDP_CHECK {\npayload face\n}
  TCP_CHECK {\nconnect_ip 192.0.2.1/24\n}
  TCP_CHECK {\nbindto 192.0.2.1/24\n}
  TCP_CHECK {\nconnect_ip 192.0.2.1-5\n}
  TCP_CHECK {\nconnect_ip fe80::5\nbindto fe80::1\nbind_if eth0\n}
  TCP_CHECK {\nconnect_ip 2001:db8::1\nbindto fe80::1\n}
  MISC_CHECK {\nmisc_path /bin/true nobody\n}
  MISC_CHECK {\nmisc_path /bin/true root\n}
  MISC_CHECK {\nmisc_path "/bin/true" root root\n}
  MISC_CHECK {\nuser root\nmisc_path /bin/true\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_dynamic foo\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 5 x\n}
  HTTP_GET {\nurl {\npath /\nregex "(a" b\n}\n}
  DNS_CHECK {\nname ""\n}
  SMTP_CHECK {\nhelo_name ""\n}
  SMTP_CHECK {\nhost { }\n}
  notify_up ""
  TCP_CHECK {\nconnect_port 80\nconnect_port 81\n}
  TCP_CHECK {\nconnect_port 080\n}
  UDP_CHECK {\npayload 00\n}\nUDP_CHECK {\npayload 00\n}
`);

const endingServer = entries(String.raw`
  weight
  lvs_method
  uthreshold
  notify_up
  delay_loop
  connect_timeout
  retry
  TCP_CHECK {\nconnect_ip\n}
  TCP_CHECK {\nbindto\n}
  TCP_CHECK {\nconnect_port\n}
  TCP_CHECK {\nbind_port\n}
  TCP_CHECK {\nbind_if\n}
  TCP_CHECK {\nconnect_timeout\n}
  TCP_CHECK {\nfwmark\n}
  TCP_CHECK {\nretry\n}
  TCP_CHECK {\ndelay_before_retry\n}
  TCP_CHECK {\nwarmup\n}
  TCP_CHECK {\ndelay_loop\n}
  UDP_CHECK {\nmin_reply_length\n}
  UDP_CHECK {\nmax_reply_length\n}
  DNS_CHECK {\ntype\n}
  DNS_CHECK {\nname\n}
  HTTP_GET {\nnb_get_retry\nurl {\npath /\n}\n\n}
  HTTP_GET {\nurl {\npath\n}\n}
  HTTP_GET {\nurl {\npath /\ndigest\n}\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout\n}
`);

const refusedServer = entries(String.raw`
  weight 0
  weight 2147483648
  weight -1
  weight x
  lvs_method x
  uthreshold 4294967296
  uthreshold x
  lthreshold x
  inhibit_on_failure foo
  notify_down /bin/true\nnotify_down /bin/false
  alpha foo
  retry 0
  retry x
  delay_before_retry x
  warmup x
  connect_timeout 0
  connect_timeout 4295
  delay_loop 0
  delay_loop x
  smtp_alert foo
  virtualhost
  snmp_name
  snmp_name a b
  nonsense
  TCP_CHECK {\nconnect_ip x\n}
  TCP_CHECK {\nconnect_ip 2001:db8::1\nbindto 192.0.2.1\n}
  TCP_CHECK {\nbindto 192.0.2.1\nconnect_ip 2001:db8::1\n}
  TCP_CHECK {\nbindto 2001:db8::1\n}
  TCP_CHECK {\nbindto x\n}
  TCP_CHECK {\nbindto fe80::1\nconnect_ip fe80::2\n}
  TCP_CHECK {\nbindto fe80::1\nconnect_ip fe80::2\nbind_if eth0\n}
  TCP_CHECK {\nconnect_ip fe80::2\n}
  TCP_CHECK {\nconnect_port 0\n}
  TCP_CHECK {\nconnect_port 65536\n}
  TCP_CHECK {\nconnect_port x\n}
  TCP_CHECK {\nbind_port 0\n}
  TCP_CHECK {\nbind_port 65536\n}
  TCP_CHECK {\nbind_port x\n}
  TCP_CHECK {\nbind_if verylonginterfacename\n}
  TCP_CHECK {\nconnect_timeout 0\n}
  TCP_CHECK {\nconnect_timeout 4295\n}
  TCP_CHECK {\nconnect_timeout x\n}
  TCP_CHECK {\nfwmark 4294967296\n}
  TCP_CHECK {\nfwmark x\n}
  TCP_CHECK {\nretry x\n}
  TCP_CHECK {\nretry 4294967296\n}
  TCP_CHECK {\ndelay_before_retry x\n}
  TCP_CHECK {\nwarmup x\n}
  TCP_CHECK {\ndelay_loop 0\n}
  TCP_CHECK {\ndelay_loop x\n}
  TCP_CHECK {\nalpha foo\n}
  TCP_CHECK {\nlog_all_failures foo\n}
  TCP_CHECK {\nnonsense\n}
  TCP_CHECK {\nnb_sock_retry 5\n}
  UDP_CHECK {\npayload\n}
  UDP_CHECK {\nmin_reply_length 65535\n}
  UDP_CHECK {\nmin_reply_length 65536\n}
  UDP_CHECK {\nmin_reply_length x\n}
  UDP_CHECK {\nmax_reply_length 65536\n}
  UDP_CHECK {\nmin_reply_length 10\nmax_reply_length 5\n}
  UDP_CHECK {\nmin_reply_length 300\n}
  UDP_CHECK {\nrequire_reply\nmin_reply_length 300\n}
  DNS_CHECK {\ntype X\n}
  DNS_CHECK {\ntype ANY\n}
  DNS_CHECK {\nname example..com\n}
  DNS_CHECK {\nname .com\n}
  DNS_CHECK {\nname a\nname b\n}
  SMTP_CHECK {\nhelo_name\n}
  SMTP_CHECK {\nhost {\nconnect_ip x\n}\n}
  SMTP_CHECK {\nhost {\nbindto 2001:db8::1\nconnect_ip 192.0.2.1\n}\n}
  SMTP_CHECK {\nhost {\nnonsense\n}\n}
  HTTP_GET {\nnb_get_retry 5\nurl {\npath /\n}\n\n}
  HTTP_GET {\nnb_get_retry x\nurl {\npath /\n}\n\n}
  HTTP_GET {\nurl {\npath /\n}\nvirtualhost\n}
  HTTP_GET {\nurl {\npath /\n}\nhttp_protocol\n}
  HTTP_GET {\nurl {\npath /\n}\nhttp_protocol 2\n}
  HTTP_GET {\nurl {\npath /\n}\nenable_sni foo\n}
  HTTP_GET {\nurl {\npath /\n}\nfast_recovery foo\n}
  HTTP_GET {\nurl {\npath /\n}\ntls_compliant\n}
  HTTP_GET {\nurl {\npath /\n}\nconnect_ip 2001:db8::1\nbindto 192.0.2.1\n}
  HTTP_GET {\nbindto x\nurl {\npath /\n}\n\n}
  HTTP_GET {\nurl {\npath /\ndigest 0011\n}\n}
  HTTP_GET {\nurl {\npath /\ndigest 00112233445566778899aabbccddeefg\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 99\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 600\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 300-200\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code x\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 200-\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 200 x 201\n}\n}
  HTTP_GET {\nurl {\npath /\nstatus_code 200,201\n}\n}
  HTTP_GET {\nurl {\npath /\nvirtualhost\n}\n}
  HTTP_GET {\nurl {\npath /\ntls_compliant\n}\n}
  HTTP_GET {\nurl {\npath /\nnonsense\n}\n}
  HTTP_GET {\nurl {\n}\nurl {\npath /\n}\n}
  MISC_CHECK {\n}
  MISC_CHECK {\nmisc_path\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 5.5\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout x\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 5000000\n}
  MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 4295\n}
  MISC_CHECK {\nmisc_path /bin/true\nuser\n}
  MISC_CHECK {\nmisc_path /bin/true\nuser nouser\n}
  MISC_CHECK {\nmisc_path /bin/true\nuser root nogroupx\n}
  MISC_CHECK {\nmisc_path /bin/true\nconnect_ip 192.0.2.1\n}
  MISC_CHECK {\nmisc_path /bin/true\nconnect_timeout 5\n}
  MISC_CHECK {\nmisc_path /bin/true\nnonsense\n}
  MISC_CHECK {\nmisc_path ""\n}
  MISC_CHECK {\nmisc_path "" ""\n}
  FILE_CHECK {\ntrack_file tf\n}
  BFD_CHECK {\nname b\n}
  FOO_CHECK {\n}
  UDP_CHECK {\npayload ""\n}
  UDP_CHECK {\nrequire_reply ""\n}
  TCP_CHECK {\nbindto fe80::1\n}
  TCP_CHECK {\nconnect_ip fe80::5\nbindto 2001:db8::1\n}
  MISC_CHECK {\nuser root\n}
  DNS_CHECK {\nname a..\n}
  DNS_CHECK {\nname ..\n}
  DNS_CHECK {\ntype "" \n}
  MISC_CHECK {\nuser nouser\nmisc_path /bin/true\n}
`);

export function serverWith(line: string): string {
  return serviceText('192.0.2.10 80', '', line);
}

export const judgedServerLines: readonly Judged[] = [
  ...judged(0, acceptedServer.map(serverWith)),
  ...judged(2, endingServer.map(serverWith)),
  ...judged(5, refusedServer.map(serverWith)),
];
