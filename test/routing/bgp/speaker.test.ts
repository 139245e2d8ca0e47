import t from 'tap';
import type { BgpNeighbor } from '../../../src/config/bgp.js';
import { familyOf, ipAddress } from '../../../src/net/address.js';
import { SimulatedClock } from '../../sim/clock.js';
import { seededRandom } from '../../sim/random.js';
import { SimulatedTcp } from '../../sim/tcp-sessions.js';
import { instance, neighbor, ourAddress, prefix, route, theirAddress } from './session-settings.js';
import { SimulatedSpeaker } from './simulated-speaker.js';

type Pair = {
  readonly clock: SimulatedClock;
  readonly net: SimulatedTcp;
  readonly ours: SimulatedSpeaker;
  readonly theirs: SimulatedSpeaker;
};

function pairOf(
  changes: Partial<BgpNeighbor> = {},
  theirChanges: Partial<BgpNeighbor> = {},
  seed = 1,
): Pair {
  const clock = new SimulatedClock();
  const net = new SimulatedTcp(clock, seededRandom(seed));
  const us = instance({ neighbors: [neighbor(changes)] });
  const them = instance({
    name: 'R',
    localAs: 65002,
    routerId: theirAddress,
    neighbors: [neighbor({ address: ourAddress, remoteAs: 65001, ...theirChanges })],
  });
  const ours = new SimulatedSpeaker(net, ourAddress, us);
  const theirs = new SimulatedSpeaker(net, theirAddress, them);
  return { clock, net, ours, theirs };
}

function begin(pair: Pair): void {
  pair.ours.start();
  pair.theirs.start();
  pair.clock.advance(30_000);
}

const some = [route('10.1.0.1/32'), route('10.1.0.2/32')];

t.test('two speakers meet, and each knows what the other announces', (t) => {
  const pair = pairOf();
  pair.ours.routes = some;
  begin(pair);
  t.ok(pair.ours.isEstablished && pair.theirs.isEstablished);
  t.same([...pair.theirs.watch.learnt.keys()].sort(), ['10.1.0.1/32', '10.1.0.2/32']);
  t.same([...pair.theirs.watch.endsOfRib], ['ipv4']);
  t.same([...pair.ours.watch.endsOfRib], ['ipv4'], 'also of nothing');
  const [fact] = pair.ours.neighbors;
  t.match(fact, {
    state: 'established',
    remoteAs: 65002,
    prefixesSent: 2,
    negotiated: { holdMs: 9000, keepaliveMs: 3000, remoteHost: 'sim' },
    localAddress: ourAddress,
  });
  t.equal(pair.net.openConnections, 1, 'one connection is left');
  t.match(pair.ours.lines.at(-1), /Established with AS 65002, hold time 9 s/);
  t.end();
});

t.test('both connect at the same moment: one connection stays, the one of the greater', (t) => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const pair = pairOf({}, {}, seed);
    pair.net.latencyMsMax = seed % 2 === 0 ? 2 : 300;
    pair.ours.start();
    pair.theirs.start();
    // Before anybody would try again.
    pair.clock.advance(3700);
    t.ok(pair.ours.isEstablished && pair.theirs.isEstablished, `seed ${seed}`);
    t.equal(pair.net.openConnections, 1, `seed ${seed}: one connection`);
  }
  t.end();
});

t.test('one side waits, or does not listen', (t) => {
  for (const [left, right] of [
    [{ isPassive: true }, {}],
    [{}, { isPassive: true }],
  ] as const) {
    const pair = pairOf(left, right);
    begin(pair);
    t.ok(pair.ours.isEstablished);
  }
  const deaf = pairOf();
  deaf.ours.instance = { ...deaf.ours.instance, listen: null };
  begin(deaf);
  t.ok(deaf.ours.isEstablished);
  t.end();
});

