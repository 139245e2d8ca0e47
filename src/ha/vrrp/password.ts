// The password of VRRPv2 (RFC 2338 section 5.3.10) as packets and the authentication header have
// it: in UTF-8, as it stands in the configuration file, filled with zeros.
import type { VrrpAuthentication } from '../../config/vrrp.js';

export const passwordBytes = 8;

/** The field of a message: the password itself only with type PASS. */
export function passwordOctets(authentication: VrrpAuthentication): Uint8Array {
  return authentication.type === 'pass'
    ? octetsOf(authentication.password)
    : new Uint8Array(passwordBytes);
}

export function octetsOf(password: string): Uint8Array {
  const octets = new Uint8Array(passwordBytes);
  const units = encodeURIComponent(password).match(/%[0-9A-F]{2}|./g) ?? [];
  const codes = units.map((unit) =>
    unit.length === 3 ? Number.parseInt(unit.slice(1), 16) : unit.charCodeAt(0),
  );
  octets.set(codes.slice(0, passwordBytes));
  return octets;
}
