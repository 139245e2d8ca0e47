// Addresses with attributes, routes, rules and interfaces on a real kernel, as iproute2 shows them.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import { ipAddress } from '../../src/net/address.js';
import { parseMacAddress } from '../../src/net/mac.js';
import { parsePrefix } from '../../src/net/prefix.js';
import type { AddressAttributes } from '../../src/ports/kernel.js';
import type {
  KernelRoute,
  KernelRule,
  NextHop,
  ObjectNews,
  VirtualLink,
} from '../../src/ports/kernel-objects.js';
import { JsonChild } from './child-process.js';
import type { ObjectEvent, ObjectRequest } from './netns-objects-child.js';

const skip = process.getuid?.() === 0 ? false : 'needs root for network namespaces';
const program = join(checkout, 'build', 'test', 'host', 'netns-objects-child.js');
const timeoutMs = 20_000;
const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();

type World = {
  readonly ask: (request: ObjectRequest) => Promise<unknown>;
  readonly ip: (...words: string[]) => string;
  readonly news: ObjectNews[];
};

/** eth0 and eth1 are the ends of one wire, with an address of each family on eth0. */
function world(t: Test): World {
  const namespaces = new Namespaces();
  t.teardown(() => namespaces.remove());
  namespaces.add('o');
  const ip = (...words: string[]) => namespaces.ip('o', ...words);
  for (const which of ['all', 'default']) {
    namespaces.run('o', 'sysctl', '-qw', `net.ipv6.conf.${which}.disable_ipv6=0`);
    // Routes of link-local addresses would come seconds later, when these are found to be unique.
    namespaces.run('o', 'sysctl', '-qw', `net.ipv6.conf.${which}.accept_dad=0`);
  }
  ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  for (const name of ['eth0', 'eth1']) ip('link', 'set', name, 'up');
  ip('address', 'add', '192.0.2.1/24', 'dev', 'eth0');
  ip('address', 'add', '2001:db8::1/64', 'dev', 'eth0', 'nodad');
  const news: ObjectNews[] = [];
  const child = new JsonChild<ObjectRequest>(namespaces.fullName('o'), program, (event) => {
    const heard = event as ObjectEvent;
    if (heard.type === 'news') news.push(heard.news);
  });
  t.teardown(() => child.end());
  return { ask: (request) => child.ask(request), ip, news };
}

const plain: AddressAttributes = {
  scope: null,
  broadcast: null,
  label: null,
  peer: null,
  preferredSeconds: null,
  flags: [],
};

t.test('addresses have what was asked for', { skip }, async (t) => {
  const { ask, ip } = world(t);
  const put = async (
    text: string,
    attributes: Partial<AddressAttributes>,
    validSeconds: number | null = null,
  ) => {
    const request = { interface: 'eth0', prefix: prefix(text), validSeconds };
    const address = { ...request, attributes: { ...plain, ...attributes } };
    t.equal(await ask({ call: 'putAddress', address }), 'ok', text);
    return async () => {
      t.equal(await ask({ call: 'removeAddress', address }), 'ok', text);
      t.equal(await ask({ call: 'removeAddress', address }), 'ok', 'gone already');
    };
  };
  const removals = [
    await put('192.0.2.10/24', { broadcast: ipAddress('192.0.2.255'), label: 'eth0:1' }),
    await put('198.51.100.1/32', { scope: 253 }),
    await put('198.51.100.2/32', { peer: prefix('203.0.113.0/28'), flags: ['noprefixroute'] }),
    await put('192.0.2.11/32', {}, 100),
    await put('2001:db8::5/128', { preferredSeconds: 0, flags: ['nodad'] }),
    await put('2001:db8::6/64', { flags: ['nodad', 'home', 'mngtmpaddr', 'noprefixroute'] }, 100),
  ];
  const shown = () => ip('-d', 'address', 'show', 'dev', 'eth0').replaceAll(/\s+/g, ' ');
  const before = shown();
  for (const expected of [
    'inet 192.0.2.10/24 brd 192.0.2.255 scope global secondary eth0:1 valid_lft forever',
    'inet 198.51.100.1/32 scope link eth0 valid_lft forever',
    'inet 198.51.100.2 peer 203.0.113.0/28 scope global noprefixroute eth0 valid_lft forever',
    'inet 192.0.2.11/32 scope global dynamic eth0 valid_lft',
    'inet6 2001:db8::5/128 scope global deprecated nodad valid_lft forever preferred_lft 0sec',
  ]) {
    t.ok(before.includes(expected) || before.includes(reordered(expected)), expected);
  }
  const managed = /inet6 2001:db8::6\/64 scope global ([a-z ]+) valid_lft (\d+)sec/.exec(before);
  t.strictSame(new Set(managed?.[1]?.split(' ')), managedFlags);
  t.ok(Number(managed?.[2]) <= 100);
  for (const remove of removals) await remove();
  const after = shown();
  t.notOk(/198\.51|192\.0\.2\.1[01]|2001:db8::[56]/.test(after), after);
});

