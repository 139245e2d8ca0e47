import assert from 'node:assert/strict';
import t from 'tap';
import { ipAddress } from '../../../src/net/address.js';
import { type ControlPacket, decodeControl } from '../../../src/routing/bfd/packet.js';
import { type BfdNode, BfdSimulation, settings } from './bfd-world.js';

type Sent = { readonly atMs: number; readonly packet: ControlPacket };

function sentBy(world: BfdSimulation, node: BfdNode): readonly Sent[] {
  return world.hops.sent
    .filter(({ from }) => from === node.address)
    .map(({ atMs, datagram }) => ({
      atMs,
      packet: decodeControl(datagram.payload)._unsafeUnwrap(),
    }));
}

function gaps(sent: readonly Sent[]): readonly number[] {
  return sent.slice(1).map(({ atMs }, index) => atMs - (sent[index]?.atMs ?? 0));
}

t.test('two neighbours come up at once, and agree', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair({ minTxMs: 50, minRxMs: 40 }, { minTxMs: 30, minRxMs: 100 });
  world.clock.advance(1_100);
  assert.equal(a.fact().state, 'Up');
  assert.equal(b.fact().state, 'Up');
  world.clock.advance(1_000);
  assert.equal(a.fact().transmitMs, 100);
  assert.equal(b.fact().transmitMs, 40);
  assert.equal(a.fact().detectionMs, 120);
  assert.equal(b.fact().detectionMs, 300);
  assert.equal(a.fact().remoteDiscriminator, b.fact().localDiscriminator);
  assert.deepEqual(a.states().at(-1), 'Up');
  assert.equal(a.fact().localDiagnostic, 'No Diagnostic');
  assert.equal(a.fact().timesDown, 0);
});

t.test('a second apart while it is down, by the agreed interval less jitter while up', async () => {
  const world = new BfdSimulation();
  const lonely = world.node('192.0.2.1');
  lonely.configure({ session: settings('192.0.2.2', { minTxMs: 10 }) });
  world.clock.advance(60_000);
  const idle = gaps(sentBy(world, lonely));
  assert.ok(idle.length >= 60, `${idle.length}`);
  assert.ok(idle.every((gap) => gap >= 750 && gap <= 1000));
  const pairs = new BfdSimulation(2);
  const { a } = pairs.pair();
  pairs.clock.advance(2_000);
  const before = sentBy(pairs, a).length;
  pairs.clock.advance(10_000);
  const up = gaps(sentBy(pairs, a).slice(before));
  assert.ok(up.every((gap) => gap >= 37.5 && gap <= 50));
  assert.ok(Math.min(...up) < 40 && Math.max(...up) > 47, 'spread over the whole range');
});

t.test('with a multiplier of 1 at least a tenth is taken', async () => {
  const world = new BfdSimulation();
  const { a } = world.pair({ multiplier: 1 });
  world.clock.advance(2_000);
  const before = sentBy(world, a).length;
  world.clock.advance(10_000);
  const up = gaps(sentBy(world, a).slice(before));
  assert.ok(up.every((gap) => gap >= 37.4 && gap <= 45.1));
});

t.test("silence is noticed by the neighbour's multiplier", async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair({ multiplier: 9 }, { multiplier: 4 });
  world.clock.advance(3_000);
  const cutMs = world.clock.nowMs();
  world.hops.isCut = (from) => from === b.address;
  while (a.fact().state === 'Up') world.clock.runNext(cutMs + 5_000);
  const afterMs = world.clock.nowMs() - cutMs;
  assert.ok(afterMs > 150 && afterMs <= 200, `${afterMs}`);
  assert.equal(a.fact().localDiagnostic, 'Control Detection Time Expired');
  assert.equal(a.fact().lastReason, 'no packet for the detection time');
  assert.equal(a.fact().remoteDiscriminator, 0);
  world.clock.advance(1);
  assert.equal(b.fact().state, 'Down');
  assert.equal(b.fact().localDiagnostic, 'Neighbor Signaled Session Down');
  assert.equal(b.fact().remoteDiagnostic, 'Control Detection Time Expired');
  assert.equal(b.fact().timesDown, 1);
  world.hops.isCut = () => false;
  world.clock.advance(2_100);
  assert.equal(a.fact().state, 'Up');
});

t.test('a poll is answered at once, and ends with its Final', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair();
  world.clock.advance(2_000);
  const polls = sentBy(world, a).filter(({ packet }) => packet.polls);
  const finals = sentBy(world, b).filter(({ packet }) => packet.isFinal);
  assert.ok(polls.length >= 1 && polls.length <= 2);
  assert.equal(finals.length, polls.length);
  assert.equal(finals[0]?.atMs, polls[0]?.atMs);
  assert.ok(sentBy(world, a).every(({ packet }) => !(packet.polls && packet.isFinal)));
});