t.test('what is announced follows what is wanted, and costs nothing when nothing changes', (t) => {
  const pair = pairOf();
  pair.ours.routes = some;
  begin(pair);
  const before = pair.ours.watch.updatesSent;
  pair.ours.announce([...some].reverse());
  pair.ours.announce(some.map((one) => ({ ...one })));
  pair.ours.reload({ ...pair.ours.instance, neighbors: [neighbor()] });
  pair.clock.advance(5000);
  t.equal(pair.ours.watch.updatesSent, before, 'no UPDATE');
  pair.ours.announce([route('10.1.0.2/32'), route('10.1.0.3/32')]);
  pair.clock.advance(100);
  t.equal(pair.ours.watch.updatesSent, before + 2, 'a withdrawal and an announcement');
  t.same([...pair.theirs.watch.learnt.keys()].sort(), ['10.1.0.2/32', '10.1.0.3/32']);
  t.end();
});

t.test('a reload of attributes, allow list or description resets no session', (t) => {
  const pair = pairOf();
  pair.ours.routes = some;
  begin(pair);
  const since = pair.ours.neighbors[0]?.sinceMs;
  const before = pair.ours.watch.updatesSent;
  const only = neighbor({
    description: 'spine 1',
    connectRetryMs: 7000,
    prefixesMax: 7,
    allowed: [{ prefix: prefix('10.1.0.1/32'), lengthMin: 32, lengthMax: 32 }],
  });
  pair.ours.reload({ ...pair.ours.instance, neighbors: [only] });
  pair.clock.advance(100);
  t.equal(pair.ours.watch.updatesSent, before + 1, 'one withdrawal');
  t.same([...pair.theirs.watch.learnt.keys()], ['10.1.0.1/32']);
  const attributes = { ...only.attributes, communities: ['65001:7'], med: 50 };
  pair.ours.reload({ ...pair.ours.instance, neighbors: [{ ...only, attributes }] });
  pair.clock.advance(100);
  t.equal(pair.ours.watch.updatesSent, before + 2, 'one announcement');
  t.equal(pair.ours.neighbors[0]?.sinceMs, since, 'the session is the same');
  t.equal(pair.ours.neighbors[0]?.prefixesRefused, 1);
  const refused = pair.ours.speaker?.routeFacts(prefix('10.1.0.2/32'));
  t.match(refused, [{ neighbor: theirAddress, attributes: null, refusal: /no allow list/ }]);
  const sent = pair.ours.speaker?.routeFacts(prefix('10.1.0.1/32'));
  t.match(sent, [{ attributes: { med: 50, nextHop: ourAddress }, refusal: null }]);
  t.end();
});

t.test('timers, families, keys and hops need a new session, of that neighbour alone', (t) => {
  const changes: readonly Partial<BgpNeighbor>[] = [
    { holdMs: 12_000 },
    { families: ['ipv4', 'ipv6'] },
    { sentHops: 5 },
    { gracefulRestartS: 20 },
  ];
  for (const change of changes) {
    const pair = pairOf();
    const third = ipAddress('192.0.2.3');
    const other = new SimulatedSpeaker(
      pair.net,
      third,
      instance({
        name: 'S',
        localAs: 65003,
        routerId: third,
        neighbors: [neighbor({ address: ourAddress, remoteAs: 65001 })],
      }),
    );
    const neighbors = [neighbor(), neighbor({ address: third, remoteAs: 65003 })];
    pair.ours.instance = instance({ neighbors });
    other.start();
    begin(pair);
    t.ok(pair.ours.isEstablished);
    const [, kept] = pair.ours.neighbors;
    const changed = [neighbor(change), ...neighbors.slice(1)];
    pair.ours.reload(instance({ neighbors: changed }));
    pair.clock.advance(20_000);
    const name = JSON.stringify(change);
    t.ok(pair.ours.isEstablished, `${name}: it comes back`);
    t.same(
      pair.ours.watch.notificationsSent.filter((one) => one !== '6/7'),
      ['6/6'],
      name,
    );
    t.equal(pair.ours.neighbors[1]?.sinceMs, kept?.sinceMs, `${name}: the other one stays`);
  }
  t.end();
});

