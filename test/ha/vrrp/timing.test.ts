import t from 'tap';
import {
  leaseDurationMs,
  marginMs,
  masterDownIntervalMs,
  skewMs,
} from '../../../src/ha/vrrp/timing.js';

t.test('intervals are those that keepalived keeps', (t) => {
  const measured = [
    { priority: 100, skew: 610, masterDown: 3610 },
    { priority: 150, skew: 415, masterDown: 3415 },
  ];
  for (const { priority, skew, masterDown } of measured) {
    const instance = { priority, advertIntervalMs: 1000 };
    t.ok(Math.abs(skewMs(instance) - skew) < 2, `skew of ${priority}`);
    t.ok(Math.abs(masterDownIntervalMs(instance) - masterDown) < 2, `interval of ${priority}`);
  }
  t.equal(skewMs({ priority: 254 }), 7.8125);
  t.equal(masterDownIntervalMs({ priority: 100, advertIntervalMs: 5000 }), 15_609.375);
  t.end();
});

t.test('a lease ends before the most impatient backup takes over', (t) => {
  for (const advertIntervalMs of [10, 100, 1000, 5000, 255_000]) {
    const lease = leaseDurationMs({ advertIntervalMs });
    const impatient = masterDownIntervalMs({ priority: 255, advertIntervalMs });
    t.ok(lease + marginMs({ advertIntervalMs }) < impatient, `${advertIntervalMs} ms`);
    t.ok(lease > 2.8 * advertIntervalMs, 'and survives two lost renewals');
  }
  t.equal(leaseDurationMs({ advertIntervalMs: 1000 }), 2900);
  t.equal(leaseDurationMs({ advertIntervalMs: 100 }), 290);
  t.end();
});
