// What VRRP instances track, as plain data: the definitions (vrrp_script, vrrp_track_process,
// track_file) and, for each instance, the names that count for it with their weights. Sync groups
// are resolved here: what a group tracks is tracked by each of its members.
import type { Command, Owner } from './command.js';
import type { Report } from './diagnostic.js';
import type { LinkDelays } from './link-table.js';
import type { Root } from './root-table.js';
import type { Found, Settings } from './settings.js';
import { type TrackGroup, usedTrackGroups } from './static-groups.js';
import type { syncGroupTable } from './sync-group-table.js';
import type { TrackEntry } from './track-entry.js';
import type { Weight } from './weight.js';

export type TrackedKind = 'interface' | 'script' | 'file' | 'process' | 'bfd' | 'static';

/** One line of a track_ block, with the weight that counts. */
export type TrackedThing = {
  readonly kind: TrackedKind;
  readonly name: string;
  /** 0: a failure is a FAULT. */
  readonly weight: number;
  /** What is up counts as down, and the other way round; a file's value is subtracted. */
  readonly isReversed: boolean;
};

export type TrackedThings = readonly TrackedThing[];

export type ScriptDefinition = {
  readonly name: string;
  readonly command: Command;
  /** null: script_user. */
  readonly owner: Owner | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes and failures in a row that change the verdict. */
  readonly rise: number;
  readonly fall: number;
  /** It counts as down, not as unknown, until its first success. */
  readonly startsFailed: boolean;
};

export type ProcessDefinition = {
  readonly name: string;
  readonly program: string;
  /** null: whatever its arguments are. */
  readonly arguments: readonly string[] | null;
  /** initial: the last argument given may go on; partial: there may be more arguments. */
  readonly match: 'exact' | 'initial' | 'partial';
  /** Arguments, param_match or full_command: argv[0] is compared, not the kernel's short name. */
  readonly comparesCommand: boolean;
  readonly quorum: number;
  /** null: any number. */
  readonly quorumMax: number | null;
  /** How long a change must last after a start and after an end. */
  readonly forkDelayMs: number;
  readonly terminateDelayMs: number;
};

export type FileDefinition = {
  readonly name: string;
  readonly path: string;
  /** Written at the start; null: the file is left as it is. */
  readonly initial: { readonly value: number; readonly overwrites: boolean } | null;
};

/** Only what is tracked by someone. */
export type Tracking = {
  readonly scripts: readonly ScriptDefinition[];
  readonly processes: readonly ProcessDefinition[];
  readonly files: readonly FileDefinition[];
  /** Of every interface that is named, whoever uses it. */
  readonly linkDelays: readonly LinkDelays[];
};

export const noTracking: Tracking = { scripts: [], processes: [], files: [], linkDelays: [] };

const kinds = {
  track_interface: 'interface',
  track_script: 'script',
  track_file: 'file',
  track_process: 'process',
  track_bfd: 'bfd',
} as const;

type Keyword = keyof typeof kinds;
const keywords = Object.keys(kinds) as Keyword[];

type Tracker = {
  all(keyword: Keyword): readonly Found<readonly Found<TrackEntry>[]>[];
};

type Instance = {
  readonly name: string;
  readonly interface: string | undefined;
  readonly isOwner: boolean;
  /** Its group does not let members have priorities of their own. */
  readonly isGrouped: boolean;
};

/** What each instance tracks, its sync group's things included; by the instance's name. */
export function trackedByInstance(root: Root, report: Report): ReadonlyMap<string, TrackedThings> {
  const defined = definedWeights(root);
  const groups = groupsByMember(root);
  const needed = usedTrackGroups(root);
  return new Map(
    root.all('vrrp_instance').map(({ value: { head: name, settings } }) => {
      const group = groups.get(name);
      const base = settings.value('priority') ?? (settings.value('state') === 'MASTER' ? 255 : 100);
      const instance: Instance = {
        name,
        interface: settings.value('interface'),
        isOwner: base === 255,
        isGrouped: group !== undefined && !group.has('sync_group_tracking_weight'),
      };
      const written = [...entriesOf(settings), ...(group === undefined ? [] : entriesOf(group))];
      const own = countingFor(instance, written, defined, report);
      return [name, [...own, ...needed.flatMap((one) => staticThing(one, name) ?? [])]];
    }),
  );
}

/** What static entries of a track_group are for its instances. */
function staticThing({ name, instances }: TrackGroup, instance: string): TrackedThing | null {
  return instances.includes(instance)
    ? { kind: 'static', name, weight: 0, isReversed: false }
    : null;
}

type WrittenEntry = Found<TrackEntry> & { readonly keyword: Keyword };

function entriesOf(tracker: Tracker): readonly WrittenEntry[] {
  return keywords.flatMap((keyword) =>
    tracker
      .all(keyword)
      .flatMap(({ value }) => value)
      .map((line) => ({ ...line, keyword })),
  );
}

/** Of two lines for one thing the first counts; unknown names are reported by the checks. */
function countingFor(
  instance: Instance,
  written: readonly WrittenEntry[],
  defined: ReadonlyMap<string, Weight>,
  report: Report,
): TrackedThings {
  const things = new Map<string, TrackedThing>();
  for (const { keyword, value: entry, position } of written) {
    const kind = kinds[keyword];
    const key = `${keyword} ${entry.name}`;
    const own = kind === 'interface' ? plainWeight : defined.get(key);
    if (own === undefined || things.has(key)) continue;
    const weight = entry.weight ?? own.weight;
    const isReversed = entry.isReversed ?? own.isReversed;
    const obstacle = obstacleOf(instance, kind, entry.name, weight);
    if (obstacle === null) things.set(key, { kind, name: entry.name, weight, isReversed });
    else if (obstacle !== 'grouped') {
      const message = `(${instance.name}) ${keyword} ${entry.name} is ignored: ${obstacle}`;
      report.notice('config.ineffective', position, message);
    }
  }
  return [...things.values()];
}

