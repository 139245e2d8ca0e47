// Sessions of our BGP speaker that are signed, near, far, on IPv6 or on a link alone, and routers
// that send more than they should.
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { ipAddress } from '../../src/net/address.js';
import { BirdBgp } from './bgp-bird.js';
import { ExaBgp } from './bgp-exabgp.js';
import { FrrBgp } from './bgp-frr.js';
import { ourNeighbor, ourRoute } from './bgp-node.js';
import { type BgpRouter, routerRoute } from './bgp-routers.js';
import {
  complaints,
  type Lab,
  labOf,
  learns,
  optionsOf,
  password,
  skip,
  timeoutMs,
  vip4,
  vip6,
} from './bgp-story.js';

const fullTable = 50_000;

/** A counter of the kernel's, of what was dropped in that node. */
function dropped({ lab }: Lab, node: string, name: string): number {
  const [names = [], values = []] = lab.namespaces
    .run(node, 'cat', '/proc/net/netstat')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf(name)] ?? Number.NaN);
}

t.test('another key, too many hops, and then as agreed', { skip }, async (t) => {
  const place = await labOf(t, ['bird']);
  const { lab, ours } = place;
  const bird = new BirdBgp(optionsOf(place, 'bird', 65_002, { password, hops: 'gtsm' }));
  await bird.start();
  const address = lab.ipv4('bird');
  const near = { password, sentHops: 255, hopsMin: 255 } as const;
  const cases = [
    { over: { ...near, password: 'no-key' }, counter: 'TCPMD5Failure' },
    { over: { ...near, password: null }, counter: 'TCPMD5NotFound' },
    { over: { ...near, sentHops: 64 }, counter: 'TCPMinTTLDrop' },
  ] as const;
  await ours.start(ours.instance([]));
  await ours.announce([ourRoute(vip4)]);
  for (const { over, counter } of cases) {
    const before = dropped(place, 'bird', counter);
    await ours.reconfigure(ours.instance([ourNeighbor(address, over)]));
    await waitFor(`BIRD's kernel counts ${counter}`, timeoutMs, () => {
      return dropped(place, 'bird', counter) > before;
    });
    t.not((await ours.peer(address)).state, 'established', counter);
    t.notOk((await bird.neighbor(lab.ipv4('ours'))).isEstablished);
    t.equal(await bird.route(vip4), null);
  }
  await ours.reconfigure(ours.instance([ourNeighbor(address, near)]));
  await ours.established(address);
  await learns(bird, vip4);
  t.equal((await ours.peer(address)).counters.flaps, 0);
});

t.test('a neighbour that is not on the link', { skip }, async (t) => {
  const place = await labOf(t, ['frr']);
  const { lab, ours } = place;
  const far = { address: lab.loopback('ours'), source: lab.loopback('frr'), hops: 5 } as const;
  const frr = new FrrBgp(optionsOf(place, 'frr', 65_002, far));
  await frr.start();
  const source = ipAddress(lab.loopback('ours'));
  const address = lab.loopback('frr');
  await ours.start(ours.instance([ourNeighbor(address, { source, sentHops: 5 })]));
  await ours.announce([ourRoute(vip4)]);
  const fact = await ours.established(address);
  t.equal(fact.localAddress, source);
  t.match(await learns(frr, vip4), { nextHops: [source], asPath: '65001' });
});

t.test('both connect, again and again', { skip, timeout: 120_000 }, async (t) => {
  const place = await labOf(t, ['frr']);
  const { lab, ours } = place;
  const frr = new FrrBgp(optionsOf(place, 'frr', 65_002, {}));
  await frr.start();
  const address = lab.ipv4('frr');
  await ours.start(ours.instance([ourNeighbor(address)]));
  await ours.announce([ourRoute(vip4)]);
  for (let flaps = 0; flaps < 4; flaps++) {
    await ours.until(address, `is back after ${flaps}`, ({ state, counters }) => {
      return state === 'established' && counters.flaps === flaps;
    });
    await learns(frr, vip4);
    await waitFor('one connection is left', timeoutMs, () => {
      const filter = ['-Htn', 'state', 'established', '( sport = :179 or dport = :179 )'];
      return (
        lab.namespaces
          .run('ours', 'ss', ...filter)
          .trim()
          .split('\n').length === 1
      );
    });
    t.ok((await frr.neighbor(lab.ipv4('ours'))).isEstablished, `after ${flaps} resets`);
    await frr.reset(lab.ipv4('ours'));
  }
  t.equal(complaints(place), '', 'tshark understands all of it');
});

