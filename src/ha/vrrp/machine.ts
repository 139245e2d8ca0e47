// The VRRP state machine (RFC 3768 section 6.4, RFC 5798 section 6.4) with keepalived's choices
// where the RFCs leave room, and with leases. Pure: knows no clock, no socket; packets are checked
// elsewhere.
import type { VrrpInstance } from '../../config/vrrp.js';
import { compareAddresses, type IpAddress } from '../../net/address.js';
import { formatPrefix, type Prefix } from '../../net/prefix.js';
import { masterDownIntervalMs, skewMs } from './timing.js';

export type VrrpState = 'initialize' | 'backup' | 'master' | 'fault';
export type TimerName = 'master_down' | 'advertisement' | 'garp';

export type VrrpSettings = {
  readonly instance: VrrpInstance;
  /** The interface's primary address: source of our adverts, and the tie-break between masters. */
  readonly sourceAddress: IpAddress;
};

export type VrrpEvent =
  /** `resumes`: an earlier process died as MASTER and its address lease is still alive. */
  | { readonly type: 'started'; readonly resumes: boolean; readonly isInterfaceUp: boolean }
  | {
      readonly type: 'advertisement_received';
      readonly priority: number;
      readonly source: IpAddress;
    }
  | { readonly type: 'master_down_timer_expired' }
  | { readonly type: 'advertisement_timer_expired' }
  | { readonly type: 'garp_timer_expired' }
  /** No advert left within the lease: the addresses are gone, a backup may have taken over. */
  | { readonly type: 'lease_expired' }
  | { readonly type: 'interface_down' }
  | { readonly type: 'interface_up' }
  /** `settings` are the new ones already; `reconcile` has found this possible in place. */
  | { readonly type: 'reconfigured'; readonly previous: VrrpInstance }
  | { readonly type: 'stopped' };

export type VrrpEffect =
  | { readonly type: 'send_advertisement'; readonly priority: number }
  /** Replaces the timer of that name. */
  | { readonly type: 'set_timer'; readonly name: TimerName; readonly delayMs: number }
  | { readonly type: 'stop_timer'; readonly name: TimerName }
  /** Puts addresses in place or renews their lease; always follows an advert. */
  | { readonly type: 'own_addresses'; readonly addresses: readonly Prefix[] }
  | { readonly type: 'release_addresses'; readonly addresses: readonly Prefix[] }
  /** A burst of gratuitous ARPs. */
  | { readonly type: 'announce_addresses'; readonly addresses: readonly Prefix[] }
  | { readonly type: 'log'; readonly line: string }
  | { readonly type: 'report'; readonly state: VrrpState };

export type Reconciliation = 'unchanged' | 'in_place' | 'restart';
export type Transition = { readonly state: VrrpState; readonly effects: readonly VrrpEffect[] };

type EventType = VrrpEvent['type'];
type EventOf<T extends EventType> = Extract<VrrpEvent, { readonly type: T }>;
type Rule<E> = (settings: VrrpSettings, event: E) => Transition;
type Table = { [S in VrrpState]: { [T in EventType]: Rule<EventOf<T>> | 'ignore' } };

// RFC 3768: 6.4.1 Initialize, 6.4.2 Backup, 6.4.3 Master; fault is keepalived's.
const table: Table = {
  initialize: {
    started: start,
    advertisement_received: 'ignore',
    master_down_timer_expired: 'ignore',
    advertisement_timer_expired: 'ignore',
    garp_timer_expired: 'ignore',
    lease_expired: 'ignore',
    interface_down: 'ignore',
    interface_up: 'ignore',
    reconfigured: 'ignore',
    stopped: 'ignore',
  },
  backup: {
    started: 'ignore',
    advertisement_received: hearAsBackup,
    master_down_timer_expired: (settings) =>
      becomeMaster(settings, 'Receive advertisement timeout'),
    advertisement_timer_expired: 'ignore',
    garp_timer_expired: 'ignore',
    lease_expired: 'ignore',
    interface_down: faultFromBackup,
    interface_up: 'ignore',
    reconfigured: reconfigureBackup,
    stopped: () => ({ state: 'initialize', effects: [stopTimer('master_down')] }),
  },
  master: {
    started: 'ignore',
    advertisement_received: hearAsMaster,
    master_down_timer_expired: 'ignore',
    advertisement_timer_expired: (settings) => ({ state: 'master', effects: advertise(settings) }),
    garp_timer_expired: (settings) => ({ state: 'master', effects: [announce(settings)] }),
    lease_expired: loseLease,
    interface_down: faultFromMaster,
    interface_up: 'ignore',
    reconfigured: reconfigureMaster,
    stopped: stopMaster,
  },
  fault: {
    started: 'ignore',
    advertisement_received: 'ignore',
    master_down_timer_expired: 'ignore',
    advertisement_timer_expired: 'ignore',
    garp_timer_expired: 'ignore',
    lease_expired: 'ignore',
    interface_down: 'ignore',
    interface_up: (settings) => begin(settings),
    reconfigured: 'ignore',
    stopped: () => ({ state: 'initialize', effects: [] }),
  },
};

