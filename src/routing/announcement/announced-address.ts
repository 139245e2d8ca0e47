// What there is to announce, as plain data: each address with the facts that it depends on and what
// its routes are made of. Made where the configuration is read, used where BGP runs.
import type { Announcement } from '../../config/announcement.js';
import type { RouteAttributes } from '../../config/bgp.js';
import type { IpAddress } from '../../net/address.js';
import type { Prefix } from '../../net/prefix.js';

/** A virtual server or a VRRP instance that says `announce`. */
export type AnnouncementSource = {
  readonly what: string;
  readonly when: Announcement['when'];
  readonly degradedBelowPercent: number;
  /** Virtual servers with the address, by serviceKey. */
  readonly services: readonly string[];
};

export type BgpTarget = {
  readonly instance: string;
  readonly attributes: Partial<RouteAttributes>;
  /** What is sent while degraded; null: the same as else. */
  readonly degradedMed: number | null;
  /** false: no neighbour's list has the prefix, so nobody is told. */
  readonly isAllowed: boolean;
};

export type OspfTarget = {
  readonly instance: string;
  readonly metric: number;
  readonly degradedMetric: number;
  readonly metricType: 'stub' | '1' | '2';
  readonly tag: number;
  readonly isAllowed: boolean;
};

/** On an interface of the kernel, with the length that others are to announce. */
export type KernelAddress = { readonly prefix: Prefix; readonly interface: string };

export type SteadinessRules = Pick<Announcement, 'holdDownMs' | 'holdDownMaxMs' | 'drainMs'>;

export type AnnouncedAddress = SteadinessRules & {
  readonly address: IpAddress;
  /** local: a source address of FNAT, of this node alone: it is not drained. */
  readonly kind: 'virtual' | 'local';
  readonly prefix: Prefix;
  readonly sources: readonly AnnouncementSource[];
  /** VRRP instances that put it on this node; empty: it is there all the time. */
  readonly holders: readonly string[];
  readonly needsDataplane: boolean;
  readonly bgp: readonly BgpTarget[];
  readonly ospf: readonly OspfTarget[];
  readonly kernel: KernelAddress | null;
};

export type AnnouncementPlan = {
  readonly addresses: readonly AnnouncedAddress[];
  readonly bgpInstances: readonly string[];
  readonly ospfInstances: readonly string[];
};

export const nothingPlanned: AnnouncementPlan = {
  addresses: [],
  bgpInstances: [],
  ospfInstances: [],
};
