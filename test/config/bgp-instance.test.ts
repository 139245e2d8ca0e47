import t from 'tap';
import { ownBfdSettings } from '../../src/config/bfd-of-neighbor.js';
import type { BgpNeighbor } from '../../src/config/bgp.js';
import { noAttributes, writtenAttributes } from '../../src/config/bgp-attributes.js';
import { allowedBy, bgpInstances } from '../../src/config/bgp-instance.js';
import { ospfInstances } from '../../src/config/ospf.js';
import { ipAddress } from '../../src/net/address.js';
import { complaints, configOf } from './text.js';

function instance(lines: string, rest = '') {
  const start = 'bgp_instance edge {\nlocal_as 64512\nallow {\n203.0.113.0/24 le 32\n}\n';
  const text = `${start}${lines}\n}\n`;
  const [only] = configOf(text + rest).config.bgpInstances;
  if (only === undefined) throw new Error('assertion: there is one');
  return only;
}

function neighbor(lines: string, rest = ''): BgpNeighbor {
  const [only] = instance(`neighbor 192.0.2.254 {\n${lines}\n}`, rest).neighbors;
  if (only === undefined) throw new Error('assertion: there is one');
  return only;
}

t.test('every default is filled in', (t) => {
  t.same(neighbor('remote_as 65000'), {
    address: '192.0.2.254',
    description: null,
    remoteAs: 65000,
    isInternal: false,
    shutdown: null,
    password: null,
    sentHops: 1,
    hopsMin: null,
    port: 179,
    source: null,
    interface: null,
    isPassive: false,
    keepaliveMs: 3000,
    holdMs: 9000,
    connectRetryMs: 5000,
    bfd: null,
    gracefulRestartS: null,
    prefixesMax: null,
    prefixesOutMax: 1000,
    sendsCommunities: ['standard', 'extended', 'large'],
    hasExtendedNextHop: false,
    families: ['ipv4'],
    attributes: noAttributes,
    allowed: [{ prefix: { address: '203.0.113.0', length: 24 }, lengthMin: 24, lengthMax: 32 }],
  });
  t.match(instance(''), {
    name: 'edge',
    localAs: 64512,
    routerId: null,
    listen: 'any',
    neighbors: [],
    gracefulShutdownMs: 0,
    logsNeighborChanges: true,
  });
  t.equal(instance('listen off').listen, null);
  t.equal(instance('listen 192.0.2.1').listen, '192.0.2.1');
  t.end();
});

t.test('hops: one to another AS, any number inside ours, as it is said else', (t) => {
  const hops = (lines: string) => {
    const { sentHops, hopsMin } = neighbor(lines);
    return [sentHops, hopsMin];
  };
  t.same(hops('remote_as 65000'), [1, null]);
  t.same(hops('remote_as external'), [1, null]);
  t.same(hops('remote_as internal'), [255, null]);
  t.same(hops('remote_as 64512'), [255, null]);
  t.same(hops('remote_as 65000\nebgp_multihop 3'), [3, null]);
  t.same(hops('remote_as 65000\nebgp_multihop'), [255, null]);
  t.same(hops('remote_as 65000\nttl_security hops 1'), [255, 255]);
  t.same(hops('remote_as 65000\nttl_security hops 3'), [255, 253]);
  t.equal(neighbor('remote_as internal').remoteAs, 64512);
  t.equal(neighbor('remote_as external').remoteAs, 'external');
  t.end();
});

t.test('a template comes behind what the neighbour says itself', (t) => {
  const { neighbors } = instance(`template far {
remote_as 65001
timers 10 30
med 7
community 1:1 1:2
next_hop 2001:db8::9
ttl_security hops 2
shutdown "for now"
graceful_restart 120
send_community both
}
neighbor 192.0.2.254 {
template far
med 8
next_hop 192.0.2.1
community 1:3
ebgp_multihop 4
send_community none
address_family ipv6
address_family ipv4
allow {
10.0.0.0/8 ge 24
}
}
neighbor 192.0.2.253 {
template far
}`);
  const [own, plain] = neighbors;
  t.match(own, {
    remoteAs: 65001,
    keepaliveMs: 10_000,
    holdMs: 30_000,
    sentHops: 4,
    hopsMin: null,
    gracefulRestartS: 120,
    shutdown: { text: 'for now' },
    sendsCommunities: [],
    families: ['ipv6', 'ipv4'],
    attributes: {
      med: 8,
      communities: ['1:3'],
      nextHop: { ipv4: '192.0.2.1', ipv6: '2001:db8::9' },
    },
    allowed: [{ lengthMax: 32 }, { lengthMin: 24, lengthMax: 32 }],
  });
  t.match(plain, {
    hopsMin: 254,
    sendsCommunities: ['standard', 'extended'],
    attributes: { med: 7, communities: ['1:1', '1:2'], nextHop: { ipv4: null } },
  });
  t.equal(plain?.allowed.length, 1);
  t.end();
});

t.test('BFD: a session of its own, or a bfd_instance', (t) => {
  const place = { source: null, interface: null, isMultihop: false };
  t.same(neighbor('remote_as 65000\nbfd on').bfd, {
    instance: null,
    settings: ownBfdSettings({ neighbor: ipAddress('192.0.2.254'), ...place }),
  });
  const far = neighbor('remote_as 65000\nbfd on\nebgp_multihop 3').bfd;
  t.match(far, { settings: { isMultihop: true, hopsMax: null, minRxMs: 300, multiplier: 3 } });
  const watcher =
    'bfd_instance up {\nneighbor_ip 192.0.2.254\nmin_rx 50\nmultihop on\nmax_hops -1\n}';
  t.match(neighbor('remote_as 65000\nbfd up', `${watcher}\n`).bfd, {
    instance: 'up',
    settings: { minRxMs: 50, minTxMs: 10, isMultihop: true, sentHops: 64, hopsMax: null },
  });
  t.end();
});

t.test('lists: a prefix alone is that prefix, ge reaches to hosts', (t) => {
  const list = (line: string) => {
    const text = `ospf_instance o {\nallow {\n${line}\n}\n}\n`;
    return ospfInstances(configOf(text).root)[0]?.allowed;
  };
  const bounds = (line: string) => list(line)?.map((one) => [one.lengthMin, one.lengthMax]);
  t.same(bounds('10.0.0.0/8'), [[8, 8]]);
  t.same(bounds('10.0.0.0/8 le 24'), [[8, 24]]);
  t.same(bounds('10.0.0.0/8 ge 24'), [[24, 32]]);
  t.same(bounds('10.0.0.0/8 ge 24 le 28'), [[24, 28]]);
  t.same(allowedBy([]), []);
  t.end();
});

t.test('what is wrong is left out', (t) => {
  const text = 'bgp_instance a {\nneighbor 192.0.2.1 {\nremote_as 1\n}\n}\n';
  t.same(bgpInstances(configOf(text).root), []);
  t.same(instance('neighbor 192.0.2.1 {\n}').neighbors, []);
  const local = 'bgp_instance a {\nlocal_as 1\nallow {\n10.0.0.0/8\n}\n';
  t.match(complaints(`${local}neighbor fe80::1 {\nremote_as 1\n}\n}\n`), [
    /^6:10: error: neighbor fe80::1 is one on each link: add interface NAME/,
  ]);
  t.same(complaints(`${local}neighbor fe80::1 {\nremote_as 1\ninterface eth0\n}\n}\n`), []);
  t.same(writtenAttributes([]), {});
  t.end();
});
