// UPDATEs of others: counted, complained of, and hardly ever refused (RFC 7606).
import t from 'tap';
import type { ReceivedUpdate } from '../../../../src/routing/bgp/message/message.js';
import { decodeUpdate } from '../../../../src/routing/bgp/message/received-update.js';
import { goldenPacket } from '../../../golden/hex.js';
import { errorIn, fullTerms, oldTerms, raw } from './messages.js';

const origin = [0x40, 1, 1, 0];
const asPath = [0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xe9];
const nextHop = [0x40, 3, 4, 192, 0, 2, 1];
const needed = [...origin, ...asPath, ...nextHop];
const host = [32, 203, 0, 113, 10];

function update(
  { withdrawn = [], attributes = [], announced = [] }: Partial<Record<string, number[]>>,
  terms = fullTerms,
): ReceivedUpdate {
  const sizes = (part: number[]): number[] => [part.length >> 8, part.length & 0xff];
  const body = [...sizes(withdrawn), ...withdrawn, ...sizes(attributes), ...attributes];
  return decodeUpdate(raw(2, Uint8Array.of(...body, ...announced)), terms)._unsafeUnwrap();
}

const reach = (...value: number[]): number[] => [0x80, 14, value.length, ...value];
const unreach = (...value: number[]): number[] => [0x80, 15, value.length, ...value];
const globalNextHop = [16, 0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1];
const sixth = [64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1];

t.test('counts', (t) => {
  const none = { announced: 0, withdrawn: 0, endOfRib: null, complaint: null };
  t.match(update({ attributes: needed, announced: [...host, 8, 10, 0] }), {
    ...none,
    announced: 3,
  });
  t.match(update({ withdrawn: [...host, ...host] }), { ...none, withdrawn: 2 });
  const reached = reach(0, 2, 1, ...globalNextHop, 0, ...sixth, ...sixth);
  t.match(update({ attributes: [...reached, ...origin, ...asPath] }), { ...none, announced: 2 });
  t.match(update({ attributes: unreach(0, 2, 1, ...sixth) }), { ...none, withdrawn: 1 });
  const all = { withdrawn: host, attributes: [...reached, ...needed], announced: host };
  t.match(update(all), { ...none, announced: 3, withdrawn: 1 });
  t.end();
});

t.test('End-of-RIB', (t) => {
  t.equal(update({}).endOfRib, 'ipv4');
  t.equal(update({ attributes: unreach(0, 2, 1) }).endOfRib, 'ipv6');
  t.equal(update({ attributes: unreach(0, 1, 1) }).endOfRib, 'ipv4');
  t.equal(update({ attributes: [0x90, 15, 0, 3, 0, 2, 1] }).endOfRib, 'ipv6', 'a long length');
  const others = [
    update({ attributes: [...unreach(0, 2, 1), ...needed] }),
    update({ attributes: unreach(0, 2, 1), withdrawn: host }),
    update({ attributes: [...needed, ...unreach(0, 2, 1)], announced: host }),
    update({ attributes: unreach(0, 25, 70) }),
    update({ attributes: unreach(0, 2, 1, ...sixth) }),
  ];
  t.strictSame(
    others.map((one) => one.endOfRib),
    [null, null, null, null, null],
  );
  t.end();
});

t.test('complaints', (t) => {
  const cases: readonly (readonly [RegExp, Parameters<typeof update>[0]])[] = [
    [/attribute 1 is missing/, { attributes: [...asPath, ...nextHop], announced: host }],
    [/attribute 2 is missing/, { attributes: [...origin, ...nextHop], announced: host }],
    [/attribute 3 is missing/, { attributes: [...origin, ...asPath], announced: host }],
    [/attribute 1 is there twice/, { attributes: [...origin, ...origin] }],
    [/attribute 1 has the flags 192/, { attributes: [0xc0, 1, 1, 0] }],
    [/attribute 1 has 2 octets/, { attributes: [0x40, 1, 2, 0, 0] }],
    [/ORIGIN is 3/, { attributes: [0x40, 1, 1, 3] }],
    [/AS_PATH is broken/, { attributes: [0x40, 2, 5, 2, 1, 0, 0, 1] }],
    [/AS_PATH is broken/, { attributes: [0x40, 2, 6, 9, 1, 0, 0, 0, 1] }],
    [/AS_PATH is broken/, { attributes: [0x40, 2, 2, 2, 0] }],
    [/AS4_PATH is broken/, { attributes: [0xc0, 17, 1, 2] }],
    [/attribute 8 has 3 octets/, { attributes: [0xc0, 8, 3, 0, 0, 0] }],
    [/attribute 32 has 0 octets/, { attributes: [0xc0, 32, 0] }],
    [/attribute 200 is well-known, but not to us/, { attributes: [0x40, 200, 0] }],
    [/attribute 4 is longer than all/, { attributes: [0x80, 4, 9, 0] }],
    [/attribute 64 is longer than all/, { attributes: [0x80, 64] }],
    [/announced prefixes cannot be read/, { attributes: needed, announced: [33, 1, 2, 3, 4, 5] }],
    [/withdrawn prefixes .* first 1$/, { withdrawn: [...host, 24, 1] }],
    [/too short/, { attributes: reach(0, 2, 1, 0) }],
    [/too short/, { attributes: unreach(0, 2) }],
    [/next hop is longer/, { attributes: reach(0, 2, 1, 32, 0) }],
    [/family that was not agreed/, { attributes: reach(0, 25, 70, 4, 1, 2, 3, 4, 0) }],
    [/announced prefixes cannot/, { attributes: reach(0, 2, 1, ...globalNextHop, 0, 129) }],
  ];
  for (const [complaint, parts] of cases) {
    t.match(update(parts).complaint, complaint, complaint.source);
  }
  t.equal(update({ attributes: [0xc0, 200, 0] }).complaint, null, 'unknown and optional');
  t.equal(update({ attributes: [0xe0, 8, 4, 0, 0, 0, 0] }).complaint, null, 'partial');
  const two = [0x40, 2, 4, 2, 1, 0xfd, 0xe9];
  t.equal(update({ attributes: two }, oldTerms).complaint, null, 'an AS of two octets');
  t.match(update({ attributes: unreach(0, 2, 1) }, oldTerms).complaint, /not agreed/);
  t.end();
});

t.test('a reset only where the parts cannot be found', (t) => {
  const longWithdrawn = raw(2, Uint8Array.of(0, 3, 0, 0));
  t.match(errorIn(longWithdrawn, fullTerms), { code: 3, subcode: 1, reason: /withdrawn/ });
  const longAttributes = raw(2, Uint8Array.of(0, 0, 0, 1));
  t.match(errorIn(longAttributes, fullTerms), { code: 3, subcode: 1, reason: /attributes/ });
  t.end();
});

t.test('cut at every length', (t) => {
  for (const name of ['update-ipv4', 'update-ipv6-long', 'update-communities', 'withdraw-ipv6']) {
    const packet = goldenPacket(`bgp/${name}`);
    for (let octets = 23; octets < packet.length; octets++) {
      const cut = decodeUpdate(raw(2, packet.subarray(19, octets)), fullTerms);
      // Only its own NLRI can be gone without the attributes being too long.
      const isRight = cut.isErr() || cut.value.complaint !== null || cut.value.announced === 0;
      t.ok(isRight, `${name} cut to ${octets}`);
    }
  }
  t.end();
});
