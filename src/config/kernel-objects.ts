// What a file wants in the kernel: the addresses, routes, rules and interfaces of an instance, and
// those that are there whatever VRRP says.
import type { Position } from '../../grammar/syntax-tree.js';
import { familyOf } from '../net/address.js';
import type { VirtualLink } from '../ports/kernel-objects.js';
import type { AddressEntry } from './address-entry.js';
import type { Report } from './diagnostic.js';
import { countingIn, type GlobalBlocks } from './global.js';
import { type AddressObject, addressAttributes } from './kernel-address.js';
import type { KernelNames } from './kernel-names.js';
import { type RouteObject, routeObject } from './kernel-route.js';
import { type RuleObject, ruleObject } from './kernel-rule.js';
import { type PortAddress, type PortRoute, placedObjects } from './port-objects.js';
import type { Root } from './root-table.js';
import type { Found } from './settings.js';
import { usedTrackGroups } from './static-groups.js';
import { addressLink, type LinkRequest, type LinkSurroundings, linkOf } from './vrrp-links.js';

export type InstanceObjects = {
  /** The VMAC or ipvlan first, if there is one; then those of addresses on other interfaces. */
  readonly links: readonly VirtualLink[];
  /** The interface that adverts leave by; they are heard on the instance's own. */
  readonly transmitsOn: string;
  readonly promotesSecondaries: boolean;
  /** false: packets to the addresses are dropped. */
  readonly accepts: boolean;
  /** In the order of the file: those of the adverts, then the excluded ones. */
  readonly addresses: readonly AddressObject[];
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
  /** Of `dpdk_interface`: routes that the data plane has instead of the kernel. */
  readonly portRoutes: readonly PortRoute[];
  /** Source addresses of FNAT that are there only while the instance is MASTER. */
  readonly localAddresses: readonly PortAddress[];
};

/** Put into the kernel at start, taken out at the end. */
export type StaticObjects = {
  readonly addresses: readonly AddressObject[];
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
  /** What instances cannot be MASTER without; the same objects as above. */
  readonly groups: readonly StaticGroup[];
};

export type StaticGroup = {
  readonly name: string;
  readonly addresses: readonly AddressObject[];
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
};

export type FirewallConfig = {
  /** A word of nft(8): letters, digits, and _ . / */
  readonly table: string;
  readonly priority: number;
  readonly countsPackets: boolean;
  /** The kernel is told to send no IGMP for link-local groups, from no interface. */
  readonly silencesIgmp: boolean;
};

export type InstanceRequest = LinkRequest & {
  readonly dpdkInterface: string | null;
  readonly priority: number;
};

export function instanceObjects(
  request: InstanceRequest,
  surroundings: LinkSurroundings,
  report: Report,
): InstanceObjects {
  const { settings } = request;
  const link = request.dpdkInterface === null ? linkOf(request, surroundings, report) : null;
  const links = new AddressLinks(request, link ?? null, surroundings, report);
  const addresses = [
    ...addressesOf(settings.all('virtual_ipaddress'), true, links, surroundings.names, report),
    ...addressesOf(
      settings.all('virtual_ipaddress_excluded'),
      false,
      links,
      surroundings.names,
      report,
    ),
  ];
  const isOnBase = settings.value('vmac_xmit_base');
  return {
    links: [...(link ? [link] : []), ...links.made],
    transmitsOn: link && !isOnBase ? link.name : request.interface,
    promotesSecondaries: settings.value('promote_secondaries'),
    accepts: request.priority === 255 || settings.value('accept') !== false,
    addresses,
    ...virtualObjects(request, surroundings, report),
    localAddresses: [],
  };
}

function virtualObjects(
  { settings, dpdkInterface }: InstanceRequest,
  { names, companions }: LinkSurroundings,
  report: Report,
): Pick<InstanceObjects, 'routes' | 'rules' | 'portRoutes'> {
  const routes = linesOf(settings.all('virtual_routes')).flatMap((line) => {
    const object = routeObject(line, names, report);
    return object === undefined ? [] : [{ value: object, position: line.position }];
  });
  const rules = linesOf(settings.all('virtual_rules')).flatMap((line) => {
    const object = ruleObject(line, names, report);
    return object === undefined ? [] : [{ value: object, position: line.position }];
  });
  if (dpdkInterface !== null) {
    return placedObjects({ routes, rules }, { port: dpdkInterface, companions }, report);
  }
  return {
    routes: routes.map(({ value }) => value),
    rules: rules.map(({ value }) => value),
    portRoutes: [],
  };
}

