// A VRRP instance as the dump files show it: what the file says with keepalived's defaults filled
// in, and what is known of it now. Plain data for the writers of the three formats.
import type { CommandAs } from '../../config/command.js';
import { countingIn, type GlobalBlocks } from '../../config/global.js';
import type { Root } from '../../config/root-table.js';
import type { Found } from '../../config/settings.js';
import type { VrrpInstance, WrittenInstance } from '../../config/vrrp.js';
import { familyOfInstance, versionOf } from '../../config/vrrp-checks.js';
import type { Weight } from '../../config/weight.js';
import type { TrackedFacts } from '../../ha/tracking/facts.js';
import type { VrrpFact } from '../../ha/vrrp/speaker.js';
import type { VrrpCounters } from '../../ha/vrrp/statistics.js';
import type { AddressFamily } from '../../net/address.js';
import { formatPrefix, type Prefix } from '../../net/prefix.js';
import { addressText } from './address-text.js';
import { portRouteText, routeText } from './route-text.js';
import { ruleText } from './rule-text.js';

export type DumpedTrack = {
  readonly name: string;
  readonly weight: number;
  readonly isReversed: boolean;
};

export type DumpedGarp = {
  readonly delay: number;
  readonly repeat: number;
  readonly refresh: number;
  readonly refreshRepeat: number;
  readonly lowerPrioDelay: number;
  readonly lowerPrioRepeat: number;
};

/** By keyword, in keepalived's order. */
export const scriptKeywords = [
  'notify_master',
  'notify_backup',
  'notify_fault',
  'notify_stop',
  'notify_deleted',
  'notify_master_rx_lower_pri',
  'notify',
] as const;
export type ScriptKeyword = (typeof scriptKeywords)[number];

export type DumpedInstance = {
  readonly name: string;
  readonly family: AddressFamily;
  readonly version: 2 | 3;
  readonly syncGroup: string | null;
  readonly state: VrrpFact['state'];
  readonly wantedState: VrrpFact['state'];
  /** Seconds of the calendar; null: it never changed its state. */
  readonly lastTransition: number | null;
  /** Who is MASTER, as heard; null: this node, or nobody. */
  readonly masterRouter: string | null;
  readonly faults: number;
  /** Tracked scripts without a result. */
  readonly unknownScripts: number;
  readonly masterDownUs: number;
  /** An interface of its own below which it runs; null: it has none. */
  readonly link: { readonly name: string; readonly transmitsBelow: boolean } | null;
  readonly interface: string;
  /** As the file says, or as it is known now; null: neither. */
  readonly sourceAddress: string | null;
  readonly hasOwnSource: boolean;
  readonly peers: readonly string[];
  readonly group: string;
  readonly garp: DumpedGarp;
  readonly downTimerAdverts: number;
  readonly sendsToLowerPriority: boolean;
  readonly sendsToHigherPriority: boolean;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly effectivePriority: number;
  readonly advertInterval: number;
  readonly accepts: boolean;
  readonly preempts: boolean;
  readonly preemptDelay: number;
  readonly promotesSecondaries: boolean;
  readonly tracksPrimary: boolean;
  readonly skipsAddressCheck: boolean;
  readonly isStrict: boolean;
  readonly mailsAlerts: boolean;
  readonly notifiesPriorityChanges: boolean;
  readonly authentication: { readonly type: 'PASS' | 'AH'; readonly password: string } | null;
  readonly vmac: string | null;
  readonly addresses: readonly string[];
  readonly excluded: readonly string[];
  readonly unicastTtl: number;
  readonly checksPeers: boolean;
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  readonly scripts: ReadonlyMap<ScriptKeyword, CommandAs>;
  readonly tracked: {
    readonly interfaces: readonly DumpedTrack[];
    readonly scripts: readonly DumpedTrack[];
    readonly files: readonly DumpedTrack[];
    readonly processes: readonly DumpedTrack[];
  };
  readonly counters: Readonly<VrrpCounters>;
};

