// Which virtual router a datagram is for, before anything else is known of it: many share a socket.
import type { Datagram } from '../../ports/packets.js';
import { authenticationProtocol } from './authentication-header.js';

const virtualRouterIdAt = 1;
const headerLengthAt = 1;

/** null: it is too short to say, which is every router's business. */
export function virtualRouterIdOf({ payload, protocol }: Datagram): number | null {
  if (protocol !== authenticationProtocol) return payload[virtualRouterIdAt] ?? null;
  // RFC 4302, 2.2: in words of 4 octets, less 2.
  const headerBytes = ((payload[headerLengthAt] ?? 0) + 2) * 4;
  return payload[headerBytes + virtualRouterIdAt] ?? null;
}
