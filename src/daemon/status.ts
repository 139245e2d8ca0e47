// One status of everything: what `keelson status` prints and the operator socket answers.
import type { Statistics } from '../dataplane/dataplane.js';
import type { VrrpFact } from '../ha/vrrp/speaker.js';
import type { AddressFamily } from '../net/address.js';
import type { BfdStatus } from './bfd-news.js';
import type { BgpStatus } from './bgp-status.js';
import type { TimerLateness } from './messages.js';
import type { ChecksStatus, ServiceStatus } from './service-status.js';
import type { AnnouncementStatus } from './why-report.js';

/** An instance, with what the file says of it beside what is known of it now. */
export type InstanceStatus = VrrpFact & {
  readonly family: AddressFamily;
  readonly version: 2 | 3;
  readonly interface: string;
  readonly virtualRouterId: number;
  /** As the file has it; `priority` is what counts now. */
  readonly basePriority: number;
  /** How long it has been in its state. */
  readonly sinceSeconds: number;
  /** null: the addresses are the kernel's. */
  readonly port: string | null;
  readonly belongings: Belongings;
};

/** What an instance has while it is MASTER, as texts: "192.0.2.100/24 dev dpdk0". */
export type Belongings = {
  readonly addresses: readonly string[];
  readonly excludedAddresses: readonly string[];
  /** Those of `local_address_group` that follow it. */
  readonly localAddresses: readonly string[];
  /** In the data plane; those in the kernel are shown by `ip route`. */
  readonly portRoutes: readonly string[];
};

export type Status = {
  /** null: the only instance on the host. */
  readonly instance: string | null;
  readonly routerId: string;
  readonly vrrp: readonly InstanceStatus[];
  readonly bfd: readonly BfdStatus[];
  /** Identifiers of the checkers that hold their real server down. */
  readonly failedCheckers: readonly string[];
  readonly services: readonly ServiceStatus[];
  /** Addresses that routing protocols are told of, or would be. */
  readonly bgp: readonly BgpStatus[];
  readonly announcements: readonly AnnouncementStatus[];
  /** null: nothing is checked. */
  readonly checks: ChecksStatus | null;
  /** Of the protocol loop. */
  readonly timers: TimerLateness;
  /** null: the configuration has no `dataplane` block. */
  readonly dataplane: { readonly isUp: boolean; readonly statistics: Statistics | null } | null;
};
