// Announcements of `keepalived` to FRR and BIRD: two nodes of a VRRP pair, a reload, a drain, and
// addresses that are put on lo for the host's own routing daemon.
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { BirdBgp } from './bgp-bird.js';
import { bgpConfig, DaemonLab, neighborBlock, vrrpConfig } from './bgp-daemon.js';
import { FrrBgp } from './bgp-frr.js';
import { routerNeighbor } from './bgp-routers.js';
import { forgets, learns, password, skip, timeoutMs, vip4 } from './bgp-story.js';

const virtualAddresses = ['203.0.113.10/32 dev eth0'];
const [vip] = vip4.split('/') as [string];

t.test('two nodes of a VRRP pair: the MASTER announces', { skip }, async (t) => {
  const place = new DaemonLab(t, ['one', 'two'], ['frr']);
  const { lab } = place;
  const frr = new FrrBgp(place.routerOptions('frr'));
  await frr.start();
  const configOf = (priority: number, ...announce: readonly string[]): string =>
    bgpConfig({
      neighbors: [neighborBlock(lab.ipv4('frr'))],
      rest: vrrpConfig({ priority, addresses: virtualAddresses, announce }),
    });
  const [one, two] = [place.daemon('one'), place.daemon('two')];
  const announce = ['bgp edge { med 10 }', 'hold_down 1'];
  await one.start(configOf(150, ...announce));
  await two.start(configOf(100, ...announce));
  await Promise.all([one, two].map((daemon) => daemon.established(lab.ipv4('frr'))));
  t.match(await learns(frr, vip4), { nextHops: [lab.ipv4('one')], asPath: '65001', med: 10 });
  t.equal((await frr.paths(vip4)).length, 1, 'the BACKUP announces nothing');
  t.match(await two.keelson('why', vip), /is not announced[\s\S]*vrrp_instance V is not MASTER/);

  await one.end('SIGTERM');
  await learns(frr, vip4, ({ nextHops }) => nextHops[0] === lab.ipv4('two'));
  t.equal((await frr.paths(vip4)).length, 1);
  await one.start(configOf(150, ...announce));
  await learns(frr, vip4, ({ nextHops }) => nextHops[0] === lab.ipv4('one'));
  await waitFor('the other has withdrawn', timeoutMs, async () => {
    return (await frr.paths(vip4)).length === 1;
  });

  // Both announce; the router prefers one of them.
  t.equal(await one.reload(configOf(150, 'bgp edge { med 10 }', 'when always')), 'taken');
  t.equal(await two.reload(configOf(100, 'bgp edge { med 20 }', 'when always')), 'taken');
  await waitFor('FRR has both', timeoutMs, async () => (await frr.paths(vip4)).length === 2);
  t.same(
    (await frr.paths(vip4)).map(({ med, nextHops }) => [med, ...nextHops]),
    [
      [10, lab.ipv4('one')],
      [20, lab.ipv4('two')],
    ],
  );
  await one.end('SIGKILL');
  await waitFor('FRR has the other alone', timeoutMs, async () => {
    const paths = await frr.paths(vip4);
    return paths.length === 1 && paths[0]?.med === 20;
  });
});