t.test('a neighbour that is not in the file any more is told so; one shut down hears why', (t) => {
  const gone = pairOf();
  begin(gone);
  gone.ours.reload(instance({ neighbors: [] }));
  gone.clock.advance(100);
  t.match(gone.theirs.neighbors[0]?.lastNotification, {
    text: 'down: received Cease/Peer De-configured (6/3)',
    by: 'neighbor',
    code: 6,
    subcode: 3,
  });
  t.equal(gone.theirs.neighbors[0]?.counters.flaps, 1);
  const shut = pairOf();
  begin(shut);
  shut.ours.reload(instance({ neighbors: [neighbor({ shutdown: { text: 'rack 7 moves' } })] }));
  shut.clock.advance(60_000);
  t.match(shut.theirs.neighbors[0]?.lastNotification, { shutdownText: 'rack 7 moves', subcode: 2 });
  t.equal(shut.ours.neighbors[0]?.state, 'shutdown');
  t.match(shut.theirs.lines.join('\n'), /Administrative Shutdown \(6\/2\): "rack 7 moves"/);
  shut.ours.reload(instance());
  shut.clock.advance(20_000);
  t.ok(shut.ours.isEstablished, 'and is spoken to again when it is not any more');
  t.end();
});

t.test('a stop withdraws, waits until that has arrived, and says why', async (t) => {
  const pair = pairOf();
  pair.ours.routes = some;
  begin(pair);
  pair.net.latencyMsMax = 50;
  const stopped = pair.ours.stop('upgrade');
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  let leastLearnt = 2;
  for (let step = 0; step < 400 && !isStopped; step += 1) {
    pair.clock.advance(1);
    await Promise.resolve();
    if (pair.theirs.isEstablished) leastLearnt = pair.theirs.watch.learnt.size;
  }
  pair.clock.advance(500);
  t.ok(isStopped);
  t.equal(leastLearnt, 0, 'withdrawn while the session was there');
  t.match(pair.theirs.neighbors[0]?.lastNotification, { subcode: 2, shutdownText: 'upgrade' });
  t.same(pair.ours.watch.notificationsSent.slice(-1), ['6/2']);
  t.end();
});

