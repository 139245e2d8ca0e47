// Addresses of multicast groups.
import { addressBytes, familyOf, type IpAddress } from '../net/address.js';
import { type Argument, argument, parseAddress } from './phrases.js';

const names = { ipv4: 'an IPv4', ipv6: 'an IPv6', any: 'a' } as const;

export function multicastAddress(family: keyof typeof names): Argument<IpAddress> {
  return argument('ADDRESS', `${names[family]} multicast address`, (written) => {
    const address = parseAddress(written);
    if (address === undefined || !isMulticast(address)) return undefined;
    return family === 'any' || familyOf(address) === family ? address : undefined;
  });
}

/** 224.0.0.0/4 and ff00::/8. */
function isMulticast(address: IpAddress): boolean {
  const [first = 0] = addressBytes(address);
  return familyOf(address) === 'ipv4' ? first >> 4 === 0xe : first === 0xff;
}