const managedFlags = new Set(['dynamic', 'home', 'mngtmpaddr', 'noprefixroute', 'nodad']);

/** Versions of iproute2 differ in which flag comes first. */
function reordered(line: string): string {
  return line.replace('deprecated nodad', 'nodad deprecated');
}

const hop = (
  gateway: string | null,
  device: string | null,
  more: Partial<NextHop> = {},
): NextHop => ({
  gateway: gateway === null ? null : ipAddress(gateway),
  device,
  weight: 1,
  isOnlink: false,
  realms: null,
  encapsulation: null,
  ...more,
});

const route = (
  destination: string,
  hops: NextHop[],
  more: Partial<KernelRoute> = {},
): KernelRoute => ({
  family: destination.includes(':') ? 'ipv6' : 'ipv4',
  type: 'unicast',
  destination: prefix(destination),
  tos: 0,
  table: 254,
  protocol: 18,
  scope: 0,
  priority: null,
  preferredSource: null,
  expiresSeconds: null,
  preference: null,
  propagatesTtl: null,
  metrics: {},
  lockedMetrics: [],
  congestionControl: null,
  hops,
  ...more,
});

const routes: readonly (readonly [string, KernelRoute])[] = [
  [
    '10.1.0.0/16 via 192.0.2.9 dev eth0 proto keepalived',
    route('10.1.0.0/16', [hop('192.0.2.9', 'eth0')]),
  ],
  [
    '10.2.0.0/16 via 192.0.2.9 dev eth0 proto keepalived scope global',
    route('10.2.3.4/16', [hop('192.0.2.9', null)]),
  ],
  [
    'default via 203.0.113.1 dev eth0 table 1000 proto static src 192.0.2.1 metric 7 onlink',
    route('0.0.0.0/0', [hop('203.0.113.1', 'eth0', { isOnlink: true })], {
      table: 1000,
      protocol: 4,
      priority: 7,
      preferredSource: ipAddress('192.0.2.1'),
    }),
  ],
  ['blackhole 10.3.0.0/16 proto keepalived', route('10.3.0.0/16', [], { type: 'blackhole' })],
  ['prohibit 10.4.0.0/16 proto keepalived', route('10.4.0.0/16', [], { type: 'prohibit' })],
  [
    '10.5.0.0/16 dev eth0 proto keepalived scope link',
    route('10.5.0.0/16', [hop(null, 'eth0')], { scope: 253 }),
  ],
  [
    '10.6.0.0/16 tos 0x10 via 192.0.2.9 dev eth0 proto keepalived ' +
      'mtu lock 1400 rtt 200ms advmss 1300 initcwnd 20 rto_min 250ms quickack 1 congctl reno',
    route('10.6.0.0/16', [hop('192.0.2.9', 'eth0')], {
      tos: 0x10,
      metrics: { mtu: 1400, advmss: 1300, rtt: 1600, rto_min: 250, initcwnd: 20, quickack: 1 },
      lockedMetrics: ['mtu'],
      congestionControl: 'reno',
    }),
  ],
  [
    '10.7.0.0/16 proto keepalived ' +
      'nexthop via 192.0.2.8 dev eth0 weight 3 nexthop via 192.0.2.9 dev eth0 weight 1',
    route('10.7.0.0/16', [hop('192.0.2.8', 'eth0', { weight: 3 }), hop('192.0.2.9', 'eth0')]),
  ],
  [
    '10.8.0.0/16 via inet6 2001:db8::9 dev eth0 proto keepalived',
    route('10.8.0.0/16', [hop('2001:db8::9', 'eth0')]),
  ],
  [
    '2001:db8:1::/48 via 2001:db8::9 dev eth0 proto keepalived metric 1024 mtu 1400 pref high',
    route('2001:db8:1::/48', [hop('2001:db8::9', 'eth0')], {
      preference: 'high',
      metrics: { mtu: 1400 },
    }),
  ],
  [
    'unreachable 2001:db8:2::/48 dev lo proto keepalived metric 77',
    route('2001:db8:2::/48', [], { type: 'unreachable', priority: 77 }),
  ],
  [
    'default via fe80::9 dev eth0 table 1000 proto keepalived',
    route('::/0', [hop('fe80::9', 'eth0')], { table: 1000 }),
  ],
];

