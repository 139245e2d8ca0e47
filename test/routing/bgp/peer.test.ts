// What one neighbour of ours does with a peer that is odd, hostile, or only precise.
import t from 'tap';
import type { BgpNeighbor } from '../../../src/config/bgp.js';
import { BgpPeer } from '../../../src/routing/bgp/peer.js';
import { SimulatedClock } from '../../sim/clock.js';
import { chance, integer, pick, seededRandom } from '../../sim/random.js';
import { SimulatedTcp } from '../../sim/tcp-sessions.js';
import { RawPeer } from './raw-peer.js';
import { instance, neighbor, open, ourAddress, route, theirAddress } from './session-settings.js';
import { SimulatedSpeaker } from './simulated-speaker.js';

type Scene = {
  readonly clock: SimulatedClock;
  readonly net: SimulatedTcp;
  readonly ours: SimulatedSpeaker;
  readonly peer: RawPeer;
};

function scene(changes: Partial<BgpNeighbor> = {}, seed = 3): Scene {
  const clock = new SimulatedClock();
  const net = new SimulatedTcp(clock, seededRandom(seed));
  const one = neighbor({ isPassive: true, ...changes });
  const ours = new SimulatedSpeaker(net, ourAddress, instance({ neighbors: [one] }));
  ours.routes = [route('10.1.0.1/32'), route('10.1.0.2/32'), route('10.9.0.1/32')];
  ours.start();
  return { clock, net, ours, peer: new RawPeer(net, theirAddress) };
}

function established(changes: Partial<BgpNeighbor> = {}, told = open()): Scene {
  const one = scene(changes);
  one.peer.connect(ourAddress);
  one.clock.advance(100);
  one.peer.open(told);
  one.clock.advance(100);
  one.peer.keepalive();
  one.clock.advance(100);
  return one;
}

t.test('the first set ends with an End-of-RIB, and a refresh is marked at both ends', (t) => {
  const { peer, clock } = established();
  t.same(peer.news(), ['OPEN', 'KEEPALIVE', 'UPDATE 3 -0', 'END']);
  peer.refresh();
  clock.advance(100);
  t.same(peer.news(), ['REFRESH 1', 'UPDATE 3 -0', 'REFRESH 2']);
  t.end();
});

t.test('a refresh that is not enhanced has no marks', (t) => {
  const capabilities = open().capabilities.filter((one) => one.type !== 'enhanced_route_refresh');
  const { peer, clock } = established({}, open({ capabilities }));
  peer.news();
  peer.refresh();
  clock.advance(100);
  t.same(peer.news(), ['UPDATE 3 -0']);
  t.end();
});

t.test('nothing is said to be complete before somebody has said what is wanted', (t) => {
  const clock = new SimulatedClock();
  const net = new SimulatedTcp(clock, seededRandom(1));
  let wanted: ReturnType<typeof route>[] | null = null;
  const made = new BgpPeer({
    neighbor: neighbor({ address: theirAddress }),
    identity: () => ({
      name: 'B',
      localAs: 65001,
      identifier: ourAddress,
      hostName: '',
      isForwarding: false,
      logsNeighborChanges: true,
    }),
    wanted: () => wanted,
    linkLocalBeside: () => null,
    isRestarting: false,
    clock,
    random: seededRandom(2),
    tcp: net.host(ourAddress),
    log: { write: () => undefined },
    changed: () => undefined,
  });
  const them = instance({
    localAs: 65002,
    routerId: theirAddress,
    neighbors: [neighbor({ address: ourAddress, remoteAs: 65001, isPassive: true })],
  });
  const theirs = new SimulatedSpeaker(net, theirAddress, them);
  theirs.start();
  made.start();
  clock.advance(5000);
  t.equal(made.fact().state, 'established');
  t.equal(theirs.watch.endsOfRib.size, 0);
  wanted = [route('10.1.0.1/32')];
  made.routesChanged();
  clock.advance(100);
  t.equal(theirs.watch.endsOfRib.size, 1);
  t.equal(theirs.watch.learnt.size, 1);
  made.close();
  t.end();
});

t.test('what is wrong in an OPEN is answered with its code', (t) => {
  const answers: readonly (readonly [Partial<ReturnType<typeof open>>, string])[] = [
    [{ as: 65009, capabilities: [] }, '2/2'],
    [{ holdS: 2 }, '2/6'],
    [{ capabilities: [{ type: 'multiprotocol', family: 'ipv6' }] }, '2/7'],
  ];
  for (const [changes, code] of answers) {
    const { peer, clock } = scene();
    peer.connect(ourAddress);
    clock.advance(100);
    peer.open(changes);
    clock.advance(100);
    t.same(peer.news(), ['OPEN', `NOTIFICATION ${code}`], code);
    t.equal(peer.isOpen, false);
  }
  t.end();
});

