// Our BGP speaker with FRR, BIRD, GoBGP and ExaBGP at the same time, each in its own way: what they
// learn is asked of them, in their own words, and tshark reads along.
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { ipAddress } from '../../src/net/address.js';
import { BirdBgp } from './bgp-bird.js';
import { ExaBgp } from './bgp-exabgp.js';
import { FrrBgp } from './bgp-frr.js';
import { GoBgp } from './bgp-gobgp.js';
import { localAs, ourNeighbor, ourRoute } from './bgp-node.js';
import { type BgpRouter, routerRoute } from './bgp-routers.js';
import {
  complaints,
  forgets,
  hears,
  labOf,
  learns,
  optionsOf,
  password,
  skip,
  timeoutMs,
  vip4,
  vip6,
} from './bgp-story.js';

const manyCount = 10_000;

t.test('four routers at once', { skip, timeout: 240_000 }, async (t) => {
  const place = await labOf(t, ['frr', 'bird', 'gobgp', 'exabgp']);
  const { lab, ours } = place;
  const frr = new FrrBgp(optionsOf(place, 'frr', 65_002, { password, hops: 'gtsm' }));
  const bird = new BirdBgp(
    optionsOf(place, 'bird', 65_003, { isPassive: true, gracefulRestartS: 20 }, [
      routerRoute('198.51.100.0/24'),
    ]),
  );
  const gobgp = new GoBgp(optionsOf(place, 'gobgp', localAs, { password, isPassive: true }));
  const exabgp = new ExaBgp(optionsOf(place, 'exabgp', 65_004, {}));
  const routers: readonly BgpRouter[] = [frr, bird, gobgp, exabgp];
  await Promise.all(routers.map((router) => router.start()));

  const next6 = { nextHop: { ipv4: null, ipv6: ipAddress(lab.ipv6('ours')) } };
  const plain = { ...ourNeighbor(lab.ipv4('frr')).attributes, ...next6 };
  const marks = {
    communities: ['65001:1', 'no-export'],
    largeCommunities: ['65001:2:3'],
    extendedCommunities: ['rt:65001:7', 'bandwidth:65001:1250000'],
  };
  const instance = ours.instance([
    ourNeighbor(lab.ipv4('frr'), {
      ...{ remoteAs: 65_002, password, sentHops: 255, hopsMin: 255 },
      attributes: { ...plain, ...marks, med: 50, prepends: 2 },
    }),
    ourNeighbor(lab.ipv4('bird'), { attributes: { ...plain, ...marks }, gracefulRestartS: 20 }),
    ourNeighbor(lab.ipv4('gobgp'), {
      ...{ remoteAs: localAs, isInternal: true, sentHops: 64, password },
      attributes: { ...plain, ...marks, localPreference: 200 },
    }),
    ourNeighbor(lab.ipv4('exabgp'), { isPassive: true, attributes: { ...plain, ...marks } }),
  ]);
  await ours.start(instance);
  await ours.announce([ourRoute(vip4), ourRoute(vip6)]);
  const addresses = ['frr', 'bird', 'gobgp', 'exabgp'].map((node) => lab.ipv4(node));
  for (const address of addresses) await ours.established(address);

  await t.test('what each of them learns', async (t) => {
    t.match(await learns(frr, vip4), {
      ...{ nextHops: [lab.ipv4('ours')], asPath: '65001 65001 65001', origin: 'IGP', med: 50 },
      communities: '65001:1 no-export',
      largeCommunities: '65001:2:3',
      extendedCommunities: /RT:65001:7.*LB:65001:1250000/,
    });
    t.match(await learns(bird, vip4), {
      ...{ nextHops: [lab.ipv4('ours')], asPath: '65001', origin: 'IGP', med: null },
      communities: '(65001,1) (65535,65281)',
      largeCommunities: '(65001, 2, 3)',
      extendedCommunities: /\(rt, 65001, 7\)/,
    });
    t.match(await learns(gobgp, vip4), {
      ...{ nextHops: [lab.ipv4('ours')], asPath: '', med: null, localPreference: 200 },
      communities: '65001:1 65535:65281',
      largeCommunities: /65001.*2.*3/,
    });
    t.match(await learns(exabgp, vip4), {
      ...{ nextHops: [lab.ipv4('ours')], asPath: '65001', origin: 'igp' },
      communities: '65001:1 65535:65281',
      largeCommunities: '65001:2:3',
    });
    for (const router of routers) {
      const { nextHops } = await learns(router, vip6);
      t.ok(nextHops.includes(lab.ipv6('ours')), `${router.name}: ${nextHops.join(' ')}`);
    }
  });

  await t.test('graceful restart is offered where it is configured', async (t) => {
    const offered = (await ours.peer(lab.ipv4('bird'))).negotiated?.gracefulRestart;
    t.ok(offered, 'BIRD offers it, too');
    const { text } = await bird.neighbor(lab.ipv4('ours'));
    t.match(text.slice(text.indexOf('Neighbor capabilities')), /Restart time: 20/);
    t.equal((await ours.peer(lab.ipv4('frr'))).negotiated?.gracefulRestart, null);
  });

  await t.test('a refresh, and what it does not do', async (t) => {
    // The other two ask for nothing: GoBGP keeps what it received, ExaBGP keeps nothing.
    for (const [router, node] of [
      [frr, 'frr'],
      [bird, 'bird'],
    ] as const) {
      const address = lab.ipv4(node);
      const before = (await ours.peer(address)).counters;
      await router.refresh(lab.ipv4('ours'));
      const wanted = before.sent.update + 2;
      await ours.until(address, 'is answered', ({ counters }) => counters.sent.update >= wanted);
      const { counters, state } = await ours.peer(address);
      t.ok(counters.received.route_refresh > before.received.route_refresh, router.name);
      t.match({ state, flaps: counters.flaps }, { state: 'established', flaps: 0 });
    }
    const before = (await ours.peer(lab.ipv4('frr'))).counters.sent.update;
    await ours.announce([ourRoute(vip4), ourRoute(vip6)]);
    await ours.reconfigure(instance);
    await ours.announce([ourRoute(vip4, { attributes: { med: 77 } }), ourRoute(vip6)]);
    await learns(frr, vip4, ({ med }) => med === 77);
    t.equal((await ours.peer(lab.ipv4('frr'))).counters.sent.update, before + 1, 'one UPDATE');
  });

  await t.test('graceful shutdown, then withdrawal', async (t) => {
    await ours.announce([ourRoute(vip4, { isShuttingDown: true }), ourRoute(vip6)]);
    const marked = await learns(frr, vip4, ({ communities }) => /graceful|gshut/.test(communities));
    t.match(marked.communities, '65001:1');
    await learns(bird, vip4, ({ communities }) => communities.includes('(65535,0)'));
    await learns(gobgp, vip4, ({ localPreference }) => localPreference === 0);
    await learns(exabgp, vip4, ({ communities }) => communities.includes('65535:0'));
    await ours.announce([ourRoute(vip6)]);
    for (const router of routers) await forgets(router, vip4);
    t.ok(await frr.route(vip6), 'the other stays');
  });

  await t.test('many prefixes, to all of them', async (t) => {
    const many = Array.from({ length: manyCount }, (_, index) =>
      ourRoute(`10.7.${index >> 8}.${index & 255}/32`),
    );
    const { cpuMs } = await ours.costs();
    const startMs = performance.now();
    await ours.announce([ourRoute(vip6), ...many]);
    // Each as fast as it reads.
    const told = addresses.map(async (address, index) => {
      await ours.until(address, 'is told', ({ prefixesSent }) => prefixesSent === manyCount + 1);
      return `${routers[index]?.name} ${Math.round(performance.now() - startMs)} ms`;
    });
    t.comment(`${manyCount} prefixes are sent: ${(await Promise.all(told)).join(', ')}`);
    t.comment(`of a processor: ${Math.round((await ours.costs()).cpuMs - cpuMs)} ms`);
    for (const router of routers) {
      await waitFor(`${router.name} knows all`, timeoutMs, async () => {
        return (
          (await router.prefixes('ipv4')).filter((p) => p.startsWith('10.7.')).length === manyCount
        );
      });
    }
    await ours.announce([ourRoute(vip6)]);
    for (const router of routers) await forgets(router, '10.7.0.1/32');
    for (const address of addresses) t.equal((await ours.peer(address)).counters.flaps, 0);
  });

  await t.test('the last words of both sides', async (t) => {
    await bird.shutDown(lab.ipv4('ours'), 'works on the floor');
    const heard = await ours.until(
      lab.ipv4('bird'),
      'has ended',
      (f) => f.lastNotification !== null,
    );
    t.match(heard.lastNotification, {
      by: 'neighbor',
      code: 6,
      shutdownText: 'works on the floor',
    });
    await ours.stop('so long, and thanks');
    for (const router of [frr, gobgp, exabgp]) await forgets(router, vip6);
    await waitFor('FRR says why', timeoutMs, async () => {
      return (await frr.neighbor(lab.ipv4('ours'))).text.includes('so long, and thanks');
    });
    await hears(lab, 'so long, and thanks');
    t.equal(complaints(place), '', 'tshark understands all of it');
  });
});
