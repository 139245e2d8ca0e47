// How the segment is told where virtual addresses live: how often an instance announces them, and
// how far apart the messages on an interface are.
import type { GarpExtra } from './garp-extra.js';
import { countingIn, type GlobalBlocks } from './global.js';
import { globalTable } from './global-table.js';
import type { garpGroupTable } from './link-table.js';
import type { Root } from './root-table.js';
import type { Settings } from './settings.js';
import type { vrrpTable } from './vrrp-table.js';

/** Rounds: each has one message for every address. */
export type GarpSettings = {
  /** From the change to MASTER to the second burst; 0: there is none. */
  readonly masterDelayMs: number;
  /** At least 1. */
  readonly masterRounds: number;
  /** Between bursts while MASTER; 0: there are none. */
  readonly refreshMs: number;
  readonly refreshRounds: number;
  /** After an advert of lower priority, as after the change to MASTER; 0 rounds: nothing. */
  readonly lowerPriorityDelayMs: number;
  readonly lowerPriorityRounds: number;
  /** On other interfaces than the instance's own; null: nothing of their own. */
  readonly extra: GarpExtra | null;
};

export type GarpRate = {
  /** Between gratuitous ARP messages; 0: back to back. */
  readonly arpIntervalMs: number;
  /** Between unsolicited neighbour advertisements. */
  readonly advertisementIntervalMs: number;
};

export type GarpRates = {
  /** Of each interface that is in no group. */
  readonly others: GarpRate;
  /** Interfaces that share one rate; no interface is in two of them. */
  readonly groups: readonly (GarpRate & { readonly interfaces: readonly string[] })[];
};

type Instance = Settings<typeof vrrpTable>;

/** What an instance does not say is as in global_defs, never as its own other keywords. */
export function garpSettings(
  instance: Instance,
  globals: GlobalBlocks,
  isStrict: boolean,
): GarpSettings {
  const all = globalGarp(globals);
  const lowerPriority = isStrict
    ? { lowerPriorityDelayMs: 0, lowerPriorityRounds: 0 }
    : {
        lowerPriorityDelayMs: instance.value('garp_lower_prio_delay') ?? all.lowerPriorityDelayMs,
        lowerPriorityRounds: instance.value('garp_lower_prio_repeat') ?? all.lowerPriorityRounds,
      };
  return {
    masterDelayMs: instance.value('garp_master_delay') ?? all.masterDelayMs,
    masterRounds: Math.max(instance.value('garp_master_repeat') ?? all.masterRounds, 1),
    refreshMs: instance.value('garp_master_refresh') ?? all.refreshMs,
    refreshRounds: instance.value('garp_master_refresh_repeat') ?? all.refreshRounds,
    ...lowerPriority,
    extra: wantedExtra(
      instance.value('garp_extra_if') ?? instance.value('vmac_garp_intvl') ?? all.extra,
    ),
  };
}

/** `vrrp_min_garp` is another set of defaults: one message and no more. */
function globalGarp(globals: GlobalBlocks): GarpSettings {
  const value = <K extends GlobalGarp>(name: K) => countingIn(globals, name)?.value;
  const isLeast = value('vrrp_min_garp') ?? globalTable.vrrp_min_garp.fallback;
  const masterDelayMs =
    value('vrrp_garp_master_delay') ?? (isLeast ? 0 : globalTable.vrrp_garp_master_delay.fallback);
  const masterRounds =
    value('vrrp_garp_master_repeat') ??
    (isLeast ? 1 : globalTable.vrrp_garp_master_repeat.fallback);
  return {
    masterDelayMs,
    masterRounds,
    refreshMs: value('vrrp_garp_master_refresh') ?? globalTable.vrrp_garp_master_refresh.fallback,
    refreshRounds:
      value('vrrp_garp_master_refresh_repeat') ??
      (isLeast ? 0 : globalTable.vrrp_garp_master_refresh_repeat.fallback),
    lowerPriorityDelayMs: value('vrrp_garp_lower_prio_delay') ?? masterDelayMs,
    lowerPriorityRounds: value('vrrp_garp_lower_prio_repeat') ?? masterRounds,
    extra: wantedExtra(value('vrrp_garp_extra_if') ?? value('vrrp_vmac_garp_intvl') ?? null),
  };
}

type GlobalGarp = keyof typeof globalTable & `vrrp_${'garp' | 'min_garp' | 'vmac_garp'}${string}`;

function wantedExtra(extra: GarpExtra | null): GarpExtra | null {
  return extra === null || extra.intervalMs === 0 ? null : extra;
}

export function garpRates(root: Root, globals: GlobalBlocks): GarpRates {
  const others = {
    arpIntervalMs: countingIn(globals, 'vrrp_garp_interval')?.value ?? 0,
    advertisementIntervalMs: countingIn(globals, 'vrrp_gna_interval')?.value ?? 0,
  };
  const taken = new Set<string>();
  const groups = root.all('garp_group').flatMap(({ value: group }) => {
    const arpIntervalMs = group.value('garp_interval');
    const advertisementIntervalMs = group.value('gna_interval');
    if (arpIntervalMs === undefined && advertisementIntervalMs === undefined) return [];
    const interfaces = interfacesOf(group).filter((name) => !taken.has(name));
    for (const name of interfaces) taken.add(name);
    return {
      arpIntervalMs: arpIntervalMs ?? 0,
      advertisementIntervalMs: advertisementIntervalMs ?? 0,
      interfaces: [...new Set(interfaces)],
    };
  });
  return { others, groups };
}

function interfacesOf(group: Settings<typeof garpGroupTable>): readonly string[] {
  return [
    ...group.all('interface').map(({ value }) => value),
    ...group.all('interfaces').flatMap(({ value }) => value.flatMap((line) => line.value)),
  ];
}
