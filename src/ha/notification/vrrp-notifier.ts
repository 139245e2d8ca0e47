// VRRP facts -> what is to be told, in the order of keepalived 2.2.7: at a start the group's BACKUP
// before its members', else the group after the last of them. Remembers what was told last, so a
// fact may come twice. Does no I/O.
import type { CommandAs } from '../../config/command.js';
import type { NotifyScripts, VrrpNotification } from '../../config/notification.js';
import type { SyncGroup } from '../../config/sync-group.js';
import type { Telling } from '../../config/telling.js';
import type { VrrpFact } from '../vrrp/speaker.js';
import { groupMail, instanceMail, type MailText } from './mail-text.js';
import { type ToldState, vrrpLine } from './telling.js';

export type NotifiedInstance = {
  readonly name: string;
  readonly priority: number;
  readonly notification: VrrpNotification;
};

export type NotifierConfig = {
  readonly routerId: string;
  readonly instances: readonly NotifiedInstance[];
  readonly groups: readonly SyncGroup[];
  readonly mailsFaults: boolean;
  /** After a reload the FIFOs get every state again. */
  readonly tellsStatesOnReload: boolean;
};

export type NotifiedFact = Pick<VrrpFact, 'instance' | 'state' | 'priority'>;

/** What a state machine of VRRP can be in, as far as others care. */
type RunningState = 'MASTER' | 'BACKUP' | 'FAULT';
type Told = { readonly state: RunningState; readonly priority: number };

const scriptOf: Readonly<Record<ToldState, keyof NotifyScripts>> = {
  MASTER: 'master',
  BACKUP: 'backup',
  FAULT: 'fault',
  STOP: 'stop',
  DELETED: 'deleted',
};

export class VrrpNotifier {
  #config: NotifierConfig;
  #instances: ReadonlyMap<string, NotifiedInstance>;
  readonly #told = new Map<string, Told>();
  readonly #groupTold = new Map<string, RunningState>();
  /** Priorities that a reload has changed: keepalived does not tell those. */
  readonly #silentPriorities = new Set<string>();

  constructor(config: NotifierConfig) {
    this.#config = config;
    this.#instances = byName(config);
  }

