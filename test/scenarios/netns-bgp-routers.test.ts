// The lab itself: that the routers which ours is tried against speak with each other, and that what
// the lab says of them is what they were told.
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { BirdBgp } from './bgp-bird.js';
import { ExaBgp } from './bgp-exabgp.js';
import { FrrBgp } from './bgp-frr.js';
import { GoBgp } from './bgp-gobgp.js';
import { BgpLab } from './bgp-lab.js';
import {
  type BgpRouter,
  type RouterNeighbor,
  type RouterOptions,
  routerNeighbor,
  routerRoute,
} from './bgp-routers.js';

const skip = process.getuid?.() === 0 ? false : 'needs root for network namespaces';
const timeoutMs = 30_000;

function labOf(t: Test): BgpLab {
  const lab = new BgpLab(['a', 'b']);
  t.teardown(async () => {
    if (!t.passing()) t.comment(lab.logs());
    await lab.remove();
  });
  return lab;
}

function optionsOf(
  lab: BgpLab,
  node: 'a' | 'b',
  over: Partial<RouterNeighbor>,
): Pick<RouterOptions, 'namespaces' | 'node' | 'folder' | 'localAs' | 'routerId' | 'neighbors'> {
  const other = node === 'a' ? 'b' : 'a';
  const remoteAs = node === 'a' ? 65002 : 65001;
  const neighbor = routerNeighbor(lab.ipv4(other), remoteAs, { source: lab.ipv4(node), ...over });
  return {
    ...{ namespaces: lab.namespaces, folder: lab.folder, node },
    ...{ localAs: node === 'a' ? 65001 : 65002, routerId: lab.ipv4(node), neighbors: [neighbor] },
  };
}

async function established(router: BgpRouter, address: string): Promise<void> {
  await waitFor(`${router.name} has a session with ${address}`, timeoutMs, async () => {
    return (await router.neighbor(address)).isEstablished;
  });
}

async function knows(router: BgpRouter, prefix: string, isKnown = true): Promise<void> {
  await waitFor(`${router.name} and ${prefix}: ${isKnown}`, timeoutMs, async () => {
    return ((await router.route(prefix)) !== null) === isKnown;
  });
}

t.test('FRR and BIRD: signed, with BFD, in both families', { skip }, async (t) => {
  const lab = labOf(t);
  // Not with GTSM: FRR then takes BFD for that of several hops.
  const over = { password: 'lab-key', bfdMs: 100, gracefulRestartS: 20 } as const;
  const marked = routerRoute('203.0.113.1/32', { communities: ['65001:7', '65001:8'] });
  const frr = new FrrBgp({
    ...optionsOf(lab, 'a', over),
    routes: [marked, routerRoute('2001:db8:f::1/128')],
  });
  const bird = new BirdBgp({
    ...optionsOf(lab, 'b', over),
    routes: [routerRoute('203.0.113.2/32', { communities: ['65002:9'] })],
  });
  await Promise.all([frr.start(), bird.start()]);
  await Promise.all([established(frr, lab.ipv4('b')), established(bird, lab.ipv4('a'))]);

  for (const prefix of ['203.0.113.1/32', '2001:db8:f::1/128']) await knows(bird, prefix);
  t.match(await bird.route('203.0.113.1/32'), {
    nextHops: [lab.ipv4('a')],
    asPath: '65001',
    origin: 'IGP',
    communities: '(65001,7) (65001,8)',
  });
  await knows(frr, '203.0.113.2/32');
  t.match(await frr.route('203.0.113.2/32'), {
    nextHops: [lab.ipv4('b')],
    asPath: '65002',
    communities: '65002:9',
  });
  t.same(await bird.prefixes('ipv6'), ['2001:db8:f::1/128']);
  t.ok((await frr.prefixes('ipv4')).includes('203.0.113.2/32'));
  for (const [router, node] of [
    [frr, 'b'],
    [bird, 'a'],
  ] as const) {
    await waitFor(`BFD of ${router.name} is up`, timeoutMs, async () => {
      return (await router.bfd(lab.ipv4(node))) === 'up';
    });
  }

  await bird.announce(routerRoute('203.0.113.3/32'));
  await knows(frr, '203.0.113.3/32');
  await bird.withdraw('203.0.113.3/32');
  await knows(frr, '203.0.113.3/32', false);
  await frr.withdraw('203.0.113.1/32');
  await knows(bird, '203.0.113.1/32', false);
  await Promise.all([frr.refresh(lab.ipv4('b')), bird.refresh(lab.ipv4('a'))]);
  await bird.shutDown(lab.ipv4('a'), 'works on the floor');
  await waitFor('FRR hears why', timeoutMs, async () => {
    return (await frr.neighbor(lab.ipv4('b'))).text.includes('works on the floor');
  });
});

t.test('GoBGP and ExaBGP: an active and a passive one', { skip }, async (t) => {
  const lab = labOf(t);
  const password = 'lab-key';
  const first = routerRoute('203.0.113.1/32', { nextHop: lab.ipv4('a'), communities: ['65001:7'] });
  const second = routerRoute('203.0.113.2/32', {
    nextHop: lab.ipv4('b'),
    communities: ['65002:9'],
  });
  const sixth = routerRoute('2001:db8:f::2/128', { nextHop: lab.ipv6('b') });
  const gobgp = new GoBgp({
    ...optionsOf(lab, 'a', { password, isPassive: true }),
    routes: [first],
  });
  const exabgp = new ExaBgp({ ...optionsOf(lab, 'b', { password }), routes: [second, sixth] });
  await Promise.all([gobgp.start(), exabgp.start()]);
  await Promise.all([established(gobgp, lab.ipv4('b')), established(exabgp, lab.ipv4('a'))]);
  await knows(gobgp, '203.0.113.2/32');
  await knows(gobgp, '2001:db8:f::2/128');
  await knows(exabgp, '203.0.113.1/32');
  t.match(await gobgp.route('203.0.113.2/32'), {
    nextHops: [lab.ipv4('b')],
    asPath: '65002',
    communities: '65002:9',
  });
  t.match(await exabgp.route('203.0.113.1/32'), {
    nextHops: [lab.ipv4('a')],
    asPath: '65001',
    communities: '65001:7',
  });
  t.ok((await gobgp.prefixes('ipv6')).includes('2001:db8:f::2/128'));
  t.same(await exabgp.prefixes('ipv4'), ['203.0.113.1/32']);
  t.equal(await gobgp.bfd(), null);
  t.equal(await exabgp.bfd(), null);
  await exabgp.withdraw('203.0.113.2/32');
  await knows(gobgp, '203.0.113.2/32', false);
  await gobgp.withdraw('203.0.113.1/32');
  await knows(exabgp, '203.0.113.1/32', false);
  await exabgp.shutDown(lab.ipv4('a'));
  await waitFor('GoBGP saw the end', timeoutMs, () => lab.logs().includes('"Peer Down"'));
});
