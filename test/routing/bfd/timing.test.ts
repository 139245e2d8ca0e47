import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  advertised,
  detectionMs,
  inUse,
  jittered,
  microseconds,
  remoteTimersOf,
  transmitMs,
  unknownTimers,
} from '../../../src/routing/bfd/timing.js';
import { settings } from './bfd-world.js';

const local = { minTxMs: 50, minRxMs: 40 };
const remote = { minRxMs: 100, desiredTxMs: 20, multiplier: 7, demands: false };

t.test('the slower of both says how often, the neighbour how many may be missing', async () => {
  assert.equal(transmitMs(local, remote, 'Up'), 100);
  assert.equal(transmitMs({ ...local, minTxMs: 300 }, remote, 'Up'), 300);
  assert.equal(detectionMs(local, remote), 7 * 40);
  assert.equal(detectionMs(local, { ...remote, desiredTxMs: 60 }), 7 * 60);
});

t.test('a neighbour may want nothing periodic', async () => {
  assert.equal(transmitMs(local, { ...remote, minRxMs: 0 }, 'Up'), null);
  assert.equal(transmitMs(local, { ...remote, demands: true }, 'Up'), null);
  assert.equal(transmitMs(local, { ...remote, demands: true }, 'Init'), 100);
});

t.test('who was not heard yet cannot be missed, and is sent to as we like', async () => {
  assert.equal(detectionMs(local, unknownTimers), null);
  assert.equal(transmitMs(local, unknownTimers, 'Down'), 50);
});

t.test('no more than a packet a second while it is not Up', async () => {
  const fast = { ...settings('192.0.2.1'), minTxMs: 10, idleTxMs: 1000 };
  for (const state of ['Down', 'Init', 'AdminDown'] as const) {
    assert.equal(advertised(fast, state).minTxMs, 1000);
  }
  assert.equal(advertised(fast, 'Up').minTxMs, 10);
  assert.equal(advertised({ ...fast, idleTxMs: 3000 }, 'Down').minTxMs, 3000);
  assert.equal(advertised({ ...fast, minTxMs: 5000 }, 'Down').minTxMs, 5000);
});

t.test('slower packets and a shorter wait only when they are confirmed', async () => {
  const before = { minTxMs: 50, minRxMs: 50 };
  const slower = { minTxMs: 300, minRxMs: 300 };
  assert.deepEqual(inUse('Up', slower, before), { minTxMs: 50, minRxMs: 300 });
  assert.deepEqual(inUse('Up', before, slower), { minTxMs: 50, minRxMs: 300 });
  assert.deepEqual(inUse('Up', slower, slower), slower);
  assert.deepEqual(inUse('Down', slower, before), slower);
});

t.test('jitter takes up to a quarter, with a multiplier of 1 at least a tenth', async () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999999, noNaN: true }), (chance) => {
      const some = jittered(100, 3, chance);
      assert.ok(some > 75 && some <= 100, `${some}`);
      const single = jittered(100, 1, chance);
      assert.ok(single >= 75 && single <= 90, `${single}`);
    }),
  );
});

t.test('packets have microseconds, at most what four octets hold', async () => {
  assert.equal(microseconds(0.001), 1);
  assert.equal(microseconds(10), 10_000);
  assert.equal(microseconds(4_294_967), 4_294_967_000);
  assert.equal(microseconds(10_000_000), 0xffffffff);
  const said = remoteTimersOf({
    state: 'Up',
    diagnostic: 0,
    polls: false,
    isFinal: false,
    isControlPlaneIndependent: false,
    demands: true,
    multiplier: 3,
    myDiscriminator: 1,
    yourDiscriminator: 1,
    desiredMinTxUs: 3_300,
    requiredMinRxUs: 10_000,
    requiredMinEchoRxUs: 0,
  });
  assert.deepEqual(said, { minRxMs: 10, desiredTxMs: 3.3, multiplier: 3, demands: true });
});
