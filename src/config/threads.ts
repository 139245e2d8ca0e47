// How the kernel is to treat the daemon's threads, out of global_defs. What keepalived says of its
// VRRP and BFD processes is about our protocol loop, which does the work of both.
import { countingIn, type GlobalBlocks } from './global.js';

export type ThreadSettings = {
  /** -20..19; null: as we choose. */
  readonly nice: number | null;
  /** SCHED_RR, 1..99; null: as we choose, unless there is a nice value. */
  readonly realTime: number | null;
  /** 0..1023; empty: all. */
  readonly cpus: readonly number[];
};

export type ProtocolThreadSettings = ThreadSettings & {
  /** How far the real-time priority is raised when timers are late, 0..99. */
  readonly autoRealTimeMax: number;
  readonly autoDelayMs: number;
};

export type ThreadsConfig = {
  readonly protocol: ProtocolThreadSettings;
  readonly health: ThreadSettings;
};

const usual: ThreadSettings = { nice: null, realTime: null, cpus: [] };
const realTimeMax = 99;
const autoDelayDefaultUs = 1_000_000;

export const threadsDefaults: ThreadsConfig = {
  protocol: { ...usual, autoRealTimeMax: 0, autoDelayMs: autoDelayDefaultUs / 1000 },
  health: usual,
};

export function threadsConfig(globals: GlobalBlocks): ThreadsConfig {
  const autoMax = countingIn(globals, 'max_auto_priority')?.value ?? 0;
  const autoDelayUs = countingIn(globals, 'min_auto_priority_delay')?.value ?? autoDelayDefaultUs;
  return {
    protocol: {
      ...joined(settingsOf(globals, 'vrrp'), settingsOf(globals, 'bfd')),
      autoRealTimeMax: autoMax < 0 ? realTimeMax : autoMax,
      autoDelayMs: autoDelayUs / 1000,
    },
    health: settingsOf(globals, 'checker'),
  };
}

/** Where the file says nothing: the protocol loop works little and often, and neighbours wait. */
export const protocolRealTimeUsual = 1;

/** The highest real-time priority that the protocol loop may have; null: none. */
export function protocolRealTimeMax(settings: ProtocolThreadSettings): number | null {
  const { nice, realTime, autoRealTimeMax } = settings;
  const fixed = nice === null && realTime === null ? protocolRealTimeUsual : (realTime ?? 0);
  const most = Math.max(fixed, autoRealTimeMax);
  return most === 0 ? null : most;
}

function settingsOf(globals: GlobalBlocks, process: 'vrrp' | 'checker' | 'bfd'): ThreadSettings {
  return {
    nice: countingIn(globals, `${process}_priority`)?.value ?? null,
    realTime: countingIn(globals, `${process}_rt_priority`)?.value ?? null,
    cpus: countingIn(globals, `${process}_cpu_affinity`)?.value ?? [],
  };
}

/** The thread does the work of both, so what is better for either counts. */
function joined(vrrp: ThreadSettings, bfd: ThreadSettings): ThreadSettings {
  return {
    nice: better(vrrp.nice, bfd.nice, Math.min),
    realTime: better(vrrp.realTime, bfd.realTime, Math.max),
    cpus: vrrp.cpus.length > 0 ? vrrp.cpus : bfd.cpus,
  };
}

function better(
  one: number | null,
  other: number | null,
  of: (one: number, other: number) => number,
): number | null {
  return one === null || other === null ? (one ?? other) : of(one, other);
}