const plainWeight: Weight = { weight: 0, isReversed: false };

/** Why keepalived leaves the line out; what is grouped is warned of by the checks already. */
function obstacleOf(
  instance: Instance,
  kind: TrackedKind,
  name: string,
  weight: number,
): string | null {
  if (kind === 'interface' && name === instance.interface) {
    return 'its own interface is tracked anyway';
  }
  if (weight === 0) return null;
  if (instance.isOwner) return 'an address owner (priority 255) has no weights; give weight 0';
  return instance.isGrouped ? 'grouped' : null;
}

/** The weights that the tracked things themselves have, by the keyword that tracks them. */
function definedWeights(root: Root): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  const add = (keyword: Keyword, name: string, weight: Weight): void => {
    if (!weights.has(`${keyword} ${name}`)) weights.set(`${keyword} ${name}`, weight);
  };
  for (const { value } of root.all('vrrp_script')) {
    if (value.settings.value('script') === undefined) continue;
    add('track_script', value.head, value.settings.value('weight'));
  }
  for (const [name, weight] of fileWeights(root)) add('track_file', name, weight);
  for (const { value } of root.all('vrrp_track_process')) {
    if (value.settings.value('process') === undefined) continue;
    add('track_process', value.head, value.settings.value('weight'));
  }
  for (const { value } of root.all('bfd_instance')) {
    if (value.settings.value('neighbor_ip') === undefined) continue;
    add('track_bfd', value.head, value.settings.value('weight'));
  }
  return weights;
}

/** By the names of the track_file blocks; of several of one name the first. */
export function fileWeights(root: Root): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const { value } of root.all('track_file').toReversed()) {
    const { head: name, settings } = value;
    if (settings.value('file') !== undefined) weights.set(name, settings.value('weight'));
  }
  return weights;
}

type Group = Settings<typeof syncGroupTable>;

function groupsByMember(root: Root): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const { value } of root.all('vrrp_sync_group')) {
    const members = value.settings.all('group').flatMap((one) => one.value);
    for (const name of members.flatMap((line) => line.value)) {
      if (!groups.has(name)) groups.set(name, value.settings);
    }
  }
  return groups;
}

/** The definitions that something tracks; of several of one name the first. */
export function trackingConfig(
  root: Root,
  tracked: Iterable<readonly Pick<TrackedThing, 'kind' | 'name'>[]>,
): Tracking {
  const used = new Set([...tracked].flat().map(({ kind, name }) => `${kind} ${name}`));
  const isUsed =
    (kind: TrackedKind) =>
    ({ name }: { readonly name: string }): boolean =>
      // Deleted, so that a second definition of the name is none.
      used.delete(`${kind} ${name}`);
  return {
    scripts: scriptsOf(root).filter(isUsed('script')),
    processes: processesOf(root).filter(isUsed('process')),
    files: filesOf(root).filter(isUsed('file')),
    linkDelays: root
      .all('interface_up_down_delays')
      .flatMap(({ value }) => value.map((line) => line.value)),
  };
}

function scriptsOf(root: Root): readonly ScriptDefinition[] {
  return root.all('vrrp_script').flatMap(({ value: { head: name, settings } }) => {
    const command = settings.value('script');
    if (command === undefined) return [];
    const intervalMs = settings.value('interval');
    return [
      {
        name,
        command,
        owner: settings.value('user') ?? null,
        intervalMs,
        // 0 stands for the interval, too.
        timeoutMs: settings.value('timeout') || intervalMs,
        rise: settings.value('rise'),
        fall: settings.value('fall'),
        startsFailed: settings.value('init_fail'),
      },
    ];
  });
}

function processesOf(root: Root): readonly ProcessDefinition[] {
  return root.all('vrrp_track_process').flatMap(({ value: { head: name, settings } }) => {
    const [program, ...rest] = settings.value('process') ?? [];
    if (program === undefined) return [];
    const match = settings.value('param_match');
    const hasMatch = settings.has('param_match');
    const delayMs = settings.value('delay');
    return [
      {
        name,
        program,
        // A param_match without arguments asks for none.
        arguments: rest.length > 0 || hasMatch ? rest : null,
        match: match ?? 'exact',
        comparesCommand: settings.value('full_command') || rest.length > 0 || hasMatch,
        quorum: settings.value('quorum'),
        quorumMax: settings.value('quorum_max') ?? null,
        forkDelayMs: settings.value('fork_delay') ?? delayMs,
        terminateDelayMs: settings.value('terminate_delay') ?? delayMs,
      },
    ];
  });
}

function filesOf(root: Root): readonly FileDefinition[] {
  return root.all('track_file').flatMap(({ value: { head: name, settings } }) => {
    const path = settings.value('file');
    if (path === undefined) return [];
    const written = settings.value('init_file');
    const initial =
      written === undefined ? null : { value: written.value ?? 0, overwrites: written.overwrites };
    return [{ name, path, initial }];
  });
}
