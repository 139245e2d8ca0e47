// "10.2.0.1-10.2.0.254:1024-65535": addresses and ports of the packets that a service matches, as
// DPVS writes them. IPv6 addresses stand in brackets when ports follow.
import { compareAddresses, familyOf } from '../net/address.js';
import type { TrafficRange } from '../net/service.js';
import { argument, parseAddress } from './phrases.js';

export const trafficRange = argument(
  'ADDRESS[-ADDRESS][:PORT[-PORT]]',
  'addresses and ports like 10.2.0.1-10.2.0.254:1024-65535 or [2001:db8::1]:80',
  parseTrafficRange,
  formatTrafficRange,
);

export function parseTrafficRange(text: string): TrafficRange | undefined {
  const isBareIpv6 = !text.startsWith('[') && text.split(':').length > 2;
  if (isBareIpv6) return rangeOf(text, null);
  // DPVS writes ":0-0" behind addresses with any port.
  const parts = /^(?:\[([^\]]+)\]|([0-9.-]*))(?::([0-9]{1,5}(?:-[0-9]{1,5})?))?$/.exec(text);
  if (parts === null) return undefined;
  const [, inBrackets, bare, ports = null] = parts;
  return rangeOf(inBrackets || bare || null, ports);
}

function rangeOf(addressText: string | null, portText: string | null): TrafficRange | undefined {
  const addresses = addressText === null ? null : parseAddresses(addressText);
  const ports = portText === null ? null : parsePorts(portText);
  if (addresses === undefined || ports === undefined) return undefined;
  return addresses === null && ports === null ? undefined : { addresses, ports };
}

function parseAddresses(text: string): TrafficRange['addresses'] | undefined {
  const [firstText = '', lastText = firstText, ...more] = text.split('-');
  const first = parseAddress(firstText);
  const last = parseAddress(lastText);
  if (first === undefined || last === undefined || more.length > 0) return undefined;
  if (familyOf(first) !== familyOf(last) || compareAddresses(first, last) > 0) return undefined;
  return { first, last };
}

function parsePorts(text: string): TrafficRange['ports'] | undefined {
  const [first = 0, last = first] = text.split('-').map(Number);
  if (last === 0) return first === 0 ? null : undefined;
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}

function formatTrafficRange({ addresses, ports }: TrafficRange): string {
  const addressText = addresses === null ? '' : joined(addresses.first, addresses.last);
  if (ports === null) return addressText;
  const isIpv6 = addresses !== null && familyOf(addresses.first) === 'ipv6';
  const portText = joined(String(ports.first), String(ports.last));
  return `${isIpv6 ? `[${addressText}]` : addressText}:${portText}`;
}

function joined(first: string, last: string): string {
  return first === last ? first : `${first}-${last}`;
}