/** Every word of `expected` in its order, whatever the kernel's version shows between them. */
function shows(line: string, expected: string): boolean {
  let from = 0;
  for (const word of expected.split(' ').filter((one) => one !== 'scope' && one !== 'global')) {
    const at = ` ${line} `.indexOf(` ${word} `, from);
    if (at < 0) return false;
    from = at + word.length;
  }
  return true;
}

t.test('routes come, are replaced and go', { skip }, async (t) => {
  const { ask, ip } = world(t);
  const listed = () =>
    ['-4', '-6']
      .flatMap((family) =>
        ip('-d', family, 'route', 'show', 'table', 'all').replaceAll(/\n\s+/g, ' ').split('\n'),
      )
      .map((line) => line.replaceAll(/\s+/g, ' ').replace(/^unicast /, ''));
  const before = listed();
  for (const [expected, one] of routes) {
    t.equal(await ask({ call: 'putRoute', route: one }), 'ok', expected);
    const found = listed().filter((line) => shows(line, expected));
    t.equal(found.length, 1, `${expected}\n${listed().join('\n')}`);
    t.equal(await ask({ call: 'putRoute', route: one }), 'ok', 'there already');
  }
  const [, first] = routes[0] ?? [];
  if (first === undefined) throw new Error('assertion: there are routes');
  const changed = { ...first, metrics: { mtu: 1300 } };
  t.equal(await ask({ call: 'replaceRoute', route: changed }), 'ok');
  t.equal(listed().filter((line) => line.startsWith('10.1.0.0/16')).length, 1);
  t.ok(listed().some((line) => line.startsWith('10.1.0.0/16') && line.includes('mtu 1300')));
  t.equal(await ask({ call: 'replaceRoute', route: first }), 'ok');
  for (const [expected, one] of routes) {
    t.equal(await ask({ call: 'removeRoute', route: one }), 'ok', expected);
    t.equal(await ask({ call: 'removeRoute', route: one }), 'ok', 'gone already');
  }
  t.strictSame(listed(), before);
  const nowhere = route('10.9.0.0/16', [hop('192.0.2.9', 'eth9')]);
  t.equal(
    await ask({ call: 'putRoute', route: nowhere }),
    'cannot add route 10.9.0.0/16 via 192.0.2.9 dev eth9 table 254: eth9: No such device',
  );
  const unreachable = route('10.9.0.0/16', [hop('198.51.100.9', 'eth0')]);
  t.match(
    await ask({ call: 'putRoute', route: unreachable }),
    /^cannot add route 10\.9\.0\.0\/16 via .*: Network is unreachable/,
  );
});

