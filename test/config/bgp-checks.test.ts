import t from 'tap';
import { complaints, notices } from './text.js';

const bgp = (lines: string, allow = '203.0.113.0/24 le 32') => `bgp_instance edge {
local_as 64512
allow {
${allow}
}
${lines}
}
`;
const neighbor = (lines: string, address = '192.0.2.254', shared = '') =>
  complaints(bgp(`${shared}neighbor ${address} {\nremote_as 65000\n${lines}\n}`));

t.test('BFD: an instance that is there, or one of its own', (t) => {
  t.same(neighbor('bfd on'), []);
  const watcher = 'bfd_instance up {\nneighbor_ip 192.0.2.254\n}\n';
  const session = bgp('neighbor 192.0.2.254 {\nremote_as 65000\nbfd up\n}');
  t.same(complaints(watcher + session), []);
  t.same(complaints(session), ['8:1: error: there is no bfd_instance up']);
  const other = watcher.replace('.254', '.253');
  t.same(complaints(other + session), [
    '11:1: warning: bfd_instance up watches 192.0.2.253, not the neighbour 192.0.2.254',
  ]);
  t.end();
});

t.test('a link-local address is a neighbour on one link', (t) => {
  const on = (link: string) => `neighbor fe80::1 {\nremote_as 65000\ninterface ${link}\n}\n`;
  t.same(complaints(bgp(on('eth0'))), []);
  t.match(complaints(bgp(on('eth0') + on('eth1'))), [
    /^10:1: error: neighbor fe80::1 of bgp_instance edge is defined already at /,
    /^10:1: error: fe80::1 can be a neighbour on one link only: .* another link-local address/,
  ]);
  t.end();
});

t.test('peer_group is a template by its name in FRR', (t) => {
  t.same(neighbor('peer_group far', '192.0.2.254', 'peer_group far {\n}\n'), []);
  t.same(neighbor('peer_group near', '192.0.2.254', 'template far {\n}\n'), [
    '10:1: error: there is no template near',
  ]);
  t.end();
});

t.test('what a template says is checked like what a neighbour says', (t) => {
  const said = complaints(
    bgp('template far {\nttl_security hops 1\nebgp_multihop 2\ntimers 1 2\n}'),
  );
  t.match(said, [/^7:1: error: ttl_security and ebgp_multihop/, /^9:1: error: the hold time/]);
  t.end();
});

t.test('prefixes of the other family need a next hop', (t) => {
  t.same(neighbor('address_family ipv4'), []);
  t.same(neighbor('address_family ipv6 unicast'), [
    '8:1: error: ipv6 prefixes for 192.0.2.254 need a next_hop of their own family',
  ]);
  t.same(neighbor('address_family ipv6\nnext_hop 192.0.2.1\nnext_hop 2001:db8::1'), []);
  const shared = 'template far {\nnext_hop 2001:db8::1\n}\n';
  t.same(neighbor('template far\naddress_family ipv6', '192.0.2.254', shared), []);
  t.same(neighbor('address_family ipv4', '2001:db8::fe'), [
    '8:1: error: ipv4 prefixes for 2001:db8::fe need a next_hop of their own family ' +
      'or capability_extended_nexthop',
  ]);
  t.same(neighbor('address_family ipv4\ncapability_extended_nexthop', '2001:db8::fe'), []);
  t.end();
});

t.test('what means nothing inside an AS, or between two', (t) => {
  t.match(neighbor('local_preference 200'), [/^8:1: warning: local_preference is never sent/]);
  t.same(neighbor('ebgp_multihop'), []);
  const inside = (as: string) =>
    complaints(bgp(`neighbor 192.0.2.254 {\nremote_as ${as}\nebgp_multihop 2\n}`));
  for (const as of ['internal', '64512']) {
    t.match(inside(as), [/^8:1: warning: ebgp_multihop is for neighbours in another AS/], as);
  }
  t.end();
});

t.test('no list lets the default route pass', (t) => {
  t.match(complaints(bgp('', '0.0.0.0/0')), [/^4:1: error: 0.0.0.0\/0 would let .* add ge 32$/]);
  t.match(complaints(bgp('', '::/0 le 128')), [/^4:1: error: .* add ge 128$/]);
  t.same(complaints(bgp('', '0.0.0.0/0 ge 32')), []);
  t.match(complaints(bgp('', '192.0.2.0/24 ge 32 le 28')), [/swap ge and le/]);
  t.match(neighbor('allow {\n0.0.0.0/0\n}'), [/^9:1: error: .*default route/]);
  t.end();
});

t.test('kinds of communities, and limits', (t) => {
  t.same(neighbor('send_community standard large\nmaximum_prefix 100\nmaximum_prefix_out 5'), []);
  t.match(neighbor('send_community some'), [/"some" is not what send_community takes/]);
  t.match(neighbor('maximum_prefix 0'), [/"0" is not what maximum_prefix takes/]);
  t.same(notices(bgp('')), []);
  t.end();
});