export function staticObjects(
  root: Root,
  names: KernelNames,
  defaultInterface: string,
  report: Report,
): StaticObjects {
  const addresses = linesOf(root.all('static_ipaddress')).flatMap((line): Of<AddressObject>[] => {
    const attributes = addressAttributes(line, names, report);
    if (attributes === undefined) return [];
    const { prefix, options } = line.value;
    const device = options.dev ?? defaultInterface;
    const isTracked = options.no_track === undefined;
    const object = { prefix, device, attributes, isTracked, isAdvertised: false };
    return [{ object, group: options.track_group }];
  });
  const routes = linesOf(root.all('static_routes')).flatMap((line): Of<RouteObject>[] => {
    const object = routeObject(line, names, report);
    return object === undefined ? [] : [{ object, group: line.value.options.track_group }];
  });
  const rules = linesOf(root.all('static_rules')).flatMap((line): Of<RuleObject>[] => {
    const object = ruleObject(line, names, report);
    return object === undefined ? [] : [{ object, group: line.value.track_group }];
  });
  return {
    addresses: addresses.map(({ object }) => object),
    routes: routes.map(({ object }) => object),
    rules: rules.map(({ object }) => object),
    groups: usedTrackGroups(root).map(({ name }) => ({
      name,
      addresses: inGroup(addresses, name),
      routes: inGroup(routes, name),
      rules: inGroup(rules, name),
    })),
  };
}

/** With the track_group that it names. */
type Of<T> = { readonly object: T; readonly group: string | undefined };

function inGroup<T>(all: readonly Of<T>[], name: string): readonly T[] {
  return all.filter(({ group }) => group === name).map(({ object }) => object);
}

export function firewallConfig(globals: GlobalBlocks, report: Report): FirewallConfig {
  const written = countingIn(globals, 'nftables');
  const name = written?.value ?? 'keepalived';
  const table = /^[a-z]/i.test(name) ? name.replaceAll(/[^\w./]/g, '_') : 'keepalived';
  if (written !== undefined && table !== name) {
    const message = `nftables cannot have a table of the name "${name}"; it is called ${table}`;
    report.notice('config.replaced', written.position, message);
  }
  return {
    table,
    priority: countingIn(globals, 'nftables_priority')?.value ?? -1,
    countsPackets: countingIn(globals, 'nftables_counters')?.value ?? false,
    silencesIgmp: countingIn(globals, 'disable_local_igmp') !== undefined,
  };
}

/** Which interface an address goes to, and those that are made for addresses alone. */
class AddressLinks {
  readonly #request: InstanceRequest;
  readonly #own: VirtualLink | null;
  readonly #surroundings: LinkSurroundings;
  readonly #report: Report;
  readonly #byParent = new Map<string, VirtualLink>();

  constructor(
    request: InstanceRequest,
    own: VirtualLink | null,
    surroundings: LinkSurroundings,
    report: Report,
  ) {
    this.#request = request;
    this.#own = own;
    this.#surroundings = surroundings;
    this.#report = report;
  }

  get made(): readonly VirtualLink[] {
    return [...this.#byParent.values()];
  }

  deviceOf({ prefix, options }: AddressEntry<VirtualOptions>, position: Position): string {
    const { dpdkInterface, interface: base, family, settings } = this.#request;
    if (dpdkInterface !== null) return dpdkInterface;
    const device = options.dev ?? base;
    const isOfFamily = familyOf(prefix.address) === family;
    // A VMAC has the MAC address of one family.
    if (device === base) return (isOfFamily ? this.#own?.name : undefined) ?? base;
    const wantsVmac = options.use_vmac === true || settings.value('use_vmac_addr');
    return wantsVmac && isOfFamily ? this.#vmacOn(device, position) : device;
  }

  #vmacOn(device: string, position: Position): string {
    const known = this.#byParent.get(device);
    if (known !== undefined) return known.name;
    const made = addressLink(this.#request, device, position, this.#surroundings, this.#report);
    if (made === undefined) return device;
    this.#byParent.set(device, made);
    return made.name;
  }
}

type VirtualOptions = typeof import('./address-entry.js').vrrpAddressOptions;

function addressesOf(
  blocks: readonly Found<readonly Found<AddressEntry<VirtualOptions>>[]>[],
  isAdvertised: boolean,
  links: AddressLinks,
  names: KernelNames,
  report: Report,
): readonly AddressObject[] {
  return linesOf(blocks).flatMap((line): AddressObject[] => {
    const attributes = addressAttributes(line, names, report);
    if (attributes === undefined) return [];
    const { prefix, options } = line.value;
    const device = links.deviceOf(line.value, line.position);
    const isTracked = options.no_track === undefined;
    return [{ prefix, device, attributes, isTracked, isAdvertised }];
  });
}

function linesOf<V>(blocks: readonly Found<readonly Found<V>[]>[]): readonly Found<V>[] {
  return blocks.flatMap(({ value }) => value);
}