export type InstanceSurroundings = {
  readonly root: Root;
  readonly globals: GlobalBlocks;
  readonly syncGroup: string | null;
  /** Seconds of the calendar at which the fact's clock stood so. */
  readonly calendarOf: (clockMs: number) => number;
  /** As it runs; null: it does not. */
  readonly running: VrrpInstance | null;
  readonly tracked: TrackedFacts;
};

type Written = WrittenInstance['settings'];

export function dumpedInstance(
  { head: name, settings }: WrittenInstance,
  fact: VrrpFact,
  surroundings: InstanceSurroundings,
): DumpedInstance {
  const { globals, syncGroup, calendarOf, running } = surroundings;
  const family = familyOfInstance(settings);
  const device = settings.value('interface') ?? '';
  const deviceOf = devicesOf(running, device);
  const isHeld = fact.state === 'MASTER';
  const state = settings.value('state') ?? 'BACKUP';
  const priority = settings.value('priority') ?? (state === 'MASTER' ? 255 : 100);
  const common = countingIn(globals, family === 'ipv4' ? 'vrrp_mcast_group4' : 'vrrp_mcast_group6');
  const version = versionOf(settings, family, globals);
  const conduct = conductOf(settings, globals);
  const effectivePriority = fact.state === 'INIT' ? priority : fact.priority;
  return {
    name,
    family,
    version,
    syncGroup,
    state: fact.state,
    wantedState: fact.state,
    lastTransition: fact.state === 'INIT' ? null : calendarOf(fact.sinceMs),
    interface: device,
    sourceAddress: sourceOf(settings) ?? (isHeld ? fact.masterAddress : null),
    hasOwnSource: sourceOf(settings) !== null,
    peers: settings.all('unicast_peer').flatMap(({ value }) =>
      value.map(({ value: { address, options } }) => {
        return `${address} min_ttl ${options.min_ttl ?? 0} max_ttl ${options.max_ttl ?? 255}`;
      }),
    ),
    group:
      settings.value('mcast_dst_ip') ??
      common?.value ??
      (family === 'ipv4' ? '224.0.0.18' : 'ff02::12'),
    garp: garpOf(settings, globals),
    ...conduct,
    ...standingOf(fact, surroundings),
    masterDownUs: masterDownUs(version, effectivePriority, conduct),
    link: linkOf(running),
    unicastTtl: settings.value('unicast_ttl'),
    checksPeers: running?.believesPeersOnly ?? false,
    ...objectTexts(running),
    tracked: trackedOf(settings, device, surroundings),
    priority,
    effectivePriority,
    addresses: addressesOf(settings, 'virtual_ipaddress', deviceOf, isHeld),
    excluded: addressesOf(settings, 'virtual_ipaddress_excluded', deviceOf, isHeld),
    scripts: scriptsOf(settings),
    counters: fact.counters,
  };
}

function standingOf(
  { state, faults, masterAddress }: VrrpFact,
  { running, tracked }: InstanceSurroundings,
) {
  const scripts = running?.tracking.filter(({ kind }) => kind === 'script') ?? [];
  return {
    masterRouter: state === 'BACKUP' ? masterAddress : null,
    faults: faults.length,
    unknownScripts: scripts.filter((script) => tracked.get(script) === undefined).length,
  };
}

/** RFC 3768 6.1: in version 2 the skew is of a second, in version 3 of the interval. */
function masterDownUs(
  version: 2 | 3,
  priority: number,
  conduct: { readonly advertInterval: number; readonly downTimerAdverts: number },
): number {
  const { advertInterval, downTimerAdverts } = conduct;
  const skewed = version === 2 ? 1 : advertInterval;
  const seconds = downTimerAdverts * advertInterval + ((256 - priority) / 256) * skewed;
  return Math.floor(seconds * 1_000_000);
}