t.test('more prefixes than the maximum end the first set, and a long wait follows', (t) => {
  const { peer, clock, ours } = established({ prefixesMax: 3 });
  peer.news();
  const attributes = [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 192, 0, 2, 2];
  const routes = [1, 2, 3, 4].flatMap((last) => [32, 10, 7, 0, last]);
  const body = [0, 0, 0, attributes.length, ...attributes, ...routes];
  const marker = new Array<number>(16).fill(0xff);
  peer.send(Uint8Array.from([...marker, 0, 19 + body.length, 2, ...body]));
  clock.advance(100);
  t.same(peer.news(), ['NOTIFICATION 6/1']);
  t.equal(ours.neighbors[0]?.counters.prefixesReceived, 4);
  peer.connect(ourAddress);
  clock.advance(60_000);
  t.equal(peer.isOpen, false, 'refused meanwhile');
  clock.advance(61_000);
  peer.connect(ourAddress);
  clock.advance(100);
  t.ok(peer.isOpen);
  t.end();
});

t.test(
  'a second connection beside an Established one loses; after a graceful restart it wins',
  (t) => {
    const plain = established();
    const second = new RawPeer(plain.net, theirAddress);
    second.connect(ourAddress);
    plain.clock.advance(100);
    second.open();
    plain.clock.advance(100);
    t.same(second.news(), ['OPEN', 'NOTIFICATION 6/7']);
    t.ok(plain.peer.isOpen);

    const restart = {
      type: 'graceful_restart',
      isRestarting: true,
      hasNotification: false,
      restartS: 30,
      families: [],
    } as const;
    const told = open({ capabilities: [...open().capabilities, restart] });
    const graceful = established({ gracefulRestartS: 30 }, told);
    graceful.peer.news();
    const again = new RawPeer(graceful.net, theirAddress);
    again.connect(ourAddress);
    graceful.clock.advance(100);
    again.open(told);
    graceful.clock.advance(100);
    again.keepalive();
    graceful.clock.advance(100);
    t.same(again.news(), ['OPEN', 'KEEPALIVE', 'UPDATE 3 -0', 'END']);
    t.same(graceful.peer.news(), [], 'the old one is closed without a word (RFC 4724)');
    t.equal(graceful.peer.isOpen, false);
    t.ok(graceful.ours.isEstablished);
    t.end();
  },
);

t.test('a third connection is refused', (t) => {
  const { net, peer, clock } = established();
  const others = [new RawPeer(net, theirAddress), new RawPeer(net, theirAddress)];
  for (const other of others) other.connect(ourAddress);
  clock.advance(100);
  t.equal(others.filter(({ isOpen }) => isOpen).length, 1);
  t.ok(peer.isOpen);
  t.end();
});

/** Any message with any body, half a message, or no message at all. */
function noise(random: () => number): Uint8Array {
  const octets = integer(random, 0, 60);
  const body = Uint8Array.from({ length: octets }, () => integer(random, 0, 255));
  if (chance(random, 20)) return body;
  const head = new Uint8Array(19).fill(0xff, 0, 16);
  head[17] = chance(random, 90) ? 19 + octets : integer(random, 0, 255);
  head[18] = integer(random, 0, 6);
  return Uint8Array.from([...head, ...body]);
}

t.test('a hostile neighbour changes nothing but its own session', (t) => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = seededRandom(seed);
    const { ours, peer, clock } = scene({ isPassive: chance(random, 50) }, seed);
    for (let turn = 0; turn < 120; turn += 1) {
      const acts: readonly (() => void)[] = [
        () => peer.connect(ourAddress),
        () => peer.open(),
        () => peer.open({ holdS: integer(random, 0, 20), as: integer(random, 0, 65_535) }),
        () => peer.keepalive(),
        () => peer.keepalive(),
        () => peer.refresh(),
        () => peer.send(noise(random)),
        () => {
          peer.session?.close(0);
          peer.isOpen = false;
        },
      ];
      pick(random, acts)();
      clock.advance(integer(random, 0, 4000));
      const { violation } = ours.watch;
      if (violation !== null) t.fail(`seed ${seed}: ${violation}`);
    }
    t.ok(ours.lines.length < 400, `seed ${seed}: ${ours.lines.length} lines`);
    ours.kill(false);
  }
  t.end();
});
