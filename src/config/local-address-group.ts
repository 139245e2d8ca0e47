// local_address_group: the source addresses (LIP) that FNAT connections to real servers use.
import type { IpAddress } from '../net/address.js';

export type LocalAddress = { readonly address: IpAddress; readonly device: string };
/** Ranges of the file are expanded here. */
export type LocalAddressGroup = {
  readonly name: string;
  readonly addresses: readonly LocalAddress[];
};