t.test('timers are changed in place: slower packets only after the Final', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair();
  world.clock.advance(2_000);
  const discriminator = a.fact().localDiscriminator;
  const atMs = world.clock.nowMs();
  world.hops.isCut = (from) => from === b.address;
  a.configure({ session: settings('192.0.2.2', { minTxMs: 400, minRxMs: 20 }) });
  assert.equal(a.fact().transmitMs, 50, 'not confirmed yet');
  assert.equal(a.fact().detectionMs, 150, 'not confirmed yet');
  world.clock.advance(100);
  world.hops.isCut = () => false;
  assert.ok(sentBy(world, a).some(({ atMs: when, packet }) => when > atMs && packet.polls));
  world.clock.advance(300);
  assert.equal(a.fact().transmitMs, 400);
  assert.equal(a.fact().state, 'Up');
  assert.equal(a.fact().localDiscriminator, discriminator);
  assert.equal(b.fact().detectionMs, 1200);
  assert.equal(a.fact().timesDown, 0);
  assert.equal(b.fact().timesDown, 0);
});

t.test('a change during a poll is a poll of its own, after a packet without the bit', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair();
  world.clock.advance(2_000);
  const before = sentBy(world, a).length;
  world.hops.isCut = (from) => from === b.address;
  a.configure({ session: settings('192.0.2.2', { minTxMs: 80 }) });
  world.clock.advance(60);
  a.configure({ session: settings('192.0.2.2', { minTxMs: 90 }) });
  world.hops.isCut = () => false;
  world.clock.advance(1_000);
  assert.equal(a.fact().transmitMs, 90);
  const bits = sentBy(world, a)
    .slice(before)
    .filter(({ packet }) => !packet.isFinal)
    .map(({ packet }) => (packet.polls ? 'P' : '-'))
    .join('');
  assert.match(bits, /^-?P+-P+-+$/);
});

t.test('what did not change is left alone', async () => {
  const world = new BfdSimulation();
  const { a } = world.pair();
  world.clock.advance(2_000);
  const { localDiscriminator, sinceMs } = a.fact();
  const before = world.hops.sent.length;
  a.configure({ session: settings('192.0.2.2') });
  assert.equal(world.hops.sent.length, before);
  world.clock.advance(500);
  assert.equal(a.fact().localDiscriminator, localDiscriminator);
  assert.equal(a.fact().sinceMs, sinceMs);
  assert.ok(
    sentBy(world, a)
      .slice(-5)
      .every(({ packet }) => !packet.polls),
  );
});

t.test('a stop is no failure: the neighbour is told, several times', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair();
  world.clock.advance(2_000);
  const before = world.hops.sent.length;
  const stopping = a.sessions.stop();
  world.clock.advance(0);
  assert.equal(b.fact().state, 'Down');
  assert.equal(b.fact().remoteState, 'AdminDown');
  assert.ok(b.fact().isNeighborAdminDown);
  assert.equal(b.fact().lastReason, 'the neighbour is administratively down');
  for (let turn = 0; turn < 5; turn++) {
    world.clock.advance(20);
    await new Promise(setImmediate);
  }
  await stopping;
  const told = world.hops.sent.slice(before).filter(({ from }) => from === a.address);
  const packets = told.map(({ datagram }) => decodeControl(datagram.payload)._unsafeUnwrap());
  assert.equal(packets.length, 3);
  assert.ok(packets.every(({ state, diagnostic }) => state === 'AdminDown' && diagnostic === 7));
  assert.equal(a.sessions.facts().size, 0);
  assert.equal(a.port.sourcePorts.size, 0);
  world.clock.advance(10_000);
  assert.equal(b.fact().state, 'Down');
  assert.ok(b.fact().isNeighborAdminDown, 'also when it has fallen silent');
});

t.test('a session that is taken out ends alone', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair();
  const c = world.node('192.0.2.3');
  c.configure({ session: settings('192.0.2.1') });
  const both = { b: settings('192.0.2.2'), c: settings('192.0.2.3') };
  a.configure(both);
  world.clock.advance(2_500);
  assert.deepEqual([b.fact().state, c.fact().state], ['Up', 'Up']);
  a.configure({ b: both.b });
  world.clock.advance(1_000);
  assert.deepEqual([b.fact().state, c.fact().state], ['Up', 'Down']);
  assert.ok(c.fact().isNeighborAdminDown);
  assert.deepEqual([...a.sessions.facts().keys()], ['b']);
});

