// DNS messages as a check needs them (RFC 1035 section 4.1): a question of one record, and what
// the header of an answer says. Records are not read.
import type { DnsType } from '../config/checker-message-table.js';
import { ByteReader, ByteWriter } from '../net/bytes.js';

/** Section 3.2.2, RFC 3596, RFC 4034. */
const typeNumbers: Readonly<Record<DnsType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  RRSIG: 46,
  DNSKEY: 48,
};

const flagRecursionDesired = 0x0100;
const flagResponse = 0x8000;
const rcodeMask = 0x000f;
const classInternet = 1;
const headerBytes = 12;
const labelBytesMax = 63;
/** With the length of each label and the empty one at the end (section 3.1). */
const nameBytesMax = 255;

/** Why a name cannot be asked for, null when it can. */
export function dnsNameFault(name: string): string | null {
  const labels = labelsOf(name);
  const long = labels.find((label) => label.length > labelBytesMax);
  if (long !== undefined) return `"${long}" is a label of more than ${labelBytesMax} octets`;
  const length = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (length > nameBytesMax) return `"${name}" is longer than ${nameBytesMax} octets`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: octets are what is meant
  return /^[\x00-\x7f]*$/.test(name) ? null : `"${name}" is not plain ASCII`;
}

/** Of a name without a fault. */
export function dnsQuestion(id: number, name: string, type: DnsType): Uint8Array {
  const writer = new ByteWriter().u16(id).u16(flagRecursionDesired).u16(1).u16(0).u16(0).u16(0);
  for (const label of labelsOf(name)) {
    writer.u8(label.length);
    for (const letter of label) writer.u8(letter.charCodeAt(0));
  }
  return writer.u8(0).u16(typeNumbers[type]).u16(classInternet).finish();
}

/** The response code (0: no error); null: it is no answer to the question of that id. */
export function dnsResponseCode(bytes: Uint8Array, id: number): number | null {
  if (bytes.length < headerBytes) return null;
  const reader = new ByteReader(bytes);
  const answeredId = reader.u16();
  const flags = reader.u16();
  if (answeredId !== id || (flags & flagResponse) === 0) return null;
  return flags & rcodeMask;
}

function labelsOf(name: string): readonly string[] {
  return name.split('.').filter((label) => label !== '');
}
