import assert from 'node:assert/strict';
import t from 'tap';
import { ipAddress } from '../../../src/net/address.js';
import { Arrivals } from '../../../src/routing/bfd/arrivals.js';
import { Departure } from '../../../src/routing/bfd/departure.js';
import type { BfdFact } from '../../../src/routing/bfd/fact.js';
import { BfdSession } from '../../../src/routing/bfd/session.js';
import { SourcePorts } from '../../../src/routing/bfd/source-ports.js';
import { BfdSimulation, settings } from './bfd-world.js';

const bytes = Uint8Array.of(1);

t.test('a port that another program has is left for another one', async () => {
  const { clock, hops } = new BfdSimulation();
  const datagrams = hops.attach(ipAddress('192.0.2.1'));
  const lines: string[] = [];
  const log = { write: (_level: string, line: string) => void lines.push(line) };
  const options = { clock, datagrams, log, settings: settings('192.0.2.2') };
  const holder = new Departure({ ...options, ports: new SourcePorts(() => 0) });
  const late = new Departure({ ...options, ports: new SourcePorts(() => 0) });
  assert.ok(holder.send(bytes));
  assert.ok(!late.send(bytes));
  assert.deepEqual(lines, ['BFD to 192.0.2.2: cannot open UDP port 49152: Address already in use']);
  clock.advance(1_000);
  assert.ok(late.send(bytes));
  holder.close();
  late.close();
  assert.equal(datagrams.sourcePorts.size, 0);
});

t.test('listeners are those of the sessions, one for each family and port', async () => {
  const { clock, hops } = new BfdSimulation();
  const datagrams = hops.attach(ipAddress('192.0.2.1'));
  const heard: boolean[] = [];
  const arrivals = new Arrivals({
    clock,
    datagrams,
    log: { write: () => {} },
    received: (_datagram, isMultihop) => heard.push(isMultihop),
  });
  const near = settings('192.0.2.2');
  const arrive = (port: number): void =>
    datagrams.deliver(
      {
        source: ipAddress('192.0.2.2'),
        sourcePort: 50_000,
        destination: ipAddress('192.0.2.1'),
        interface: 'eth0',
        hops: 255,
        payload: bytes,
      },
      port,
    );
  arrivals.configure([near, near, { ...near, isMultihop: true }]);
  arrive(3784);
  arrive(4784);
  arrivals.configure([near]);
  arrive(4784);
  arrive(3784);
  arrivals.close();
  arrive(3784);
  assert.deepEqual(heard, [false, true, false]);
});

t.test('a session alone begins Down, and knows nothing of its neighbour', async () => {
  const { clock, random } = new BfdSimulation();
  let changes = 0;
  const session = new BfdSession({
    settings: settings('192.0.2.2'),
    discriminator: 7,
    clock,
    random,
    send: () => true,
    changed: () => {
      changes += 1;
    },
  });
  session.start();
  const fact: BfdFact = session.fact();
  assert.equal(changes, 1);
  assert.deepEqual(
    [fact.state, fact.remoteState, fact.detectionMs, fact.sent, fact.transmitMs],
    ['Down', null, null, 1, 1000],
  );
});
