// The servers of a virtual_server that keepalived keeps: those of its own family, unless they are
// reached through a tunnel. What decides is what stands before each of them.
import { type AddressFamily, familyOf } from '../net/address.js';
import { type AddressFamilyName, familyCalled } from './address-family.js';
import type { Report } from './diagnostic.js';
import type { Forwarding } from './forwarding.js';
import type { GroupEntry } from './group-entry.js';
import type { Granularity } from './persistence-table.js';
import type { Found, Occurrence, Settings } from './settings.js';
import type { WrittenServer, WrittenVirtualServer } from './virtual-server.js';
import type { virtualServerTable } from './virtual-server-table.js';

export type Service = Settings<typeof virtualServerTable>;
export type ServerFound = Occurrence<WrittenServer>;

export type Entries = readonly GroupEntry[];

/** A service that is looked at as a whole. */
export type ServiceFound = {
  readonly written: WrittenVirtualServer;
  readonly settings: Service;
  readonly name: string;
  /** Of its group; empty: it has none. */
  readonly entries: Entries;
  readonly isByMark: boolean;
  readonly servers: readonly ServerFound[];
};

export type KeptServers = {
  /** null: it can be either, for a fwmark or group with tunnels only. */
  readonly family: AddressFamily | null;
  readonly servers: readonly ServerFound[];
};

type Family = { family: AddressFamily | null; readonly report: Report };

export function keptServers({ head, settings }: WrittenVirtualServer, report: Report): KeptServers {
  const known: Family = {
    family: head.type === 'address' ? familyOf(head.address) : null,
    report,
  };
  const servers: ServerFound[] = [];
  const steps = [
    ...settings.all('ip_family').map((one) => ({ ...one, type: 'ip_family' as const })),
    ...settings.all('persistence_granularity').map((one) => ({ ...one, type: 'mask' as const })),
    ...settings.all('real_server').map((one) => ({ ...one, type: 'server' as const })),
  ];
  for (const step of steps.toSorted((left, right) => left.order - right.order)) {
    if (step.type === 'ip_family') checkFamily(known, step);
    else if (step.type === 'mask') checkGranularity(known, step);
    else if (head.type === 'match' || isOfFamily(known, settings, step)) servers.push(step);
  }
  checkSorryServer(known, settings);
  return { family: known.family, servers };
}

/** Without a method of its own a server has that of the service, if that stands before it. */
export function kindBefore(service: Service, order: number): Forwarding['kind'] | undefined {
  return service.all('lb_kind').findLast((one) => one.order < order)?.value.kind;
}

/** DPVS translates between the families, and through a tunnel any packet can go. */
function crossesFamilies(kind: Forwarding['kind'] | undefined): boolean {
  return kind === 'TUN' || kind === 'FNAT' || kind === 'SNAT';
}

function isOfFamily(known: Family, service: Service, server: ServerFound): boolean {
  const { head, settings } = server.value;
  const kind = settings.value('lvs_method')?.kind ?? kindBefore(service, server.order);
  if (crossesFamilies(kind)) return true;
  const family = familyOf(head.address);
  known.family ??= family;
  if (family === known.family) return true;
  const message =
    `real_server ${head.address} is left out: the service is ${nameOf(known.family)}, and only ` +
    'FNAT and TUN reach the other family';
  known.report.error('config.family_mix', server.position, message);
  return false;
}

function checkSorryServer(known: Family, service: Service): void {
  const sorry = service.found('sorry_server');
  if (sorry === undefined) return;
  const own = service.all('sorry_server_lvs_method').findLast((one) => one.order > sorry.order);
  if (crossesFamilies(own?.value.kind ?? kindBefore(service, sorry.order))) return;
  const family = familyOf(sorry.value.address);
  known.family ??= family;
  if (family === known.family) return;
  const { address } = sorry.value;
  const message = `sorry_server ${address} is left out: the service is ${nameOf(known.family)}`;
  known.report.error('config.family_mix', sorry.position, message);
}

function checkFamily(known: Family, { value, position }: Found<AddressFamilyName>): void {
  const family = familyCalled(value);
  known.family ??= family;
  if (family === known.family) return;
  const message = `ip_family ${value} is ignored: the service is ${nameOf(known.family)} already`;
  known.report.error('config.family_mix', position, message);
}

function checkGranularity(known: Family, { value, position }: Found<Granularity>): void {
  known.family ??= value.type === 'mask' ? 'ipv4' : 'ipv6';
  if (known.family === 'ipv6' && value.type === 'mask') {
    const message = 'persistence_granularity of an IPv6 service is a prefix length, 1-128';
    known.report.error('config.family_mix', position, message);
  }
  if (known.family === 'ipv4' && value.type === 'length') {
    const message =
      `persistence_granularity ${value.length} is the mask 0.0.0.${value.length} in an IPv4 ` +
      'service; write a mask as 255.255.255.0';
    known.report.notice('config.family_mix', position, message);
  }
}

function nameOf(family: AddressFamily): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}