  /** A reload: tells of those that are gone. */
  reconfigure(config: NotifierConfig): readonly Telling[] {
    const previous = this.#config;
    this.#config = config;
    this.#instances = byName(config);
    const tellings = previous.instances.flatMap((instance) => {
      const next = this.#instances.get(instance.name);
      if (next === undefined) return this.#deleted(instance);
      if (next.priority !== instance.priority) this.#silentPriorities.add(instance.name);
      return [];
    });
    const groups = new Set(config.groups.map(({ name }) => name));
    for (const name of this.#groupTold.keys()) {
      if (!groups.has(name)) this.#groupTold.delete(name);
    }
    return [...tellings, ...(config.tellsStatesOnReload ? this.#statesAgain() : [])];
  }

  changed({ instance: name, state, priority }: NotifiedFact): readonly Telling[] {
    const instance = this.#instances.get(name);
    if (instance === undefined || state === 'INIT') return [];
    const before = this.#told.get(name);
    this.#told.set(name, { state, priority });
    if (before?.state !== state) return this.#entered(instance, state, priority);
    if (before.priority === priority) return [];
    const isSilent = this.#silentPriorities.delete(name) || !instance.notification.tellsPriorities;
    if (isSilent || state === 'FAULT') return [];
    return [vrrpLine('INSTANCE', name, `${state}_PRIORITY`, priority)];
  }

  heardLowerPriority(name: string): readonly Telling[] {
    const instance = this.#instances.get(name);
    if (instance === undefined) return [];
    const line = vrrpLine('INSTANCE', name, 'MASTER_RX_LOWER_PRI', this.#priorityOf(instance));
    return [...run(instance.notification.scripts.masterHeardLowerPriority), line];
  }

  /** The daemon ends: instances first, then their groups. */
  stopped(): readonly Telling[] {
    const { instances, groups } = this.#config;
    return [
      ...instances.flatMap((instance) =>
        this.#instance(instance, 'STOP', this.#priorityOf(instance)),
      ),
      ...groups
        .filter((group) => this.#members(group).length > 0)
        .flatMap((group) => this.#group(group, 'STOP')),
    ];
  }

  #entered(instance: NotifiedInstance, state: RunningState, priority: number): readonly Telling[] {
    const groups = this.#config.groups.filter(({ members }) => members.includes(instance.name));
    const starting = groups.filter(({ name }) => state === 'BACKUP' && !this.#groupTold.has(name));
    const before = starting.flatMap((group) => this.#groupEntered(group, state));
    const own = this.#instance(instance, state, priority);
    const complete = groups.filter((group) => this.#isComplete(group, state));
    const after = complete.flatMap((group) => this.#groupEntered(group, state));
    return [...before, ...own, ...after];
  }

  #groupEntered(group: SyncGroup, state: RunningState): readonly Telling[] {
    if (this.#groupTold.get(group.name) === state) return [];
    this.#groupTold.set(group.name, state);
    return this.#group(group, state);
  }

  #isComplete(group: SyncGroup, state: RunningState): boolean {
    return this.#members(group).every((name) => this.#told.get(name)?.state === state);
  }

  #members({ members }: SyncGroup): readonly string[] {
    return members.filter((name) => this.#instances.has(name));
  }

  #deleted(instance: NotifiedInstance): readonly Telling[] {
    const priority = this.#priorityOf(instance);
    this.#told.delete(instance.name);
    this.#silentPriorities.delete(instance.name);
    if (instance.notification.scripts.deleted !== null) {
      return this.#instance(instance, 'DELETED', priority);
    }
    // keepalived 2.2.7 tells of a FAULT then, but does not run notify_fault.
    const scripts = { ...instance.notification.scripts, fault: null };
    const notification = { ...instance.notification, scripts };
    return this.#instance({ ...instance, notification }, 'FAULT', priority);
  }

  #statesAgain(): readonly Telling[] {
    const { instances, groups } = this.#config;
    return [
      ...instances.flatMap(({ name }) => {
        const told = this.#told.get(name);
        return told === undefined ? [] : [vrrpLine('INSTANCE', name, told.state, told.priority)];
      }),
      ...groups.flatMap(({ name }) => {
        const state = this.#groupTold.get(name);
        return state === undefined ? [] : [vrrpLine('GROUP', name, state, 0)];
      }),
    ];
  }

  #instance(
    { name, notification }: NotifiedInstance,
    state: ToldState,
    priority: number,
  ): readonly Telling[] {
    const mail = instanceMail(this.#config.routerId, name, state);
    return [
      ...scriptsFor(notification.scripts, 'INSTANCE', name, state, priority),
      vrrpLine('INSTANCE', name, state, priority),
      ...this.#mail(notification, state, mail),
    ];
  }

  #group(
    { name, notification }: SyncGroup,
    state: Exclude<ToldState, 'DELETED'>,
  ): readonly Telling[] {
    const mail = groupMail(this.#config.routerId, name, state);
    return [
      ...scriptsFor(notification.scripts, 'GROUP', name, state, 0),
      vrrpLine('GROUP', name, state, 0),
      ...this.#mail(notification, state, mail),
    ];
  }

  #mail(
    { sendsMails }: VrrpNotification,
    state: ToldState,
    { subject, text }: MailText,
  ): readonly Telling[] {
    if (!sendsMails || (state === 'FAULT' && !this.#config.mailsFaults)) return [];
    return [{ type: 'send_mail', subject, text }];
  }

  #priorityOf({ name, priority }: NotifiedInstance): number {
    return this.#told.get(name)?.priority ?? priority;
  }
}

/** The script of the state with its own words, then the one of all states with four more. */
function scriptsFor(
  scripts: NotifyScripts,
  kind: 'INSTANCE' | 'GROUP',
  name: string,
  state: ToldState,
  priority: number,
): readonly Telling[] {
  return [...run(scripts[scriptOf[state]]), ...run(scripts.any, kind, name, state, `${priority}`)];
}

function run(script: CommandAs | null, ...extra: string[]): readonly Telling[] {
  return script === null ? [] : [{ type: 'run_script', script, extra }];
}

function byName({ instances }: NotifierConfig): ReadonlyMap<string, NotifiedInstance> {
  return new Map(instances.map((instance) => [instance.name, instance]));
}