function linkOf(running: VrrpInstance | null): DumpedInstance['link'] {
  const [link] = running?.objects.links ?? [];
  if (running === null || link === undefined) return null;
  return { name: link.name, transmitsBelow: running.objects.transmitsOn === link.parent };
}

function objectTexts(running: VrrpInstance | null): Pick<DumpedInstance, 'routes' | 'rules'> {
  if (running === null) return { routes: [], rules: [] };
  const { routes, rules, portRoutes } = running.objects;
  return {
    routes: [...routes.map(routeText), ...portRoutes.map(portRouteText)],
    rules: rules.map(ruleText),
  };
}

/** Where an address is: "vrrp.51@eth0" on an interface of our own. */
function devicesOf(running: VrrpInstance | null, device: string): (prefix: Prefix) => string {
  const parents = new Map(running?.objects.links.map(({ name, parent }) => [name, parent]));
  const devices = new Map(
    running?.objects.addresses.map((one) => [formatPrefix(one.prefix), one.device]),
  );
  return (prefix) => {
    const found = devices.get(formatPrefix(prefix)) ?? device;
    const parent = parents.get(found);
    return parent === undefined ? found : `${found}@${parent}`;
  };
}

function sourceOf(settings: Written): string | null {
  return settings.value('unicast_src_ip') ?? settings.value('mcast_src_ip') ?? null;
}

/** Where vrrp_min_garp is set it fills in what is not. */
function garpOf(settings: Written, globals: GlobalBlocks): DumpedGarp {
  const isLeast = countingIn(globals, 'vrrp_min_garp')?.value ?? false;
  const global = <K extends Parameters<typeof countingIn>[1]>(name: K) =>
    countingIn(globals, name)?.value as number | undefined;
  const delayMs =
    settings.found('garp_master_delay')?.value ??
    global('vrrp_garp_master_delay') ??
    (isLeast ? 0 : 5000);
  const repeat =
    settings.found('garp_master_repeat')?.value ??
    global('vrrp_garp_master_repeat') ??
    (isLeast ? 1 : 5);
  const refreshMs =
    settings.found('garp_master_refresh')?.value ?? global('vrrp_garp_master_refresh') ?? 0;
  const refreshRepeat =
    settings.found('garp_master_refresh_repeat')?.value ??
    global('vrrp_garp_master_refresh_repeat') ??
    (isLeast ? 0 : 1);
  // Without values of their own they are those of global_defs, never the instance's.
  const lowerDelayMs =
    settings.found('garp_lower_prio_delay')?.value ??
    global('vrrp_garp_lower_prio_delay') ??
    global('vrrp_garp_master_delay') ??
    (isLeast ? 0 : 5000);
  const lowerRepeat =
    settings.found('garp_lower_prio_repeat')?.value ??
    global('vrrp_garp_lower_prio_repeat') ??
    global('vrrp_garp_master_repeat') ??
    (isLeast ? 1 : 5);
  return {
    delay: delayMs / 1000,
    repeat: Math.max(repeat, 1),
    refresh: refreshMs / 1000,
    refreshRepeat,
    lowerPrioDelay: lowerDelayMs / 1000,
    lowerPrioRepeat: lowerRepeat,
  };
}

