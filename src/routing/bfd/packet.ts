// BFD control packets (RFC 5880 section 4.1), from values to bytes and back, and every reason of
// section 6.8.6 to drop one. No authentication: its section is read and refused by name.
import { err, ok, type Result } from 'neverthrow';
import { ByteReader, ByteWriter } from '../../net/bytes.js';

export const controlBytes = 24;
export const bfdVersion = 1;
const authenticationBytesMin = 2;

/** In the order of their numbers. */
export const bfdStates = ['AdminDown', 'Down', 'Init', 'Up'] as const;
export type BfdState = (typeof bfdStates)[number];

/** RFC 5880 section 4.1, in the order of their numbers. */
export const diagnostics = [
  'No Diagnostic',
  'Control Detection Time Expired',
  'Echo Function Failed',
  'Neighbor Signaled Session Down',
  'Forwarding Plane Reset',
  'Path Down',
  'Concatenated Path Down',
  'Administratively Down',
  'Reverse Concatenated Path Down',
] as const;
export type DiagnosticName = (typeof diagnostics)[number];

export type ControlPacket = {
  readonly state: BfdState;
  /** 0..31, see `diagnosticText`. */
  readonly diagnostic: number;
  readonly polls: boolean;
  readonly isFinal: boolean;
  readonly isControlPlaneIndependent: boolean;
  readonly demands: boolean;
  /** 1..255. */
  readonly multiplier: number;
  readonly myDiscriminator: number;
  /** 0: not known yet. */
  readonly yourDiscriminator: number;
  /** Microseconds, as in the packet. */
  readonly desiredMinTxUs: number;
  /** 0: nothing is to be sent. */
  readonly requiredMinRxUs: number;
  readonly requiredMinEchoRxUs: number;
};

/** Why a packet counts for nothing: the rules of section 6.8.6, RFC 5881 and 5883 section 5. */
export const dropReasons = [
  'too_short',
  'wrong_version',
  'wrong_length',
  'zero_multiplier',
  'multipoint',
  'zero_my_discriminator',
  'zero_your_discriminator',
  'malformed_authentication',
  'authentication_not_in_use',
  'too_many_hops',
  'unknown_discriminator',
  'unknown_neighbor',
  'administratively_down',
] as const;
export type DropReason = (typeof dropReasons)[number];

const versionBits = bfdVersion << 5;
const flag = {
  poll: 0x20,
  final: 0x10,
  independent: 0x08,
  authentication: 0x04,
  demand: 0x02,
  multipoint: 0x01,
} as const;

export function encodeControl(packet: ControlPacket): Uint8Array {
  const flags =
    (packet.polls ? flag.poll : 0) |
    (packet.isFinal ? flag.final : 0) |
    (packet.isControlPlaneIndependent ? flag.independent : 0) |
    (packet.demands ? flag.demand : 0);
  return new ByteWriter()
    .u8(versionBits | packet.diagnostic)
    .u8((bfdStates.indexOf(packet.state) << 6) | flags)
    .u8(packet.multiplier)
    .u8(controlBytes)
    .u32(packet.myDiscriminator)
    .u32(packet.yourDiscriminator)
    .u32(packet.desiredMinTxUs)
    .u32(packet.requiredMinRxUs)
    .u32(packet.requiredMinEchoRxUs)
    .finish();
}

/** In the order of section 6.8.6; what needs a session to be known is sessions.ts. */
export function decodeControl(bytes: Uint8Array): Result<ControlPacket, DropReason> {
  const reader = new ByteReader(bytes);
  const versionAndDiagnostic = reader.u8();
  const stateAndFlags = reader.u8();
  const multiplier = reader.u8();
  const statedBytes = reader.u8();
  const myDiscriminator = reader.u32();
  const yourDiscriminator = reader.u32();
  const desiredMinTxUs = reader.u32();
  const requiredMinRxUs = reader.u32();
  const requiredMinEchoRxUs = reader.u32();
  const has = (bit: number): boolean => (stateAndFlags & bit) !== 0;
  if (reader.overran) return err('too_short');
  if (versionAndDiagnostic >> 5 !== bfdVersion) return err('wrong_version');
  const signedBytes = has(flag.authentication) ? authenticationBytesMin : 0;
  if (statedBytes < controlBytes + signedBytes || statedBytes > bytes.length) {
    return err('wrong_length');
  }
  if (multiplier === 0) return err('zero_multiplier');
  if (has(flag.multipoint)) return err('multipoint');
  if (myDiscriminator === 0) return err('zero_my_discriminator');
  const state = bfdStates[stateAndFlags >> 6] ?? 'AdminDown';
  const needsOurs = state === 'Init' || state === 'Up';
  if (yourDiscriminator === 0 && needsOurs) return err('zero_your_discriminator');
  if (has(flag.authentication)) return err(authenticationDrop(bytes.subarray(0, statedBytes)));
  return ok({
    state,
    diagnostic: versionAndDiagnostic & 0x1f,
    polls: has(flag.poll),
    isFinal: has(flag.final),
    isControlPlaneIndependent: has(flag.independent),
    demands: has(flag.demand),
    multiplier,
    myDiscriminator,
    yourDiscriminator,
    desiredMinTxUs,
    requiredMinRxUs,
    requiredMinEchoRxUs,
  });
}

/** Section 4.2 to 4.4: type and length come first, and the section ends the packet. */
function authenticationDrop(stated: Uint8Array): DropReason {
  const reader = new ByteReader(stated.subarray(controlBytes));
  const type = reader.u8();
  const length = reader.u8();
  const isWhole = type !== 0 && length === stated.length - controlBytes;
  return isWhole ? 'authentication_not_in_use' : 'malformed_authentication';
}

export function diagnosticOf(name: DiagnosticName): number {
  return diagnostics.indexOf(name);
}

export function diagnosticText(diagnostic: number): string {
  return diagnostics[diagnostic] ?? `Reserved (${diagnostic})`;
}
