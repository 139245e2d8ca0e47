import assert from 'node:assert/strict';
import t from 'tap';
import { ipAddress } from '../../../src/net/address.js';
import {
  areSame,
  canShare,
  isOtherPath,
  mergedSettings,
} from '../../../src/routing/bfd/shared-settings.js';
import { SourcePorts } from '../../../src/routing/bfd/source-ports.js';
import { settings } from './bfd-world.js';

const plain = settings('192.0.2.2');

t.test('one session serves wishes whose paths do not contradict', async () => {
  assert.ok(canShare(plain, { ...plain, interface: 'eth0' }));
  assert.ok(!canShare({ ...plain, interface: 'eth1' }, { ...plain, interface: 'eth0' }));
  assert.ok(!canShare(plain, { ...plain, isMultihop: true }));
  assert.ok(!canShare(plain, settings('192.0.2.3')));
});

t.test('it is good enough for all', async () => {
  const source = ipAddress('192.0.2.1');
  const slow = { ...plain, source, minTxMs: 300, minRxMs: 20, multiplier: 5, isPassive: true };
  const merged = mergedSettings(plain, { ...slow, hopsMax: null });
  assert.deepEqual(merged, { ...plain, source, minTxMs: 50, minRxMs: 20, multiplier: 3 });
});

t.test('timers change in place, paths do not', async () => {
  assert.ok(areSame(plain, { ...plain }));
  assert.ok(!areSame(plain, { ...plain, hopsMax: 3 }));
  assert.ok(!isOtherPath(plain, { ...plain, minTxMs: 7, multiplier: 9, hopsMax: 3 }));
  assert.ok(isOtherPath(plain, { ...plain, sentHops: 64 }));
  assert.ok(isOtherPath(plain, { ...plain, isPassive: true }));
});

t.test('source ports are given once, until they come back', async () => {
  const ports = new SourcePorts(() => 0.999999);
  assert.equal(ports.take(), 65_535);
  assert.equal(ports.take(), 49_152, 'round the end');
  ports.giveBack(65_535);
  assert.equal(ports.take(), 65_535);
});
