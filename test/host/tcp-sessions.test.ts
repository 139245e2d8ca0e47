// TCP of routing protocols on a real kernel: two namespaces, a process of ours in each. Absence is
// never waited for: the kernel's own counters say that a segment came and was dropped.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { SendQueue } from '../../src/host/send-queue.js';
import { ipAddress } from '../../src/net/address.js';
import type { TcpListenerCounts } from './tcp-sessions-child.js';
import { addresses, peer, TcpWire, target, timeoutMs } from './tcp-wire.js';

const skip = process.getuid?.() === 0 ? false : 'needs root for network namespaces';
const { a, b } = addresses;
const none = { accepted: 0, strangers: 0, tooFar: 0, otherLink: 0, unwanted: 0, failed: 0 };
const gtsm = { sentHops: 255, hopsMin: 255 } as const;

async function onWire(t: Test, story: (wire: TcpWire) => Promise<void>): Promise<void> {
  const wire = new TcpWire();
  t.teardown(() => wire.remove());
  await story(wire);
}

function listening(peers: readonly ReturnType<typeof peer>[]) {
  return { call: 'listen', listener: 'L', options: { address: null, port: 179, peers } } as const;
}

async function counts(wire: TcpWire): Promise<TcpListenerCounts> {
  return (await wire.ask('b', { call: 'counts' })) as TcpListenerCounts;
}

t.test('what waits to be sent leaves in order and in whole', (t) => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 90_000 }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 70_000 }), (messages, step) => {
      const queue = new SendQueue();
      for (const message of messages) queue.push(message, 0);
      const left: Uint8Array[] = [];
      for (let first = queue.first(); first !== null; first = queue.first()) {
        const count = Math.min(step, first.length);
        left.push(first.slice(0, count));
        queue.drop(count);
      }
      return queue.length === 0 && Buffer.concat(left).equals(Buffer.concat(messages));
    }),
    { numRuns: 50 },
  );
  const queue = new SendQueue();
  queue.push(Uint8Array.of(1, 2, 3), 1);
  t.same([...(queue.first() ?? [])], [2, 3], 'behind the offset');
  t.throws(() => queue.drop(3), /assertion/);
  queue.clear();
  t.equal(queue.first(), null);
  t.end();
});

t.test('both families, a link-local neighbour, a source and an interface', { skip }, (t) =>
  onWire(t, async (wire) => {
    const from = [a.ipv4, a.other, a.ipv6, a.link].map((address) => peer(address));
    t.equal(await wire.ask('b', listening(from)), 'ok');
    const ways = [
      target(b.ipv4),
      target(b.ipv4, { source: a.other }),
      target(b.ipv6, { source: a.ipv6, interface: 'eth0' }),
      target(b.link, { interface: 'eth0' }),
      target(b.link, { interface: 'eth0', source: a.link }),
    ];
    for (const [index, way] of ways.entries()) {
      const name = `way${index}`;
      t.equal(await wire.ask('a', { call: 'connect', session: name, target: way }), 'ok');
      await wire.ask('a', { call: 'send', session: name, octets: 5000 });
      const ours = await wire.until('a', name, 'is open', ({ opened }) => opened > 0);
      const theirs = await wire.until('b', `L#${index + 1}`, 'has all', (f) => f.received === 5000);
      t.equal(ours.remote, way.address);
      if (way.source !== null) t.equal(ours.local, way.source);
      t.same([theirs.remote, theirs.local], [ours.local, ours.remote]);
      t.ok(theirs.isInOrder);
      t.equal(ours.opened, 1, 'told once');
      await waitFor('it is acknowledged', timeoutMs, async () => {
        return (await wire.ask('a', { call: 'unsent', session: name })) === 0;
      });
    }
    const wrong = async (over: ReturnType<typeof target>) =>
      wire.ask('a', { call: 'connect', session: 'wrong', target: over });
    t.equal(
      await wrong(target(b.link)),
      `cannot connect to ${b.link}: a link-local address needs an interface`,
    );
    t.equal(await wrong(target(b.ipv4, { interface: 'eth7' })), 'cannot use eth7: No such device');
    t.equal(
      await wrong(target(b.ipv4, { source: ipAddress('10.9.9.9') })),
      'cannot send from 10.9.9.9: Cannot assign requested address',
    );
    t.equal(
      await wrong(target(ipAddress('203.0.113.1'))),
      'cannot connect to 203.0.113.1: Network is unreachable',
    );
    t.equal(
      await wrong(target(b.ipv4, { password: '' })),
      `cannot sign with TCP-MD5 for ${b.ipv4}: the password has 0 octets, not 1 to 80`,
    );
    t.match(await wrong(target(b.ipv4, { sentHops: 256 })), /^cannot limit the hops of .*: 256 is/);
    t.equal(
      await wire.ask('b', { ...listening([]), listener: 'second' }),
      'cannot listen on 0.0.0.0 port 179: Address already in use',
    );
  }),
);