t.test('IPv4 over IPv6 next hops, and a session on the link', { skip }, async (t) => {
  const place = await labOf(t, ['frr', 'bird', 'exabgp', 'near']);
  const { lab, ours } = place;
  const six = (node: string) =>
    ({ address: lab.ipv6('ours'), source: lab.ipv6(node), hasExtendedNextHop: true }) as const;
  const onLink = {
    ...{ address: lab.linkLocal('ours'), source: lab.linkLocal('near') },
    ...{ interface: 'eth0', hasExtendedNextHop: true },
  } as const;
  const routers: readonly BgpRouter[] = [
    new FrrBgp(optionsOf(place, 'frr', 65_002, six('frr'))),
    new BirdBgp(optionsOf(place, 'bird', 65_003, six('bird'))),
    new ExaBgp(optionsOf(place, 'exabgp', 65_004, six('exabgp'))),
    new BirdBgp(optionsOf(place, 'near', 65_005, onLink)),
  ];
  await Promise.all(routers.map((router) => router.start()));
  const extended = { hasExtendedNextHop: true } as const;
  const addresses = ['frr', 'bird', 'exabgp'].map((node) => lab.ipv6(node));
  const neighbors = addresses.map((address) => ourNeighbor(address, extended));
  const near = ourNeighbor(lab.linkLocal('near'), { ...extended, interface: 'eth0' });
  await ours.start(ours.instance([...neighbors, near]), lab.linkLocal('ours'));
  await ours.announce([ourRoute(vip4), ourRoute(vip6)]);
  for (const address of [...addresses, near.address]) await ours.established(address);
  for (const router of routers) {
    const expected = router === routers[3] ? lab.linkLocal('ours') : lab.ipv6('ours');
    for (const prefix of [vip4, vip6]) {
      const { nextHops } = await learns(router, prefix);
      t.ok(nextHops.includes(expected), `${router.name} ${prefix}: ${nextHops.join(' ')}`);
    }
  }
  t.equal(complaints(place), '', 'tshark understands all of it');
});

t.test('a router that sends all it has', { skip, timeout: 120_000 }, async (t) => {
  const place = await labOf(t, ['bird']);
  const { lab, ours } = place;
  const routes = Array.from({ length: fullTable }, (_, index) =>
    routerRoute(`100.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}/32`),
  );
  const bird = new BirdBgp(optionsOf(place, 'bird', 65_002, {}, routes));
  await bird.start();
  const address = lab.ipv4('bird');
  await ours.start(ours.instance([]));
  const before = await ours.costs();
  await ours.reconfigure(ours.instance([ourNeighbor(address)]));
  await ours.announce([ourRoute(vip4)]);
  await ours.until(address, 'sent all', (f) => f.counters.prefixesReceived >= fullTable);
  const grownMb = ((await ours.costs()).rss - before.rss) / 1_000_000;
  t.comment(`${fullTable} prefixes received: ${grownMb.toFixed(1)} MB more`);
  t.ok(grownMb < 40, 'nothing of it is kept');
  await learns(bird, vip4);
  t.match(await ours.peer(address), {
    state: 'established',
    counters: { flaps: 0, complaints: 0 },
  });

  // Nothing is remembered, so that a limit is for the first set of a session.
  await ours.reconfigure(ours.instance([]));
  await ours.reconfigure(ours.instance([ourNeighbor(address, { prefixesMax: 100 })]));
  const fact = await ours.until(address, 'is refused', (f) => f.lastNotification?.code === 6);
  t.match(fact.lastNotification, { by: 'us', code: 6, subcode: 1 });
});
