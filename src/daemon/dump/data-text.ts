// keepalived.data: the whole of VRRP, section by section. What is tracked and how it stands is
// shown as far as the file says it.
import type { OperationsConfig } from '../../config/operations.js';
import type { Root } from '../../config/root-table.js';
import { addressText, commandText, type DumpedInstance } from './dumped-instance.js';
import { globalLines, type NodeNames } from './global-text.js';
import { instanceLines } from './instance-text.js';

export type DumpedInterface = {
  readonly name: string;
  readonly index: number;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly mac: string;
  readonly isUp: boolean;
  readonly mtuBytes: number;
};

export type DataFacts = {
  readonly names: NodeNames;
  readonly instances: readonly DumpedInstance[];
  readonly interfaces: readonly DumpedInterface[];
};

export function dataText(root: Root, operations: OperationsConfig, facts: DataFacts): string {
  const globals = root.all('global_defs').map(({ value }) => value);
  const { names, instances, interfaces } = facts;
  const lines = [
    ...globalLines(globals, operations, names),
    ...staticLines(root),
    ...section('VRRP Topology', instances.flatMap(instanceLines)),
    ...section('VRRP Sync groups', groupLines(root, instances)),
    ...section('VRRP Scripts', scriptLines(root, instances)),
    ...section('VRRP Track files', fileLines(root, instances)),
    ...section('VRRP Track processes', processLines(root, instances)),
    ...section('Interfaces', interfaces.flatMap(interfaceLines)),
  ];
  return `${lines.join('\n')}\n`;
}

/** What keepalived's parent process writes beside it. */
export function parentText(root: Root, operations: OperationsConfig, names: NodeNames): string {
  const globals = root.all('global_defs').map(({ value }) => value);
  return `${globalLines(globals, operations, names).join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`------< ${title} >------`, ...lines];
}

function staticLines(root: Root): readonly string[] {
  const addresses = root.all('static_ipaddress').flatMap(({ value }) => value);
  const lines = addresses.map(({ value: { prefix, options } }) => {
    return `     ${addressText(prefix, { ...options, dev: options.dev ?? 'eth0' }, true)}`;
  });
  return section('Static Addresses', lines);
}

function groupLines(root: Root, instances: readonly DumpedInstance[]): readonly string[] {
  return root.all('vrrp_sync_group').flatMap(({ value: { head: name, settings } }) => {
    const members = settings.all('group').flatMap(({ value }) => value.flatMap((one) => one.value));
    const states = instances.filter((one) => members.includes(one.name)).map((one) => one.state);
    const notify = settings.value('notify');
    return [
      ` VRRP Sync Group = ${name}, ${groupState(states)}`,
      '   VRRP member instances :',
      ...members.map((member) => `     ${member}`),
      `   Using smtp notification = ${settings.value('smtp_alert') === true ? 'yes' : 'no'}`,
      ...(notify === undefined
        ? []
        : [`   Generic state transition script = ${commandText(notify.command)}`]),
    ];
  });
}

function groupState(states: readonly DumpedInstance['state'][]): string {
  if (states.includes('FAULT')) return 'FAULT';
  if (states.length > 0 && states.every((state) => state === 'MASTER')) return 'MASTER';
  return 'BACKUP';
}

function trackers(
  instances: readonly DumpedInstance[],
  kind: 'scripts' | 'files' | 'processes',
  name: string,
): readonly string[] {
  const lines = instances.flatMap((instance) =>
    instance.tracked[kind]
      .filter((tracked) => tracked.name === name)
      .map(({ weight }) => `     ${instance.name}, weight ${weight}`),
  );
  return lines.length === 0 ? [] : ['   Tracking instances :', ...lines];
}

function scriptLines(root: Root, instances: readonly DumpedInstance[]): readonly string[] {
  return root.all('vrrp_script').flatMap(({ value: { head: name, settings } }) => {
    const script = settings.value('script');
    const timeoutMs = settings.value('timeout') ?? 0;
    return [
      ` VRRP Script = ${name}`,
      ...(script === undefined ? [] : [`   Command = ${commandText(script)}`]),
      `   Interval = ${settings.value('interval') / 1000} sec`,
      `   Timeout = ${timeoutMs / 1000} sec`,
      `   Weight = ${settings.value('weight').weight}`,
      `   Rise = ${settings.value('rise')}`,
      `   Fall = ${settings.value('fall')}`,
      ...trackers(instances, 'scripts', name),
    ];
  });
}

function fileLines(root: Root, instances: readonly DumpedInstance[]): readonly string[] {
  return root
    .all('track_file')
    .flatMap(({ value: { head: name, settings } }) => [
      ` Track file = ${name}`,
      `   File = ${settings.value('file') ?? ''}`,
      `   Weight = ${settings.value('weight').weight}`,
      ...trackers(instances, 'files', name),
    ]);
}

function processLines(root: Root, instances: readonly DumpedInstance[]): readonly string[] {
  return root
    .all('vrrp_track_process')
    .flatMap(({ value: { head: name, settings } }) => [
      ` VRRP Track process = ${name}`,
      `   Process = ${(settings.value('process') ?? []).join(' ')}`,
      `   Min processes = ${settings.value('quorum')}`,
      `   Weight = ${settings.value('weight').weight}`,
      `   Full command = ${settings.has('full_command')}`,
      ...trackers(instances, 'processes', name),
    ]);
}

function interfaceLines(one: DumpedInterface): readonly string[] {
  const isLoopback = /^(00:)+00$/.test(one.mac);
  const lower = isLoopback ? ', no broadcast, loopback, no multicast' : '';
  return [
    ` Name = ${one.name}`,
    `   index = ${one.index}`,
    `   IPv4 address = ${one.ipv4 ?? '(none)'}`,
    `   IPv6 address = ${one.ipv6 ?? '(none)'}`,
    ...(isLoopback ? [] : [`   MAC = ${one.mac}`]),
    `   State = ${one.isUp ? 'UP, RUNNING' : 'not UP, not RUNNING'}${lower}`,
    `   MTU = ${one.mtuBytes}`,
  ];
}