t.test('TCP-MD5: the same key or no connection', { skip }, (t) =>
  onWire(t, async (wire) => {
    const tryKeys = async (name: string, over: ReturnType<typeof target>, counter: string) => {
      const before = wire.dropped('b', counter);
      t.equal(await wire.ask('a', { call: 'connect', session: name, target: over }), 'ok');
      await wire.untilDropped('b', counter, before);
      t.equal((await wire.facts('a', name))?.opened, 0, `${name}: no connection`);
    };
    const works = async (name: string, over: ReturnType<typeof target>) => {
      t.equal(await wire.ask('a', { call: 'connect', session: name, target: over }), 'ok');
      await wire.until('a', name, 'is open', ({ opened }) => opened > 0);
    };
    const keys = (password: string | null) => [a.ipv4, a.ipv6].map((x) => peer(x, { password }));
    t.equal(await wire.ask('b', listening(keys('first key'))), 'ok');
    const long = 'k'.repeat(81);
    t.match(
      await wire.ask('b', { call: 'allow', listener: 'L', peers: keys(long) }),
      /^cannot sign with TCP-MD5 for 10.77.0.1: the password has 81 octets/,
    );
    const one = [peer(a.ipv4, { password: long }), peer(a.ipv6)];
    t.match(await wire.ask('b', { call: 'allow', listener: 'L', peers: one }), /81 octets/);
    await works('the other one', target(b.ipv6));
    await wire.ask('a', { call: 'connect', session: 'shut out', target: target(b.ipv4) });
    await wire.until('a', 'shut out', 'is refused', ({ closed }) => closed.length > 0);
    t.equal(await wire.ask('b', { call: 'allow', listener: 'L', peers: keys('first key') }), 'ok');
    for (const [family, to] of Object.entries({ ipv4: b.ipv4, ipv6: b.ipv6 })) {
      await works(`${family} right`, target(to, { password: 'first key' }));
      await tryKeys(`${family} wrong`, target(to, { password: 'First key' }), 'TCPMD5Failure');
      await tryKeys(`${family} missing`, target(to), 'TCPMD5NotFound');
    }
    const timedOut = ({ closed }: { closed: readonly unknown[] }) => closed.length > 0;
    const wrong = await wire.until('a', 'ipv4 wrong', 'gives up', timedOut);
    t.same(wrong.closed, ['Connection timed out']);

    t.equal(await wire.ask('b', { call: 'allow', listener: 'L', peers: keys('second') }), 'ok');
    await tryKeys('old', target(b.ipv4, { password: 'first key' }), 'TCPMD5Failure');
    await works('new', target(b.ipv4, { password: 'second' }));
    await wire.ask('a', { call: 'send', session: 'ipv4 right', octets: 3000 });
    await wire.until('b', 'L#2', 'goes on with its key', ({ received }) => received === 3000);

    t.equal(await wire.ask('b', { call: 'allow', listener: 'L', peers: keys(null) }), 'ok');
    await tryKeys('not asked for', target(b.ipv4, { password: 'second' }), 'TCPMD5Unexpected');
    await works('unsigned', target(b.ipv4));
    await wire.ask('b', { call: 'allow', listener: 'L', peers: [] });
    await wire.ask('a', { call: 'connect', session: 'stranger', target: target(b.ipv4) });
    const refused = await wire.until('a', 'stranger', 'is closed', timedOut);
    t.same(refused.closed, ['Connection reset by peer']);
  }),
);

