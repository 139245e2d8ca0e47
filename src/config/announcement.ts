// announce { … } of a virtual server or a VRRP instance, with every default filled in.
import type { RouteAttributes } from './bgp.js';

export type Announcement = {
  /** Attributes here come before the neighbour's; what the block does not name is absent. */
  readonly bgp: readonly {
    readonly instance: string;
    readonly attributes: Partial<RouteAttributes>;
  }[];
  readonly ospf: readonly {
    readonly instance: string;
    readonly metric: number | null;
    readonly metricType: 'stub' | '1' | '2';
    readonly tag: number;
  }[];
  /** The interface that the address is put on; null: none. */
  readonly kernelInterface: string | null;
  /** null: the address alone. */
  readonly prefixLength: number | null;
  readonly hasLocalAddresses: boolean;
  readonly when: 'quorum' | 'master' | 'always';
  /** 1..100. */
  readonly degradedBelowPercent: number;
  readonly degradedMed: number;
  readonly degradedMetric: number;
  readonly holdDownMs: number;
  readonly holdDownMaxMs: number;
  readonly drainMs: number;
};
