// What nft says of these programs, and what they do, is test/host/netns-setup.
import t from 'tap';
import { firewallProgram, firewallRemoval } from '../../src/ha/firewall-program.js';
import type { MacAddress } from '../../src/net/mac.js';
import { noObjects, plainFirewall } from '../config/no-objects.js';
import { address } from './kernel-samples.js';

const options = { ...plainFirewall, sendsBelow: true };
const addresses = [address('192.0.2.1'), address('2001:db8::1'), address('fe80::1')];
const link = {
  ...{ name: 'vrrp.51', parent: 'eth0', group: null },
  kind: { type: 'macvlan', mac: '00:00:5e:00:01:33' as MacAddress },
} as const;
const removal = [
  'add table ip keepalived',
  'delete table ip keepalived',
  'add table ip6 keepalived',
  'delete table ip6 keepalived',
];

function linesOf(objects: Partial<typeof noObjects>, more: Partial<typeof options> = {}) {
  const instances = [{ dpdkInterface: null, objects: { ...noObjects, addresses, ...objects } }];
  return firewallProgram(instances, { ...options, ...more })?.split('\n') ?? null;
}

t.test('no rules where all packets are accepted', (t) => {
  t.equal(linesOf({}), null);
  t.equal(linesOf({ accepts: false, addresses: [] }), null);
  const port = { dpdkInterface: 'dpdk0', objects: { ...noObjects, addresses, accepts: false } };
  t.equal(firewallProgram([port], options), null, 'the kernel never sees its packets');
  t.equal(firewallRemoval({ table: 'keepalived' }), [...removal, ''].join('\n'));
  t.end();
});

t.test('no_accept drops, but for neighbour discovery', (t) => {
  const lines = linesOf({ accepts: false }) ?? [];
  t.strictSame(lines.slice(0, 4), removal, 'what was there is replaced in one step');
  t.strictSame(
    lines.slice(4).map((line) => line.trim()),
    [
      'table ip keepalived {',
      'set vips { type ipv4_addr; elements = { 192.0.2.1 } }',
      ...['chain in {', 'type filter hook input priority -1; policy accept;'],
      ...['ip daddr @vips drop', '}'],
      ...['chain out {', 'type filter hook output priority -1; policy accept;'],
      ...['ip saddr @vips drop', '}', '}'],
      'table ip6 keepalived {',
      'set vips { type ipv6_addr; elements = { 2001:db8::1 } }',
      ...['chain in {', 'type filter hook input priority -1; policy accept;'],
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
      'iifname "eth0" ip6 daddr fe80::1 drop',
      ...['ip6 daddr @vips drop', '}'],
      ...['chain out {', 'type filter hook output priority -1; policy accept;'],
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
      'oifname "eth0" ip6 saddr fe80::1 drop',
      ...['ip6 saddr @vips drop', '}', '}'],
      '',
    ],
  );
  t.end();
});

t.test('what the kernel says of groups leaves below a VMAC', (t) => {
  const igmp = (more: Partial<typeof options>) =>
    linesOf({ links: [link] }, more)?.find((line) => line.includes('igmp'));
  const match = '    ip protocol igmp oifname "vrrp.51" ';
  t.equal(igmp({}), `${match}dup to ip daddr device "eth0" drop`);
  t.equal(igmp({ sendsBelow: false, countsPackets: true }), `${match}counter drop`);
  t.equal(igmp({ silencesIgmp: true }), undefined, 'it says nothing');
  const other = linesOf({ links: [link] }, { table: 'ours', priority: 7 }) ?? [];
  t.equal(other[0], 'add table ip ours');
  t.ok(other.some((line) => line.includes('hook output priority 7;')));
  const hostile = linesOf({ links: [{ ...link, name: 'a";b' }] })?.join('\n');
  t.match(hostile, 'oifname "a;b" ');
  t.end();
});
