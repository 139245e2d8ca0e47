// Lines of the file -> what the kernel gets. That the kernel takes it is test/host/netns-objects.
import t from 'tap';
import { complaints, configOf } from './text.js';

const instance = (lines: string, name = 'V', more = ''): string => `
vrrp_instance ${name} {
  interface eth0
  virtual_router_id 51
  ${more}
${lines}
}
`;
const vips = (...lines: string[]): string => `virtual_ipaddress {\n${lines.join('\n')}\n}`;

function objectsIn(text: string) {
  const objects = configOf(text).config.vrrpInstances[0]?.objects;
  if (objects === undefined) throw new Error('assertion: there is an instance');
  return objects;
}

function addressIn(line: string) {
  return objectsIn(instance(vips('192.0.2.9', line))).addresses[1];
}

function routeIn(line: string) {
  return objectsIn(instance(`${vips('192.0.2.9')}\nvirtual_routes {\n${line}\n}`)).routes[0];
}

function ruleIn(line: string) {
  return objectsIn(instance(`${vips('192.0.2.9')}\nvirtual_rules {\n${line}\n}`)).rules[0];
}

t.test('addresses carry what stands behind them', (t) => {
  t.strictSame(addressIn('192.0.2.1/24'), {
    prefix: { address: '192.0.2.1', length: 24 },
    device: 'eth0',
    attributes: {
      ...{ scope: null, broadcast: null, label: null, peer: null, preferredSeconds: null },
      flags: [],
    },
    isTracked: true,
    isAdvertised: true,
  });
  t.match(addressIn('192.0.2.1/26 brd + label eth0:1 scope link no_track'), {
    attributes: { broadcast: '192.0.2.63', label: 'eth0:1', scope: 253 },
    isTracked: false,
  });
  t.match(addressIn('192.0.2.77/26 broadcast -'), { attributes: { broadcast: '192.0.2.64' } });
  t.match(addressIn('192.0.2.1 brd 192.0.2.255 dev eth1 scope 7'), {
    attributes: { broadcast: '192.0.2.255', scope: 7 },
    device: 'eth1',
  });
  t.match(addressIn('192.0.2.1 peer 192.0.2.2/30 noprefixroute preferred_lft 9'), {
    attributes: { peer: { length: 30 }, flags: ['noprefixroute'], preferredSeconds: null },
  });
  t.end();
});

t.test('IPv6 addresses answer at once, and single ones are no source of connections', (t) => {
  const excluded = (line: string) =>
    objectsIn(instance(`${vips('192.0.2.9')}\nvirtual_ipaddress_excluded {\n${line}\n}`))
      .addresses[1];
  t.match(excluded('2001:db8::5'), {
    isAdvertised: false,
    attributes: { preferredSeconds: 0, flags: ['nodad'] },
  });
  const kept = (line: string) => excluded(line)?.attributes.preferredSeconds;
  t.equal(kept('2001:db8::5/64'), null);
  t.equal(kept('2001:db8::5 preferred_lft forever'), null);
  t.equal(kept('2001:db8::5/64 preferred_lft 9'), 9);
  t.equal(kept('fe80::5'), null);
  t.strictSame(excluded('home 2001:db8::5 -nodad mngtmpaddr')?.attributes.flags, [
    'home',
    'mngtmpaddr',
  ]);
  t.end();
});

t.test('what cannot be is said with its place and left out', (t) => {
  const said = (line: string) => complaints(instance(vips('192.0.2.9', line)));
  t.match(
    said('192.0.2.1 scope galaxy')[0],
    /^\d+:\d+: error: "galaxy" is no scope that is known here; write a number, 0-255, or add/,
  );
  t.match(
    said('192.0.2.1 brd nonsense')[0],
    /^\d+:\d+: error: 192\.0\.2\.1: broadcast nonsense is/,
  );
  t.match(said('192.0.2.1 label averyverylonglabel')[0], /longer than 15 characters/);
  t.match(said('192.0.2.1 peer 2001:db8::1')[0], /its peer 2001:db8::1 is of the other family/);
  t.equal(addressIn('192.0.2.1 scope galaxy'), undefined);
  t.end();
});

