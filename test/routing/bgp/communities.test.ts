// Words of the configuration as octets: the values are those of IANA's registries.
import t from 'tap';
import {
  communitiesOf,
  communityNumber,
  communityText,
  describeCommunityError,
  extendedCommunityOctets,
  extendedCommunityText,
  gracefulShutdown,
  largeCommunityNumbers,
} from '../../../src/routing/bgp/communities.js';

t.test('communities', (t) => {
  const cases = [
    ['65001:100', 0xfde9_0064],
    ['0:0', 0],
    ['65535:65535', 0xffff_ffff],
    ['no-export', 0xffff_ff01],
    ['no-advertise', 0xffff_ff02],
    ['no-export-subconfed', 0xffff_ff03],
    ['blackhole', 0xffff_029a],
    ['graceful-shutdown', 0xffff_0000],
    ['no-llgr', 0xffff_0007],
  ] as const;
  for (const [text, value] of cases) t.equal(communityNumber(text)._unsafeUnwrap(), value, text);
  t.equal(gracefulShutdown, 0xffff_0000);
  for (const text of ['65536:1', '1', '1:2:3', '', 'no-Export', '-1:1', '1e3:1', '0x1:1']) {
    const error = communityNumber(text)._unsafeUnwrapErr();
    t.equal(error.text, text);
    t.match(describeCommunityError(error), /^the community ".*" cannot be sent: .+/);
  }
  t.end();
});

t.test('large communities', (t) => {
  const value = largeCommunityNumbers('4294967295:0:7')._unsafeUnwrap();
  t.strictSame(value, [4_294_967_295, 0, 7]);
  t.ok(largeCommunityNumbers('4294967296:0:7').isErr());
  t.ok(largeCommunityNumbers('1:2').isErr());
  t.end();
});

t.test('extended communities', (t) => {
  const cases = [
    ['rt:65001:5', '0002fde900000005'],
    ['rt:65001:4294967295', '0002fde9ffffffff'],
    ['rt:4200000001:7', '0202fa56ea010007'],
    ['soo:65001:6', '0003fde900000006'],
    ['soo:65536:65535', '020300010000ffff'],
    // draft-ietf-idr-link-bandwidth; the float as ExaBGP has it, and 0 and 1.
    ['bandwidth:65001:1250000', '4004fde949989680'],
    ['bandwidth:65001:0', '4004fde900000000'],
    ['bandwidth:4200000001:1', '40045ba03f800000'],
  ] as const;
  for (const [text, hex] of cases) {
    const octets = extendedCommunityOctets(text)._unsafeUnwrap();
    t.equal(Buffer.from(octets).toString('hex'), hex, text);
  }
  for (const text of ['rt:65536:65536', 'ro:1:1', 'rt:1', 'rt', 'rt:1:2:3', 'rt:4294967296:1']) {
    t.ok(extendedCommunityOctets(text).isErr(), text);
  }
  t.end();
});

t.test('their order in the file changes nothing, and nothing is there twice', (t) => {
  const left = communitiesOf({
    communities: ['no-export', '65001:100', '65535:65281', '1:1'],
    extendedCommunities: ['soo:1:1', 'rt:1:2', 'rt:1:1', 'rt:1:2'],
    largeCommunities: ['2:1:1', '1:9:9', '2:1:1', '1:10:0'],
  })._unsafeUnwrap();
  t.strictSame(left.communities, [0x1_0001, 0xfde9_0064, 0xffff_ff01]);
  t.strictSame(left.largeCommunities, [
    [1, 9, 9],
    [1, 10, 0],
    [2, 1, 1],
  ]);
  const right = communitiesOf({
    communities: ['1:1', '65001:100', 'no-export'],
    extendedCommunities: ['rt:1:1', 'soo:1:1', 'rt:1:2'],
    largeCommunities: ['1:10:0', '2:1:1', '1:9:9'],
  })._unsafeUnwrap();
  t.strictSame(left, right);
  const wrong = communitiesOf({
    communities: ['1:1'],
    extendedCommunities: ['rt:70000:70000'],
    largeCommunities: [],
  });
  t.match(describeCommunityError(wrong._unsafeUnwrapErr()), /"rt:70000:70000".* at most 65535/);
  t.end();
});

t.test('communities as an operator writes them', (t) => {
  for (const text of ['65001:100', '0:0', 'no-export', 'graceful-shutdown', 'no-llgr']) {
    t.equal(communityText(communityNumber(text)._unsafeUnwrap()), text);
  }
  const extended = ['rt:65001:70000', 'soo:65001:5', 'rt:70000:5', 'bandwidth:65001:125000000'];
  for (const text of extended) {
    t.equal(extendedCommunityText(extendedCommunityOctets(text)._unsafeUnwrap()), text);
  }
  t.equal(extendedCommunityText(Uint8Array.of(0x43, 1, 2, 3, 4, 5, 6, 7)), '0x4301020304050607');
  t.end();
});