t.test('several names for one neighbour are one session', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair();
  world.clock.advance(2_000);
  a.configure({
    session: settings('192.0.2.2', { minTxMs: 100 }),
    bgp: settings('192.0.2.2', { minRxMs: 30, interface: null }),
  });
  world.clock.advance(1_000);
  assert.equal(a.fact('bgp').localDiscriminator, a.fact().localDiscriminator);
  assert.equal(b.fact().timesDown, 0);
  assert.deepEqual(a.changes.at(-1)?.key, 'bgp', 'the new name is told how things are');
  assert.equal(a.fact('bgp').detectionMs, 150);
  a.configure({ bgp: settings('192.0.2.2', { minRxMs: 30, interface: null }) });
  world.clock.advance(1_000);
  assert.equal(b.fact().timesDown, 0);
});

t.test('another path is another session', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair();
  world.clock.advance(2_000);
  const { localDiscriminator } = a.fact();
  a.configure({ session: settings('192.0.2.2', { interface: 'eth0' }) });
  assert.notEqual(a.fact().localDiscriminator, localDiscriminator);
  world.clock.advance(3_000);
  assert.equal(a.fact().state, 'Up');
  assert.equal(b.fact().state, 'Up');
  assert.equal(b.fact().timesDown, 1);
});

t.test('the passive side waits for the other', async () => {
  const world = new BfdSimulation();
  const { a, b } = world.pair({ isPassive: true }, { isPassive: true });
  world.clock.advance(5_000);
  assert.equal(world.hops.sent.length, 0);
  b.configure({ session: settings('192.0.2.1') });
  world.clock.advance(3_000);
  assert.deepEqual([a.fact().state, b.fact().state], ['Up', 'Up']);
});

t.test('nothing is sent by a node that can no longer decide', async () => {
  const world = new BfdSimulation();
  const a = world.node('192.0.2.1', 500);
  const b = world.node('192.0.2.2');
  a.configure({ session: settings('192.0.2.2') });
  b.configure({ session: settings('192.0.2.1') });
  for (let beat = 0; beat < 30; beat++) {
    a.sessions.alive();
    world.clock.advance(100);
  }
  assert.equal(b.fact().state, 'Up');
  world.clock.advance(550);
  assert.equal(b.fact().state, 'Down');
  const silent = sentBy(world, a).length;
  world.clock.advance(10_000);
  assert.equal(sentBy(world, a).length, silent, 'no packet, no answer');
  assert.equal(a.lines.filter((line) => line.includes('falls silent')).length, 1);
  assert.ok(a.fact().unsent > 0);
  for (let beat = 0; beat < 30; beat++) {
    a.sessions.alive();
    world.clock.advance(100);
  }
  assert.equal(b.fact().state, 'Up');
  assert.ok(a.lines.some((line) => line.includes('sends again')));
});

t.test('hops are counted: 255 on one link, as many less as may be elsewhere', async () => {
  const world = new BfdSimulation();
  const { a } = world.pair();
  world.hops.routers = 1;
  world.clock.advance(5_000);
  assert.equal(a.fact().state, 'Down');
  assert.ok((a.fact().drops.too_many_hops ?? 0) > 3);
  const far = new BfdSimulation();
  far.hops.routers = 2;
  const many = { isMultihop: true, hopsMax: 2 };
  const pair = far.pair(many, many);
  far.clock.advance(3_000);
  assert.equal(pair.a.fact().state, 'Up');
  far.hops.routers = 3;
  far.clock.advance(3_000);
  assert.equal(pair.a.fact().state, 'Down');
  const any = new BfdSimulation();
  any.hops.routers = 200;
  const anywhere = any.pair({ hopsMax: null }, { hopsMax: null });
  any.clock.advance(3_000);
  assert.equal(anywhere.a.fact().state, 'Up');
});

