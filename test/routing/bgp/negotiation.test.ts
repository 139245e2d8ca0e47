import t from 'tap';
import type { BgpNeighbor } from '../../../src/config/bgp.js';
import { ipAddress } from '../../../src/net/address.js';
import type { BgpSettings } from '../../../src/routing/bgp/effect.js';
import type { Open } from '../../../src/routing/bgp/message/message.js';
import { negotiate, ourOpen } from '../../../src/routing/bgp/negotiation.js';
import { open, ourAddress, settings } from './session-settings.js';

const memory = { failures: 0, offersCapabilities: true, isRestarting: false };

/** The subcode of the refusal; 0: none. */
function refusal(
  told: Partial<Open>,
  changes: Partial<BgpNeighbor> = {},
  more: Partial<BgpSettings> = {},
): number {
  return negotiate(settings(changes, more), open(told)).match(
    () => 0,
    ({ subcode }) => subcode,
  );
}

t.test('the AS must be the configured one, in both places (RFC 6793)', (t) => {
  const four = (as: number): Partial<Open> => ({
    capabilities: [
      { type: 'multiprotocol', family: 'ipv4' },
      { type: 'four_octet_as', as },
    ],
  });
  t.equal(refusal({}), 0);
  t.equal(refusal({ as: 65003, capabilities: [] }), 2);
  t.equal(refusal({ as: 65002, ...four(65003) }), 2);
  t.equal(refusal({ as: 23456, ...four(4_200_000_000) }, { remoteAs: 4_200_000_000 }), 0);
  t.equal(refusal({ as: 23456, capabilities: [] }, { remoteAs: 'external' }), 2, 'AS_TRANS');
  t.equal(refusal({ as: 0, ...four(0) }, { remoteAs: 'external' }), 2);
  t.equal(refusal({}, { remoteAs: 'external' }), 0);
  t.equal(refusal({ as: 65001, ...four(65001) }, { remoteAs: 'external' }), 2, 'ours');
  t.equal(refusal({ as: 65001, ...four(65001) }, { remoteAs: 65001, isInternal: true }), 0);
  t.end();
});

t.test('identifiers are not zero, and unique in an AS (RFC 6286)', (t) => {
  t.equal(refusal({ identifier: ipAddress('0.0.0.0') }), 3);
  t.equal(refusal({ identifier: ourAddress }), 0, 'another AS may have the same');
  const inside = { as: 65001, capabilities: [], identifier: ourAddress };
  t.equal(refusal(inside, { remoteAs: 65001, isInternal: true }), 3);
  t.end();
});

t.test('hold times of one and two seconds are refused, the lesser one counts', (t) => {
  t.same(
    [0, 1, 2, 3].map((holdS) => refusal({ holdS })),
    [0, 6, 6, 0],
  );
  const times = (holdS: number, changes: Partial<BgpNeighbor> = {}) => {
    const agreed = negotiate(settings(changes), open({ holdS }))._unsafeUnwrap();
    return [agreed.holdMs, agreed.keepaliveMs];
  };
  t.same(times(90), [9000, 3000]);
  t.same(times(6), [6000, 2000]);
  t.same(times(3), [3000, 1000]);
  t.same(times(0), [0, 0]);
  t.same(times(90, { holdMs: 0 }), [0, 0]);
  t.same(times(90, { holdMs: 90_000, keepaliveMs: 10_000 }), [90_000, 10_000]);
  t.same(times(30, { holdMs: 90_000, keepaliveMs: 30_000 }), [30_000, 10_000], 'a third');
  t.same(times(30, { holdMs: 90_000, keepaliveMs: 0 }), [30_000, 10_000]);
  t.end();
});

t.test('who names no family speaks of IPv4; who has none of ours is refused', (t) => {
  t.equal(refusal({ capabilities: [] }), 0);
  t.equal(refusal({ capabilities: [] }, { families: ['ipv6'] }), 7);
  const foreign = { type: 'unknown', code: 1, value: Uint8Array.of(0, 1, 0, 128) } as const;
  t.equal(refusal({ capabilities: [foreign] }), 7, 'VPNv4 alone');
  t.end();
});

t.test('our OPEN says what is configured', (t) => {
  const told = ourOpen(settings({}, { localAs: 4_200_000_000 }));
  t.match(told, { as: 23456, holdS: 9, identifier: ourAddress });
  const types = told.capabilities.map(({ type }) => type);
  t.same(types, [
    'multiprotocol',
    'route_refresh',
    'enhanced_route_refresh',
    'extended_message',
    'four_octet_as',
    'fqdn',
  ]);
  const quiet = ourOpen(settings({}, { memory: { ...memory, offersCapabilities: false } }));
  t.same(quiet.capabilities, []);
  const restarting = settings(
    { gracefulRestartS: 20 },
    { memory: { ...memory, isRestarting: true }, isForwarding: true },
  );
  t.match(
    ourOpen(restarting).capabilities.find(({ type }) => type === 'graceful_restart'),
    { isRestarting: true, hasNotification: true, families: [{ isForwarding: true }] },
  );
  t.end();
});
