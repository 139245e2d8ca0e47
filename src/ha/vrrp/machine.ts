// The VRRP state machine (RFC 3768 section 6.4, RFC 5798 section 6.4) with keepalived's choices
// where the RFCs leave room, with sync groups and leases. Pure: knows no clock, no socket; packets
// are checked elsewhere.
import type { VrrpInstance } from '../../config/vrrp.js';
import { compareAddresses, type IpAddress } from '../../net/address.js';
import {
  addressesOf,
  advertise,
  announce,
  entering,
  forgotten,
  log,
  own,
  release,
  send,
  sendStop,
  setAdvertisement,
  setMasterDown,
  setTimer,
  stopTimer,
  stopWaiting,
  type VrrpEffect,
  type VrrpSettings,
  type VrrpState,
  without,
} from './effect.js';
import { isAddressOwner } from './reconciliation.js';
import {
  countAdvert,
  forgetRival,
  isOwners,
  meetRival,
  ownersAreTwo,
  restore,
  rivalIsSilent,
} from './rival-owner.js';
import { isLeased, masterDownIntervalMs, skewMs } from './timing.js';

export type VrrpEvent =
  /** `resumes`: an earlier process died as MASTER and its address lease is still alive. */
  | { readonly type: 'started'; readonly resumes: boolean; readonly isInterfaceUp: boolean }
  | {
      readonly type: 'advertisement_received';
      readonly priority: number;
      readonly source: IpAddress;
      readonly advertIntervalMs: number;
    }
  | { readonly type: 'master_down_timer_expired' }
  | { readonly type: 'preempt_delay_timer_expired' }
  | { readonly type: 'advertisement_timer_expired' }
  | { readonly type: 'rival_timer_expired' }
  /** No advert left within the lease: the addresses are gone, a backup may have taken over. */
  | { readonly type: 'lease_expired' }
  /** The next advert should have left so long ago that another router has taken over. */
  | { readonly type: 'stood_still'; readonly lateMs: number }
  /** Also a tracked thing that fails; `isReachable`: adverts would still leave. */
  | { readonly type: 'interface_down'; readonly isReachable: boolean }
  | { readonly type: 'interface_up' }
  /** Another member of the sync group became MASTER, or BACKUP. */
  | { readonly type: 'group_master' }
  | { readonly type: 'group_backup' }
  /** Another member of the sync group has heard a MASTER of lower priority. */
  | { readonly type: 'group_heard_lower' }
  /** `settings` have the new one. */
  | { readonly type: 'priority_changed'; readonly previous: VrrpSettings }
  /** Somebody took an address away from us. */
  | { readonly type: 'address_lost' }
  /** `settings` are the new ones already; `reconcile` has found this possible in place. */
  | { readonly type: 'reconfigured'; readonly previous: VrrpInstance }
  | { readonly type: 'stopped' };

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
    lease_expired: 'ignore',
    stood_still: 'ignore',
    interface_down: 'ignore',
    interface_up: 'ignore',
    reconfigured: 'ignore',
    stopped: 'ignore',
    preempt_delay_timer_expired: 'ignore',
    rival_timer_expired: 'ignore',
    group_master: 'ignore',
    group_backup: 'ignore',
    group_heard_lower: 'ignore',
    priority_changed: 'ignore',
    address_lost: 'ignore',
  },
  backup: {
    started: 'ignore',
    advertisement_received: hearAsBackup,
    master_down_timer_expired: missMaster,
    advertisement_timer_expired: 'ignore',
    lease_expired: 'ignore',
    stood_still: 'ignore',
    interface_down: faultFromBackup,
    interface_up: 'ignore',
    reconfigured: reconfigureBackup,
    stopped: () => ({ state: 'initialize', effects: stopWaiting }),
    preempt_delay_timer_expired: endPreemptDelay,
    rival_timer_expired: 'ignore',
    group_master: (settings) => becomeMaster(settings, 'Sync group moves to MASTER'),
    group_backup: 'ignore',
    group_heard_lower: 'ignore',
    priority_changed: reprioritiseBackup,
    address_lost: 'ignore',
  },
  master: {
    started: 'ignore',
    advertisement_received: hearAsMaster,
    master_down_timer_expired: 'ignore',
    advertisement_timer_expired: advertiseInTime,
    lease_expired: loseLease,
    stood_still: yieldAfterStall,
    interface_down: faultFromMaster,
    interface_up: 'ignore',
    reconfigured: reconfigureMaster,
    stopped: stopMaster,
    preempt_delay_timer_expired: 'ignore',
    rival_timer_expired: (settings) => ({ state: 'master', effects: rivalIsSilent(settings) }),
    group_master: 'ignore',
    group_backup: followGroup,
    group_heard_lower: announceAgain,
    priority_changed: (settings) => ({ state: 'master', effects: advertise(settings) }),
    address_lost: loseAddress,
  },
  fault: {
    started: 'ignore',
    advertisement_received: 'ignore',
    master_down_timer_expired: 'ignore',
    advertisement_timer_expired: 'ignore',
    lease_expired: 'ignore',
    stood_still: 'ignore',
    interface_down: 'ignore',
    interface_up: (settings) => begin(settings),
    reconfigured: 'ignore',
    stopped: () => ({ state: 'initialize', effects: [] }),
    preempt_delay_timer_expired: 'ignore',
    rival_timer_expired: 'ignore',
    group_master: 'ignore',
    group_backup: 'ignore',
    group_heard_lower: 'ignore',
    priority_changed: 'ignore',
    address_lost: 'ignore',
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

function start(settings: VrrpSettings, event: EventOf<'started'>): Transition {
  if (!event.isInterfaceUp)
    return { state: 'fault', effects: [release(settings), entering(settings, 'FAULT')] };
  // Without leases an address that is still there says nothing about who is MASTER now.
  if (event.resumes && isLeased(settings.instance) && settings.isGroupReady) {
    return becomeMaster(settings);
  }
  if (isAddressOwner(settings.instance)) return becomeMaster(settings);
  const backup = becomeBackup(settings);
  // What a process that was killed left behind must not stay while another node is MASTER.
  return { ...backup, effects: [release(settings), ...backup.effects] };
}

/** A member of a sync group waits for those of the others that cannot be MASTER yet. */
function missMaster(settings: VrrpSettings): Transition {
  if (!settings.isGroupReady) return { state: 'backup', effects: [setMasterDown(settings)] };
  return becomeMaster(settings, 'Receive advertisement timeout');
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
function becomeMaster(before: VrrpSettings, reason?: string): Transition {
  const { settings, effects } = restore(before);
  const { advertIntervalMs } = settings.instance;
  return {
    state: 'master',
    effects: [
      ...effects,
      send(settings),
      own(settings),
      announce(settings, 'became_master'),
      ...stopWaiting,
      { type: 'remember', memory: { masterIntervalMs: advertIntervalMs, preemption: null } },
      setAdvertisement(settings),
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
      ...forgetRival(settings),
      setMasterDown(settings),
      log(settings, reason),
      entering(settings, 'BACKUP'),
    ],
  };
}

function hearAsBackup(
  settings: VrrpSettings,
  event: EventOf<'advertisement_received'>,
): Transition {
  if (isOwners(event.priority)) return follow(settings, event);
  const restored = restore(settings);
  const { state, effects } = follow(restored.settings, event);
  const isNews = restored.effects.length > 0;
  const news: readonly VrrpEffect[] = isNews ? [{ type: 'report', state }] : [];
  return { state, effects: [...restored.effects, ...effects, ...news] };
}

function follow(settings: VrrpSettings, event: EventOf<'advertisement_received'>): Transition {
  const { priority, source } = event;
  if (priority === 0) {
    return {
      state: 'backup',
      effects: [
        setTimer('master_down', skewMs(settings)),
        log(settings, 'Backup received priority 0 advertisement'),
      ],
    };
  }
  const { preempts, preemptDelayMs } = settings.instance;
  if (!preempts || priority >= settings.priority) {
    return { state: 'backup', effects: [...forgetPreemption(settings), ...heed(settings, event)] };
  }
  if (preemptDelayMs > 0 && settings.preemption !== 'free') {
    const isNew = settings.preemption === null;
    const effects = isNew ? startPreemptDelay(settings, event) : [];
    return { state: 'backup', effects: [...effects, ...heed(settings, event)] };
  }
  const line = `received lower priority (${priority}) advert from ${source} - discarding`;
  return { state: 'backup', effects: [log(settings, line)] };
}

/** The master is there: waits for it anew, in VRRPv3 as long as it says. */
function heed(
  settings: VrrpSettings,
  { advertIntervalMs }: EventOf<'advertisement_received'>,
): readonly VrrpEffect[] {
  const { instance, masterIntervalMs } = settings;
  const isOther = instance.version === 3 && advertIntervalMs !== masterIntervalMs;
  if (!isOther) return [setMasterDown(settings)];
  const memory = { masterIntervalMs: advertIntervalMs };
  return [{ type: 'remember', memory }, setMasterDown({ ...settings, ...memory })];
}

function startPreemptDelay(
  settings: VrrpSettings,
  { priority, source }: EventOf<'advertisement_received'>,
): readonly VrrpEffect[] {
  const { preemptDelayMs } = settings.instance;
  const line = `start preempt delay (${preemptDelayMs / 1000}), ${source} has priority ${priority}`;
  return [
    { type: 'remember', memory: { preemption: 'waiting' } },
    setTimer('preempt_delay', preemptDelayMs),
    log(settings, line),
  ];
}

function forgetPreemption({ preemption }: VrrpSettings): readonly VrrpEffect[] {
  if (preemption === null) return [];
  return [stopTimer('preempt_delay'), { type: 'remember', memory: { preemption: null } }];
}

function endPreemptDelay(): Transition {
  return { state: 'backup', effects: [{ type: 'remember', memory: { preemption: 'free' } }] };
}

function hearAsMaster(
  settings: VrrpSettings,
  event: EventOf<'advertisement_received'>,
): Transition {
  const { priority, source } = event;
  const ours = settings.priority;
  const order = priority - ours || compareAddresses(source, settings.sourceAddress);
  if (priority === 0) return { state: 'master', effects: advertise(settings) };
  if (order === 0) {
    const line = 'WARNING - equal priority advert received from remote host with our IP address.';
    return { state: 'master', effects: [log(settings, line)] };
  }
  const areOwners = isOwners(priority) && isOwners(ours);
  if (order > 0) {
    const error = areOwners ? [ownersAreTwo(settings, source)] : [];
    const left = yieldTo(settings, event);
    return { state: 'backup', effects: [...error, ...left.effects] };
  }
  const rival = areOwners ? meetRival(settings, event) : null;
  if (rival?.yields === true) {
    const lowered = { ...settings, priority: ours - 1, rival: null };
    const left = yieldTo(lowered, event);
    return { state: 'backup', effects: [...rival.effects, ...left.effects] };
  }
  const effects = [...(rival?.effects ?? []), ...forceElection(settings, event)];
  return { state: 'master', effects };
}

function yieldTo(settings: VrrpSettings, event: EventOf<'advertisement_received'>): Transition {
  const { priority, source } = event;
  const ours = settings.priority;
  const outranked =
    priority > ours
      ? `with higher priority ${priority}, ours ${ours}`
      : `with same priority ${priority} but higher IP address than ours`;
  const last = settings.instance.advertisesBeforeYielding ? [send(settings)] : [];
  const left = leaveMaster(settings, `Master received advert from ${source} ${outranked}`);
  return { state: 'backup', effects: [...last, ...left.effects, ...heed(settings, event)] };
}

function advertiseInTime(settings: VrrpSettings): Transition {
  return { state: 'master', effects: [...advertise(settings), ...countAdvert(settings)] };
}

/** The segment has just learnt the addresses from the other master: teach it again. */
function forceElection(
  settings: VrrpSettings,
  { priority, source }: EventOf<'advertisement_received'>,
): readonly VrrpEffect[] {
  const ours = settings.priority;
  const outranked =
    priority < ours
      ? `with lower priority ${priority}, ours ${ours}`
      : `with same priority ${priority} but lower IP address than ours`;
  return [
    ...(settings.instance.answersLowerPriority ? advertise(settings) : []),
    announce(settings, 'lower_priority'),
    { type: 'report_lower_priority' },
    log(settings, `Received advert from ${source} ${outranked}, forcing new election`),
  ];
}

/** The others of the group take over elsewhere: here they need not wait for our silence. */
function followGroup(settings: VrrpSettings): Transition {
  const left = leaveMaster(settings, 'Sync group moves to BACKUP');
  return { state: 'backup', effects: [sendStop, ...left.effects] };
}

/** Whoever was MASTER there was so here, too, and the segment has learnt it. */
function announceAgain(settings: VrrpSettings): Transition {
  return { state: 'master', effects: [announce(settings, 'lower_priority')] };
}

/** An outsider who takes the address away wants it elsewhere. */
function loseAddress(settings: VrrpSettings): Transition {
  const left = leaveMaster(settings, 'A virtual address was removed by someone else');
  return { state: 'backup', effects: [sendStop, ...left.effects] };
}

function loseLease(settings: VrrpSettings): Transition {
  return leaveMaster(settings, 'No advertisement left within the lease of the addresses');
}

/** timer_expired_backup. */
function yieldAfterStall(settings: VrrpSettings, { lateMs }: EventOf<'stood_still'>): Transition {
  const seconds = (lateMs / 1000).toFixed(6);
  return leaveMaster(settings, `VRRP thread timer expired ${seconds} seconds ago`);
}

function faultFromBackup(settings: VrrpSettings): Transition {
  return { state: 'fault', effects: [...forgotten, ...stopWaiting, entering(settings, 'FAULT')] };
}

function faultFromMaster(
  settings: VrrpSettings,
  { isReachable }: EventOf<'interface_down'>,
): Transition {
  return {
    state: 'fault',
    effects: [
      ...(isReachable ? [sendStop] : []),
      ...forgotten,
      release(settings),
      stopTimer('advertisement'),
      ...forgetRival(settings),
      entering(settings, 'FAULT'),
    ],
  };
}

/**
 * Timers go on, longer or shorter by what changed, so that reloads in a row cannot postpone a
 * takeover.
 */
function reconfigureBackup(
  settings: VrrpSettings,
  { previous }: EventOf<'reconfigured'>,
): Transition {
  return {
    state: 'backup',
    effects: shiftMasterDown(settings, { ...settings, instance: previous }),
  };
}

function reprioritiseBackup(
  settings: VrrpSettings,
  { previous }: EventOf<'priority_changed'>,
): Transition {
  return { state: 'backup', effects: shiftMasterDown(settings, previous) };
}

function shiftMasterDown(settings: VrrpSettings, previous: VrrpSettings): readonly VrrpEffect[] {
  const byMs = masterDownIntervalMs(settings) - masterDownIntervalMs(previous);
  return byMs === 0 ? [] : [{ type: 'shift_timer', name: 'master_down', byMs }];
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
      ...(added.length > 0
        ? [{ type: 'announce_addresses', reason: 'addresses_added', addresses: added } as const]
        : []),
    ],
  };
}

function stopMaster(settings: VrrpSettings): Transition {
  return {
    state: 'initialize',
    effects: [
      sendStop,
      release(settings),
      stopTimer('advertisement'),
      ...forgetRival(settings),
      log(settings, 'sent 0 priority'),
    ],
  };
}