/** A change of state is always reported, as the last effect. */
export function step(state: VrrpState, settings: VrrpSettings, event: VrrpEvent): Transition {
  // The row's rule takes exactly this event's type, which the compiler cannot follow through an
  // index.
  const rule = table[state][event.type] as Rule<VrrpEvent> | 'ignore';
  if (rule === 'ignore') return { state, effects: [] };
  const next = rule(settings, event);
  if (next.state === state) return next;
  return { ...next, effects: [...next.effects, { type: 'report', state: next.state }] };
}

/** What a reload means for a running instance; instances are matched by name. */
export function reconcile(old: VrrpInstance, wanted: VrrpInstance): Reconciliation {
  const identities = [old, wanted].map((instance) =>
    JSON.stringify([
      instance.name,
      instance.interface,
      instance.dpdkInterface,
      instance.virtualRouterId,
      instance.objects.links,
      instance.objects.transmitsOn,
      isAddressOwner(instance),
    ]),
  );
  if (identities[0] !== identities[1] || movesAddress(old, wanted)) return 'restart';
  return JSON.stringify(ordered(old)) === JSON.stringify(ordered(wanted))
    ? 'unchanged'
    : 'in_place';
}

/**
 * `state MASTER` with a lower priority is a wish only: keepalived starts such an instance as
 * BACKUP.
 */
function isAddressOwner(instance: VrrpInstance): boolean {
  return instance.priority === 255 && instance.state === 'MASTER';
}

/**
 * Whoever holds the addresses was told their interfaces once; only a new holder learns other ones.
 */
function movesAddress(old: VrrpInstance, wanted: VrrpInstance): boolean {
  const devices = new Map(
    old.virtualAddresses.map(({ prefix, device }) => [formatPrefix(prefix), device]),
  );
  const known = new Set([...devices.values(), old.interface, old.dpdkInterface]);
  return wanted.virtualAddresses.some(
    ({ prefix, device }) =>
      !known.has(device) || (devices.get(formatPrefix(prefix)) ?? device) !== device,
  );
}

/** Two records are the same whatever the order in which their fields were written. */
function ordered(instance: VrrpInstance): unknown {
  return Object.entries(instance).sort(([left], [right]) => (left < right ? -1 : 1));
}

function start(settings: VrrpSettings, event: EventOf<'started'>): Transition {
  if (!event.isInterfaceUp)
    return { state: 'fault', effects: [release(settings), entering(settings, 'FAULT')] };
  // Without leases an address that is still there says nothing about who is MASTER now.
  if (event.resumes && settings.instance.leases) return becomeMaster(settings);
  if (isAddressOwner(settings.instance)) return becomeMaster(settings);
  const backup = becomeBackup(settings);
  // What a process that was killed left behind must not stay while another node is MASTER.
  return { ...backup, effects: [release(settings), ...backup.effects] };
}

function begin(settings: VrrpSettings): Transition {
  return isAddressOwner(settings.instance) ? becomeMaster(settings) : becomeBackup(settings);
}

function becomeBackup(settings: VrrpSettings): Transition {
  return { state: 'backup', effects: [setMasterDown(settings), entering(settings, 'BACKUP')] };
}

/**
 * The advert first, so that a lower master gives way before the addresses are here; then the ARPs.
 */
function becomeMaster(settings: VrrpSettings, reason?: string): Transition {
  return {
    state: 'master',
    effects: [
      send(settings),
      own(settings),
      announce(settings),
      stopTimer('master_down'),
      setAdvertisement(settings),
      ...setGarp(settings),
      ...(reason === undefined ? [] : [log(settings, reason)]),
      entering(settings, 'MASTER'),
    ],
  };
}

/** The addresses go first: from here on they are another node's. */
function leaveMaster(settings: VrrpSettings, reason: string): Transition {
  return {
    state: 'backup',
    effects: [
      release(settings),
      stopTimer('advertisement'),
      stopTimer('garp'),
      setMasterDown(settings),
      log(settings, reason),
      entering(settings, 'BACKUP'),
    ],
  };
}

function hearAsBackup(
  settings: VrrpSettings,
  { priority, source }: EventOf<'advertisement_received'>,
): Transition {
  const { instance } = settings;
  if (priority === 0) {
    return {
      state: 'backup',
      effects: [
        setTimer('master_down', skewMs(instance)),
        log(settings, 'Backup received priority 0 advertisement'),
      ],
    };
  }
  if (!instance.preempts || priority >= instance.priority) {
    return { state: 'backup', effects: [setMasterDown(settings)] };
  }
  const line = `received lower priority (${priority}) advert from ${source} - discarding`;
  return { state: 'backup', effects: [log(settings, line)] };
}

function hearAsMaster(
  settings: VrrpSettings,
  { priority, source }: EventOf<'advertisement_received'>,
): Transition {
  const ours = settings.instance.priority;
  const order = priority - ours || compareAddresses(source, settings.sourceAddress);
  if (priority === 0) return { state: 'master', effects: advertise(settings) };
  if (order === 0) {
    const line = 'WARNING - equal priority advert received from remote host with our IP address.';
    return { state: 'master', effects: [log(settings, line)] };
  }
  if (order > 0) {
    const outranked =
      priority > ours
        ? `with higher priority ${priority}, ours ${ours}`
        : `with same priority ${priority} but higher IP address than ours`;
    return leaveMaster(settings, `Master received advert from ${source} ${outranked}`);
  }
  return { state: 'master', effects: forceElection(settings, priority, source) };
}

