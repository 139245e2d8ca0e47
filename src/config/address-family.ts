// inet and inet6: the words of keepalived and iproute2 for the two families of addresses.
import type { AddressFamily } from '../net/address.js';
import { choice } from './phrases.js';

export type AddressFamilyName = 'inet' | 'inet6';

export const familyName = choice('inet', 'inet6');

export function familyCalled(name: AddressFamilyName): AddressFamily {
  return name === 'inet' ? 'ipv4' : 'ipv6';
}