function conductOf(settings: Written, globals: GlobalBlocks) {
  const or = (own: boolean | undefined, name: Parameters<typeof countingIn>[1]): boolean =>
    own ?? countingIn(globals, name)?.value === true;
  const authentication = settings.value('authentication');
  const type = authentication?.value('auth_type');
  const isStrict = or(settings.value('strict_mode'), 'vrrp_strict');
  const vmac = settings.value('use_vmac');
  const mails =
    settings.value('smtp_alert') ??
    countingIn(globals, 'smtp_alert_vrrp')?.value ??
    countingIn(globals, 'smtp_alert')?.value;
  return {
    downTimerAdverts:
      settings.value('down_timer_adverts') ??
      countingIn(globals, 'vrrp_down_timer_adverts')?.value ??
      3,
    sendsToLowerPriority: !or(settings.value('lower_prio_no_advert'), 'vrrp_lower_prio_no_advert'),
    sendsToHigherPriority: or(
      settings.value('higher_prio_send_advert'),
      'vrrp_higher_prio_send_advert',
    ),
    virtualRouterId: settings.value('virtual_router_id') ?? 0,
    advertInterval: settings.value('advert_int') / 1000,
    accepts: settings.value('accept') ?? !isStrict,
    preempts: settings.value('preempt') ?? true,
    preemptDelay: settings.value('preempt_delay') / 1000,
    promotesSecondaries: settings.value('promote_secondaries') === true,
    tracksPrimary: settings.value('dont_track_primary') !== true,
    skipsAddressCheck: or(settings.value('skip_check_adv_addr'), 'vrrp_skip_check_adv_addr'),
    isStrict,
    mailsAlerts: mails ?? false,
    notifiesPriorityChanges: or(
      settings.found('notify_priority_changes')?.value,
      'vrrp_notify_priority_changes',
    ),
    authentication:
      type === undefined ? null : { type, password: authentication?.value('auth_pass') ?? '' },
    vmac:
      vmac === undefined
        ? null
        : (vmac.names[0] ?? `vrrp.${settings.value('virtual_router_id') ?? 0}`),
  };
}

function trackedOf(
  settings: Written,
  device: string,
  { root, syncGroup }: InstanceSurroundings,
): DumpedInstance['tracked'] {
  const entries = (
    name: 'track_interface' | 'track_script' | 'track_file' | 'track_process',
    definitions: ReturnType<typeof definedWeights>,
  ): DumpedTrack[] =>
    settings.all(name).flatMap(({ value }) =>
      value.map(({ value: { name: tracked, weight, isReversed } }) => ({
        name: tracked,
        weight: weight ?? definitions.get(tracked)?.weight ?? 0,
        isReversed: isReversed ?? definitions.get(tracked)?.isReversed ?? false,
      })),
    );
  const group = root.all('vrrp_sync_group').find(({ value }) => value.head === syncGroup);
  const hasWeights = group === undefined || group.value.settings.has('sync_group_tracking_weight');
  return {
    // The instance's own interface is tracked anyway.
    interfaces: entries('track_interface', new Map())
      .filter(({ name }) => name !== device)
      .map((entry) => (hasWeights ? entry : { ...entry, weight: 0 })),
    scripts: entries('track_script', definedWeights(root, 'vrrp_script')),
    files: entries('track_file', definedWeights(root, 'track_file')),
    processes: entries('track_process', definedWeights(root, 'vrrp_track_process')),
  };
}

function definedWeights(
  root: Root,
  keyword: 'vrrp_script' | 'track_file' | 'vrrp_track_process',
): ReadonlyMap<string, Weight> {
  const written: readonly Found<{
    readonly head: string;
    readonly settings: { value(name: 'weight'): Weight };
  }>[] = root.all(keyword);
  return new Map(written.map(({ value }) => [value.head, value.settings.value('weight')]));
}

function scriptsOf(settings: Written): ReadonlyMap<ScriptKeyword, CommandAs> {
  return new Map(
    scriptKeywords.flatMap((keyword) => {
      const script = settings.value(keyword);
      return script === undefined ? [] : [[keyword, script] as const];
    }),
  );
}

function addressesOf(
  settings: Written,
  keyword: 'virtual_ipaddress' | 'virtual_ipaddress_excluded',
  deviceOf: (prefix: Prefix) => string,
  isHeld: boolean,
): readonly string[] {
  return settings.all(keyword).flatMap(({ value }) =>
    value.map(({ value: { prefix, options } }) => {
      return addressText(prefix, { ...options, dev: deviceOf(prefix) }, isHeld);
    }),
  );
}