t.test('a reload tells what changed, and resets only who must be', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr', 'bird']);
  const { lab } = place;
  const frr = new FrrBgp(place.routerOptions('frr'));
  const bird = new BirdBgp(place.routerOptions('bird', { password }));
  await Promise.all([frr.start(), bird.start()]);
  const ours = place.daemon('ours');
  const configOf = (addresses: readonly string[], community: string, key = password): string =>
    bgpConfig({
      neighbors: [
        neighborBlock(lab.ipv4('frr')),
        neighborBlock(lab.ipv4('bird'), `password ${key}`),
      ],
      rest: vrrpConfig({
        priority: 100,
        addresses,
        announce: [`bgp edge { community ${community} }`, 'when always'],
      }),
    });
  const first = configOf(virtualAddresses, '65001:1');
  await ours.start(first);
  for (const router of [frr, bird]) await learns(router, vip4);
  // Its own routes, and the End-of-RIB of IPv4: FRR counts both.
  const before = await frr.counters(lab.ipv4('ours'));
  const sent = (await ours.neighbor(lab.ipv4('frr'))).counters.sent.update;
  const has = async (more: number, what: string): Promise<void> => {
    const now = await frr.counters(lab.ipv4('ours'));
    t.same(now, { ...before, updates: before.updates + more }, what);
    await waitFor('the status says so, too', timeoutMs, async () => {
      const { counters } = await ours.neighbor(lab.ipv4('frr'));
      return counters.sent.update === sent + more;
    });
  };

  t.equal(await ours.reload(first), 'taken');
  const more = [...virtualAddresses, '203.0.113.11/32 dev eth0'];
  t.equal(await ours.reload(configOf(more, '65001:1')), 'taken');
  await learns(frr, '203.0.113.11/32');
  await has(1, 'nothing for the reload without a change, one UPDATE for the prefix');
  t.equal(await ours.reload(configOf(more, '65001:2')), 'taken');
  for (const prefix of [vip4, '203.0.113.11/32']) {
    for (const router of [frr, bird]) {
      await learns(router, prefix, ({ communities }) => /65001[:,]2\b/.test(communities));
    }
  }
  await has(2, 'one packed UPDATE for the community');
  t.equal(await ours.reload(configOf(virtualAddresses, '65001:2')), 'taken');
  await forgets(frr, '203.0.113.11/32');
  await has(3, 'one for the withdrawal');

  t.equal(await ours.reload('bgp_instance edge {\n    local_as many\n}\n'), 'refused');
  t.equal(ours.lines(/ours\.conf:2:\d+: error: .*many/).length, 1);
  t.equal(await ours.reload(configOf(virtualAddresses, '65001:2', 'other')), 'taken');
  await waitFor('BIRD has lost the session', timeoutMs, async () => {
    return !(await bird.neighbor(lab.ipv4('ours'))).isEstablished;
  });
  await forgets(bird, vip4);
  await has(3, 'a key changes nothing for the others');
  t.equal(await ours.reload(configOf(virtualAddresses, '65001:2')), 'taken');
  await learns(bird, vip4);
  await has(3, 'nor does its way back');
  t.equal((await ours.neighbor(lab.ipv4('frr'))).counters.flaps, 0);
});

t.test('a reload takes away and renames', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr', 'bird']);
  const { lab } = place;
  const frr = new FrrBgp(place.routerOptions('frr'));
  const bird = new BirdBgp(place.routerOptions('bird'));
  await Promise.all([frr.start(), bird.start()]);
  const ours = place.daemon('ours');
  const configOf = (routers: readonly string[], ...announce: readonly string[]): string =>
    bgpConfig({
      neighbors: routers.map((router) => neighborBlock(lab.ipv4(router))),
      rest: vrrpConfig({ addresses: virtualAddresses, announce: ['when always', ...announce] }),
    });
  await ours.start(configOf(['frr', 'bird'], 'bgp edge'));
  for (const router of [frr, bird]) await learns(router, vip4);
  t.equal(await ours.reload(configOf(['frr'], 'bgp edge')), 'taken');
  await forgets(bird, vip4);
  await ours.says(/neighbor 10\.98\.0\.3: down: sent Cease\/Peer De-configured \(6\/3\)/);
  t.ok((await frr.neighbor(lab.ipv4('ours'))).isEstablished);

  t.equal(await ours.reload(configOf(['frr'])), 'taken');
  await forgets(frr, vip4);
  t.ok((await frr.neighbor(lab.ipv4('ours'))).isEstablished, 'nothing to announce is no end');
  t.equal(await ours.reload(configOf(['frr'], 'bgp edge')), 'taken');
  await learns(frr, vip4);

  // Another instance by the same neighbour: the old one leaves first.
  const renamed = configOf(['frr'], 'bgp core').replace('bgp_instance edge', 'bgp_instance core');
  t.equal(await ours.reload(renamed), 'taken');
  await ours.says(/\(edge\) neighbor .*: down: sent .*removed from the configuration/);
  await ours.says(/\(core\) neighbor 10\.98\.0\.2: Established/);
  await learns(frr, vip4);
  t.same(ours.lines(/cannot|in use|trying again/), [], 'without a complaint');
  t.equal((await ours.status()).bgp[0]?.listenFault, null);
  t.equal(
    await ours.reload(vrrpConfig({ addresses: virtualAddresses, announce: ['kernel'] })),
    'taken',
  );
  await forgets(frr, vip4);
  t.same((await ours.status()).bgp, []);
});

