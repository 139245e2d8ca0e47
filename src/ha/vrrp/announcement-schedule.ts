// When an instance announces its addresses, and how often each: keepalived's garp_ keywords as
// values. Pure; the announcer has the timers.
import type { GarpSettings } from '../../config/garp.js';
import type { VirtualAddress } from '../../config/vrrp.js';

export type AnnouncementReason =
  /** The change to MASTER. */
  | 'became_master'
  /** Another MASTER of lower priority was heard: the segment has just learnt from it. */
  | 'lower_priority'
  /** A reload brought addresses that were not there. */
  | 'addresses_added';

export type Bursts = {
  /** Messages for each address, now; 0: none, also not later. */
  readonly rounds: number;
  /** Until as many come again; null: they do not. */
  readonly againAfterMs: number | null;
};

export function burstsOf(garp: GarpSettings, reason: AnnouncementReason): Bursts {
  switch (reason) {
    case 'became_master':
      return bursts(garp.masterRounds, garp.masterDelayMs);
    case 'lower_priority':
      return bursts(garp.lowerPriorityRounds, garp.lowerPriorityDelayMs);
    case 'addresses_added':
      return bursts(garp.masterRounds, 0);
  }
}

function bursts(rounds: number, delayMs: number): Bursts {
  return { rounds, againAfterMs: rounds > 0 && delayMs > 0 ? delayMs : null };
}

/** What recurs while MASTER; looked at whenever an advert has left, as keepalived does. */
export type Recurring = {
  readonly intervalMs: number;
  readonly rounds: number;
  readonly addresses: readonly VirtualAddress[];
};

export type Surroundings = {
  readonly addresses: readonly VirtualAddress[];
  /** Interfaces whose MAC address the adverts show to the switches. */
  readonly advertDevices: ReadonlySet<string>;
  /** Made by us for an instance: a macvlan with the virtual MAC address. */
  readonly isVirtualDevice: (device: string) => boolean;
};

export function refreshOf(garp: GarpSettings, { addresses }: Surroundings): Recurring | null {
  const { refreshMs: intervalMs, refreshRounds: rounds } = garp;
  return intervalMs > 0 && rounds > 0 ? { intervalMs, rounds, addresses } : null;
}

/** Switches see other interfaces' MAC addresses in no advert and would forget them. */
export function extraOf(garp: GarpSettings, around: Surroundings): Recurring | null {
  const { extra } = garp;
  if (extra === null) return null;
  const addresses = around.addresses.filter(
    ({ device }) =>
      !around.advertDevices.has(device) && (extra.isOnAll || around.isVirtualDevice(device)),
  );
  return addresses.length === 0 ? null : { intervalMs: extra.intervalMs, rounds: 1, addresses };
}