t.test('graceful shutdown is announced before a stop', async (t) => {
  const pair = pairOf();
  pair.ours.instance = instance({ gracefulShutdownMs: 10_000 });
  pair.ours.routes = some;
  begin(pair);
  void pair.ours.stop('upgrade');
  pair.clock.advance(5000);
  const hex = Buffer.from(pair.theirs.watch.learnt.get('10.1.0.1/32') ?? []).toString('hex');
  t.match(hex, /c00804ffff0000/, 'GRACEFUL_SHUTDOWN (RFC 8326)');
  t.ok(pair.theirs.isEstablished);
  pair.ours.speaker?.announce(some.slice(1));
  pair.clock.advance(1000);
  t.notOk(pair.theirs.watch.learnt.has('10.1.0.1/32'), 'what nobody serves goes at once');
  t.ok(pair.theirs.watch.learnt.size > 0);
  for (let step = 0; step < 12; step += 1) {
    pair.clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.notOk(pair.theirs.isEstablished);
  t.end();
});

t.test('BFD that was up ends the session, BFD that never was does not', (t) => {
  const pair = pairOf();
  begin(pair);
  const { speaker } = pair.ours;
  speaker?.bfdChanged(theirAddress, 'down');
  speaker?.bfdChanged(theirAddress, 'up');
  speaker?.bfdChanged(theirAddress, 'admin_down');
  speaker?.bfdChanged(theirAddress, 'down');
  t.ok(pair.ours.isEstablished);
  speaker?.bfdChanged(theirAddress, 'up');
  speaker?.bfdChanged(theirAddress, 'down');
  t.notOk(pair.ours.isEstablished);
  t.same(pair.ours.watch.notificationsSent.slice(-1), ['6/10']);
  pair.clock.advance(20_000);
  t.ok(pair.ours.isEstablished, 'and it is tried again');
  t.end();
});

t.test('a neighbour that is gone is missed after the hold time', (t) => {
  const pair = pairOf();
  begin(pair);
  pair.theirs.kill(true);
  pair.clock.advance(8000);
  // The last keepalive came up to three seconds before.
  pair.clock.advance(1500);
  t.notOk(pair.ours.isEstablished);
  t.equal(pair.ours.neighbors[0]?.lastFailure?.code, 4);
  t.end();
});

t.test('ten thousand routes leave in slices, packed, and are refreshed on request', (t) => {
  const pair = pairOf();
  const many = Array.from({ length: 10_000 }, (_, index) =>
    route(`10.2.${index >> 8}.${index & 255}/32`),
  );
  pair.net.chunkOctetsMax = 0;
  begin(pair);
  const before = pair.ours.watch.updatesSent;
  pair.ours.announce(many);
  t.equal(pair.ours.watch.updatesSent, before, 'nothing has left when the call returns');
  pair.clock.advance(1000);
  t.equal(pair.theirs.watch.learnt.size, 10_000);
  t.ok(pair.ours.watch.updatesSent - before < 20, 'packed');
  t.end();
});

t.test('a listener that cannot be had is said, and tried again', (t) => {
  const pair = pairOf({}, { isPassive: true });
  const taken = pair.ours.host
    .listen({ address: null, port: 179, peers: [] }, () => null)
    ._unsafeUnwrap();
  pair.theirs.instance = { ...pair.theirs.instance };
  begin(pair);
  t.match(pair.ours.lines[0], /error \(B\) cannot listen on .*EADDRINUSE; trying again/);
  t.match(pair.ours.speaker?.facts().listenFault, /EADDRINUSE/);
  t.ok(pair.ours.isEstablished, 'what we open ourselves works');
  taken.close();
  pair.clock.advance(6000);
  t.equal(pair.ours.speaker?.facts().listenFault, null);
  t.end();
});

t.test('routes of both families, each with a next hop of its own', (t) => {
  const nextHop = { ipv4: null, ipv6: ipAddress('2001:db8::1') };
  const attributes = { ...neighbor().attributes, nextHop };
  const allowed = [
    ...neighbor().allowed,
    { prefix: prefix('2001:db8:1::/48'), lengthMin: 48, lengthMax: 128 },
  ];
  const pair = pairOf(
    { families: ['ipv4', 'ipv6'], attributes, allowed },
    { families: ['ipv4', 'ipv6'] },
  );
  pair.ours.routes = [route('10.1.0.1/32'), route('2001:db8:1::1/128')];
  begin(pair);
  t.same([...pair.theirs.watch.learnt.keys()].sort(), ['10.1.0.1/32', '2001:db8:1::1/128']);
  t.same([...pair.theirs.watch.endsOfRib].sort(), ['ipv4', 'ipv6']);
  t.equal(familyOf(ourAddress), 'ipv4');
  t.end();
});

t.test('a key that is refused shuts out its neighbour alone', (t) => {
  const third = ipAddress('192.0.2.3');
  const clock = new SimulatedClock();
  const net = new SimulatedTcp(clock, seededRandom(1));
  const session = { isPassive: true, remoteAs: 65002 };
  const others = (password: string) => [
    neighbor(session),
    neighbor({ ...session, address: third, password }),
  ];
  const ours = new SimulatedSpeaker(net, ourAddress, instance({ neighbors: others('refused') }));
  ours.host.refusedKeys.add('refused');
  const from = (address: typeof third, password: string | null) => {
    const them = neighbor({ address: ourAddress, remoteAs: 65001, password });
    const routerId = address;
    return new SimulatedSpeaker(
      net,
      address,
      instance({ name: 'R', localAs: 65002, routerId, neighbors: [them] }),
    );
  };
  const [theirs, last] = [from(theirAddress, null), from(third, 'good')];
  for (const one of [ours, theirs, last]) one.start();
  clock.advance(30_000);
  t.ok(theirs.isEstablished, 'whoever needs no key is there');
  t.notOk(last.isEstablished);
  t.match(ours.speaker?.facts().listenFault, /^cannot sign with TCP-MD5 for 192.0.2.3: ENOMEM$/);
  const said = ours.lines.filter((line) => line.includes('ENOMEM'));
  t.same(said.length, 1, 'once, though it is tried again');
  ours.reload(instance({ neighbors: others('good') }));
  clock.advance(150_000);
  t.ok(theirs.isEstablished && last.isEstablished);
  t.equal(theirs.neighbors[0]?.counters.flaps, 0, 'nobody else was disturbed');
  t.equal(ours.speaker?.facts().listenFault, null);
  ours.reload(instance({ neighbors: others('refused') }));
  clock.advance(2_000);
  t.ok(theirs.isEstablished, 'nor by one that is refused later');
  ours.host.refusedKeys.clear();
  clock.advance(10_000);
  t.equal(ours.speaker?.facts().listenFault, null, 'it is tried again');
  t.end();
});
