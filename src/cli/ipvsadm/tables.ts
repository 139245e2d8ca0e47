// The other tables of ipvsadm: connections, timeouts, local addresses, and services as commands.
import type {
  ConnectionList,
  ConnectionStatus,
  LocalAddressCounters,
} from '../../dataplane/dataplane.js';
import { serviceIdentity } from '../../dataplane/difference.js';
import { serverIdentity } from '../../dataplane/plan.js';
import type { DesiredState } from '../../dataplane/state.js';
import { formatEndpoint } from '../../net/address.js';
import type { Timeouts } from '../../net/settings.js';
import { endpointOrder, serviceOrder, sorted } from './listing.js';
import { localAddressArguments, serverArguments, serviceArguments } from './option-words.js';

/** "[1]tcp 7s TIME_WAIT 192.0.2.7:4000 192.0.2.1:80 10.1.0.200:1025 10.1.0.2:80", as in DPVS. */
export function formatConnections({ connections, isCut }: ConnectionList): string {
  const lines = connections.map(connectionLine);
  if (isCut) lines.push(`there are more than these ${connections.length}: choose by --sockpair`);
  return text(lines);
}

function connectionLine(connection: ConnectionStatus): string {
  const { worker, protocol, state, expiresSeconds, client, destination, local, server } =
    connection;
  const ends = [client, destination, local, server].map(formatEndpoint).join(' ');
  return `[${worker}]${protocol.toLowerCase()} ${expiresSeconds}s ${state} ${ends}`;
}

/** Clients that persistence holds to each server, by `serverIdentity`. */
export function persistentClients(
  templates: readonly ConnectionStatus[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { protocol, destination, server } of templates) {
    if (protocol === 'ICMP' || protocol === 'ICMPV6') continue;
    const service = { ...destination, protocol };
    const key = serverIdentity({ service, endpoint: server });
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

export function formatTimeouts({ established, fin_wait, udp }: Timeouts): string {
  return `Timeout (tcp tcpfin udp): ${established} ${fin_wait} ${udp}\n`;
}

/** Each service with its source addresses, as `ipvsadm -G` of DPVS. */
export function formatLocalAddresses(
  state: Pick<DesiredState, 'services' | 'localAddresses'>,
  counters: readonly LocalAddressCounters[],
): string {
  const used = new Map(counters.map((one) => [`${one.address} ${one.device}`, one]));
  const lines = [columns(['VIP:VPORT', 'TOTAL', 'SNAT_IP', 'CONFLICTS', 'CONNS'])];
  for (const { key } of sorted(state.services, (one) => serviceOrder(one.key))) {
    if ('match' in key) continue;
    const identity = serviceIdentity(key);
    const own = state.localAddresses.filter((one) => serviceIdentity(one.service) === identity);
    lines.push(columns([formatEndpoint(key), `${own.length}`]));
    for (const { address, device } of own) {
      const count = used.get(`${address} ${device}`);
      lines.push(columns(['', '', address, `${count?.missed ?? 0}`, `${count?.used ?? 0}`]));
    }
  }
  return text(lines);
}

function columns(cells: readonly string[]): string {
  const widths = [20, 8, 20, 10, 10];
  return cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ');
}

/**
 * Commands that `ipvsadm -R` makes the same services of. Not among them are local addresses that
 * follow an instance: restored they would be there on both nodes at once.
 */
export function formatSaved(state: Omit<DesiredState, 'settings'>): string {
  const localAddresses = state.localAddresses.filter(({ isLeased }) => !isLeased);
  const lines = sorted(state.services, ({ key }) => serviceOrder(key)).flatMap((service) => {
    const identity = serviceIdentity(service.key);
    const isOwn = (one: { readonly service: typeof service.key }): boolean =>
      serviceIdentity(one.service) === identity;
    const servers = sorted(state.servers.filter(isOwn), ({ endpoint }) => endpointOrder(endpoint));
    return [
      serviceArguments(service),
      ...localAddresses.filter(isOwn).map(localAddressArguments),
      ...servers.map(serverArguments),
    ];
  });
  return text(lines.map((words) => words.map(quoted).join(' ')));
}

function quoted(word: string): string {
  return /[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word;
}

/** The words of a saved line; the error is a sentence. */
export function wordsOf(line: string): readonly string[] {
  const words = line.matchAll(/(?:[^\s"]|"(?:\\"|[^"])*")+/g);
  return Array.from(words, ([word]) =>
    word.replace(/"((?:\\"|[^"])*)"/g, (_, inside: string) => inside.replaceAll('\\"', '"')),
  );
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
