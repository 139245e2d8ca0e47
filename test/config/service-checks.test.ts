import t from 'tap';
import { Report } from '../../src/config/diagnostic.js';
import { checkServices } from '../../src/config/service-checks.js';
import { complaints, configOf, notices } from './text.js';

const servers = 'real_server 192.0.2.20 80 {\n}';

/** What is said of it begins with line 5. */
function service(lines: string, head = '192.0.2.10 80', server = servers): string {
  const nat = 'lb_algo rr\nlb_kind NAT\nprotocol TCP';
  return `virtual_server ${head} {\n${nat}\n${lines}\n${server}\n}\n`;
}

/** What we say of a service beyond that it is not forwarded. */
function hints(text: string): string[] {
  return notices(text).filter((line) => !line.includes('not acted on'));
}

t.test('a service that is right has nothing to hear', (t) => {
  t.same(complaints(service('')), []);
  t.same(hints(service('')), []);
  const report = new Report();
  checkServices(configOf('').root, report);
  t.same(report.diagnostics, []);
  t.end();
});

t.test('what is missing is replaced by its default', (t) => {
  const bare = `virtual_server 192.0.2.10 80 {\n${servers}\n}\n`;
  t.same(complaints(bare), [
    '1:16: warning: virtual_server 192.0.2.10 80 has no lb_algo; wlc is used',
    '1:16: warning: virtual_server 192.0.2.10 80 has no lb_kind; NAT is used',
    '1:16: warning: virtual_server 192.0.2.10 80 has no protocol; UDP is used',
  ]);
  t.same(complaints('virtual_server fwmark 5 {\nlb_algo rr\nlb_kind NAT\n}\n'), [
    '1:16: error: virtual_server fwmark 5 has no real_server and is left out',
  ]);
  t.same(
    complaints(bare.replace('{\n}', '{\nweight x\n}')).filter((line) => !/warning/.test(line)),
    ['3:8: error: "x" is not what weight takes: a whole number, 0-2147483647'],
  );
  t.end();
});

t.test('flags and the sorry server stand behind what they belong to', (t) => {
  t.same(complaints(service('sh-port\nlb_algo sh\nmh-fallback')), [
    '5:1: error: sh-port must stand behind lb_algo sh or mh; keepalived leaves it out',
  ]);
  t.same(complaints(service('sorry_server_inhibit\nsorry_server 192.0.2.30')), [
    '5:1: error: sorry_server_inhibit is left out: it needs a sorry_server before it',
  ]);
  t.same(complaints(service('sorry_server 192.0.2.30\nsorry_server_lvs_method DR')), []);
  t.end();
});

t.test('servers are of the family of the service, or behind a tunnel', (t) => {
  const other = 'real_server 2001:db8::20 80 {\n}';
  t.same(complaints(service('', '192.0.2.10 80', `${servers}\n${other}`)), [
    '8:1: error: real_server 2001:db8::20 is left out: the service is IPv4, and only FNAT and ' +
      'TUN reach the other family',
  ]);
  t.same(complaints(service('lb_kind TUN', '192.0.2.10 80', other)), []);
  t.same(complaints(service('sorry_server 2001:db8::30')), [
    '5:1: error: sorry_server 2001:db8::30 is left out: the service is IPv4',
  ]);
  t.same(complaints(service('ip_family inet6')), [
    '5:1: error: ip_family inet6 is ignored: the service is IPv4 already',
  ]);
  t.same(complaints(service('persistence_granularity 255.255.0.0', '2001:db8::1 80', other)), [
    '5:1: error: persistence_granularity of an IPv6 service is a prefix length, 1-128',
  ]);
  t.same(hints(service('persistence_granularity 24')), [
    '5:1: notice: persistence_granularity 24 is the mask 0.0.0.24 in an IPv4 service; write a ' +
      'mask as 255.255.255.0',
  ]);
  t.same(hints(service('persistence_granularity 255.0.255.0')), [
    '5:1: notice: 255.0.255.0 has holes; a netmask is ones and then zeros',
  ]);
  t.end();
});

t.test('a service whose group is of another family is left out', (t) => {
  const group = 'virtual_server_group g {\n2001:db8::1 80\n}\n';
  t.same(complaints(group + service('quorum 9', 'group g')), []);
  t.match(hints(group + service('quorum 9', 'group g')), [
    'virtual_server group g is left out: its group is of another family',
  ]);
  t.match(complaints(service('', 'group nope')), [/there is no virtual_server_group nope$/]);
  t.end();
});

t.test('a quorum that the weights cannot reach is lowered', (t) => {
  t.same(complaints(service('quorum 3')), [
    '5:1: warning: virtual_server 192.0.2.10 80 never has its quorum of 3: the weights of its ' +
      'servers add up to 1, which is used',
  ]);
  t.same(complaints(service('weight 3\nquorum 3')), []);
  t.match(complaints(service('weight 3\nquorum 3\nhysteresis 3')), [
    /^7:1: warning: hysteresis 3 must be less than the quorum of 3; 2 is used$/,
  ]);
  t.match(complaints(service('', '192.0.2.10 80', servers.replace('{', '{\nweight 0'))), [
    /^1:16: warning: .* never has its quorum of 1: .* add up to 0/,
  ]);
  t.end();
});

