import t from 'tap';
import { leaseDurationMs } from '../../src/ha/vrrp/timing.js';
import { lifetimeSeconds } from '../../src/net/address-lifetime.js';

type Given = { readonly advertIntervalMs: number; readonly seconds: number };

function given(fromMs: number, toMs: number): readonly Given[] {
  return Array.from({ length: (toMs - fromMs) / 10 }, (_, index) => {
    const advertIntervalMs = fromMs + index * 10;
    const leaseMs = leaseDurationMs({ advertIntervalMs, missedAdvertsMax: 3 });
    return { advertIntervalMs, seconds: lifetimeSeconds(leaseMs) };
  });
}

t.test('an address that stays a second longer is gone before a backup takes over', async (t) => {
  const all = given(1_000, 40_960);
  // 100 ms: what a stay of nearly a second is short of one, and what is left of the margin.
  const late = all.filter(({ advertIntervalMs, seconds }) => {
    return (seconds + 1) * 1_000 > 3 * advertIntervalMs + advertIntervalMs / 256 + 100;
  });
  t.same(late, []);
  const early = all.filter(({ advertIntervalMs, seconds }) => {
    return seconds * 1_000 < 1.5 * advertIntervalMs;
  });
  t.same(early, []);
});

t.test('shorter leases last until the next advert', async (t) => {
  const all = given(350, 1_000);
  const wrong = all.filter(({ advertIntervalMs, seconds }) => {
    const ms = seconds * 1_000;
    return ms < 1.4 * advertIntervalMs || ms > 3 * advertIntervalMs;
  });
  t.same(wrong, []);
});

t.test('whole seconds stay what they were', async (t) => {
  const leases = [1_000, 2_000, 3_000].map((advertIntervalMs) =>
    leaseDurationMs({ advertIntervalMs, missedAdvertsMax: 3 }),
  );
  t.same(leases.map(lifetimeSeconds), [2, 5, 8]);
  t.same([1, 999, 2_030, 2_031, 2_799].map(lifetimeSeconds), [1, 1, 1, 2, 2]);
});
