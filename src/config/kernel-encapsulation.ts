// The words behind `encap` of a route -> the lightweight tunnel that the kernel gets.
import type { Position } from '../../grammar/syntax-tree.js';
import type { IpAddress } from '../net/address.js';
import { familyOf } from '../net/address.js';
import type { Encapsulation } from '../ports/kernel-objects.js';
import type { Report } from './diagnostic.js';
import { numberOf } from './kernel-names.js';
import { parseAddress } from './phrases.js';

const labelMax = 0xfffff;
const labelsMax = 30;
const uint64Max = 2n ** 64n - 1n;

/** undefined: it is wrong, and `report` has why. */
export function encapsulationOf(
  words: readonly string[],
  position: Position,
  report: Report,
): Encapsulation | undefined {
  const [type, ...rest] = words;
  const found =
    type === 'mpls'
      ? labelsOf(rest[0] ?? '')
      : type === 'ila'
        ? locatorOf(rest[0] ?? '')
        : tunnelOf(type === 'ip' ? 'ip' : 'ip6', rest);
  if (found !== undefined) return found;
  const forms = 'mpls 100/200, ip id 5 dst 192.0.2.1 ttl 64, or ip6 dst 2001:db8::1';
  const message = `encap ${words.join(' ')} cannot be read; write it as in ${forms}`;
  report.error('config.bad_argument', position, message);
  return undefined;
}

function labelsOf(text: string): Encapsulation | undefined {
  const labels = text.split('/').map((label) => numberOf(label) ?? Number.NaN);
  const areGood = labels.length <= labelsMax && labels.every((label) => label <= labelMax);
  return areGood ? { type: 'mpls', labels } : undefined;
}

/** Four groups of hexadecimal digits, as the upper half of an IPv6 address. */
function locatorOf(text: string): Encapsulation | undefined {
  if (!/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i.test(text)) return undefined;
  const digits = text.split(':').map((group) => group.padStart(4, '0'));
  return { type: 'ila', locator: BigInt(`0x${digits.join('')}`).toString() };
}

function tunnelOf(type: 'ip' | 'ip6', words: readonly string[]): Encapsulation | undefined {
  const values = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    values.set(words[index] ?? '', words[index + 1] ?? '');
  }
  const octet = (...names: readonly string[]): number | null | undefined => {
    const text = names.map((name) => values.get(name)).find((one) => one !== undefined);
    if (text === undefined) return null;
    const value = numberOf(text);
    return value !== undefined && value <= 255 ? value : undefined;
  };
  const end = (name: string): IpAddress | null | undefined => {
    const text = values.get(name);
    if (text === undefined) return null;
    const address = parseAddress(text);
    const family = type === 'ip' ? 'ipv4' : 'ipv6';
    return address !== undefined && familyOf(address) === family ? address : undefined;
  };
  const id = idOf(values.get('id'));
  const [source, destination] = [end('src'), end('dst')];
  const [ttl, tos] = [octet('ttl', 'hoplimit'), octet('tos', 'tc')];
  if (id === undefined || source === undefined || destination === undefined) return undefined;
  if (ttl === undefined || tos === undefined) return undefined;
  return { type, id, source, destination, ttl, tos };
}

/** null: not given; undefined: no number of 64 bits. */
export function idOf(text: string | undefined): string | null | undefined {
  if (text === undefined) return null;
  if (!/^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= uint64Max ? value.toString() : undefined;
}
