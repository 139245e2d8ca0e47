import t from 'tap';
import { checkCheckers } from '../../src/config/checker-checks.js';
import { Report } from '../../src/config/diagnostic.js';
import { complaints, configOf, notices } from './text.js';

/** The checkers begin in line 6. */
const server = (checkers: string, address = '192.0.2.20') => `virtual_server 192.0.2.10 80 {
lb_algo rr
lb_kind TUN
protocol TCP
real_server ${address} 80 {
${checkers}
}
}
`;

function hints(text: string): string[] {
  return notices(text).filter((line) => !line.includes('not acted on'));
}

t.test('checkers that are right have nothing to hear', (t) => {
  const { root } = configOf('');
  const report = new Report();
  checkCheckers(root, report);
  t.same(report.diagnostics, []);
  const right = 'TCP_CHECK {\nconnect_timeout 3\n}\nHTTP_GET {\nurl {\npath /\nregex a+\n}\n}';
  t.same(complaints(server(right)), []);
  t.same(hints(server(right)), []);
  t.end();
});

t.test('a source fits the target that stands before it', (t) => {
  t.same(complaints(server('TCP_CHECK {\nbindto 2001:db8::1\n}')), [
    '7:1: error: bindto 2001:db8::1 cannot reach 192.0.2.20: one is IPv4, one IPv6',
  ]);
  t.same(complaints(server('TCP_CHECK {\nbindto 192.0.2.1\nconnect_ip 2001:db8::2\n}')), [
    '8:1: error: bindto 192.0.2.1 cannot reach 2001:db8::2: one is IPv4, one IPv6',
  ]);
  t.same(complaints(server('TCP_CHECK {\nconnect_ip 2001:db8::2\nbindto 2001:db8::1\n}')), []);
  t.match(complaints(server('SMTP_CHECK {\nhost {\nbindto 2001:db8::1\n}\n}')), [/^8:1: error/]);
  t.end();
});

t.test('a link-local address needs an interface', (t) => {
  const message = '6:1: error: TCP_CHECK of fe80::2 needs a bind_if: the address is link-local';
  t.same(complaints(server('TCP_CHECK {\nconnect_ip fe80::2\n}')), [message]);
  t.same(complaints(server('TCP_CHECK {\n}', 'fe80::2')), [message]);
  t.same(complaints(server('TCP_CHECK {\nconnect_ip febf::2\nbind_if eth0\n}')), []);
  t.same(complaints(server('TCP_CHECK {\nconnect_ip fec0::2\n}')), []);
  t.same(complaints(server('MISC_CHECK {\nmisc_path /bin/true\n}', 'fe80::2')), []);
  t.end();
});

t.test('HTTP_GET has pages, and pages have paths', (t) => {
  t.same(complaints(server('HTTP_GET {\n}')), [
    '6:1: error: HTTP_GET has no url and is left out: url { path / }',
  ]);
  t.same(complaints(server('SSL_GET {\nurl {\n}\n}')), [
    '7:1: error: the url has no path and is left out: path /',
  ]);
  t.end();
});

t.test('regular expressions', (t) => {
  const url = (lines: string) => server(`HTTP_GET {\nurl {\npath /\n${lines}\n}\n}`);
  t.same(hints(url('regex "a(b"')), [
    '9:1: notice: the regex does not compile: the "(" at 2 is not closed',
  ]);
  t.same(hints(url('regex "a #("\nregex_options extended')), [], 'it may be a comment');
  t.same(hints(url('regex_no_match')), [
    '9:1: notice: nothing comes of regex_no_match without regex',
  ]);
  t.same(hints(url('regex a\nregex_min_offset 5\nregex_max_offset 4')), [
    '11:1: notice: regex_max_offset 4 is below regex_min_offset; both are left out',
  ]);
  t.same(hints(url('regex a\nregex_min_offset 5\nregex_max_offset 5')), []);
  t.end();
});

t.test('checkers by name: the name is defined before', (t) => {
  const file = 'track_file f {\nfile /tmp/f\n}\n';
  const bfd = 'bfd_instance b {\nneighbor_ip 192.0.2.99\n}\n';
  const byFile = server('FILE_CHECK {\ntrack_file f\n}');
  const byBfd = server('BFD_CHECK {\nname b\n}');
  t.same(complaints(file + byFile), []);
  t.same(complaints(bfd + byBfd), []);
  t.same(complaints(byFile), ['7:1: error: there is no track_file f']);
  t.match(complaints(byFile + file), [
    /^7:1: error: track_file f must stand before its use; it is at .*:11$/,
  ]);
  t.same(complaints(bfd.replace('b {', 'a {') + byBfd), [
    '10:1: error: there is no bfd_instance b; did you mean "a"?',
  ]);
  const missing = 'MISC_CHECK {\n}\nFILE_CHECK {\n}\nBFD_CHECK {\n}';
  t.same(complaints(server(missing)), [
    '6:1: error: MISC_CHECK has no misc_path and is left out',
    '8:1: error: FILE_CHECK has no track_file and is left out',
    '10:1: error: BFD_CHECK has no name and is left out',
  ]);
  const twice = byBfd.replace('name b\n}', 'name b\n}\nBFD_CHECK {\nname b\nalpha\n}');
  t.match(complaints(bfd + twice), [/^13:1: error: the BFD_CHECK of b for this real_server is/]);
  t.end();
});

t.test('what two settings of a checker make of each other', (t) => {
  t.same(complaints(server('UDP_CHECK {\nmin_reply_length 300\n}')), [
    '7:1: warning: no answer can have 300 octets or more, and 255 at most',
  ]);
  t.same(hints(server('delay_loop 3\nTCP_CHECK {\nconnect_timeout 5\n}')), [
    '8:1: notice: connect_timeout is longer than delay_loop at /etc/k.conf:6: a server that does ' +
      'not answer is checked less often',
  ]);
  t.same(hints(server('TCP_CHECK {\n}\nTCP_CHECK {\n}\nTCP_CHECK {\nretry 5\n}')), [
    '8:1: notice: the same TCP_CHECK is at /etc/k.conf:6; one is enough',
  ]);
  t.end();
});

t.test('every kind of checker is acted on: no server counts as up unwatched', (t) => {
  const forwarded = (checkers: string) => `dataplane {
port a {
device net_null
}
}
local_address_group lips {
10.0.0.9 a
}
virtual_server 10.0.0.1 80 {
lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name lips
real_server 10.0.0.2 80 {
${checkers}
}
real_server 10.0.0.3 80 {
${checkers}
}
}
`;
  const bfd = 'BFD_CHECK {\nname peer\n}';
  t.same(hints(forwarded(bfd)), []);
  t.same(hints(forwarded(`${bfd}\nTCP_CHECK {\n}`)), []);
  t.same(hints(forwarded('')), []);
  t.same(hints(server(bfd)), [], 'a service that is not forwarded needs no checks');
  t.end();
});
