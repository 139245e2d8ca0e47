// What operators are told of announced addresses: one line each in the status, and the whole chain
// of facts for `keelson why`. Plain data, which crosses threads and the operator socket.
import type { IpAddress } from '../net/address.js';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { AnnouncedRoute } from '../routing/announced-route.js';
import type { AddressState } from '../routing/announcement/machine.js';
import { findingText } from '../routing/announcement/reason.js';
import type { Verdict } from '../routing/announcement/verdict.js';
import {
  type AddressView,
  type Announcements,
  type Drains,
  verdictOfView,
} from '../routing/announcements.js';

/** What the BGP speaker says of one of its neighbours and one prefix. */
export type RouteNeighbor = {
  readonly neighbor: string;
  /** Of the session, as the speaker calls it. */
  readonly session: string;
  /** As it was sent: "med 20 community 64512:1"; null: the neighbour does not have it. */
  readonly sent: string | null;
  /** Why it is not sent though it is announced; null: no such reason. */
  readonly refusal: string | null;
};

export type WhyReport = {
  readonly address: IpAddress;
  readonly prefix: string;
  readonly state: AddressState;
  /** null: it never changed. */
  readonly forSeconds: number | null;
  readonly verdict: Verdict;
  readonly facts: readonly { readonly verdict: Verdict; readonly text: string }[];
  readonly drainedBy: 'node' | 'address' | null;
  /** Until time alone changes the state; null: never. */
  readonly nextSeconds: number | null;
  /** After how many remembered withdrawals the hold-down is how long. */
  readonly withdrawals: number;
  readonly holdDownSeconds: number;
  /** "203.0.113.9/32 dev lo"; null: not on an interface. */
  readonly kernel: string | null;
  readonly targets: readonly {
    readonly instance: string;
    readonly isAllowed: boolean;
    readonly route: AnnouncedRoute | null;
    readonly neighbors: readonly RouteNeighbor[];
  }[];
};

export type AnnouncementStatus = {
  readonly address: IpAddress;
  readonly prefix: string;
  readonly kind: 'virtual' | 'local';
  readonly state: AddressState;
  readonly forSeconds: number | null;
  readonly drainedBy: 'node' | 'address' | null;
};

export function whyReport(
  view: AddressView,
  neighborsOf: (instance: string, prefix: Prefix) => readonly RouteNeighbor[],
  nowMs: number,
): WhyReport {
  const { subject, memory, findings, drainedBy, nextMs, routes } = view;
  const { kernel, prefix, address } = subject;
  return {
    address,
    prefix: formatPrefix(prefix),
    state: memory.state,
    forSeconds: secondsSince(memory.sinceMs, nowMs),
    verdict: verdictOfView(view),
    facts: findings.map((one) => ({ verdict: one.verdict, text: findingText(one) })),
    drainedBy,
    nextSeconds: nextMs === null ? null : Math.max(0, (nextMs - nowMs) / 1000),
    withdrawals: memory.flaps,
    holdDownSeconds: memory.holdMs / 1000,
    kernel: kernel && `${formatPrefix(kernel.prefix)} dev ${kernel.interface}`,
    targets: routes.map(({ instance, isAllowed, route }) => ({
      instance,
      isAllowed,
      route,
      neighbors: neighborsOf(instance, prefix),
    })),
  };
}

export function announcementStatuses(
  all: ReturnType<Announcements['addresses']>,
  drains: Drains,
  nowMs: number,
): readonly AnnouncementStatus[] {
  return all.map(({ subject: { address, prefix, kind }, memory }) => ({
    address,
    prefix: formatPrefix(prefix),
    kind,
    state: memory.state,
    forSeconds: secondsSince(memory.sinceMs, nowMs),
    drainedBy: kind === 'local' ? null : drainedBy(address, drains),
  }));
}

function drainedBy(address: IpAddress, { node, addresses }: Drains): 'node' | 'address' | null {
  if (addresses.has(address)) return 'address';
  return node ? 'node' : null;
}

function secondsSince(sinceMs: number | null, nowMs: number): number | null {
  return sinceMs === null ? null : Math.max(0, (nowMs - sinceMs) / 1000);
}
