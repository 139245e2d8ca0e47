import t from 'tap';
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import { type Advertisement, encodeAdvertisement } from '../../../src/ha/vrrp/packet.js';
import { Segment } from '../../../src/ha/vrrp/segment.js';
import { type VrrpCounters, zeroCounters } from '../../../src/ha/vrrp/statistics.js';
import { ipAddress } from '../../../src/net/address.js';
import { parsePrefix } from '../../../src/net/prefix.js';
import { SimulatedClock } from '../../sim/clock.js';
import { seededRandom } from '../../sim/random.js';
import { SimulatedWire, type WirePort } from '../../sim/wire.js';
import { arrived, instance, virtualAddress } from './instance.js';

const sourceAddress = ipAddress('10.0.0.2');
const peer = ipAddress('10.0.0.1');
const good: Advertisement = {
  source: peer,
  virtualRouterId: 51,
  priority: 150,
  advertIntervalMs: 1000,
  authentication: { type: 'none' },
  addresses: [virtualAddress.address],
};

function world(changes: Partial<VrrpInstance> = {}): {
  port: WirePort;
  segment: Segment;
  counters: VrrpCounters;
  heard: Advertisement[];
  lines: string[];
} {
  const port = new SimulatedWire(new SimulatedClock(), seededRandom(1)).attach(sourceAddress);
  const counters = zeroCounters();
  const heard: Advertisement[] = [];
  const lines: string[] = [];
  const segment = new Segment({
    packets: port,
    log: { write: (_level, line) => lines.push(line) },
    counters,
    settings: () => ({ instance: instance(changes), sourceAddress }),
    heard: (advertisement) => heard.push(advertisement),
  });
  return { port, segment, counters, heard, lines };
}

/** The counters that are not zero. */
function moved(counters: VrrpCounters): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0));
}

function damaged(at: number, value: number): Uint8Array {
  const bytes = encodeAdvertisement(good, 1);
  bytes[at] = value;
  return bytes;
}

t.test('adverts leave and are counted', (t) => {
  const { port, segment, counters } = world();
  t.notOk(segment.send(100), 'no socket yet');
  segment.open()._unsafeUnwrap();
  t.ok(segment.send(100));
  t.ok(segment.send(0));
  const [first, second] = port.datagrams;
  const expected = { ...good, source: sourceAddress, priority: 100 };
  t.strictSame(first, arrived(encodeAdvertisement(expected, 1)));
  t.strictSame(second, arrived(encodeAdvertisement({ ...expected, priority: 0 }, 2)));
  t.strictSame(moved(counters), { advertsSent: 2, priorityZeroSent: 1 });
  t.end();
});

t.test('an advert that cannot leave is said once and not counted', (t) => {
  const { port, segment, counters, lines } = world();
  segment.open()._unsafeUnwrap();
  port.isUp = false;
  t.notOk(segment.send(100));
  t.notOk(segment.send(100));
  t.strictSame(lines, ['(V_1) cannot send: Network is down']);
  t.strictSame(moved(counters), {});
  port.isUp = true;
  t.ok(segment.send(100));
  port.isUp = false;
  t.notOk(segment.send(100));
  t.equal(lines.length, 2, 'said again after it was right');
  t.ok(segment.open().isErr());
  t.end();
});

t.test('only the IPv4 addresses that fit are advertised', (t) => {
  const texts = [
    '2001:db8::1',
    ...Array.from({ length: 300 }, (_, n) => `10.1.${n >> 8}.${n & 255}`),
  ];
  const virtualAddresses = texts.map((text) => ({
    prefix: parsePrefix(text)._unsafeUnwrap(),
    device: 'eth0',
  }));
  const { port, segment } = world({ virtualAddresses });
  segment.open()._unsafeUnwrap();
  t.ok(segment.send(100));
  const sent = port.datagrams[0]?.payload ?? new Uint8Array();
  t.strictSame(
    Array.from({ length: sent[3] ?? 0 }, (_, n) =>
      [...sent.slice(8 + 4 * n, 12 + 4 * n)].join('.'),
    ),
    texts.slice(1, 256),
  );
  t.end();
});

t.test('good adverts are heard, also with other addresses', (t) => {
  const { port, segment, counters, heard, lines } = world();
  segment.open()._unsafeUnwrap();
  port.deliver(arrived(encodeAdvertisement(good, 1)));
  port.deliver(arrived(encodeAdvertisement({ ...good, priority: 0 }, 2)));
  t.strictSame(moved(counters), { advertsReceived: 2, priorityZeroReceived: 1 });
  const others = { ...good, addresses: [ipAddress('10.0.0.101')] };
  for (let times = 0; times < 3; times++) port.deliver(arrived(encodeAdvertisement(others, 3)));
  t.strictSame(heard, [good, { ...good, priority: 0 }, others, others, others]);
  t.equal(counters.addressListErrors, 3);
  t.strictSame(lines, ['(V_1) 10.0.0.1 advertises other addresses than ours: 10.0.0.101']);
  segment.close();
  port.deliver(arrived(encodeAdvertisement(good, 1)));
  t.equal(heard.length, 5, 'closed');
  t.end();
});

t.test('every refusal has its counter', (t) => {
  const refusals: readonly (readonly [Uint8Array, keyof VrrpCounters])[] = [
    [encodeAdvertisement(good, 1).slice(0, 27), 'packetLengthErrors'],
    [damaged(3, 41), 'packetLengthErrors'],
    [damaged(8, 64), 'ttlErrors'],
    [damaged(9, 51), 'authTypeMismatch'],
    [damaged(20, 0x31), 'versionErrors'],
    [damaged(20, 0x22), 'invalidTypeReceived'],
    [damaged(22, 151), 'checksumErrors'],
    [damaged(24, 9), 'authInvalidType'],
    [damaged(24, 1), 'authTypeMismatch'],
    [damaged(25, 2), 'advertIntervalErrors'],
  ];
  for (const [bytes, counter] of refusals) {
    const { port, segment, counters, heard, lines } = world();
    segment.open()._unsafeUnwrap();
    port.deliver(arrived(bytes));
    port.deliver(arrived(bytes));
    t.strictSame(moved(counters), { [counter]: 2 }, counter);
    t.equal(lines.length, 1, 'said once');
    port.deliver(arrived(encodeAdvertisement(good, 1)));
    port.deliver(arrived(bytes));
    t.equal(lines.length, 2, 'said again after a good one');
    t.equal(heard.length, 1);
  }
  const password = { type: 'pass', password: 'right' } as const;
  const { port, segment, counters } = world({ authentication: password });
  segment.open()._unsafeUnwrap();
  const wrong = { ...good, authentication: { ...password, password: 'wrong' } };
  port.deliver(arrived(encodeAdvertisement(wrong, 1)));
  t.strictSame(moved(counters), { authFailure: 1 });
  t.end();
});

t.test('other virtual routers on the segment are not our business', (t) => {
  const { port, segment, counters, heard, lines } = world();
  segment.open()._unsafeUnwrap();
  port.deliver(arrived(encodeAdvertisement({ ...good, virtualRouterId: 52 }, 1)));
  t.strictSame([moved(counters), heard, lines], [{}, [], []]);
  t.end();
});
