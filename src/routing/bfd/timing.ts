// How often a BFD session sends and how long it waits (RFC 5880 section 6.8.2, 6.8.3, 6.8.4 and
// 6.8.7). Pure; milliseconds, where packets have microseconds.
import type { BfdSettings } from '../../config/bfd.js';
import type { BfdState, ControlPacket } from './packet.js';

/** A session that is not Up sends no more than one packet a second (6.8.3). */
export const idleMsMin = 1_000;
/** Four octets of microseconds. */
const octetsMax = 0xffffffff;

/** What the neighbour has said last of its timers. */
export type RemoteTimers = {
  /** 0: it wants nothing periodic. */
  readonly minRxMs: number;
  readonly desiredTxMs: number;
  readonly multiplier: number;
  /** Demand mode: it wants nothing periodic while both are Up. */
  readonly demands: boolean;
};

/** bfd.RemoteMinRxInterval begins with 1 microsecond (6.8.1). */
export const unknownTimers: RemoteTimers = {
  minRxMs: 0.001,
  desiredTxMs: 0,
  multiplier: 0,
  demands: false,
};

/** What we may want of the neighbour and of ourselves. */
export type LocalTimers = { readonly minTxMs: number; readonly minRxMs: number };

export function remoteTimersOf(packet: ControlPacket): RemoteTimers {
  return {
    minRxMs: packet.requiredMinRxUs / 1000,
    desiredTxMs: packet.desiredMinTxUs / 1000,
    multiplier: packet.multiplier,
    demands: packet.demands && packet.state === 'Up',
  };
}

/** What a packet says of us in this state. */
export function advertised(settings: BfdSettings, state: BfdState): LocalTimers {
  const { minTxMs, minRxMs, idleTxMs } = settings;
  const isUp = state === 'Up';
  return { minTxMs: isUp ? minTxMs : Math.max(minTxMs, idleTxMs, idleMsMin), minRxMs };
}

/**
 * What is acted on: while Up a longer time between our packets and a shorter wait for the
 * neighbour's count only when it has confirmed them (6.8.3).
 */
export function inUse(state: BfdState, wanted: LocalTimers, confirmed: LocalTimers): LocalTimers {
  if (state !== 'Up') return wanted;
  return {
    minTxMs: Math.min(wanted.minTxMs, confirmed.minTxMs),
    minRxMs: Math.max(wanted.minRxMs, confirmed.minRxMs),
  };
}

/** Between packets, before jitter; null: nothing periodic is to be sent (6.8.7). */
export function transmitMs(
  local: LocalTimers,
  remote: RemoteTimers,
  state: BfdState,
): number | null {
  if (remote.minRxMs === 0 || (remote.demands && state === 'Up')) return null;
  return Math.max(local.minTxMs, remote.minRxMs);
}

/** By the neighbour's multiplier (6.8.4); null: nothing was heard of it. */
export function detectionMs(local: LocalTimers, remote: RemoteTimers): number | null {
  if (remote.multiplier === 0) return null;
  return remote.multiplier * Math.max(local.minRxMs, remote.desiredTxMs);
}

/** `chance` is in [0, 1): 0 to 25 % less, with a multiplier of 1 at least 10 % (6.8.7). */
export function jittered(intervalMs: number, multiplier: number, chance: number): number {
  const lessMin = multiplier === 1 ? 0.1 : 0;
  return intervalMs * (1 - lessMin - (0.25 - lessMin) * chance);
}

export function microseconds(ms: number): number {
  return Math.min(Math.round(ms * 1000), octetsMax);
}
