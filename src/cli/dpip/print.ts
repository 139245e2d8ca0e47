// What `dpip OBJECT show` prints, in the lines of DPVS's tool.
import type { AddressStatus, NeighborStatus, PortStatus } from '../../dataplane/dataplane.js';
import type { Route } from '../../dataplane/state.js';
import type { PortUse } from '../../dataplane/statistics.js';
import { familyOf, type IpAddress, ipAddress } from '../../net/address.js';
import {
  formatPrefix,
  hostLength,
  networkOf,
  type Prefix,
  prefixContains,
} from '../../net/prefix.js';
import type { Scope } from './arguments.js';

export type LinkDetail = { readonly isCounted: boolean; readonly isVerbose: boolean };

/** `index`: the port's number, from 1. */
export function formatLink(port: PortStatus, index: number, detail: LinkDetail): string {
  const queues = `rx-queue ${port.rxQueues} tx-queue ${port.txQueues}`;
  const duplex = port.isFullDuplex ? 'full-duplex' : 'half-duplex';
  const promiscuous = port.isPromiscuous ? ' promisc' : '';
  const state = port.isUp ? 'UP' : 'DOWN';
  return text([
    `${index}: ${port.name}: socket ${port.socket} mtu ${port.mtuBytes} ${queues}`,
    `    ${state} ${port.speedMbps} Mbps ${duplex}${promiscuous}`,
    `    addr ${port.mac.toUpperCase()}`,
    ...(detail.isCounted ? linkCounters(port) : []),
    ...(detail.isVerbose ? [`    device ${port.device} kni ${port.kniName}`, rssLine(port)] : []),
  ]);
}

function rssLine({ isHashed, misdirected }: PortStatus): string {
  return `    rss ${isHashed ? 'port' : 'software'} misdirected ${misdirected}`;
}

function linkCounters({ packets, bytes, errors, missed, noBuffer }: PortStatus): string[] {
  return [
    row(['ipackets', 'opackets', 'ibytes', 'obytes']),
    row([packets.rx, packets.tx, bytes.rx, bytes.tx]),
    row(['ierrors', 'oerrors', 'imissed', 'rx_nombuf']),
    row([errors.rx, errors.tx, missed, noBuffer]),
  ];
}

function row(cells: readonly (string | number)[]): string {
  return `    ${cells.map((cell) => `${cell}`.padEnd(20)).join('')}`;
}

/** `use` undefined: nobody asked, or it is no source address. */
export function formatAddress({ prefix, device }: AddressStatus, use: PortUse | undefined): string {
  const ports =
    use === undefined ? '' : ` sa_used ${use.used} sa_free ${use.free} sa_miss ${use.missed}`;
  return text([
    `${word(prefix.address)} ${formatPrefix(prefix)} scope ${scopeOf(prefix)} ${device}`,
    `     valid_lft forever preferred_lft forever${ports}`,
  ]);
}

const linkLocal: Prefix = { address: ipAddress('fe80::'), length: 10 };

function scopeOf({ address }: Prefix): Scope {
  return prefixContains(linkLocal, address) ? 'link' : 'global';
}

export type ShownRoute = {
  readonly destination: Prefix;
  readonly device: string;
  readonly gateway: IpAddress | null;
  readonly source: IpAddress | null;
  readonly scope: Scope;
};

/** Own addresses first (scope host), then connected networks (link), then what was configured. */
export function shownRoutes(
  addresses: readonly AddressStatus[],
  routes: readonly Route[],
): readonly ShownRoute[] {
  return [
    ...addresses.map(({ prefix: { address }, device }): ShownRoute => {
      const destination = { address, length: hostLength(address) };
      return { destination, device, gateway: null, source: null, scope: 'host' };
    }),
    ...connectedNetworks(addresses).map(({ prefix, device }): ShownRoute => {
      const destination = networkOf(prefix);
      return { destination, device, gateway: null, source: prefix.address, scope: 'link' };
    }),
    ...routes.map(({ destination, gateway, device }): ShownRoute => {
      const scope = gateway === null ? 'link' : 'global';
      return { destination: networkOf(destination), device, gateway, source: null, scope };
    }),
  ];
}

/** DPVS's lines of the two families differ. */
export function formatRoutes(
  routes: readonly ShownRoute[],
  mtuOf: ReadonlyMap<string, number>,
): string {
  return text(routes.map((route) => routeLine(route, mtuOf.get(route.device) ?? 0)));
}

function routeLine(route: ShownRoute, mtuBytes: number): string {
  const { destination, gateway, source, device, scope } = route;
  const start = `${word(destination.address)} ${formatPrefix(destination)}`;
  if (familyOf(destination.address) === 'ipv6') {
    const via = gateway === null ? '' : ` via ${gateway}`;
    const src = source === null ? '' : ` src ${source}`;
    return `${start}${via}${src} dev ${device} mtu ${mtuBytes} scope ${scope}`;
  }
  return (
    `${start} via ${gateway ?? '0.0.0.0'} src ${source ?? '0.0.0.0'} dev ${device} ` +
    `mtu ${mtuBytes} tos 0 scope ${scope} metric 0 proto auto`
  );
}

/** One address for each network of a port: the first is the source of its route. */
function connectedNetworks(addresses: readonly AddressStatus[]): readonly AddressStatus[] {
  const networks = new Map<string, AddressStatus>();
  for (const status of addresses) {
    const { prefix, device } = status;
    if (prefix.length === hostLength(prefix.address)) continue;
    const key = `${formatPrefix(networkOf(prefix))} ${device}`;
    if (!networks.has(key)) networks.set(key, status);
  }
  return [...networks.values()];
}

/** Neighbours belong to no core here: all workers read one table, which the control side keeps. */
export function formatNeighbor(neighbor: NeighborStatus): string {
  const address = neighbor.address.padEnd(14);
  const state = neighbor.state.padEnd(13);
  const kind = neighbor.isStatic ? '  static' : '';
  return (
    `ip: ${address} mac: ${neighbor.mac}   state: ${state} dev: ${neighbor.device}` +
    `  core: 0${kind}\n`
  );
}

function word(address: IpAddress): string {
  return familyOf(address) === 'ipv4' ? 'inet' : 'inet6';
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