t.test('routes', (t) => {
  t.match(routeIn('10.0.0.0/8 via 192.0.2.254 dev eth0'), {
    isTracked: true,
    route: {
      family: 'ipv4',
      type: 'unicast',
      destination: { address: '10.0.0.0', length: 8 },
      ...{ table: 254, protocol: 18, scope: 0, priority: null },
      hops: [{ gateway: '192.0.2.254', device: 'eth0', weight: 1 }],
    },
  });
  t.match(routeIn('inet6 default via fe80::1 dev eth0 table 1000 metric 7 pref high no_track'), {
    isTracked: false,
    route: {
      family: 'ipv6',
      destination: { address: '::', length: 0 },
      ...{ table: 1000, priority: 7, preference: 'high' },
    },
  });
  t.match(routeIn('blackhole 10.0.0.0/8 protocol static no_track')?.route, {
    type: 'blackhole',
    protocol: 4,
    hops: [],
  });
  t.match(
    routeIn(
      '10.0.0.0/8 dev eth0 mtu lock 1400 rtt 200ms rttvar 1s rto_min 5 hoplimit 9 ttl 8 ' +
        'features ecn congctl bbr quickack 1 realms 1/2 ttl-propagate disabled',
    )?.route,
    {
      metrics: { mtu: 1400, rtt: 1600, rttvar: 4000, rto_min: 5, hoplimit: 9, features: 1 },
      lockedMetrics: ['mtu'],
      congestionControl: 'bbr',
      propagatesTtl: false,
      hops: [{ realms: 0x10002 }],
    },
  );
  t.match(
    routeIn('10.0.0.0/8 nexthop via 192.0.2.1 dev eth0 weight 3 nexthop via 192.0.2.2 onlink')
      ?.route.hops,
    [
      { gateway: '192.0.2.1', weight: 3 },
      { gateway: '192.0.2.2', isOnlink: true, device: null },
    ],
  );
  t.match(routeIn('10.0.0.0/8 encap mpls 100/200 via 192.0.2.1 dev eth0')?.route.hops, [
    { encapsulation: { type: 'mpls', labels: [100, 200] } },
  ]);
  t.match(routeIn('10.0.0.0/8 encap ip id 5 dst 10.0.0.9 ttl 4 dev eth0')?.route.hops, [
    { encapsulation: { type: 'ip', id: '5', destination: '10.0.0.9', ttl: 4, tos: null } },
  ]);
  t.end();
});

t.test('rules', (t) => {
  t.match(ruleIn('from 10.0.0.0/8 table 100 preference 50'), {
    isTracked: true,
    rule: {
      ...{ family: 'ipv4', priority: 50, protocol: 18 },
      action: { type: 'table', table: 100 },
      from: { address: '10.0.0.0', length: 8 },
    },
  });
  t.match(ruleIn('not from 10.0.0.0/8 blackhole preference 50'), {
    rule: { isInverted: true, action: { type: 'blackhole' } },
  });
  t.match(ruleIn('from 10.0.0.0/8 prohibit preference 50'), {
    rule: { isInverted: false, action: { type: 'prohibit' } },
  });
  t.match(ruleIn('to 2001:db8::/32 goto 60 priority 51 no_track'), {
    isTracked: false,
    rule: { family: 'ipv6', action: { type: 'goto', priority: 60 }, priority: 51 },
  });
  t.match(
    ruleIn(
      'inet6 iif eth0 oif eth1 fwmark 0x10/0xff ipproto tcp sport 80 dport 1-9 ' +
        'uidrange 5-7 sup_pl 8 sup_group 3 tunnel-id 7 preference 1',
    )?.rule,
    {
      ...{ family: 'ipv6', inputDevice: 'eth0', outputDevice: 'eth1', ipProtocol: 6 },
      mark: { value: 16, mask: 255 },
      sourcePorts: { first: 80, last: 80 },
      destinationPorts: { first: 1, last: 9 },
      users: { first: 5, last: 7 },
      ...{ suppressPrefixLength: 8, suppressGroup: 3, tunnelId: '7' },
      action: { type: 'table', table: 254 },
    },
  );
  t.equal(ruleIn('from 10.0.0.0/8 to 2001:db8::/32 preference 1'), undefined);
  t.equal(ruleIn('ipproto nonsense preference 1'), undefined);
  t.end();
});

