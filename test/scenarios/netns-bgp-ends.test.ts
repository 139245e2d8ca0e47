// What routers see of `keepalived` when it ends, in every way, and of the ways to be connected:
// BFD, keys, hops, IPv6, link-local addresses, a host without an IPv4 address.
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { BirdBgp } from './bgp-bird.js';
import { bgpConfig, DaemonLab, neighborBlock, vrrpConfig } from './bgp-daemon.js';
import { FrrBgp } from './bgp-frr.js';
import { routerNeighbor } from './bgp-routers.js';
import { forgets, learns, password, skip, timeoutMs, vip4, vip6 } from './bgp-story.js';

/** Half of the hold time: with a session that only times out it would be too late. */
const soonMs = 4_500;

/** We see FRR go after 300 ms, and FRR us after 600. */
const bfdInstance = (address: string): string => `bfd_instance near {
    neighbor_ip ${address}
    min_rx 100
    min_tx 100
    multiplier 6
}
`;

t.test('a stop, a crash, a hang, and BFD that fails', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr']);
  const { lab } = place;
  const { namespaces } = lab;
  const frr = new FrrBgp(place.routerOptions('frr', { bfdMs: 100 }));
  await frr.start();
  const ours = place.daemon('ours');
  const address = lab.ipv4('frr');
  const vrrp = vrrpConfig({
    addresses: ['203.0.113.10/32 dev eth0'],
    announce: ['bgp edge', 'when always'],
  });
  const config = bgpConfig({
    neighbors: [neighborBlock(address, 'bfd near')],
    rest: `${bfdInstance(address)}${vrrp}`,
  });
  const isHere = async (): Promise<void> => {
    await learns(frr, vip4);
    await ours.established(address);
    await waitFor('BFD is up', timeoutMs, async () => (await frr.bfd(lab.ipv4('ours'))) === 'up');
  };
  const goesSoon = async (what: string): Promise<void> => {
    const startMs = Date.now();
    await forgets(frr, vip4);
    const tookMs = Date.now() - startMs;
    t.comment(`${what}: the route is gone after ${tookMs} ms`);
    t.ok(tookMs < soonMs, `${what}: ${tookMs} ms`);
  };
  const hears = async (what: string): Promise<void> => {
    const line = `%NOTIFICATION: received from neighbor ${lab.ipv4('ours')} ${what}`;
    await waitFor(`FRR logs "${line}"`, timeoutMs, () => lab.logs(200).includes(line));
  };

  await ours.start(config);
  await isHere();
  const { updates } = await frr.counters(lab.ipv4('ours'));
  await ours.end('SIGTERM');
  await goesSoon('SIGTERM');
  t.equal((await frr.counters(lab.ipv4('ours'))).updates, updates + 1, 'withdrawn before the end');
  await hears('6/2 (Cease/Administrative Shutdown) "the load balancer is being stopped"');
  t.match(ours.lines(/Administrative Shutdown/).join(), /down: sent Cease.*being stopped/);

  await ours.start(config);
  await isHere();
  ours.signal('SIGKILL');
  await goesSoon('SIGKILL');

  await ours.end('SIGKILL');
  await ours.start(config);
  await isHere();
  ours.signal('SIGSTOP');
  await goesSoon('SIGSTOP');
  ours.signal('SIGCONT');
  await isHere();

  const chains = ['input', 'output'].map((hook) => {
    const chain = `add chain ip t ${hook} { type filter hook ${hook} priority 0; }`;
    return `${chain}; add rule ip t ${hook} udp dport 3784 drop`;
  });
  namespaces.run('ours', 'nft', `add table ip t; ${chains.join('; ')}`);
  await ours.says(/neighbor .*: down: sent Cease\/BFD Down \(6\/10\)/);
  await goesSoon('BFD');
  await hears('6/10 (Cease/BFD Down)');
  namespaces.run('ours', 'nft', 'delete', 'table', 'ip', 't');
  await isHere();
});

t.test('a graceful shutdown: everything is served until traffic has left', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr']);
  const { lab } = place;
  const frr = new FrrBgp(place.routerOptions('frr'));
  await frr.start();
  const ours = place.daemon('ours');
  const addresses = ['203.0.113.10/32 dev eth0'];
  const config = bgpConfig({
    instance: '    graceful_shutdown 3\n',
    neighbors: [neighborBlock(lab.ipv4('frr'))],
    rest: vrrpConfig({ addresses, announce: ['bgp edge'] }),
  });
  await ours.start(config);
  await learns(frr, vip4, ({ communities }) => communities === '');
  const isHeld = (): boolean =>
    lab.namespaces.ip('ours', 'address', 'show', 'dev', 'eth0').includes(vip4);
  const startMs = Date.now();
  ours.signal('SIGTERM');
  await learns(frr, vip4, ({ communities }) => communities !== '');
  t.ok(isHeld(), 'VRRP holds it');
  await forgets(frr, vip4);
  const tookMs = Date.now() - startMs;
  t.ok(tookMs >= 3000, `${tookMs} ms`);
  await waitFor('it goes, too', timeoutMs, () => !isHeld());
});

