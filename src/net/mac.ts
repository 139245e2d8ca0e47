// An Ethernet MAC address as one canonical string: six lower-case hexadecimal octets with colons.
import { err, ok, type Result } from 'neverthrow';

declare const macBrand: unique symbol;
export type MacAddress = string & { readonly [macBrand]: true };
export type MacError = { readonly type: 'mac.malformed'; readonly text: string };

export function parseMacAddress(text: string): Result<MacAddress, MacError> {
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text))
    return err({ type: 'mac.malformed', text });
  return ok(text.toLowerCase() as MacAddress);
}

/** Six octets in transmission order. */
export function macBytes(mac: MacAddress): Uint8Array {
  return Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
}

/** `bytes` holds exactly six octets. */
export function macFromBytes(bytes: Uint8Array): MacAddress {
  if (bytes.length !== 6) throw new Error(`assertion: ${bytes.length} bytes are no MAC address`);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':') as MacAddress;
}
