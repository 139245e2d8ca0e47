import t from 'tap';
import {
  leaseDurationMs,
  marginMs,
  masterDownIntervalMs,
  skewMs,
  supersededAfterMs,
  type Timing,
} from '../../../src/ha/vrrp/timing.js';

function timing(priority: number, masterIntervalMs: number, version: 2 | 3 = 2): Timing {
  return { instance: { version, missedAdvertsMax: 3 }, priority, masterIntervalMs };
}

t.test('intervals are those that keepalived keeps', (t) => {
  const measured = [
    { one: timing(100, 1000), skew: 610, masterDown: 3610 },
    { one: timing(150, 1000), skew: 415, masterDown: 3415 },
    { one: timing(100, 100, 3), skew: 61, masterDown: 361 },
  ];
  for (const { one, skew, masterDown } of measured) {
    t.ok(Math.abs(skewMs(one) - skew) < 2, `skew of ${one.priority}`);
    t.ok(Math.abs(masterDownIntervalMs(one) - masterDown) < 2, `interval of ${one.priority}`);
  }
  t.equal(skewMs(timing(254, 1000)), 7.8125);
  t.equal(skewMs(timing(254, 10, 3)), 0.078125);
  t.equal(masterDownIntervalMs(timing(100, 5000)), 15_609.375);
  const patient = { ...timing(100, 1000), instance: { version: 2, missedAdvertsMax: 5 } } as const;
  t.equal(masterDownIntervalMs(patient), 5609.375, 'down_timer_adverts');
  t.end();
});

t.test('a lease ends before the most impatient backup takes over', (t) => {
  for (const advertIntervalMs of [10, 100, 1000, 5000, 255_000]) {
    for (const missedAdvertsMax of [1, 2, 3, 10]) {
      const lease = leaseDurationMs({ advertIntervalMs, missedAdvertsMax });
      const impatient = masterDownIntervalMs({
        instance: { version: 3, missedAdvertsMax },
        priority: 255,
        masterIntervalMs: advertIntervalMs,
      });
      t.ok(lease + marginMs({ advertIntervalMs }) < impatient, `${advertIntervalMs} ms`);
      t.ok(lease > (missedAdvertsMax - 0.2) * advertIntervalMs, 'and survives lost renewals');
    }
  }
  t.equal(leaseDurationMs({ advertIntervalMs: 1000, missedAdvertsMax: 3 }), 2900);
  t.equal(leaseDurationMs({ advertIntervalMs: 100, missedAdvertsMax: 3 }), 290);
  t.end();
});

t.test('a master that stands still is superseded by whoever is named', (t) => {
  const sender = { version: 2, missedAdvertsMax: 3, advertIntervalMs: 1000 } as const;
  t.equal(supersededAfterMs({ ...sender, yieldsTo: null }), null);
  t.equal(supersededAfterMs({ ...sender, yieldsTo: 254 }), 3007.8125);
  t.equal(supersededAfterMs({ ...sender, version: 3, advertIntervalMs: 10, yieldsTo: 128 }), 35);
  t.end();
});
