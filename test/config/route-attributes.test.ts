import t from 'tap';
import type { Argument } from '../../src/config/phrases.js';
import {
  areaId,
  asNumber,
  community,
  extendedCommunity,
  largeCommunity,
  routerId,
} from '../../src/config/route-attributes.js';

t.test('values of routing protocols, as operators write them', (t) => {
  const table: readonly (readonly [Argument<unknown>, string, unknown])[] = [
    [asNumber, '64512', 64512],
    [asNumber, '4294967295', 4294967295],
    [asNumber, '65000.1', 65000 * 65536 + 1],
    [asNumber, '0', undefined],
    [asNumber, '65536.1', undefined],
    [asNumber, '1.2.3', undefined],
    [asNumber, '1.', undefined],
    [routerId, '192.0.2.1', '192.0.2.1'],
    [routerId, '0.0.0.0', undefined],
    [routerId, '2001:db8::1', undefined],
    [areaId, '0', '0.0.0.0'],
    [areaId, '4294967295', '255.255.255.255'],
    [areaId, '0.0.0.9', '0.0.0.9'],
    [areaId, '-1', undefined],
    [community, '65001:100', '65001:100'],
    [community, 'no-export', 'no-export'],
    [community, '65536:1', undefined],
    [largeCommunity, '4200000000:1:2', '4200000000:1:2'],
    [largeCommunity, '1:2', undefined],
    [extendedCommunity, 'rt:64512:5', 'rt:64512:5'],
    [extendedCommunity, 'xy:64512:5', undefined],
  ];
  for (const [argument, text, value] of table) t.equal(argument.parse(text), value, text);
  t.end();
});
