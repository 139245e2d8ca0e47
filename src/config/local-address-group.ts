// local_address_group (DPVS): the source addresses (LIP) that FNAT connections to real servers use.
import type { IpAddress } from '../net/address.js';
import { addressRange, expandRange } from './address-range.js';
import { type HeadedLines, headedLines, type ValueOf } from './keywords.js';
import { type PhraseValue, sequence, word } from './phrases.js';

export type LocalAddress = { readonly address: IpAddress; readonly device: string };

/** Ranges of the file are expanded here. */
export type LocalAddressGroup = {
  readonly name: string;
  readonly addresses: readonly LocalAddress[];
};

const line = sequence({ range: addressRange, device: word('PORT') });

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
  const addresses = lines.flatMap(({ value: { range, device } }) =>
    expandRange(range).map((address) => ({ address, device })),
  );
  return { name: head, addresses };
}
