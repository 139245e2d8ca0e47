// What the keywords of a virtual_server mean together, in the order in which keepalived looks at
// them: a service that it leaves out is not looked at any further.
import { type AddressFamily, familyOf, formatEndpoint } from '../net/address.js';
import { familyCalled } from './address-family.js';
import type { Report } from './diagnostic.js';
import type { GroupEntry } from './group-entry.js';
import { Once } from './once.js';
import { checkPorts } from './port-checks.js';
import { checkQuorum } from './quorum-checks.js';
import type { Root } from './root-table.js';
import { checkExtras } from './service-extra-checks.js';
import { checkOrder } from './service-order-checks.js';
import {
  type Entries,
  type KeptServers,
  keptServers,
  type ServerFound,
  type ServiceFound,
} from './service-servers.js';
import type { WrittenVirtualServer } from './virtual-server.js';
import { nameOf } from './virtual-server-head.js';

export function checkServices(root: Root, report: Report): void {
  const groups = new Map<string, Entries>();
  for (const { value } of root.all('virtual_server_group').toReversed()) {
    const entries = value.lines.map((line) => line.value);
    if (entries.length > 0) groups.set(value.head, entries);
  }
  const once = new Once(report);
  for (const { value: written } of root.all('virtual_server')) {
    checkOrder(written.settings, report);
    checkExtras(written, report);
    const kept = keptServers(written, report);
    const service = serviceOf(written, kept, groups, report);
    if (service === null) continue;
    for (const key of keysOf(service)) {
      once.see(key, written.subject.position, `virtual server ${key}`, 'warning');
    }
    checkMissing(service, report);
    checkProtocol(service, report);
    checkPorts(service, report);
    checkQuorum(service, report);
  }
}

/** null: it is left out, which has been said. */
function serviceOf(
  written: WrittenVirtualServer,
  { family, servers }: KeptServers,
  groups: ReadonlyMap<string, Entries>,
  report: Report,
): ServiceFound | null {
  const { head, settings, subject } = written;
  const name = nameOf(head);
  const entries = head.type === 'group' ? groups.get(head.name) : [];
  // That the group does not exist is said where the service is made.
  if (entries === undefined) return null;
  if (family !== null && entries.some((entry) => !isOfFamily(entry, family))) {
    const message = `virtual_server ${name} is left out: its group is of another family`;
    report.notice('config.family_mix', subject.position, message);
    return null;
  }
  if (!settings.has('real_server')) {
    const message = `virtual_server ${name} has no real_server and is left out`;
    report.error('config.missing_keyword', subject.position, message);
  }
  if (servers.length === 0) return null;
  const isByMark = head.type === 'fwmark' || entries.some(({ type }) => type === 'fwmark');
  const distinct = distinctServers(name, servers, report);
  return { written, settings, name, entries, isByMark, servers: distinct };
}

function isOfFamily(entry: GroupEntry, family: AddressFamily): boolean {
  if (entry.type === 'addresses') return familyOf(entry.span.first) === family;
  return entry.family === null || familyCalled(entry.family) === family;
}

function distinctServers(
  name: string,
  servers: readonly ServerFound[],
  report: Report,
): readonly ServerFound[] {
  const once = new Once(report);
  return servers.filter(({ value: { head }, position }) => {
    const endpoint = formatEndpoint(head);
    return once.see(endpoint, position, `real server ${endpoint} of virtual_server ${name}`);
  });
}

/** What makes a service, as keepalived shows it: "TCP 192.0.2.10:80". */
function keysOf({ written: { head }, settings, entries }: ServiceFound): readonly string[] {
  const protocol = settings.value('protocol');
  if (head.type === 'address') return [`${protocol} ${formatEndpoint(head)}`];
  if (head.type !== 'group') return [nameOf(head)];
  return entries.flatMap((entry) => {
    if (entry.type === 'fwmark') return [`fwmark ${entry.mark} ${entry.family ?? ''}`.trim()];
    const { span, port } = entry;
    const last = span.first === span.last ? '' : `-${span.last}`;
    return [`${protocol} ${formatEndpoint({ address: span.first, port })}${last}`];
  });
}

/** keepalived goes on with its default, and complains. */
function checkMissing(service: ServiceFound, report: Report): void {
  const { written, settings, servers, name } = service;
  const missing = (keyword: string, instead: string): void => {
    const message = `virtual_server ${name} has no ${keyword}; ${instead} is used`;
    report.warning('config.missing_keyword', written.subject.position, message);
  };
  if (!settings.has('lb_algo')) missing('lb_algo', settings.value('lb_algo'));
  const takesMethodOfService =
    servers.some(({ value }) => !value.settings.has('lvs_method')) ||
    (settings.has('sorry_server') && !settings.has('sorry_server_lvs_method'));
  if (!settings.has('lb_kind') && takesMethodOfService) {
    missing('lb_kind', settings.value('lb_kind').kind);
  }
  if (!settings.has('protocol') && !hasOnlyMarks(service)) {
    missing('protocol', settings.value('protocol'));
  }
}

function checkProtocol(service: ServiceFound, report: Report): void {
  const { written, settings, name, isByMark } = service;
  const protocol = settings.found('protocol');
  if (protocol !== undefined && hasOnlyMarks(service)) {
    const message = `a fwmark is for every protocol; remove protocol ${protocol.value}`;
    report.warning('config.no_effect', protocol.position, message);
  }
  const isIcmp = protocol?.value === 'ICMP' || protocol?.value === 'ICMPV6';
  if (protocol !== undefined && isIcmp && written.head.type !== 'match') {
    const message = `protocol ${protocol.value} is only for virtual_server match`;
    report.error('config.bad_argument', protocol.position, message);
  }
  const ops = settings.found('ops');
  const isUdp = protocol === undefined || protocol.value === 'UDP';
  if (ops !== undefined && !isUdp) {
    const message = `ops is only for UDP; it is off for virtual_server ${name}`;
    report.warning('config.no_effect', ops.position, message);
  }
  const suspend = settings.found('ha_suspend');
  if (suspend !== undefined && isByMark) {
    const message = `ha_suspend needs addresses; it is off for a fwmark, as in ${name}`;
    report.warning('config.no_effect', suspend.position, message);
  }
}

function hasOnlyMarks({ written, entries }: ServiceFound): boolean {
  if (written.head.type === 'fwmark') return true;
  return entries.length > 0 && entries.every(({ type }) => type === 'fwmark');
}