t.test('packets are their session: by our discriminator, else by their path', async () => {
  const world = new BfdSimulation();
  const a = world.node('192.0.2.1');
  a.configure({
    left: settings('192.0.2.2', { interface: 'eth1' }),
    right: settings('192.0.2.2', { interface: 'eth2' }),
    far: settings('192.0.2.2', { isMultihop: true, hopsMax: null }),
  });
  const packet = (yours: number): Uint8Array =>
    Uint8Array.from([
      0x20,
      0x40,
      3,
      24,
      0,
      0,
      0,
      9,
      ...[24, 16, 8, 0].map((shift) => (yours >>> shift) & 255),
      ...[0, 15, 66, 64, 0, 15, 66, 64, 0, 0, 0, 0],
    ]);
  const arrive = (interfaceName: string, port: number, payload: Uint8Array, from = '192.0.2.2') =>
    a.port.deliver(
      {
        source: ipAddress(from),
        sourcePort: 50_000,
        destination: ipAddress('192.0.2.1'),
        interface: interfaceName,
        hops: 255,
        payload,
      },
      port,
    );
  arrive('eth2', 3784, packet(0));
  assert.deepEqual([a.fact('left').received, a.fact('right').received], [0, 1]);
  arrive('eth3', 3784, packet(0));
  arrive('eth2', 3784, packet(0), '192.0.2.9');
  arrive('eth2', 3784, packet(77));
  arrive('eth2', 3784, packet(a.fact('far').localDiscriminator));
  assert.deepEqual(a.sessions.strays(), { unknown_neighbor: 2, unknown_discriminator: 2 });
  arrive('eth9', 3784, packet(a.fact('left').localDiscriminator), '192.0.2.9');
  assert.equal(a.fact('left').received, 1, 'by discriminator wherever it comes from');
  arrive('eth1', 4784, packet(0));
  assert.equal(a.fact('far').received, 1);
  const lines = a.lines.filter((line) => line.includes('dropped'));
  assert.deepEqual(lines, [
    'info: BFD packet from 192.0.2.2 port 50000 over eth3, 255 hops left, dropped: ' +
      'unknown neighbor',
  ]);
  for (let count = 0; count < 1000; count++) arrive('eth2', 3784, new Uint8Array(3));
  assert.equal(a.fact('right').drops.too_short, 1000);
  assert.equal(a.lines.length, 1, 'one line for so long');
  world.clock.advance(11_000);
  arrive('eth2', 3784, new Uint8Array(3));
  assert.match(a.lines.at(-1) ?? '', /too short, and 1003 others since the last line$/);
});

t.test('ports are the sessions own, discriminators too', async () => {
  const world = new BfdSimulation();
  const a = world.node('192.0.2.1');
  const wanted = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`s${index}`, settings(`198.51.100.${index + 1}`)]),
  );
  a.configure(wanted);
  world.clock.advance(5_000);
  const ports = new Map<string, Set<number>>();
  for (const { datagram } of world.hops.sent) {
    const known = ports.get(datagram.destination) ?? new Set();
    ports.set(datagram.destination, known.add(datagram.sourcePort));
  }
  assert.ok(
    [...ports.values()].every(({ size }) => size === 1),
    'stable',
  );
  const all = [...ports.values()].flatMap((some) => [...some]);
  assert.equal(new Set(all).size, 200);
  assert.ok(all.every((port) => port >= 49_152 && port <= 65_535));
  const discriminators = [...a.sessions.facts().values()].map((fact) => fact.localDiscriminator);
  assert.equal(new Set(discriminators).size, 200);
  assert.ok(!discriminators.includes(0));
});

t.test('what the system refuses is said once and tried again', async () => {
  const world = new BfdSimulation();
  const { b } = world.pair();
  const a = world.node('192.0.2.1');
  a.port.failure = 'No such device';
  a.configure({ session: settings('192.0.2.2') });
  world.clock.advance(10_000);
  assert.equal(a.fact().state, 'Down');
  assert.equal(a.lines.filter((line) => line.includes('BFD hears nothing')).length, 1);
  a.port.failure = null;
  world.clock.advance(5_000);
  assert.equal(a.fact().state, 'Up');
  a.port.failure = 'Network is unreachable';
  world.clock.advance(1_000);
  assert.equal(a.fact().state, 'Down');
  assert.equal(a.lines.filter((line) => line.includes('Network is unreachable')).length <= 2, true);
  a.port.failure = null;
  world.clock.advance(4_000);
  assert.equal(a.fact().state, 'Up');
  assert.equal(b.fact().state, 'Up');
});

t.test('a neighbour in demand mode is not sent to, and polls go on', async () => {
  const world = new BfdSimulation();
  const a = world.node('192.0.2.1');
  a.configure({ session: settings('192.0.2.2') });
  const say = (flags: number): void => {
    const ours = a.fact().localDiscriminator;
    const payload = Uint8Array.from([
      0x20,
      flags,
      3,
      24,
      0,
      0,
      0,
      9,
      ...[24, 16, 8, 0].map((shift) => (ours >>> shift) & 255),
      ...[0, 15, 66, 64, 0, 0, 195, 80, 0, 0, 0, 0],
    ]);
    const source = ipAddress('192.0.2.2');
    const facts = { source, sourcePort: 50_000, destination: a.address, interface: 'eth0' };
    a.port.deliver({ ...facts, hops: 255, payload }, 3784);
  };
  say(0x80);
  assert.equal(a.fact().state, 'Up');
  say(0xd2);
  const before = sentBy(world, a).length;
  world.clock.advance(2_500);
  assert.equal(sentBy(world, a).length, before, 'nothing periodic');
  say(0xe2);
  assert.ok(sentBy(world, a).at(-1)?.packet.isFinal, 'but answers');
  a.configure({ session: settings('192.0.2.2', { minTxMs: 60 }) });
  world.clock.advance(200);
  assert.ok(sentBy(world, a).at(-1)?.packet.polls);
});
