// The request for a page, octet by octet as keepalived writes it.
import type { HttpProtocol } from '../../config/checkers/http.js';
import { type Endpoint, familyOf } from '../../net/address.js';

export type PageRequest = {
  readonly path: string;
  /** null: the target. */
  readonly host: string | null;
  readonly target: Endpoint;
  readonly protocol: HttpProtocol;
};

/** The line about the connection; HTTP/1.0 without one ends with the answer. */
const connectionLines: { readonly [P in HttpProtocol]: string } = {
  '1.0': '',
  '1.0C': 'Connection: close\r\n',
  '1.0K': 'Connection: keep-alive\r\n',
  '1.1': 'Connection: close\r\n',
};

export function requestFor({ path, host, target, protocol }: PageRequest): Uint8Array {
  const text =
    `GET ${path} HTTP/${protocol === '1.1' ? '1.1' : '1.0'}\r\n` +
    'User-Agent: KeepAliveClient\r\n' +
    connectionLines[protocol] +
    `Host: ${host ?? hostOf(target)}\r\n\r\n`;
  return new TextEncoder().encode(text);
}

/** Always with the port, also where it is that of the protocol. */
function hostOf({ address, port }: Endpoint): string {
  return familyOf(address) === 'ipv4' ? `${address}:${port}` : `[${address}]:${port}`;
}