t.test('a drain is told, survives a crash, and ends', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr']);
  const { lab } = place;
  const frr = new FrrBgp(place.routerOptions('frr'));
  await frr.start();
  const ours = place.daemon('ours');
  const announce = ['bgp edge { med 10 }', 'when always', 'hold_down 1', 'drain_time 3'];
  const config = bgpConfig({
    neighbors: [neighborBlock(lab.ipv4('frr'), 'description "top of rack"')],
    rest: vrrpConfig({ priority: 100, addresses: virtualAddresses, announce }),
  });
  await ours.start(config);
  t.equal((await learns(frr, vip4)).communities, '');
  const before = await ours.keelson('why', vip);
  t.match(before, /is announced for[\s\S]* has it: via 10\.98\.0\.1, AS path 65001, MED 10\n/);
  const status = await ours.keelson('status');
  t.match(status, /10\.98\.0\.2 +established +AS 65002 .*"top of rack"/);
  t.match(status, /203\.0\.113\.10\/32 +healthy/);
  const startMs = Date.now();
  const said = await ours.keelson('drain', vip);
  t.match(said, /203\.0\.113\.10 is drained: .* withdrawn in 3s/);
  await learns(
    frr,
    vip4,
    ({ communities }) => communities.includes('65535:0') || communities.includes('graceful'),
  );
  const draining = await ours.keelson('why', vip);
  t.match(draining, /is draining[\s\S]*MED 4294967294, community graceful-shutdown/);
  await forgets(frr, vip4);
  const tookMs = Date.now() - startMs;
  t.ok(tookMs >= 3000, `it was there for its drain_time: ${tookMs} ms`);
  t.match(await ours.keelson('why', vip), /withdrawn for maintenance/);
  await ours.end('SIGKILL');
  await ours.start(config);
  await ours.established(lab.ipv4('frr'));
  await ours.hasAnnouncement(vip, 'maintenance');
  t.match(await ours.keelson('status'), /203\.0\.113\.10\/32 +maintenance .* drained/);
  t.match(
    await ours.keelson('metrics'),
    /keelson_announcement_drained\{.*address="203\.0\.113\.10"\} 1/,
  );
  t.equal(await frr.route(vip4), null, 'the drain outlived the daemon');
  t.match(await ours.keelson('undrain', vip), /not drained any more/);
  await learns(frr, vip4, ({ med, communities }) => med === 10 && communities === '');
  await t.rejects(ours.keelson('drain', '192.0.2.77'), /is not announced by the configuration/);
});

t.test('an address on lo is there before it is announced, and after', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr']);
  const { lab } = place;
  const frr = new FrrBgp(place.routerOptions('frr'));
  await frr.start();
  const ours = place.daemon('ours');
  const configOf = (): string =>
    bgpConfig({
      neighbors: [neighborBlock(lab.ipv4('frr'))],
      rest: vrrpConfig({
        priority: 100,
        addresses: virtualAddresses,
        announce: ['bgp edge { med 5 }', 'kernel', 'when always', 'hold_down 1', 'drain_time 0'],
      }),
    });
  const isOnLo = (): boolean =>
    lab.namespaces.ip('ours', 'address', 'show', 'dev', 'lo').includes(` ${vip}/32`);
  await ours.start(configOf());
  await learns(frr, vip4);
  t.ok(isOnLo());
  await ours.keelson('drain');
  await forgets(frr, vip4);
  t.ok(isOnLo(), 'it stays until routers have acted');
  await waitFor('it is gone', timeoutMs, () => !isOnLo());
  await ours.keelson('undrain');
  await learns(frr, vip4);
  t.ok(isOnLo());
  await ours.end('SIGTERM');
  t.equal(await frr.route(vip4), null);
  t.notOk(isOnLo(), 'an end takes it away');
});

t.test("the host's own FRR picks up what is on lo", { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr']);
  const { lab } = place;
  const frr = new FrrBgp(place.routerOptions('frr'));
  const own = new FrrBgp({
    ...place.routerOptions('ours'),
    localAs: 65_001,
    neighbors: [routerNeighbor(lab.ipv4('frr'), 65_002)],
  });
  await Promise.all([frr.start(), own.start()]);
  await own.redistributeConnected('lo');
  await learns(frr, `${lab.loopback('ours')}/32`);
  const ours = place.daemon('ours');
  const announce = ['kernel lo', 'hold_down 1', 'drain_time 0'];
  const addresses = ['203.0.113.10/32 dev eth0'];
  await ours.start(vrrpConfig({ priority: 100, addresses, announce }));
  t.match(await learns(frr, vip4), { asPath: '65001', nextHops: [lab.ipv4('ours')] });
  await ours.keelson('drain', vip);
  await forgets(frr, vip4);
  await ours.keelson('undrain', vip);
  await learns(frr, vip4);
});
