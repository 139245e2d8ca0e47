import t, { type Test } from 'tap';
import type { Argument } from '../../src/config/phrases.js';
import {
  areaId,
  asNumber,
  community,
  extendedCommunity,
  largeCommunity,
  routerId,
} from '../../src/config/route-attributes.js';

type Cases = readonly (readonly [text: string, value: unknown])[];

function values(t: Test, phrase: Argument<unknown>, cases: Cases): void {
  for (const [text, value] of cases) t.equal(phrase.parse(text), value, text);
  t.end();
}

t.test('AS numbers', (t) =>
  values(t, asNumber, [
    ['1', 1],
    ['4294967295', 4_294_967_295],
    ['1.10', 65_546],
    ['65535.65535', 4_294_967_295],
    ['0', undefined],
    ['0.0', undefined],
    ['4294967296', undefined],
    ['65536.0', undefined],
    ['1.2.3', undefined],
    ['1.', undefined],
    ['x', undefined],
  ]),
);

t.test('router identifiers', (t) =>
  values(t, routerId, [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', undefined],
    ['2001:db8::1', undefined],
    ['1', undefined],
  ]),
);

t.test('areas', (t) =>
  values(t, areaId, [
    ['0', '0.0.0.0'],
    ['0.0.0.9', '0.0.0.9'],
    ['4294967295', '255.255.255.255'],
    ['65537', '0.1.0.1'],
    ['::1', undefined],
    ['-1', undefined],
  ]),
);

t.test('communities', (t) =>
  values(t, community, [
    ['65535:0', '65535:0'],
    ['no-export', 'no-export'],
    ['65536:0', undefined],
    ['1:2:3', undefined],
    ['no-such', undefined],
    ['1', undefined],
  ]),
);

t.test('large communities', (t) =>
  values(t, largeCommunity, [
    ['4294967295:0:1', '4294967295:0:1'],
    ['1:2', undefined],
    ['4294967296:0:1', undefined],
  ]),
);

t.test('extended communities', (t) =>
  values(t, extendedCommunity, [
    ['rt:64512:1', 'rt:64512:1'],
    ['soo:64512:1', 'soo:64512:1'],
    ['bandwidth:64512:125000000', 'bandwidth:64512:125000000'],
    ['color:1:2', undefined],
    ['rt:1', undefined],
  ]),
);
