// The speakers of a file over a simulated TCP, with a router opposite.
import t from 'tap';
import type { BgpInstance, BgpNeighbor } from '../../src/config/bgp.js';
import { BgpSpeakers, type BgpSpeakersWorld } from '../../src/daemon/bgp-speakers.js';
import { bgpStatuses } from '../../src/daemon/bgp-status.js';
import type { BfdFact } from '../../src/routing/bfd/fact.js';
import { settings } from '../routing/bfd/bfd-world.js';
import {
  instance,
  neighbor,
  ourAddress,
  prefix,
  route,
  theirAddress,
} from '../routing/bgp/session-settings.js';
import { SimulatedSpeaker } from '../routing/bgp/simulated-speaker.js';
import { WatchedTcp } from '../routing/bgp/watched-tcp.js';
import { SimulatedClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';
import { SimulatedTcp } from '../sim/tcp-sessions.js';

type Want = Parameters<BgpSpeakersWorld['wantBfd']>;

function world() {
  const clock = new SimulatedClock();
  const random = seededRandom(1);
  const net = new SimulatedTcp(clock, random);
  const them = neighbor({ address: ourAddress, remoteAs: 65001, isPassive: true });
  const routerId = theirAddress;
  const router = new SimulatedSpeaker(
    net,
    theirAddress,
    instance({ name: 'R', localAs: 65002, routerId, neighbors: [them] }),
  );
  const lines: string[] = [];
  const tcp = new WatchedTcp(net.host(ourAddress), () => true);
  const asked: Want[] = [];
  const speakers = new BgpSpeakers({
    clock,
    random,
    tcp,
    hostName: 'lb1',
    isRestarting: false,
    isForwarding: false,
    log: { write: (level, line) => void lines.push(`${level} ${line}`) },
    report: () => {},
    wantBfd: (...wanted) => void asked.push(wanted),
  });
  router.start();
  return { clock, router, lines, tcp, asked, speakers };
}

/** Of a session that is in that state. */
function bfdFact(state: BfdFact['state'], isNeighborAdminDown = false): BfdFact {
  return { state, isNeighborAdminDown } as BfdFact;
}

function one(changes: Partial<BgpNeighbor> = {}, more: Partial<BgpInstance> = {}): BgpInstance {
  return instance({ neighbors: [neighbor(changes)], ...more });
}

t.test('what was to be announced before there was a speaker is announced', (t) => {
  const { clock, router, speakers } = world();
  const one32 = prefix('10.1.0.1/32');
  speakers.announce('B', [route('10.1.0.1/32', { attributes: { med: 7 } }), route('11.0.0.1/32')]);
  t.same(speakers.neighborsOf('B', one32), [], 'nobody yet');
  speakers.configure([one()], null);
  clock.advance(30_000);
  t.same([...router.watch.learnt.keys()], ['10.1.0.1/32']);
  t.same(speakers.neighborsOf('B', one32), [
    {
      neighbor: theirAddress,
      session: 'established',
      sent: 'via 192.0.2.1, AS path 65001, MED 7',
      refusal: null,
    },
  ]);
  t.match(speakers.neighborsOf('B', prefix('11.0.0.1/32')), [
    { sent: null, refusal: /no allow list/ },
  ]);
  speakers.configure([one({}, { name: 'B' })], null);
  speakers.announce('B', []);
  clock.advance(1_000);
  t.equal(router.watch.learnt.size, 0);
  t.equal(router.neighbors[0]?.counters.flaps, 0, 'the same file again resets nothing');
  t.end();
});

t.test('without a router_id the host has to have an address', (t) => {
  const { clock, lines, speakers } = world();
  speakers.configure([one({}, { routerId: null })], null);
  t.same(lines, [
    'error bgp_instance B: the host has no IPv4 address to identify it by; give it a router_id',
  ]);
  t.same(speakers.facts(), []);
  speakers.configure([one({}, { routerId: null })], ourAddress);
  clock.advance(30_000);
  t.match(bgpStatuses(speakers.facts(), clock.nowMs()), [
    {
      instance: 'B',
      identifier: ourAddress,
      neighbors: [
        {
          state: 'established',
          session: { remoteHost: 'sim', holdSeconds: 9, keepaliveSeconds: 3 },
          lastFailure: null,
        },
      ],
    },
  ]);
  t.end();
});

t.test('BFD is asked for by name, and ends the session when it was up', (t) => {
  const { clock, tcp, asked, speakers } = world();
  const bfd = { instance: null, settings: settings(theirAddress) };
  speakers.configure([one({ bfd })], null);
  const [wanted, changed] = asked.at(-1) ?? [new Map(), () => {}];
  t.same([...wanted.keys()], ['B 192.0.2.2']);
  t.equal(speakers.isWatchedByBfd, true);
  clock.advance(30_000);
  changed('B 192.0.2.2', bfdFact('Down'));
  changed('B 192.0.2.9', bfdFact('Down'));
  t.same(tcp.notificationsSent, [], 'it never was up; the other is nobody');
  changed('B 192.0.2.2', bfdFact('Up'));
  changed('B 192.0.2.2', bfdFact('Down', true));
  t.same(tcp.notificationsSent, [], 'RFC 5882: told to stop is no failure');
  changed('B 192.0.2.2', bfdFact('Up'));
  changed('B 192.0.2.2', bfdFact('Down'));
  t.same(tcp.notificationsSent, ['6/10']);
  const [status] = bgpStatuses(speakers.facts(), clock.nowMs() + 5_000);
  t.match(status?.neighbors, [
    { session: null, lastNotification: { secondsAgo: 5, text: /BFD Down \(6\/10\)/ } },
  ]);
  speakers.configure([one({ bfd, shutdown: { text: 'later' } })], null);
  t.equal(asked.at(-1)?.[0].size, 0, 'one that is shut down is not watched');
  t.end();
});

t.test('an instance that leaves the file says goodbye', async (t) => {
  const { clock, router, tcp, speakers } = world();
  speakers.announce('B', [route('10.1.0.1/32')]);
  speakers.configure([one()], null);
  clock.advance(30_000);
  speakers.configure([], null);
  t.same(speakers.facts(), []);
  for (let turn = 0; turn < 400; turn += 1) {
    clock.advance(10);
    await Promise.resolve();
  }
  t.same(tcp.notificationsSent, ['6/2']);
  t.match(router.neighbors[0]?.lastNotification?.text, /"removed from the configuration"/);
  t.equal(router.watch.learnt.size, 0);
});
