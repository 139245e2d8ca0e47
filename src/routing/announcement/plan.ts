// Config -> what there is to announce. An address that several blocks announce is announced once:
// its facts are those of all of them, and the worst counts; lists of neighbours add up, and what
// belongs to the address as a whole (times, attributes, the length) is the first block's: those of
// VRRP instances before those of virtual servers. A virtual server without a block has no say.
import type { Announcement } from '../../config/announcement.js';
import type { BgpInstance, RouteAttributes } from '../../config/bgp.js';
import type { Config } from '../../config/config.js';
import type { OspfInstance } from '../../config/ospf.js';
import { familyOf, type IpAddress, isLinkLocal } from '../../net/address.js';
import { hostLength, networkOf, type Prefix } from '../../net/prefix.js';
import { isInRanges } from '../../net/prefix-range.js';
import { serviceKeyOf } from '../../net/service-facts.js';
import type {
  AnnouncedAddress,
  AnnouncementPlan,
  AnnouncementSource,
  BgpTarget,
  OspfTarget,
} from './announced-address.js';
import { medMax, metricMax } from './routes.js';

type PlannedConfig = Pick<
  Config,
  | 'bgpInstances'
  | 'ospfInstances'
  | 'virtualServers'
  | 'vrrpInstances'
  | 'localAddressGroups'
  | 'dataplane'
>;

/** One announce block and one of its addresses. */
type Claim = {
  readonly address: IpAddress;
  readonly block: Announcement;
  readonly what: string;
  readonly needsDataplane: boolean;
  /** null: all virtual servers with the address. */
  readonly service: string | null;
};

export function announcementPlan(config: PlannedConfig): AnnouncementPlan {
  const world = new World(config);
  const claims = byAddress(claimsOf(config));
  const virtual = [...claims].map(([address, own]) => world.address(address, own));
  const local = localClaims(config).filter(({ address }) => !claims.has(address));
  return {
    addresses: [
      ...virtual,
      ...[...byAddress(local)].map(([address, own]) => world.localAddress(address, own)),
    ],
    bgpInstances: config.bgpInstances.map(({ name }) => name),
    ospfInstances: config.ospfInstances.map(({ name }) => name),
  };
}

function claimsOf({ vrrpInstances, virtualServers }: PlannedConfig): readonly Claim[] {
  const ofInstances = vrrpInstances.flatMap(({ announcement, name, objects, dpdkInterface }) => {
    if (announcement === null) return [];
    const rest = { block: announcement, service: null, needsDataplane: dpdkInterface !== null };
    return objects.addresses
      .map(({ prefix }) => prefix.address)
      .filter((address) => !isLinkLocal(address))
      .map((address) => ({ address, what: `vrrp_instance ${name}`, ...rest }));
  });
  const ofServers = virtualServers.flatMap((server) => {
    const { announcement, endpoints, name, protocol } = server;
    if (announcement === null) return [];
    const service = serviceKeyOf(server);
    const rest = { block: announcement, service, needsDataplane: true };
    return [...new Set(endpoints.map(({ address }) => address))].map((address) => ({
      address,
      what: `virtual_server ${name} ${protocol}`,
      ...rest,
    }));
  });
  return [...ofInstances, ...ofServers];
}

type LocalClaim = {
  readonly address: IpAddress;
  readonly follows: string | null;
  readonly block: Announcement;
};

function localClaims(config: PlannedConfig): readonly LocalClaim[] {
  const groups = new Map(config.localAddressGroups.toReversed().map((one) => [one.name, one]));
  const ofServers = config.virtualServers.flatMap(({ announcement, localAddressGroup }) => {
    if (announcement?.hasLocalAddresses !== true) return [];
    const addresses = groups.get(localAddressGroup ?? '')?.addresses ?? [];
    return addresses.map(({ address, follows }) => ({ address, follows, block: announcement }));
  });
  const ofInstances = config.vrrpInstances.flatMap(({ announcement, name, objects }) =>
    announcement?.hasLocalAddresses === true
      ? objects.localAddresses.map(({ prefix }) => ({
          address: prefix.address,
          follows: name,
          block: announcement,
        }))
      : [],
  );
  return [...ofServers, ...ofInstances];
}

class World {
  readonly #bgp: ReadonlyMap<string, BgpInstance>;
  readonly #ospf: ReadonlyMap<string, OspfInstance>;
  readonly #servicesOf = new Map<IpAddress, string[]>();
  readonly #holdersOf = new Map<IpAddress, string[]>();

