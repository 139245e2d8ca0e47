// The header of every BGP message (RFC 4271 section 4.1): a marker of ones, length, type. What is
// wrong with it (section 6.1) is known before the rest has come.
import { err, ok, type Result } from 'neverthrow';
import type { MessageError } from './message.js';

export const headerOctets = 19;
export const messageOctetsMax = 4096;
/** RFC 8654. */
export const extendedMessageOctetsMax = 65_535;
const markerOctets = 16;
const noOctets = new Uint8Array(0);

export type MessageType = 'open' | 'update' | 'notification' | 'keepalive' | 'route_refresh';

type TypeRule = {
  readonly code: number;
  readonly octetsMin: number;
  /** null: as many as messages of the session may have. */
  readonly octetsMax: number | null;
};

const typeRules: Readonly<Record<MessageType, TypeRule>> = {
  // RFC 8654 section 4: these two do not grow.
  open: { code: 1, octetsMin: 29, octetsMax: messageOctetsMax },
  update: { code: 2, octetsMin: 23, octetsMax: null },
  notification: { code: 3, octetsMin: 21, octetsMax: null },
  keepalive: { code: 4, octetsMin: headerOctets, octetsMax: headerOctets },
  /** RFC 2918. */
  route_refresh: { code: 5, octetsMin: 23, octetsMax: null },
};
const typesByCode = new Map(
  (Object.keys(typeRules) as MessageType[]).map((type) => [typeRules[type].code, type] as const),
);

export type Header = { readonly type: MessageType; readonly octets: number };

/** `bytes` begins with a message of which at least the header is there. */
export function readHeader(bytes: Uint8Array, octetsMax: number): Result<Header, MessageError> {
  for (let index = 0; index < markerOctets; index += 1) {
    if (bytes[index] !== 0xff) return err(messageError(1, 1, 'a message without its marker'));
  }
  const octets = u16At(bytes, markerOctets);
  const code = bytes[headerOctets - 1] ?? 0;
  if (octets < headerOctets || octets > octetsMax) return err(badLength(octets, 'a message'));
  const type = typesByCode.get(code);
  if (type === undefined) {
    return err(messageError(1, 3, `a message of type ${code}`, Uint8Array.of(code)));
  }
  const rule = typeRules[type];
  if (octets < rule.octetsMin || octets > (rule.octetsMax ?? octetsMax)) {
    return err(badLength(octets, `a message ${type}`));
  }
  return ok({ type, octets });
}

function badLength(octets: number, what: string): MessageError {
  return messageError(1, 2, `${what} of ${octets} octets`, Uint8Array.of(octets >> 8, octets));
}

/** The whole message. */
export function framed(type: MessageType, body: Uint8Array = noOctets): Uint8Array {
  const message = new Uint8Array(headerOctets + body.length).fill(0xff, 0, markerOctets);
  message[markerOctets] = message.length >> 8;
  message[markerOctets + 1] = message.length;
  message[headerOctets - 1] = typeRules[type].code;
  message.set(body, headerOctets);
  return message;
}

export function encodeKeepalive(): Uint8Array {
  return framed('keepalive');
}

/** The NOTIFICATION that answers what broke a rule; `octets` are copied. */
export function messageError(
  code: number,
  subcode: number,
  reason: string,
  octets: Uint8Array = noOctets,
): MessageError {
  return { type: 'bgp.message', code, subcode, data: octets.slice(), reason };
}

/** 0 behind the end. */
export function u16At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
