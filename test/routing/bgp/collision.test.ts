import t from 'tap';
import { ipAddress } from '../../../src/net/address.js';
import { decideCollision } from '../../../src/routing/bgp/collision.js';
import type { BgpState } from '../../../src/routing/bgp/effect.js';

const low = { identifier: ipAddress('9.255.255.255'), as: 65001 };
const high = { identifier: ipAddress('10.0.0.0'), as: 65002 };
const mayHaveRestarted = false;

function decide(other: BgpState, isOursNew: boolean, isOursOld: boolean, local = low): string {
  const remote = local === low ? high : low;
  return decideCollision({
    newcomer: { state: 'open_sent', isOurs: isOursNew },
    other: { state: other, isOurs: isOursOld },
    local,
    remote,
    mayHaveRestarted,
  });
}

t.test('the connection that the greater identifier has opened stays, as numbers', (t) => {
  for (const state of ['open_sent', 'open_confirm'] as const) {
    t.equal(decide(state, false, true, low), 'newcomer', `${state}: theirs, they are greater`);
    t.equal(decide(state, true, false, low), 'other');
    t.equal(decide(state, true, false, high), 'newcomer', `${state}: ours, we are greater`);
    t.equal(decide(state, false, true, high), 'other');
  }
  t.end();
});

t.test('both ends decide alike', (t) => {
  for (const isOurs of [true, false]) {
    const here = decide('open_sent', isOurs, !isOurs, low);
    const there = decide('open_sent', !isOurs, isOurs, high);
    t.equal(here, there);
  }
  t.end();
});

t.test('of equal identifiers the greater AS decides (RFC 6286)', (t) => {
  const same = { identifier: high.identifier, as: 65001 };
  const verdict = (local: typeof low, remote: typeof low): string =>
    decideCollision({
      newcomer: { state: 'open_sent', isOurs: true },
      other: { state: 'open_confirm', isOurs: false },
      local,
      remote,
      mayHaveRestarted,
    });
  t.equal(verdict(same, high), 'other');
  t.equal(verdict(high, same), 'newcomer');
  t.end();
});

t.test('Established wins, unless the neighbour may have restarted', (t) => {
  t.equal(decide('established', false, true), 'other');
  t.equal(decide('established', true, false, high), 'other');
  const verdict = decideCollision({
    newcomer: { state: 'open_sent', isOurs: false },
    other: { state: 'established', isOurs: false },
    local: low,
    remote: high,
    mayHaveRestarted: true,
  });
  t.equal(verdict, 'newcomer');
  t.end();
});

t.test('of two from the same side the older is forgotten there', (t) => {
  t.equal(decide('open_sent', false, false, low), 'newcomer');
  t.equal(decide('open_confirm', false, false, high), 'newcomer');
  t.end();
});

t.test('an attempt that is not open yet does not count', (t) => {
  t.equal(decide('connect', false, true), 'both');
  t.equal(decide('active', false, true), 'newcomer');
  t.equal(decide('idle', false, true), 'newcomer');
  t.end();
});