t.test('GTSM: who is farther away gets nothing', { skip }, (t) =>
  onWire(t, async (wire) => {
    t.equal(await wire.ask('b', listening([peer(a.ipv4, gtsm), peer(a.ipv6, gtsm)])), 'ok');
    for (const [family, to] of Object.entries({ ipv4: b.ipv4, ipv6: b.ipv6 })) {
      const before = wire.dropped('b', 'TCPMinTTLDrop');
      await wire.ask('a', { call: 'connect', session: `${family} far`, target: target(to) });
      await wire.untilDropped('b', 'TCPMinTTLDrop', before);
      t.equal((await wire.facts('a', `${family} far`))?.opened, 0, `${family}: 64 gets nothing`);
      const near = target(to, gtsm);
      await wire.ask('a', { call: 'connect', session: `${family} near`, target: near });
      await wire.until('a', `${family} near`, 'is open', ({ opened }) => opened > 0);
    }
    t.equal((await counts(wire)).accepted, 2);

    // Somebody else may be far away: the kernel lets SYNs in, and the neighbour's own limit counts.
    const mixed = [peer(a.ipv4, gtsm), peer(a.other), peer(a.ipv6, gtsm)];
    await wire.ask('b', { call: 'allow', listener: 'L', peers: mixed });
    await wire.ask('a', { call: 'connect', session: 'late', target: target(b.ipv4) });
    const late = await wire.until('a', 'late', 'is closed', ({ closed }) => closed.length > 0);
    t.same(late.closed, ['Connection reset by peer']);
    t.match(await counts(wire), { accepted: 2, tooFar: 1 });
    const far = target(b.ipv4, { source: a.other });
    await wire.ask('a', { call: 'connect', session: 'other', target: far });
    await wire.until('b', 'L#3', 'is open', ({ remote }) => remote === a.other);

    const before = wire.dropped('a', 'TCPMinTTLDrop');
    await wire.ask('b', { call: 'allow', listener: 'L', peers: [peer(a.ipv4)] });
    await wire.ask('a', { call: 'connect', session: 'ours', target: target(b.ipv4, gtsm) });
    await wire.untilDropped('a', 'TCPMinTTLDrop', before);
    t.equal((await wire.facts('a', 'ours'))?.opened, 0, 'nor is an answer from afar');
  }),
);

t.test('who comes over another link than its own is refused', { skip }, (t) =>
  onWire(t, async (wire) => {
    wire.addLink('eth1', { a: '10.78.0.1/24', b: '10.78.0.2/24' });
    const second = ipAddress('10.78.0.1');
    const on = (link: string | null) => [
      peer(a.ipv4, { interface: 'eth0' }),
      peer(a.ipv6, { interface: 'eth0' }),
      peer(a.link, { interface: 'eth0' }),
      peer(second, { interface: link }),
    ];
    t.equal(await wire.ask('b', listening(on('eth0'))), 'ok');
    const connect = (session: string, over: ReturnType<typeof target>) =>
      wire.ask('a', { call: 'connect', session, target: over });
    const far = target(ipAddress('10.78.0.2'), { source: second });
    await connect('other', far);
    const refused = await wire.until('a', 'other', 'is closed', ({ closed }) => closed.length > 0);
    t.same(refused.closed, ['Connection reset by peer']);
    t.same(await counts(wire), { ...none, otherLink: 1 });
    await wire.ask('b', { call: 'allow', listener: 'L', peers: on('eth1') });
    await connect('own', far);
    await connect('ipv4', target(b.ipv4));
    await connect('ipv6', target(b.ipv6));
    await connect('link', target(b.link, { interface: 'eth0', source: a.link }));
    for (const name of ['own', 'ipv4', 'ipv6', 'link']) {
      await wire.ask('a', { call: 'send', session: name, octets: 3000 });
    }
    for (const index of [1, 2, 3, 4]) {
      await wire.until('b', `L#${index}`, 'has all', ({ received }) => received === 3000);
    }
    t.same(await counts(wire), { ...none, accepted: 4, otherLink: 1 });
  }),
);