t.test('a sorry server that is a real server, too, is inhibited as that is', (t) => {
  t.same(complaints(service('sorry_server 192.0.2.20 80\nsorry_server_inhibit')), [
    '5:1: warning: sorry_server 192.0.2.20:80 is inhibited, but as a real_server at ' +
      '/etc/k.conf:7 it is not; that counts',
  ]);
  t.same(complaints(service('sorry_server 192.0.2.20 80')), []);
  t.end();
});

t.test('ports: the same where packets keep theirs, and any port needs persistence', (t) => {
  const other = servers.replace('80', '81');
  t.same(complaints(service('lb_kind DR', '192.0.2.10 80', other)), [
    '6:1: warning: port 81 of real_server 192.0.2.20 is ignored: the service is 192.0.2.10 80, ' +
      'and DR keeps the port',
  ]);
  t.same(complaints(service('', '192.0.2.10 80', other)), []);
  const group = 'virtual_server_group g {\n192.0.2.10 80\n192.0.2.11 81\n}\n';
  t.match(complaints(group + service('lb_kind DR', 'group g')), [/the group has 81, and DR/]);
  t.match(complaints(service('sorry_server 192.0.2.30 81\nlb_kind TUN')), [
    /^5:1: warning: port 81 of sorry_server 192\.0\.2\.30 is ignored/,
  ]);
  const mark = service('lb_kind DR', 'fwmark 5').replace('protocol TCP', '');
  t.match(complaints(mark), [/is ignored: a fwmark is for any port, and DR keeps the port$/]);
  t.same(complaints(service('', '192.0.2.10')), [
    '1:16: warning: virtual_server 192.0.2.10 0 is for any port, which needs persistence; it ' +
      'gets 360 s',
  ]);
  t.same(complaints(service('persistence_timeout', '192.0.2.10')), []);
  t.end();
});

t.test('protocols', (t) => {
  t.match(complaints(service('', 'fwmark 5')), [
    /^4:1: warning: a fwmark is for every protocol; remove protocol TCP$/,
  ]);
  t.match(complaints(service('ops')), [
    /^5:1: warning: ops is only for UDP; it is off for virtual_server 192\.0\.2\.10 80$/,
  ]);
  t.match(complaints(service('protocol ICMP')), [
    /^5:1: error: protocol ICMP is only for virtual_server match$/,
  ]);
  t.same(complaints(service('protocol ICMP\niif a', 'match a')), []);
  t.match(complaints(service('ha_suspend', 'fwmark 5').replace('protocol TCP', '')), [
    /^5:1: warning: ha_suspend needs addresses; it is off for a fwmark, as in fwmark 5$/,
  ]);
  t.end();
});

t.test('what is there twice', (t) => {
  t.same(complaints(service('') + service('', '192.0.2.10 80', servers.replace('.20', '.21'))), [
    '9:16: warning: virtual server TCP 192.0.2.10:80 is defined already at /etc/k.conf:1',
  ]);
  t.same(complaints(service('') + service('protocol UDP')), []);
  const group = 'virtual_server_group g {\nfwmark 5\n192.0.2.1-9 80\n}\n';
  const twice = complaints(group + service('', 'group g') + service('', 'group g'));
  t.match(twice, [/virtual server fwmark 5 is/, /virtual server TCP 192\.0\.2\.1:80-192\.0\.2\.9/]);
  t.end();
});

t.test('keywords that nothing comes of', (t) => {
  t.match(hints(service('omega')), [/^5:1: notice: nothing comes of omega without quorum_down/]);
  t.match(hints(service('src-range 10.0.0.1')), [
    /^5:1: notice: src-range is only for virtual_server match$/,
  ]);
  t.match(hints(service('', 'match a')), [/match a has none of src-range, dst-range, iif, oif$/]);
  t.match(hints(service('hash_target qid')), [/^5:1: notice: .* without lb_algo conhash$/]);
  const inServer = (line: string) =>
    hints(service('', '192.0.2.10 80', servers.replace('{', `{\n${line}`)));
  t.match(inServer('lthreshold 5'), [/^7:1: notice: .* of lthreshold without uthreshold$/]);
  t.match(inServer('uthreshold 4\nlthreshold 5'), [/^8:1: notice: lthreshold 5 is above/]);
  t.same(inServer('uthreshold 5\nlthreshold 5'), []);
  t.match(inServer('weight 70000'), [/^7:1: notice: weight 70000 counts as 65535$/]);
  t.match(hints(service('weight 70000')), [/^5:1: notice: weight 70000 counts as 65535$/]);
  t.end();
});
