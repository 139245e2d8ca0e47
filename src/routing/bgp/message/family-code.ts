// Families of addresses as BGP numbers them (RFC 4760): AFI and SAFI.
import type { AddressFamily } from '../../../net/address.js';

const afis: Readonly<Record<AddressFamily, number>> = { ipv4: 1, ipv6: 2 };
export const safiUnicast = 1;

export function familyCode(family: AddressFamily): { readonly afi: number; readonly safi: number } {
  return { afi: afis[family], safi: safiUnicast };
}

/** null: one that we do not have. */
export function familyFromCodes(afi: number, safi: number): AddressFamily | null {
  if (safi !== safiUnicast) return null;
  if (afi === afis.ipv4) return 'ipv4';
  return afi === afis.ipv6 ? 'ipv6' : null;
}
