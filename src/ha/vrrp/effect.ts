// What an instance of VRRP knows, what it may want done, and how the machine says so: effects are
// values, carried out by the speaker.
import type { VrrpInstance } from '../../config/vrrp.js';
import type { IpAddress } from '../../net/address.js';
import { formatPrefix, type Prefix } from '../../net/prefix.js';
import type { AnnouncementReason } from './announcement-schedule.js';
import { isLeased, masterDownIntervalMs } from './timing.js';

export type VrrpState = 'initialize' | 'backup' | 'master' | 'fault';
export type TimerName = 'master_down' | 'advertisement' | 'preempt_delay' | 'rival';

/** What `preempt_delay` lets a BACKUP do with a lower MASTER: `waiting`: it is left alone. */
export type Preemption = 'free' | 'waiting';

/** Another owner of the addresses, heard by an owner that is MASTER: see rival-owner.ts. */
export type RivalOwner = {
  readonly intervalMs: number;
  /** Of ours that it may hear before it should be silent; 0: they have left, a timer runs. */
  readonly advertsLeft: number;
};

export type VrrpSettings = {
  readonly instance: VrrpInstance;
  /** Source of our adverts, and the tie-break between masters. */
  readonly sourceAddress: IpAddress;
  /** The configured one with what tracking adds and takes: 1..255. */
  readonly priority: number;
  /** Time between the adverts of the current master: in VRRPv3 as it says, else ours. */
  readonly masterIntervalMs: number;
  /** null: no lower MASTER was heard of late. */
  readonly preemption: Preemption | null;
  /** null: no other owner was heard. */
  readonly rival: RivalOwner | null;
  /** Every other member of the sync group could be MASTER now. */
  readonly isGroupReady: boolean;
};

export type VrrpEffect =
  | { readonly type: 'send_advertisement'; readonly priority: number }
  /** Replaces the timer of that name. */
  | { readonly type: 'set_timer'; readonly name: TimerName; readonly delayMs: number }
  | { readonly type: 'stop_timer'; readonly name: TimerName }
  /** Expires so much later, or earlier when negative; nothing, when it does not run. */
  | { readonly type: 'shift_timer'; readonly name: TimerName; readonly byMs: number }
  /** `settings` are to have these from now on. */
  | {
      readonly type: 'remember';
      readonly memory: Partial<
        Pick<VrrpSettings, 'masterIntervalMs' | 'preemption' | 'rival' | 'priority'>
      >;
    }
  /** Puts addresses in place or renews their lease; always follows an advert. */
  | { readonly type: 'own_addresses'; readonly addresses: readonly Prefix[] }
  | { readonly type: 'release_addresses'; readonly addresses: readonly Prefix[] }
  /** Tells the segment; how often and when again is the announcer's. */
  | {
      readonly type: 'announce_addresses';
      readonly reason: AnnouncementReason;
      readonly addresses: readonly Prefix[];
    }
  | { readonly type: 'log'; readonly line: string }
  /** A MASTER has heard an advert of lower priority. */
  | { readonly type: 'report_lower_priority' }
  | { readonly type: 'report'; readonly state: VrrpState };

/** One advert, the lease that it renews, and the timer of the next one. */
export function advertise(settings: VrrpSettings): readonly VrrpEffect[] {
  const renewal = isLeased(settings.instance) ? [own(settings)] : [];
  return [send(settings), ...renewal, setAdvertisement(settings)];
}

export const sendStop: VrrpEffect = { type: 'send_advertisement', priority: 0 };
export const stopWaiting: readonly VrrpEffect[] = [
  stopTimer('master_down'),
  stopTimer('preempt_delay'),
];
export const forgotten: readonly VrrpEffect[] = [
  { type: 'remember', memory: { preemption: null } },
];

export function send({ priority }: VrrpSettings): VrrpEffect {
  return { type: 'send_advertisement', priority };
}

export function own({ instance }: VrrpSettings): VrrpEffect {
  return { type: 'own_addresses', addresses: addressesOf(instance) };
}

export function release({ instance }: VrrpSettings): VrrpEffect {
  return { type: 'release_addresses', addresses: addressesOf(instance) };
}

export function announce({ instance }: VrrpSettings, reason: AnnouncementReason): VrrpEffect {
  return { type: 'announce_addresses', reason, addresses: addressesOf(instance) };
}

export function setMasterDown(settings: VrrpSettings): VrrpEffect {
  return setTimer('master_down', masterDownIntervalMs(settings));
}

export function setAdvertisement({ instance }: VrrpSettings): VrrpEffect {
  return setTimer('advertisement', instance.advertIntervalMs);
}

export function setTimer(name: TimerName, delayMs: number): VrrpEffect {
  return { type: 'set_timer', name, delayMs };
}

export function stopTimer(name: TimerName): VrrpEffect {
  return { type: 'stop_timer', name };
}

export function entering(settings: VrrpSettings, state: 'BACKUP' | 'MASTER' | 'FAULT'): VrrpEffect {
  return log(settings, `Entering ${state} STATE`);
}

export function log({ instance }: VrrpSettings, line: string): VrrpEffect {
  return { type: 'log', line: `(${instance.name}) ${line}` };
}

export function addressesOf(instance: VrrpInstance): readonly Prefix[] {
  return instance.virtualAddresses.map(({ prefix }) => prefix);
}

export function without(from: readonly Prefix[], others: readonly Prefix[]): readonly Prefix[] {
  const known = new Set(others.map(formatPrefix));
  return from.filter((prefix) => !known.has(formatPrefix(prefix)));
}