  constructor({ bgpInstances, ospfInstances, virtualServers, vrrpInstances }: PlannedConfig) {
    this.#bgp = new Map(bgpInstances.map((one) => [one.name, one]));
    this.#ospf = new Map(ospfInstances.map((one) => [one.name, one]));
    for (const server of virtualServers) {
      const own = new Set(server.endpoints.map(({ address }) => address));
      for (const address of own) append(this.#servicesOf, address, serviceKeyOf(server));
    }
    for (const { name, objects } of vrrpInstances) {
      for (const { prefix } of objects.addresses) append(this.#holdersOf, prefix.address, name);
    }
  }

  address(address: IpAddress, claims: readonly Claim[]): AnnouncedAddress {
    const block = firstBlock(claims);
    const length = block.prefixLength ?? hostLength(address);
    const blocks = claims.map((one) => one.block);
    const device = blocks.find(({ kernelInterface }) => kernelInterface !== null);
    const { holdDownMs, holdDownMaxMs, drainMs } = block;
    return {
      address,
      kind: 'virtual',
      sources: claims.map((claim) => this.#source(claim)),
      holders: this.#holdersOf.get(address) ?? [],
      needsDataplane: claims.some(({ needsDataplane }) => needsDataplane),
      ...{ holdDownMs, holdDownMaxMs, drainMs },
      ...this.#targets(networkOf({ address, length }), blocks),
      kernel:
        device?.kernelInterface == null
          ? null
          : { prefix: { address, length }, interface: device.kernelInterface },
    };
  }

  /** There as long as the node can forward: replies come back to it, also when nothing new does. */
  localAddress(address: IpAddress, claims: readonly LocalClaim[]): AnnouncedAddress {
    const holders = claims.flatMap(({ follows }) => follows ?? []);
    const isAlwaysHere = claims.some(({ follows }) => follows === null);
    const steady = { degradedMed: 0, degradedMetric: 0, prefixLength: null };
    const blocks = claims.map(({ block }) => ({ ...block, ...steady }));
    return {
      address,
      kind: 'local',
      sources: [],
      holders: isAlwaysHere ? [] : [...new Set(holders)],
      needsDataplane: true,
      ...{ holdDownMs: 0, holdDownMaxMs: 0, drainMs: 0 },
      ...this.#targets({ address, length: hostLength(address) }, blocks),
      kernel: null,
    };
  }

  #source({ address, block, what, service }: Claim): AnnouncementSource {
    const { when, degradedBelowPercent } = block;
    const services = service === null ? (this.#servicesOf.get(address) ?? []) : [service];
    return { what, when, degradedBelowPercent, services };
  }

  #targets(
    prefix: Prefix,
    blocks: readonly Announcement[],
  ): Pick<AnnouncedAddress, 'prefix' | 'bgp' | 'ospf'> {
    const bgp = new Map<string, BgpTarget>();
    const ospf = new Map<string, OspfTarget>();
    for (const block of blocks) {
      for (const { instance: name, attributes } of block.bgp) {
        const instance = this.#bgp.get(name);
        if (instance === undefined || bgp.has(name)) continue;
        bgp.set(name, bgpTarget(instance, prefix, attributes, block.degradedMed));
      }
      for (const wanted of block.ospf) {
        const instance = this.#ospf.get(wanted.instance);
        if (instance === undefined || ospf.has(instance.name)) continue;
        ospf.set(instance.name, ospfTarget(instance, prefix, wanted, block.degradedMetric));
      }
    }
    return { prefix, bgp: [...bgp.values()], ospf: [...ospf.values()] };
  }
}

function bgpTarget(
  { name, neighbors }: BgpInstance,
  prefix: Prefix,
  attributes: Partial<RouteAttributes>,
  degradedMed: number,
): BgpTarget {
  // What a neighbour sends on its own may differ from another's: above the greatest of them none
  // takes a degraded address for a better one.
  const own = attributes.med ?? Math.max(0, ...neighbors.map((one) => one.attributes.med ?? 0));
  const family = familyOf(prefix.address);
  return {
    instance: name,
    attributes,
    degradedMed: degradedMed === 0 ? null : Math.max(own, Math.min(own + degradedMed, medMax)),
    isAllowed: neighbors.some(
      ({ allowed, families }) => families.includes(family) && isInRanges(allowed, prefix),
    ),
  };
}

function ospfTarget(
  { name, family, allowed, defaultMetric }: OspfInstance,
  prefix: Prefix,
  { metric, metricType, tag }: Announcement['ospf'][number],
  degradedMetric: number,
): OspfTarget {
  const own = Math.min(metric ?? defaultMetric, metricMax[metricType]);
  return {
    instance: name,
    metric: own,
    degradedMetric: Math.min(own + degradedMetric, metricMax[metricType]),
    metricType,
    tag,
    isAllowed: family === familyOf(prefix.address) && isInRanges(allowed, prefix),
  };
}

function firstBlock([first]: readonly Claim[]): Announcement {
  if (first === undefined) throw new Error('assertion: an address that nobody claims');
  return first.block;
}

function byAddress<T extends { readonly address: IpAddress }>(
  claims: readonly T[],
): ReadonlyMap<IpAddress, readonly T[]> {
  const lists = new Map<IpAddress, T[]>();
  for (const claim of claims) append(lists, claim.address, claim);
  return lists;
}

function append<V>(lists: Map<IpAddress, V[]>, key: IpAddress, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
