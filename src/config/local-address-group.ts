// local_address_group: the source addresses (LIP) that FNAT connections to real servers use.
import type { Word } from '../../grammar/syntax-tree.js';
import { addressBytes, addressFromBytes, familyOf, type IpAddress } from '../net/address.js';
import type { Report } from './diagnostic.js';
import { parseAddress } from './keywords.js';

export type LocalAddress = { readonly address: IpAddress; readonly device: string };
/** Ranges of the file are expanded here. */
export type LocalAddressGroup = {
  readonly name: string;
  readonly addresses: readonly LocalAddress[];
};

export const localAddressGroupDocumentation =
  'Source addresses of FNAT connections: ADDRESS[-LAST OCTET] DEVICE on each line.';

/** One line of the group: "10.1.0.200 dpdk1", "10.1.0.201-210 dpdk1". */
export function readLocalAddresses(
  words: readonly [Word, ...Word[]],
  report: Report,
): readonly LocalAddress[] | undefined {
  const [range, device, extra] = words;
  if (device === undefined) {
    const message = `${range.text} needs the port that has it: ${range.text} DEVICE`;
    report.error('config.missing_argument', range.position, message);
    return undefined;
  }
  if (extra !== undefined) {
    const message = `"${extra.text}" after the device has no meaning and is ignored`;
    report.warning('config.extra_word', extra.position, message);
  }
  const addresses = expandRange(range.text);
  if (addresses !== null) return addresses.map((address) => ({ address, device: device.text }));
  const message = `"${range.text}" is neither an IPv4 address nor a range like 10.1.0.201-210`;
  report.error('config.bad_argument', range.position, message);
  return undefined;
}

function expandRange(text: string): IpAddress[] | null {
  const [firstText = '', lastText, ...more] = text.split('-');
  const first = parseAddress(firstText);
  if (first === undefined || familyOf(first) !== 'ipv4' || more.length > 0) return null;
  if (lastText === undefined) return [first];
  const bytes = addressBytes(first);
  const from = bytes[3] ?? 0;
  const to = Number(lastText);
  if (!/^[0-9]{1,3}$/.test(lastText) || to > 255 || to < from) return null;
  return Array.from({ length: to - from + 1 }, (_, offset) =>
    addressFromBytes(Uint8Array.of(...bytes.subarray(0, 3), from + offset)),
  );
}
