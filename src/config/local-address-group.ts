// local_address_group (DPVS): the source addresses (LIP) that FNAT connections to real servers use.
import type { IpAddress } from '../net/address.js';
import { hostLength } from '../net/prefix.js';
import { addressRange, expandRange } from './address-range.js';
import { type HeadedLines, headedLines, type ValueOf } from './keywords.js';
import { option, options } from './options.js';
import { type PhraseValue, sequence, word } from './phrases.js';
import type { VrrpInstance } from './vrrp.js';

export type LocalAddress = {
  readonly address: IpAddress;
  readonly device: string;
  /** The VRRP instance that it comes and goes with; null: it is there all the time. */
  readonly follows: string | null;
};

/** Ranges of the file are expanded here. */
export type LocalAddressGroup = {
  readonly name: string;
  readonly addresses: readonly LocalAddress[];
};

const line = sequence({
  range: addressRange,
  device: word('PORT'),
  options: options('a local address', {
    follow: option('Only while this vrrp_instance is MASTER.', word('INSTANCE')),
  }),
});

export const localAddressGroupTable = {
  local_address_group: headedLines(
    'Source addresses of FNAT connections, each with the port that has it.',
    word('NAME'),
    line,
  ),
};

export type WrittenLocalAddressGroup = ValueOf<typeof localAddressGroupTable.local_address_group>;

export function localAddressGroup({
  head,
  lines,
}: HeadedLines<string, PhraseValue<typeof line>>): LocalAddressGroup {
  const addresses = lines.flatMap(({ value: { range, device, options: said } }) =>
    expandRange(range).map((address) => ({ address, device, follows: said.follow ?? null })),
  );
  return { name: head, addresses };
}

/** The instance with the local addresses that it holds while it is MASTER, each once. */
export function withFollowers(
  instance: VrrpInstance,
  groups: readonly LocalAddressGroup[],
): VrrpInstance {
  const followers = new Map(
    groups
      .flatMap(({ addresses }) => addresses)
      .filter(({ follows }) => follows === instance.name && instance.dpdkInterface !== null)
      .map(({ address, device }) => [address, { address, device }]),
  );
  const localAddresses = [...followers.values()].map(({ address, device }) => ({
    prefix: { address, length: hostLength(address) },
    device,
  }));
  return { ...instance, objects: { ...instance.objects, localAddresses } };
}