t.test('IPv6 with a key and a hop limit, and over link-local addresses', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr', 'bird']);
  const { lab } = place;
  const options = place.routerOptions('frr');
  const frr = new FrrBgp({
    ...options,
    neighbors: [routerNeighbor(lab.ipv6('ours'), 65_001, { password, hops: 'gtsm' })],
  });
  const local = { interface: 'eth0', families: ['ipv6'] as const };
  const bird = new BirdBgp({
    ...place.routerOptions('bird'),
    neighbors: [routerNeighbor(lab.linkLocal('ours'), 65_001, local)],
  });
  await Promise.all([frr.start(), bird.start()]);
  const ours = place.daemon('ours');
  const announce = ['bgp edge', 'when always'];
  const configOf = (key: string): string =>
    bgpConfig({
      neighbors: [
        neighborBlock(
          lab.ipv6('frr'),
          ...[`password ${key}`, 'ttl_security hops 1', `next_hop ${lab.ipv4('ours')}`],
          ...['address_family ipv4', 'address_family ipv6'],
        ),
        neighborBlock(lab.linkLocal('bird'), 'interface eth0'),
      ],
      rest: [
        vrrpConfig({ addresses: ['203.0.113.10/32 dev eth0'], announce }),
        vrrpConfig({
          ...{ name: 'V6', virtualRouterId: 52, announce },
          addresses: ['fe80::98:fe/64', '2001:db8:f::10/128 dev eth0'],
        }),
      ].join(''),
    });
  await ours.start(configOf('wrong'));
  t.ok((await learns(bird, vip6)).nextHops.includes(lab.linkLocal('ours')));
  t.not((await ours.neighbor(lab.ipv6('frr'))).state, 'established');
  const why = await ours.keelson('why', '2001:db8:f::10');
  t.match(why, /2001:db8:98::2 does not have it: its session is/);
  t.match(why, /fe80::98:3 has it: via fe80::98:1, AS path 65001\n/);
  t.equal(await ours.reload(configOf(password)), 'taken');
  const { session } = await ours.established(lab.ipv6('frr'));
  t.equal(session?.localAddress, lab.ipv6('ours'));
  const learned = await learns(frr, vip6);
  t.same(learned.nextHops, [lab.ipv6('ours'), lab.linkLocal('ours')], 'RFC 2545, section 3');
  t.match(await learns(frr, vip4), { nextHops: [lab.ipv4('ours')] });
  t.equal((await ours.neighbor(lab.linkLocal('bird'))).counters.flaps, 0);
  const { bgp } = await ours.status();
  t.equal(bgp[0]?.identifier, lab.ipv4('ours'), 'the least IPv4 address of the host');
});

t.test('a host without an IPv4 address needs a router_id', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['bird']);
  const { lab } = place;
  for (const name of ['lo', 'eth0']) lab.namespaces.ip('ours', '-4', 'address', 'flush', name);
  const bird = new BirdBgp({
    ...place.routerOptions('bird'),
    neighbors: [routerNeighbor(lab.ipv6('ours'), 65_001, { families: ['ipv6'] })],
  });
  await bird.start();
  const ours = place.daemon('ours');
  const configOf = (routerId: string | null): string =>
    bgpConfig({
      routerId,
      neighbors: [neighborBlock(lab.ipv6('bird'))],
      rest: vrrpConfig({
        addresses: ['fe80::98:fe/64', '2001:db8:f::10/128 dev eth0'],
        announce: ['bgp edge', 'when always'],
      }),
    });
  await ours.start(configOf(null));
  await ours.says(/bgp_instance edge: the host has no IPv4 address .*; give it a router_id/);
  t.match(await ours.keelson('status'), /BGP edge .* DOES NOT RUN: .*give it a router_id/);
  t.match(await ours.keelson('why', '2001:db8:f::10'), /nobody is told/);
  t.equal(await ours.reload(configOf('192.0.2.1')), 'taken');
  await learns(bird, vip6);
  t.equal((await ours.status()).bgp[0]?.identifier, '192.0.2.1');
});
