import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  bfdStates,
  type ControlPacket,
  controlBytes,
  type DropReason,
  decodeControl,
  diagnosticOf,
  diagnosticText,
  encodeControl,
} from '../../../src/routing/bfd/packet.js';
import { goldenPacket } from '../../golden/hex.js';

const plain: ControlPacket = {
  state: 'Up',
  diagnostic: 0,
  polls: false,
  isFinal: false,
  isControlPlaneIndependent: false,
  demands: false,
  multiplier: 3,
  myDiscriminator: 1,
  yourDiscriminator: 2,
  desiredMinTxUs: 0,
  requiredMinRxUs: 0,
  requiredMinEchoRxUs: 0,
};
const golden: readonly { readonly name: string; readonly says: ControlPacket }[] = [
  {
    name: 'up-poll',
    says: {
      ...plain,
      diagnostic: 1,
      polls: true,
      multiplier: 5,
      myDiscriminator: 0x12345678,
      yourDiscriminator: 0x9abcdef0,
      desiredMinTxUs: 50_000,
      requiredMinRxUs: 100_000,
    },
  },
  {
    name: 'down-first',
    says: {
      ...plain,
      state: 'Down',
      diagnostic: 3,
      myDiscriminator: 0x0badcafe,
      yourDiscriminator: 0,
      desiredMinTxUs: 1_000_000,
      requiredMinRxUs: 300_000,
      requiredMinEchoRxUs: 50_000,
    },
  },
  {
    name: 'admin-down-final',
    says: {
      ...plain,
      state: 'AdminDown',
      diagnostic: 7,
      isFinal: true,
      multiplier: 255,
      myDiscriminator: 1,
      yourDiscriminator: 0xffffffff,
      desiredMinTxUs: 0xffffffff,
    },
  },
  {
    name: 'init-independent-demand',
    says: {
      ...plain,
      state: 'Init',
      isControlPlaneIndependent: true,
      demands: true,
      multiplier: 1,
      myDiscriminator: 2,
      yourDiscriminator: 3,
      desiredMinTxUs: 10_000,
      requiredMinRxUs: 10_000,
    },
  },
  {
    name: 'up-poll-bird',
    says: {
      ...plain,
      polls: true,
      myDiscriminator: 0xbb074728,
      yourDiscriminator: 0xeaa5a9a3,
      desiredMinTxUs: 100_000,
      requiredMinRxUs: 100_000,
    },
  },
  {
    name: 'init-frr',
    says: {
      ...plain,
      state: 'Init',
      myDiscriminator: 0xeaa5a9a3,
      yourDiscriminator: 0xbb074728,
      desiredMinTxUs: 1_000_000,
      requiredMinRxUs: 1_000_000,
      requiredMinEchoRxUs: 50_000,
    },
  },
];

for (const { name, says } of golden) {
  const bytes = goldenPacket(`bfd/${name}`);
  t.test(name, async () => {
    assert.deepEqual(decodeControl(bytes)._unsafeUnwrap(), says);
    assert.deepEqual(encodeControl(says), bytes);
    for (let length = 0; length < bytes.length; length++) {
      const cut = decodeControl(bytes.subarray(0, length));
      assert.equal(cut._unsafeUnwrapErr(), 'too_short', `${length} octets`);
    }
    const longer = Uint8Array.from([...bytes, 1, 2, 3]);
    assert.deepEqual(decodeControl(longer)._unsafeUnwrap(), says);
  });
}

t.test('every rule of RFC 5880 section 6.8.6 that needs no session', async () => {
  const up = goldenPacket('bfd/up-poll');
  const changed = (at: number, ...values: readonly number[]): Uint8Array => {
    const bytes = up.slice();
    bytes.set(values, at);
    return bytes;
  };
  const signed = (length: number, section: readonly number[]): Uint8Array => {
    const head = changed(1, 0xc4, 5, length);
    return Uint8Array.from([...head, ...section]);
  };
  const rules: readonly (readonly [Uint8Array, DropReason])[] = [
    [new Uint8Array(0), 'too_short'],
    [changed(0, 0x01), 'wrong_version'],
    [changed(0, 0x41), 'wrong_version'],
    [changed(3, 23), 'wrong_length'],
    [changed(3, 25), 'wrong_length'],
    [changed(3, 255), 'wrong_length'],
    [signed(25, [1]), 'wrong_length'],
    [changed(2, 0), 'zero_multiplier'],
    [changed(1, 0xc1), 'multipoint'],
    [changed(4, 0, 0, 0, 0), 'zero_my_discriminator'],
    [changed(8, 0, 0, 0, 0), 'zero_your_discriminator'],
    [signed(26, [1, 2]), 'authentication_not_in_use'],
    [signed(33, [1, 9, 1, 115, 101, 99, 114, 101, 116]), 'authentication_not_in_use'],
    [signed(26, [0, 2]), 'malformed_authentication'],
    [signed(26, [1, 3]), 'malformed_authentication'],
    [signed(27, [1, 2, 0]), 'malformed_authentication'],
  ];
  for (const [bytes, reason] of rules) {
    assert.equal(decodeControl(bytes)._unsafeUnwrapErr(), reason);
  }
  const init = changed(1, 0x80);
  init.set([0, 0, 0, 0], 8);
  assert.equal(decodeControl(init)._unsafeUnwrapErr(), 'zero_your_discriminator');
  for (const state of [0x00, 0x40]) {
    const first = changed(1, state);
    first.set([0, 0, 0, 0], 8);
    assert.ok(decodeControl(first).isOk());
  }
});

const octets = fc.integer({ min: 0, max: 0xffffffff });
const packets = fc.record({
  state: fc.constantFrom(...bfdStates),
  diagnostic: fc.integer({ min: 0, max: 31 }),
  polls: fc.boolean(),
  isFinal: fc.boolean(),
  isControlPlaneIndependent: fc.boolean(),
  demands: fc.boolean(),
  multiplier: fc.integer({ min: 1, max: 255 }),
  myDiscriminator: fc.integer({ min: 1, max: 0xffffffff }),
  yourDiscriminator: fc.integer({ min: 1, max: 0xffffffff }),
  desiredMinTxUs: octets,
  requiredMinRxUs: octets,
  requiredMinEchoRxUs: octets,
});

t.test('what is written is read', async () => {
  fc.assert(
    fc.property(packets, (packet) => {
      const bytes = encodeControl(packet);
      assert.equal(bytes.length, controlBytes);
      assert.deepEqual(decodeControl(bytes)._unsafeUnwrap(), { ...packet });
    }),
  );
});

t.test('nothing that arrives makes it throw, and what is taken is written as it was', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const decoded = decodeControl(bytes);
      if (decoded.isErr()) return;
      assert.deepEqual(encodeControl(decoded.value).subarray(4), bytes.subarray(4, controlBytes));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 22, maxLength: 60 }), (rest) => {
      decodeControl(Uint8Array.from([0x20, 0xc0, ...rest]));
      decodeControl(Uint8Array.from([0x20, 0xc4, 3, rest.length + 2, ...rest.subarray(2)]));
    }),
  );
});

t.test('diagnostics have the names of the RFC', async () => {
  assert.equal(diagnosticText(1), 'Control Detection Time Expired');
  assert.equal(diagnosticText(8), 'Reverse Concatenated Path Down');
  assert.equal(diagnosticText(31), 'Reserved (31)');
  assert.equal(diagnosticOf('Neighbor Signaled Session Down'), 3);
  assert.equal(diagnosticOf('Administratively Down'), 7);
});
