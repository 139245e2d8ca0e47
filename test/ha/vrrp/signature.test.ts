import t from 'tap';
import type { VrrpSigning } from '../../../src/config/vrrp-signing.js';
import { isSigned, readSignature, signatureOf } from '../../../src/ha/vrrp/signature.js';
import { Signing } from '../../../src/ha/vrrp/signing.js';
import { type IpAddress, ipAddress } from '../../../src/net/address.js';

const octets = Array.from({ length: 32 }, (_, index) => index);
const key = { id: 1, digits: Buffer.from(octets).toString('hex') };
const sequence = 0x6800000080000000n;

/** Two adverts of priority 200, whose signatures keepalived's test and the draft have as well. */
const known = [
  {
    source: ipAddress('198.51.100.10'),
    message: '3133c80100644402c0000264',
    signature: '0101000068000000800000001b84bc4e8e43892dc6d98448f8ee2265',
  },
  {
    source: ipAddress('fe80::10'),
    message: '3133c8010064a2e9fe800000000000000000000000000100',
    signature: '010100006800000080000000c8c56146ebfd66ee10ec4d8186461b78',
  },
] as const;

function signer(source: IpAddress, virtualRouterId = 51) {
  return { version: 3, virtualRouterId, source };
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

t.test('signatures are those of keepalived', (t) => {
  for (const { source, message, signature } of known) {
    const made = signatureOf(bytes(message), signer(source), key, sequence);
    t.equal(Buffer.from(made).toString('hex'), signature, source);
    const read = readSignature(made);
    t.match(read, { isWellFormed: true, keyId: 1, sequence });
    t.ok(isSigned(bytes(message), read, signer(source), key));
  }
  t.end();
});

t.test('whatever is changed shows, but for the checksum', (t) => {
  const [, { source, message, signature }] = known;
  const whole = bytes(message);
  const judge = (at: number): boolean => {
    const changed = whole.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    return isSigned(changed, readSignature(bytes(signature)), signer(source), key);
  };
  for (let at = 0; at < whole.length; at += 1) t.equal(judge(at), at === 6 || at === 7, `${at}`);
  const read = readSignature(bytes(signature));
  t.notOk(isSigned(whole, read, signer(ipAddress('fe80::20')), key), 'another sender');
  t.notOk(isSigned(whole, read, signer(source, 52), key), 'another router');
  t.notOk(isSigned(whole, { ...read, sequence: sequence + 1n }, signer(source), key));
  t.notOk(isSigned(whole, read, signer(source), { id: 1, digits: 'ff'.repeat(32) }));
  t.end();
});

t.test('what is no signature', (t) => {
  const [{ signature }] = known;
  t.notOk(readSignature(bytes(`02${signature.slice(2)}`)).isWellFormed, 'another kind');
  t.notOk(readSignature(bytes(`01010001${signature.slice(8)}`)).isWellFormed, 'reserved octets');
  t.notOk(readSignature(bytes('0101')).isWellFormed);
  t.end();
});

const settings: VrrpSigning = {
  keys: [key],
  active: key,
  takesUnsigned: false,
  windowSeconds: 5,
};
const message = bytes(known[0].message);
const who = signer(known[0].source);

class Stage {
  epochMs = 1_780_000_000_000;
  readonly sender = new Signing(() => this.epochMs);
  receiver = new Signing(() => this.epochMs);

  sign(changes: Partial<VrrpSigning> = {}): Uint8Array {
    const made = this.sender.sign(message, who, { ...settings, ...changes });
    if (made === null) throw new Error('assertion: nothing was signed');
    return made;
  }

  /** How it is judged, in a word. */
  take(made: Uint8Array | null, changes: Partial<VrrpSigning> = {}, from = who): string {
    const refusal = this.receiver.refusalOf(message, made, from, { ...settings, ...changes });
    return refusal === null ? 'taken' : refusal.type.replace('vrrp.signature_', '');
  }
}

t.test('an advert is taken once, and none that is older', (t) => {
  const stage = new Stage();
  const first = stage.sign();
  const second = stage.sign();
  t.equal(stage.take(first), 'taken');
  t.equal(stage.take(first), 'replayed');
  t.equal(stage.take(second), 'taken', 'made at the same time');
  t.equal(stage.take(first), 'replayed');
  stage.epochMs += 1000;
  t.equal(stage.take(stage.sign()), 'taken');
  stage.epochMs += 6000;
  t.equal(stage.take(second), 'stale');
  t.end();
});

t.test('keys and modes', (t) => {
  const stage = new Stage();
  t.equal(stage.take(null), 'missing');
  t.equal(stage.take(null, { takesUnsigned: true }), 'taken');
  const other = { id: 2, digits: 'ab'.repeat(40) };
  t.equal(stage.take(stage.sign({ active: other })), 'key');
  t.equal(stage.take(stage.sign({ active: other }), { keys: [key, other] }), 'taken');
  const same = { id: 1, digits: 'ab'.repeat(40) };
  t.equal(stage.take(stage.sign({ active: same })), 'wrong');
  t.equal(stage.take(stage.sign({ active: same }), { takesUnsigned: true }), 'wrong');
  t.equal(stage.take(new Uint8Array(28)), 'malformed');
  const silent = stage.sender.sign(message, who, { ...settings, active: null });
  t.equal(silent, null, 'receive-only');
  t.end();
});

t.test('clocks that are set', (t) => {
  const stage = new Stage();
  stage.epochMs += 3_600_000;
  t.equal(stage.take(stage.sign()), 'taken');
  stage.epochMs -= 3_600_000;
  t.equal(stage.take(stage.sign()), 'taken', 'both were an hour ahead: numbers start anew');
  const monotonic = { windowSeconds: null };
  const late = new Stage();
  late.epochMs += 3_600_000;
  t.equal(late.take(late.sign(monotonic), monotonic), 'taken');
  late.epochMs -= 3_600_000;
  t.equal(late.take(late.sign(monotonic), monotonic), 'taken', 'numbers grow whatever the time');
  t.end();
});

t.test('a sender that is not known takes the place of the one heard longest ago', (t) => {
  const stage = new Stage();
  const from = (index: number) => signer(ipAddress(`192.0.2.${index}`));
  const made = Array.from({ length: 9 }, (_, index) => {
    const signature = stage.sender.sign(message, from(index), settings);
    t.equal(stage.take(signature, {}, from(index)), 'taken');
    return signature;
  });
  t.equal(stage.take(made[8] ?? null, {}, from(8)), 'replayed');
  t.equal(stage.take(made[0] ?? null, {}, from(0)), 'taken', 'within the window, once forgotten');
  t.end();
});