t.test('ends, and the words for them', { skip }, (t) =>
  onWire(t, async (wire) => {
    const isClosed = ({ closed }: { closed: readonly unknown[] }) => closed.length > 0;
    const connect = (session: string, to = b.ipv4, port = 179) =>
      wire.ask('a', { call: 'connect', session, target: target(to, { port }) });
    await connect('nobody listens');
    const refused = await wire.until('a', 'nobody listens', 'is closed', isClosed);
    t.same(refused.closed, ['Connection refused']);
    await wire.ask('b', listening([peer(a.ipv4)]));
    await connect('given up', ipAddress('10.77.0.99'));
    const absent = await wire.until('a', 'given up', 'is closed', isClosed);
    t.same(absent.closed, ['No route to host']);

    await connect('reset');
    await wire.until('b', 'L#1', 'is open', () => true);
    await wire.ask('b', { call: 'close', session: 'L#1', lingerMs: 0 });
    t.same((await wire.until('a', 'reset', 'is closed', isClosed)).closed, [
      'Connection reset by peer',
    ]);
    t.same((await wire.facts('b', 'L#1'))?.closed, [null], 'our own close has no reason');

    await connect('fin');
    await wire.until('b', 'L#2', 'is open', () => true);
    await wire.ask('b', { call: 'send', session: 'L#2', octets: 700 });
    await wire.ask('b', { call: 'close', session: 'L#2', lingerMs: 5000 });
    const fin = await wire.until('a', 'fin', 'is closed', isClosed);
    t.match(fin, { closed: [null], received: 700, isInOrder: true }, 'everything, then the end');
    await wire.until('b', 'L#2', 'has ended, too', isClosed);

    await connect('before it is open', ipAddress('10.77.0.98'));
    await wire.ask('a', { call: 'close', session: 'before it is open', lingerMs: 1000 });
    t.same((await wire.facts('a', 'before it is open'))?.closed, [null]);
    await wire.ask('b', { call: 'refuse' });
    await connect('no use');
    await wire.until('a', 'no use', 'is closed', isClosed);
    t.match(await counts(wire), { accepted: 2, unwanted: 1 });
  }),
);

t.test('a neighbour that reads nothing, and one that reads again', { skip }, (t) =>
  onWire(t, async (wire) => {
    const octets = 8_000_000;
    await wire.ask('b', listening([peer(a.ipv4)]));
    for (const name of ['patient', 'hurried', 'endless']) {
      await wire.ask('a', { call: 'connect', session: name, target: target(b.ipv4) });
      await wire.until('a', name, 'is open', ({ opened }) => opened > 0);
    }
    await wire.until('b', 'L#3', 'is open', () => true);
    wire.signal('b', 'SIGSTOP');
    await wire.ask('a', { call: 'send', session: 'patient', octets });
    await wire.ask('a', { call: 'send', session: 'hurried', octets });
    await wire.ask('a', { call: 'close', session: 'patient', lingerMs: 60_000 });
    await wire.ask('a', { call: 'close', session: 'hurried', lingerMs: 300 });
    const unsent = (await wire.ask('a', { call: 'unsent', session: 'patient' })) as number;
    t.ok(unsent > 0 && unsent <= octets + 1, `${unsent} octets wait`);
    const isClosed = ({ closed }: { closed: readonly unknown[] }) => closed.length > 0;
    await wire.until('a', 'hurried', 'is given up', isClosed);

    // The kernel holds some megabytes of these.
    for (let total = 0; total < 32; total += 8) {
      await wire.ask('a', { call: 'send', session: 'endless', octets });
    }
    const endless = await wire.until('a', 'endless', 'is given up', isClosed);
    t.match(endless.closed, [/^more than 16777216 octets wait for the neighbour$/]);
    t.same((await wire.facts('a', 'patient'))?.closed, [], 'still lingers');

    wire.signal('b', 'SIGCONT');
    const patient = await wire.until('b', 'L#1', 'has ended', isClosed);
    t.match(patient, { received: octets, isInOrder: true, closed: [null] });
    t.ok(patient.chunkMax <= 16_384, 'block by block');
    t.same((await wire.until('b', 'L#2', 'has ended', isClosed)).closed, [
      'Connection reset by peer',
    ]);
    await wire.until('a', 'patient', 'has ended', isClosed);
  }),
);

t.test('200 connections of a stranger', { skip }, (t) =>
  onWire(t, async (wire) => {
    await wire.ask('b', listening([peer(a.ipv4)]));
    const stranger = target(b.ipv4, { source: a.other });
    for (let count = 0; count < 200; count++) {
      await wire.ask('a', { call: 'connect', session: `stranger${count}`, target: stranger });
    }
    await wire.ask('a', { call: 'connect', session: 'known', target: target(b.ipv4) });
    await wire.until('b', 'L#1', 'is open among them', ({ remote }) => remote === a.ipv4);
    for (let count = 0; count < 200; count++) {
      await wire.until('a', `stranger${count}`, 'is closed', ({ closed }) => closed.length > 0);
    }
    t.same(await counts(wire), { ...none, accepted: 1, strangers: 200 });
  }),
);
