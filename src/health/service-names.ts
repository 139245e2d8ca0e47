// Real servers and services as keepalived names them in its log, FIFOs and mails.
import type { VirtualServer } from '../config/virtual-server.js';
import type { Endpoint } from '../net/address.js';

type Named = Pick<VirtualServer, 'name' | 'protocol' | 'endpoints'>;

/** "[198.51.100.1]:tcp:8080" */
export function serverName({ address, port }: Endpoint, protocol: string): string {
  return `[${address}]:${protocol.toLowerCase()}:${port}`;
}

const groupPrefix = 'group ';

/** "[192.0.2.100]:tcp:80"; "[web]:0" of a group; "[match out]", which keepalived has not. */
export function serviceName({ name, protocol, endpoints }: Named): string {
  if (name.startsWith(groupPrefix)) return `[${name.slice(groupPrefix.length)}]:0`;
  const [only] = endpoints;
  return only === undefined ? `[${name}]` : serverName(only, protocol);
}
