import t from 'tap';
import { checkedFacts } from '../../src/daemon/bfd-news.js';
import { BfdWatch } from '../../src/daemon/bfd-watch.js';
import type { TrackedFact } from '../../src/ha/tracking/facts.js';
import { followedKind, followingVerdict } from '../../src/health/following-verdict.js';
import { ipAddress } from '../../src/net/address.js';
import { BfdSimulation, settings } from '../routing/bfd/bfd-world.js';

function world() {
  const simulation = new BfdSimulation();
  const { clock, random, hops } = simulation;
  const learnt: string[] = [];
  const told: string[] = [];
  const lines: string[] = [];
  const watch = new BfdWatch({
    clock,
    random,
    datagrams: hops.attach(ipAddress('192.0.2.1')),
    log: { write: (level, line) => void lines.push(`${level} ${line}`) },
    learn: (facts) => void learnt.push(...facts.map(factText)),
    tell: (news) => void told.push(...checkedFacts(news).map(factText)),
  });
  return { simulation, watch, learnt, told, lines };
}

function factText({ name, value }: TrackedFact): string {
  return `${name} ${value}`;
}

t.test('VRRP learns every state, checks only of sessions that were up', async (t) => {
  const { simulation, watch, learnt, told, lines } = world();
  const { clock } = simulation;
  watch.configure([{ name: 'a', settings: settings('192.0.2.2') }]);
  t.same(learnt.at(-1), 'a 0', 'known from the start');
  t.same(told, [], 'but nobody is taken out for it');
  const neighbor = simulation.node('192.0.2.2');
  neighbor.configure({ session: settings('192.0.2.1') });
  for (let beat = 0; beat < 30; beat++) {
    watch.heartbeat();
    clock.advance(100);
  }
  t.same([learnt.at(-1), told.at(-1)], ['a 1', 'a 1']);
  simulation.hops.isCut = () => true;
  clock.advance(1_000);
  t.same([learnt.at(-1), told.at(-1)], ['a 0', 'a 0']);
  t.same(
    lines.at(-1),
    'warning BFD_Instance(a) Entering Down state (Local diagnostic - Control Detection Time ' +
      'Expired, Remote diagnostic - No Diagnostic): no packet for the detection time',
  );
  watch.configure([{ name: 'a', settings: settings('192.0.2.2') }]);
  t.same(told.at(-1), 'a 0', 'told again with each configuration');
  watch.configure([]);
  t.same(watch.news(), []);
});

t.test('other protocols want sessions of their own names', async (t) => {
  const { simulation, watch } = world();
  const heard: string[] = [];
  const shared = settings('192.0.2.2');
  watch.configure([{ name: 'a', settings: shared }]);
  const wanted = new Map([['the router', shared]]);
  watch.want('bgp', wanted, (name, { state }) => void heard.push(`${name} ${state}`));
  simulation.node('192.0.2.2').configure({ session: settings('192.0.2.1') });
  simulation.clock.advance(3_000);
  t.same(heard, ['the router Down', 'the router Init', 'the router Up'].slice(-heard.length));
  t.equal(watch.factsOf('bgp').get('the router')?.state, 'Up');
  const discriminator = watch.news()[0]?.fact.localDiscriminator;
  t.equal(watch.factsOf('bgp').get('the router')?.localDiscriminator, discriminator);
  t.equal(watch.news().length, 1, 'the file has its own alone');
  const stopping = watch.stop();
  for (let turn = 0; turn < 5; turn++) {
    simulation.clock.advance(20);
    await new Promise(setImmediate);
  }
  await stopping;
  t.equal(heard.at(-1), 'the router Up', 'the end is nobody a failure');
});

t.test('a check follows its session', async (t) => {
  const check = { type: 'BFD_CHECK', name: 'a', startsDown: false } as const;
  t.equal(followedKind(check), 'bfd');
  t.same(followingVerdict(check, 1), { isUp: true, weightChange: 0, mailReason: 'a' });
  t.same(followingVerdict(check, 0), { isUp: false, weightChange: 0, mailReason: 'a' });
});