const rule = (more: Partial<KernelRule>): KernelRule => ({
  family: 'ipv4',
  isInverted: false,
  action: { type: 'table', table: 100 },
  priority: 50,
  protocol: 18,
  from: null,
  to: null,
  tos: 0,
  mark: null,
  inputDevice: null,
  outputDevice: null,
  suppressPrefixLength: null,
  suppressGroup: null,
  tunnelId: null,
  users: null,
  ipProtocol: null,
  sourcePorts: null,
  destinationPorts: null,
  realms: null,
  ...more,
});

const rules: readonly (readonly [string, KernelRule])[] = [
  ['50: from 10.0.0.0/8 lookup 100 proto keepalived', rule({ from: prefix('10.1.2.3/8') })],
  [
    '51: from all to 192.0.2.0/24 fwmark 0x10/0xff iif eth0 ' + 'lookup 1000 proto keepalived',
    rule({
      priority: 51,
      to: prefix('192.0.2.0/24'),
      mark: { value: 0x10, mask: 0xff },
      inputDevice: 'eth0',
      action: { type: 'table', table: 1000 },
    }),
  ],
  [
    '52: from all oif eth1 uidrange 5-7 ipproto tcp ' +
      'sport 80 dport 1000-2000 lookup 100 suppress_prefixlength 8 proto keepalived',
    rule({
      priority: 52,
      outputDevice: 'eth1',
      users: { first: 5, last: 7 },
      ipProtocol: 6,
      sourcePorts: { first: 80, last: 80 },
      destinationPorts: { first: 1000, last: 2000 },
      suppressPrefixLength: 8,
    }),
  ],
  [
    '53: from all goto 60 proto keepalived',
    rule({ priority: 53, action: { type: 'goto', priority: 60 } }),
  ],
  ['54: from all nop proto keepalived', rule({ priority: 54, action: { type: 'nop' } })],
  ...(['blackhole', 'unreachable', 'prohibit'] as const).map(
    (type, index): [string, KernelRule] => [
      `${56 + index}: not from 10.0.0.0/8 ${type} proto keepalived`,
      rule({
        priority: 56 + index,
        isInverted: true,
        from: prefix('10.0.0.0/8'),
        action: { type },
      }),
    ],
  ),
  [
    '55: from 2001:db8::/32 tos 0x10 lookup 100 proto keepalived',
    rule({ family: 'ipv6', priority: 55, tos: 0x10, from: prefix('2001:db8::/32') }),
  ],
];

t.test('rules come once and go', { skip }, async (t) => {
  const { ask, ip } = world(t);
  const listed = () =>
    ['-4', '-6'].flatMap((family) =>
      ip('-d', family, 'rule')
        .replaceAll(/[ \t]+/g, ' ')
        .split('\n'),
    );
  const before = listed();
  for (const [expected, one] of rules) {
    t.equal(await ask({ call: 'putRule', rule: one }), 'ok', expected);
    t.equal(await ask({ call: 'putRule', rule: one }), 'ok', 'there already');
    const found = listed().filter((line) => shows(line, expected));
    t.equal(found.length, 1, `${expected}\n${listed().join('\n')}`);
  }
  for (const [expected, one] of rules) {
    t.equal(await ask({ call: 'removeRule', rule: one }), 'ok', expected);
    t.equal(await ask({ call: 'removeRule', rule: one }), 'ok', 'gone already');
  }
  t.strictSame(listed(), before);
});

