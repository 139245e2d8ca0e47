// use_vmac and use_ipvlan of a vrrp_instance -> the interfaces that are made for it.
import type { Position } from '../../grammar/syntax-tree.js';
import type { AddressFamily } from '../net/address.js';
import { type MacAddress, parseMacAddress } from '../net/mac.js';
import type { VirtualLink } from '../ports/kernel-objects.js';
import type { Report } from './diagnostic.js';
import type { KernelNames } from './kernel-names.js';
import type { Settings } from './settings.js';
import type { Vmac } from './vrrp-network-table.js';
import type { vrrpTable } from './vrrp-table.js';

/** What the instances of a file share. */
export type LinkSurroundings = {
  readonly names: KernelNames;
  /** Interfaces that instances made so far. */
  readonly taken: Set<string>;
  readonly prefix: string;
  /** Beginning of the names of interfaces for single addresses. */
  readonly addressPrefix: string;
  /** The companion interface of each port of the data plane, by the port's name. */
  readonly companions: ReadonlyMap<string, string>;
};

export type LinkRequest = {
  readonly settings: Settings<typeof vrrpTable>;
  readonly interface: string;
  readonly virtualRouterId: number;
  readonly family: AddressFamily;
};

const nameLengthMax = 15;
/** RFC 9568 7.3; the sixth octet is the number of the virtual router. */
const macPrefixes = { ipv4: '00:00:5e:00:01', ipv6: '00:00:5e:00:02' } as const;

/** null: it has none; undefined: it is wrong, and `report` has why. */
export function linkOf(
  request: LinkRequest,
  surroundings: LinkSurroundings,
  report: Report,
): VirtualLink | null | undefined {
  const vmac = request.settings.found('use_vmac');
  const ipvlan = request.settings.found('use_ipvlan');
  if (vmac !== undefined) {
    if (ipvlan !== undefined) {
      const message = 'use_vmac and use_ipvlan exclude each other; the VMAC is made';
      report.warning('config.ineffective', ipvlan.position, message);
    }
    return vmacLink(request, vmac.value, vmac.position, surroundings, report);
  }
  if (ipvlan === undefined) return null;
  const { interface: name, group, mode } = ipvlan.value;
  const number = groupOf(group, ipvlan.position, surroundings, report);
  const free = name ?? freeName(surroundings.prefix, request, surroundings);
  if (number === undefined || !take(free, ipvlan.position, surroundings, report)) return undefined;
  const kind = { type: 'ipvlan', mode: mode ?? 'bridge' } as const;
  return { name: free, parent: request.interface, group: number, kind };
}

function vmacLink(
  request: LinkRequest,
  { mac: text, names, group }: Vmac,
  position: Position,
  surroundings: LinkSurroundings,
  report: Report,
): VirtualLink | undefined {
  const mac = macOf(text, request);
  if (mac === null) {
    const message = `${text} cannot be the address of an interface: it is that of a group`;
    report.error('config.bad_argument', position, message);
    return undefined;
  }
  const number = groupOf(group, position, surroundings, report);
  // One name that is the instance's own interface says where, not how it is called.
  const [written, parent] = names[0] === request.interface ? [undefined, names[0]] : names;
  const name = written ?? freeName(surroundings.prefix, request, surroundings);
  if (number === undefined || !take(name, position, surroundings, report)) return undefined;
  const kind = { type: 'macvlan', mac } as const;
  return { name, parent: parent ?? request.interface, group: number, kind };
}

/** For addresses of the instance on another interface. */
export function addressLink(
  request: LinkRequest,
  device: string,
  position: Position,
  surroundings: LinkSurroundings,
  report: Report,
): VirtualLink | undefined {
  const mac = macOf(request.settings.value('use_vmac')?.mac ?? null, request);
  const name = freeName(surroundings.addressPrefix, request, surroundings);
  if (mac === null || !take(name, position, surroundings, report)) return undefined;
  return { name, parent: device, group: null, kind: { type: 'macvlan', mac } };
}

/** null: it is no address of a single interface. */
function macOf(text: string | null, request: LinkRequest): MacAddress | null {
  const written = text ?? macPrefixes[request.family];
  const last = request.virtualRouterId.toString(16).padStart(2, '0');
  const whole = written.split(':').length === 5 ? `${written}:${last}` : written;
  const mac = parseMacAddress(whole);
  const isGroup = (Number.parseInt(whole.slice(0, 2), 16) & 1) !== 0;
  return mac.isErr() || isGroup ? null : mac.value;
}

/** keepalived's: vrrp.51, then vrrp6.51 for IPv6, then vrrp1.51, vrrp2.51 … */
function freeName(
  prefix: string,
  { virtualRouterId, family }: LinkRequest,
  { taken }: LinkSurroundings,
): string {
  const numbers = function* (): Generator<string> {
    yield '';
    if (family === 'ipv6') yield '6';
    for (let number = 1; ; number++) if (number !== 6) yield String(number);
  };
  for (const number of numbers()) {
    const name = `${prefix}${number}.${virtualRouterId}`;
    if (!taken.has(name)) return name;
  }
  throw new Error('assertion: there is always one more number');
}

function groupOf(
  group: string | null,
  position: Position,
  { names }: LinkSurroundings,
  report: Report,
): number | null | undefined {
  return group === null ? null : names.number('group', group, position, report);
}

/** False: it cannot be the name of a new interface, and `report` has why. */
function take(
  name: string,
  position: Position,
  { taken }: LinkSurroundings,
  report: Report,
): boolean {
  if (name.length > nameLengthMax) {
    const remedy = 'give use_vmac a name, or set a shorter vmac_prefix';
    const message = `the interface ${name} would have more than ${nameLengthMax} characters`;
    report.error('config.bad_argument', position, `${message}; ${remedy}`);
    return false;
  }
  if (taken.has(name)) {
    const message = `another instance makes the interface ${name} already; give it another name`;
    report.error('config.duplicate', position, message);
    return false;
  }
  taken.add(name);
  return true;
}
