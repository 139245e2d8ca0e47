// What is tracked, in keepalived.data: scripts, files and processes with what is known of them.
import type { Root } from '../../config/root-table.js';
import type { TrackedFacts } from '../../ha/tracking/facts.js';
import { commandText, type OwnerOf } from './command-text.js';
import type { DumpedInstance } from './dumped-instance.js';
import { weightText } from './instance-text.js';

type Instances = readonly DumpedInstance[];

function trackers(
  instances: Instances,
  kind: 'scripts' | 'files' | 'processes',
  name: string,
): readonly string[] {
  const lines = instances.flatMap((instance) =>
    instance.tracked[kind]
      .filter((tracked) => tracked.name === name)
      .map((tracked) => `     ${instance.name}, weight ${weightText(tracked)}`),
  );
  return lines.length === 0 ? [] : ['   Tracking instances :', ...lines];
}

/** Those that nobody tracks are not run. */
export function scriptLines(
  root: Root,
  instances: Instances,
  facts: TrackedFacts,
  ownerOf: OwnerOf,
): readonly string[] {
  return root.all('vrrp_script').flatMap(({ value: { head: name, settings } }) => {
    const users = trackers(instances, 'scripts', name);
    if (users.length === 0) return [];
    const script = settings.value('script');
    const timeoutMs = settings.value('timeout') ?? 0;
    const ids = ownerOf(settings.value('user') ?? null);
    const value = facts.get({ kind: 'script', name });
    return [
      ` VRRP Script = ${name}`,
      ...(script === undefined ? [] : [`   Command = ${commandText(script)}`]),
      `   Interval = ${settings.value('interval') / 1000} sec`,
      `   Timeout = ${timeoutMs / 1000} sec`,
      `   Weight = ${weightText(settings.value('weight'))}`,
      `   Rise = ${settings.value('rise')}`,
      `   Fall = ${settings.value('fall')}`,
      ...(value === undefined ? [] : [`   Status = ${value === 0 ? 'BAD' : 'GOOD'}`]),
      ...(ids === null ? [] : [`   Script uid:gid = ${ids.uid}:${ids.gid}`]),
      '   VRRP instances :',
      ...users,
    ];
  });
}

export function fileLines(
  root: Root,
  instances: Instances,
  facts: TrackedFacts,
): readonly string[] {
  return root.all('track_file').flatMap(({ value: { head: name, settings } }) => {
    const value = facts.get({ kind: 'file', name });
    return [
      ` Track file = ${name}`,
      `   File = ${settings.value('file') ?? ''}`,
      ...(value === undefined ? [] : [`   Status = ${value}`]),
      `   Weight = ${weightText(settings.value('weight'))}`,
      ...trackers(instances, 'files', name),
    ];
  });
}

export function processLines(
  root: Root,
  instances: Instances,
  facts: TrackedFacts,
): readonly string[] {
  return root.all('vrrp_track_process').flatMap(({ value: { head: name, settings } }) => {
    const [program = '', ...parameters] = settings.value('process') ?? [];
    const match = settings.value('param_match');
    const most = settings.value('quorum_max');
    const delayMs = settings.value('delay') ?? 0;
    const value = facts.get({ kind: 'process', name });
    const isFull = parameters.length > 0 || match !== undefined || settings.has('full_command');
    return [
      ` VRRP Track process = ${name}`,
      `   Process = ${program}`,
      ...(parameters.length === 0 ? [] : [`   Parameters = ${parameters.join(' ')}`]),
      ...(match === undefined ? [] : [`   Param match = ${match}`]),
      ...(match === undefined && parameters.length > 0 ? ['   Param match'] : []),
      `   Min processes = ${settings.value('quorum')}`,
      ...(most === undefined ? [] : [`   Max processes = ${most}`]),
      ...(value === undefined ? [] : [`   Have quorum = ${value !== 0}`]),
      `   Weight = ${weightText(settings.value('weight'))}`,
      `   Terminate delay = ${secondsText(settings.value('terminate_delay') ?? delayMs)}`,
      `   Fork delay = ${secondsText(settings.value('fork_delay') ?? delayMs)}`,
      `   Full command = ${isFull}`,
      ...trackers(instances, 'processes', name),
    ];
  });
}

function secondsText(delayMs: number): string {
  return `${(delayMs / 1000).toFixed(6)}s`;
}