/** The segment has just learnt the addresses from the other master: teach it again. */
function forceElection(
  settings: VrrpSettings,
  priority: number,
  source: IpAddress,
): readonly VrrpEffect[] {
  const ours = settings.instance.priority;
  const outranked =
    priority < ours
      ? `with lower priority ${priority}, ours ${ours}`
      : `with same priority ${priority} but lower IP address than ours`;
  return [
    ...advertise(settings),
    announce(settings),
    ...setGarp(settings),
    log(settings, `Received advert from ${source} ${outranked}, forcing new election`),
  ];
}

function loseLease(settings: VrrpSettings): Transition {
  return leaveMaster(settings, 'No advertisement left within the lease of the addresses');
}

function faultFromBackup(settings: VrrpSettings): Transition {
  return { state: 'fault', effects: [stopTimer('master_down'), entering(settings, 'FAULT')] };
}

function faultFromMaster(settings: VrrpSettings): Transition {
  return {
    state: 'fault',
    effects: [
      release(settings),
      stopTimer('advertisement'),
      stopTimer('garp'),
      entering(settings, 'FAULT'),
    ],
  };
}

/**
 * Timers go on unless their length changed, so that reloads in a row cannot postpone a takeover.
 */
function reconfigureBackup(
  settings: VrrpSettings,
  { previous }: EventOf<'reconfigured'>,
): Transition {
  const isSame = masterDownIntervalMs(previous) === masterDownIntervalMs(settings.instance);
  return { state: 'backup', effects: isSame ? [] : [setMasterDown(settings)] };
}

function reconfigureMaster(
  settings: VrrpSettings,
  { previous }: EventOf<'reconfigured'>,
): Transition {
  const before = addressesOf(previous);
  const after = addressesOf(settings.instance);
  const removed = without(before, after);
  const added = without(after, before);
  return {
    state: 'master',
    effects: [
      ...(removed.length > 0 ? [{ type: 'release_addresses', addresses: removed } as const] : []),
      send(settings),
      own(settings),
      setAdvertisement(settings),
      ...(added.length > 0 ? [{ type: 'announce_addresses', addresses: added } as const] : []),
    ],
  };
}

function stopMaster(settings: VrrpSettings): Transition {
  return {
    state: 'initialize',
    effects: [
      { type: 'send_advertisement', priority: 0 },
      release(settings),
      stopTimer('advertisement'),
      stopTimer('garp'),
      log(settings, 'sent 0 priority'),
    ],
  };
}

/** One advert, the lease that it renews, and the timer of the next one. */
function advertise(settings: VrrpSettings): readonly VrrpEffect[] {
  const renewal = settings.instance.leases ? [own(settings)] : [];
  return [send(settings), ...renewal, setAdvertisement(settings)];
}

function send({ instance }: VrrpSettings): VrrpEffect {
  return { type: 'send_advertisement', priority: instance.priority };
}

function own({ instance }: VrrpSettings): VrrpEffect {
  return { type: 'own_addresses', addresses: addressesOf(instance) };
}

function release({ instance }: VrrpSettings): VrrpEffect {
  return { type: 'release_addresses', addresses: addressesOf(instance) };
}

function announce({ instance }: VrrpSettings): VrrpEffect {
  return { type: 'announce_addresses', addresses: addressesOf(instance) };
}

function setMasterDown({ instance }: VrrpSettings): VrrpEffect {
  return setTimer('master_down', masterDownIntervalMs(instance));
}

function setAdvertisement({ instance }: VrrpSettings): VrrpEffect {
  return setTimer('advertisement', instance.advertIntervalMs);
}

/** `garp_master_delay 0` means no second burst. */
function setGarp({ instance }: VrrpSettings): readonly VrrpEffect[] {
  const delayMs = instance.garpMasterDelayMs;
  return delayMs > 0 ? [setTimer('garp', delayMs)] : [];
}

function setTimer(name: TimerName, delayMs: number): VrrpEffect {
  return { type: 'set_timer', name, delayMs };
}

function stopTimer(name: TimerName): VrrpEffect {
  return { type: 'stop_timer', name };
}

function entering(settings: VrrpSettings, state: 'BACKUP' | 'MASTER' | 'FAULT'): VrrpEffect {
  return log(settings, `Entering ${state} STATE`);
}

function log({ instance }: VrrpSettings, line: string): VrrpEffect {
  return { type: 'log', line: `(${instance.name}) ${line}` };
}

function addressesOf(instance: VrrpInstance): readonly Prefix[] {
  return instance.virtualAddresses.map(({ prefix }) => prefix);
}

function without(from: readonly Prefix[], others: readonly Prefix[]): readonly Prefix[] {
  const known = new Set(others.map(formatPrefix));
  return from.filter((prefix) => !known.has(formatPrefix(prefix)));
}
