import fc from 'fast-check';
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
import {
  communityNumber,
  extendedCommunityOctets,
  largeCommunityNumbers,
} from '../../src/routing/bgp/communities.js';
import { complaints } from './text.js';

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
    [extendedCommunity, 'rt:70000:65535', 'rt:70000:65535'],
    [extendedCommunity, 'rt:65535:4294967295', 'rt:65535:4294967295'],
    [extendedCommunity, 'rt:70000:70000', undefined],
    [extendedCommunity, 'soo:70000:70000', undefined],
    [extendedCommunity, 'bandwidth:70000:125000000', 'bandwidth:70000:125000000'],
    [extendedCommunity, 'bandwidth:65001:4294967296', undefined],
    [extendedCommunity, 'rt:+1:5', undefined],
    [community, '+1:5', undefined],
  ];
  for (const [argument, text, value] of table) t.equal(argument.parse(text), value, text);
  t.end();
});

t.test('what cannot be sent is an error where it stands', (t) => {
  const neighbor = 'neighbor 192.0.2.254 {\nremote_as 65000\nextended_community rt:70000:70000\n}';
  t.match(complaints(`bgp_instance edge {\nlocal_as 64512\n${neighbor}\n}\n`), [
    /allows no prefix/,
    /^5:20: error: "rt:70000:70000" is not what .* takes: .*up to 65535 behind an AS/,
  ]);
  t.end();
});

// What the checks let through and the codec then refuses would be found out by nobody.
t.test('whatever is accepted can be sent', (t) => {
  const part = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 33 }),
    fc.constantFrom(0, 65535, 65536, 2 ** 32 - 1),
  );
  const written = fc.oneof(
    part.map(String),
    part.map((value) => `+${value}`),
    fc.string(),
  );
  const text = fc
    .tuple(fc.constantFrom('', 'rt:', 'soo:', 'bandwidth:'), fc.array(written, { maxLength: 3 }))
    .map(([type, parts]) => type + parts.join(':'));
  const pairs = [
    [community, communityNumber],
    [largeCommunity, largeCommunityNumbers],
    [extendedCommunity, extendedCommunityOctets],
  ] as const;
  fc.assert(
    fc.property(text, (one) =>
      pairs.every(([argument, encode]) => {
        return (argument.parse(one) !== undefined) === encode(one).isOk();
      }),
    ),
    { numRuns: 2_000 },
  );
  t.pass();
  t.end();
});