t.test('VMACs have the names and addresses that keepalived gives them', (t) => {
  const text = [
    instance(
      vips('192.0.2.1', '192.0.2.2 dev eth1', '192.0.2.3 dev eth1 use_vmac'),
      'A',
      'use_vmac',
    ),
    `vrrp_instance B {\ninterface eth0\nvirtual_router_id 7\nuse_vmac 02:00:00:00:01 mine group 5
     vmac_xmit_base\nno_accept\n${vips('192.0.2.7')}\n}`,
    `vrrp_instance C {\ninterface eth1\nvirtual_router_id 51\nuse_vmac\n${vips('192.0.2.8')}\n}`,
    `vrrp_instance D {\ninterface eth1\nvirtual_router_id 9\nuse_ipvlan private\n
     promote_secondaries\n${vips('192.0.2.9')}\n}`,
  ].join('\n');
  const [a, b, c, d] = configOf(text).config.vrrpInstances.map(({ objects }) => objects);
  const macvlan = (mac: string) => ({ type: 'macvlan', mac });
  t.match(a, {
    transmitsOn: 'vrrp.51',
    accepts: true,
    links: [
      { name: 'vrrp.51', parent: 'eth0', kind: macvlan('00:00:5e:00:01:33') },
      { name: 'vrrp1.51', parent: 'eth1', kind: macvlan('00:00:5e:00:01:33') },
    ],
    addresses: [{ device: 'vrrp.51' }, { device: 'eth1' }, { device: 'vrrp1.51' }],
  });
  t.match(b, {
    transmitsOn: 'eth0',
    accepts: false,
    links: [{ name: 'mine', parent: 'eth0', group: 5, kind: macvlan('02:00:00:00:01:07') }],
    addresses: [{ device: 'mine' }],
  });
  t.match(c?.links, [{ name: 'vrrp2.51', parent: 'eth1' }]);
  t.match(d, {
    promotesSecondaries: true,
    links: [{ name: 'vrrp.9', kind: { type: 'ipvlan', mode: 'private' } }],
  });
  t.end();
});

t.test('a VMAC that cannot be is said', (t) => {
  const said = (line: string) => complaints(instance(vips('192.0.2.1'), 'V', line)).join('\n');
  t.match(said('use_vmac 01:00:5e:00:00:01'), /cannot be the address of an interface/);
  t.match(said('use_vmac group nonsense'), /"nonsense" is no group/);
  t.match(
    complaints(
      'global_defs {\nvmac_prefix averylongprefix\n}\n' +
        instance(vips('192.0.2.1'), 'V', 'use_vmac'),
    ).join(),
    /the interface averylongprefix\.51 would have more than 15 characters; give use_vmac a name/,
  );
  t.match(
    complaints(
      instance(vips('192.0.2.1'), 'A', 'use_vmac same') +
        instance(vips('192.0.2.2'), 'B', 'use_vmac same').replace('51', '52'),
    ).join(),
    /another instance makes the interface same already/,
  );
  t.end();
});

t.test('static lines and the firewall', (t) => {
  const { config } = configOf(`
global_defs {
  default_interface eth7
  nftables ours
  nftables_priority -5
  nftables_counters
}
static_ipaddress {
  192.0.2.1/24
  2001:db8::1/64 dev eth1
}
static_routes {
  10.0.0.0/8 via 192.0.2.254 dev eth0
}
static_rules {
  from 10.0.0.0/8 table 5 preference 9
}
`);
  t.match(config.staticObjects, {
    addresses: [{ device: 'eth7', isAdvertised: false }, { device: 'eth1' }],
    routes: [{ route: { table: 254 } }],
    rules: [{ rule: { priority: 9 } }],
  });
  const odd = configOf('global_defs {\nnftables "a; flush ruleset"\n}').config;
  t.equal(odd.firewall.table, 'a__flush_ruleset');
  t.strictSame(config.firewall, {
    table: 'ours',
    priority: -5,
    countsPackets: true,
    silencesIgmp: false,
  });
  t.end();
});