t.test('macvlans are made, found and removed', { skip }, async (t) => {
  const { ask, ip } = world(t);
  const mac = parseMacAddress('00:00:5e:00:01:33')._unsafeUnwrap();
  const link = {
    name: 'vrrp.51',
    parent: 'eth0',
    group: 5,
    kind: { type: 'macvlan', mac },
  } as const;
  t.equal(await ask({ call: 'makeLink', link }), 'ok');
  t.match(
    await ask({ call: 'makeLink', link }),
    /^cannot make macvlan vrrp\.51 on eth0: File exists/,
  );
  const shown = () => ip('-d', 'link', 'show', 'vrrp.51').replaceAll(/\s+/g, ' ');
  t.match(
    shown(),
    /vrrp\.51@eth0: .*state DOWN.*group 5 .*00:00:5e:00:01:33 .*macvlan mode private/,
  );
  t.equal(await ask({ call: 'takeLinkUp', name: 'vrrp.51' }), 'ok');
  t.match(shown(), /<[^>]*\bUP\b/);
  const found = (await ask({ call: 'links' })) as { name: string; kind: string; mac: string }[];
  t.match(
    found.find(({ name }) => name === 'vrrp.51'),
    { kind: 'macvlan', mac },
  );
  t.match(
    found.find(({ name }) => name === 'eth0'),
    { kind: 'veth' },
  );
  t.equal(await ask({ call: 'removeLinks', names: ['vrrp.51'] }), 'ok');
  t.equal(await ask({ call: 'removeLinks', names: ['vrrp.51'] }), 'ok', 'gone already');
  t.notOk(ip('link').includes('vrrp.51'));
  const orphan = await ask({ call: 'makeLink', link: { ...link, parent: 'eth9' } });
  t.equal(orphan, 'cannot make macvlan vrrp.51 on eth9: eth9: No such device');
  const ipvlan: VirtualLink = {
    name: 'ipvl',
    parent: 'eth0',
    group: null,
    kind: { type: 'ipvlan', mode: 'vepa' },
  };
  const made = await ask({ call: 'makeLink', link: ipvlan });
  if (made === 'ok') t.match(ip('-d', 'link', 'show', 'ipvl'), /ipvlan mode l2 vepa/);
  else t.match(made, /^cannot make ipvlan ipvl on eth0: .*not supported/, 'not in this kernel');
});

t.test('many macvlans are removed together, and nothing beside them', { skip }, async (t) => {
  const { ask, ip } = world(t);
  const names = Array.from({ length: 40 }, (_, index) => `vrrp.${index + 1}`);
  for (const [index, name] of names.entries()) {
    const last = (index + 1).toString(16).padStart(2, '0');
    const mac = parseMacAddress(`00:00:5e:00:01:${last}`)._unsafeUnwrap();
    const kind = { type: 'macvlan', mac } as const;
    const made = await ask({ call: 'makeLink', link: { name, parent: 'eth0', group: null, kind } });
    t.equal(made, 'ok');
  }
  // Someone has chosen the group that is the first to be tried.
  ip('link', 'set', 'vrrp.40', 'group', String(0x6b73_0000));
  const unwanted = names.filter((name) => name !== 'vrrp.40' && name !== 'vrrp.7');
  ip('link', 'delete', 'vrrp.3');
  t.equal(await ask({ call: 'removeLinks', names: [...unwanted, 'vrrp.99'] }), 'ok');
  const left = ip('-o', 'link', 'show', 'type', 'macvlan').match(/vrrp\.\d+/g);
  t.same(left, ['vrrp.7', 'vrrp.40']);
  t.notMatch(ip('-o', 'link', 'show', 'vrrp.7'), /group \d/);
});

t.test('what outsiders delete is told', { skip }, async (t) => {
  const { ask, ip, news } = world(t);
  ip('route', 'add', '10.1.0.0/16', 'via', '192.0.2.9', 'table', '300');
  ip('-6', 'rule', 'add', 'from', '2001:db8::/32', 'table', '100', 'priority', '77');
  t.equal(await ask({ call: 'watch' }), 'ok');
  ip('route', 'delete', '10.1.0.0/16', 'table', '300');
  ip('-6', 'rule', 'delete', 'priority', '77');
  ip('address', 'delete', '192.0.2.1/24', 'dev', 'eth0');
  ip('link', 'set', 'eth0', 'down');
  const kinds = () => new Set(news.map(({ type }) => type));
  await waitFor('all news', timeoutMs, () => kinds().size === 4);
  t.ok(!kinds().has('unknown'));
  const deleted = news.find(({ type }) => type === 'route_deleted');
  t.match(deleted, { family: 'ipv4', destination: prefix('10.1.0.0/16'), table: 300 });
  const rules = news.filter(({ type }) => type === 'rule_deleted');
  t.match(rules, [{ family: 'ipv6', priority: 77 }]);
});
