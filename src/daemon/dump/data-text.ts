// keepalived.data: the whole of VRRP, section by section.
import type { Config } from '../../config/config.js';
import type { OperationsConfig } from '../../config/operations.js';
import type { Root } from '../../config/root-table.js';
import type { TrackedFacts } from '../../ha/tracking/facts.js';
import { addressText } from './address-text.js';
import { type OwnerOf, ownedCommandText } from './command-text.js';
import type { DumpedInstance } from './dumped-instance.js';
import { globalLines, type NodeNames } from './global-text.js';
import { instanceLines } from './instance-text.js';
import { type DumpedInterface, interfaceLines } from './interface-text.js';
import { routeText } from './route-text.js';
import { ruleText } from './rule-text.js';
import { fileLines, processLines, scriptLines } from './tracked-text.js';

export type DataFacts = {
  readonly names: NodeNames;
  readonly instances: readonly DumpedInstance[];
  readonly interfaces: readonly DumpedInterface[];
  readonly tracked: TrackedFacts;
  readonly ownerOf: OwnerOf;
};

export function dataText(root: Root, config: Config, facts: DataFacts): string {
  const globals = root.all('global_defs').map(({ value }) => value);
  const { names, instances, interfaces, tracked, ownerOf } = facts;
  const found = (name: string): DumpedInterface | undefined =>
    interfaces.find((one) => one.name === name);
  const world = {
    indexOf: (name: string) => found(name)?.index,
    isUp: (name: string) => found(name)?.isUp === true,
    ownerOf,
  };
  const lines = [
    ...globalLines(globals, config.operations, names),
    ...announcementLines(root),
    ...staticLines(root, config),
    ...section(
      'VRRP Topology',
      instances.flatMap((one) => instanceLines(one, world)),
    ),
    ...section('VRRP Sync groups', groupLines(root, instances, ownerOf)),
    ...section('VRRP Scripts', scriptLines(root, instances, tracked, ownerOf)),
    ...section('VRRP Track files', fileLines(root, instances, tracked)),
    ...section('VRRP Track processes', processLines(root, instances, tracked)),
    ...section(
      'Interfaces',
      interfaces.flatMap((one) => interfaceLines(one, interfaces, config)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** What keepalived's parent process writes beside it. */
export function parentText(root: Root, operations: OperationsConfig, names: NodeNames): string {
  const globals = root.all('global_defs').map(({ value }) => value);
  return `${globalLines(globals, operations, names).join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [titleLine(title), ...lines];
}

function titleLine(title: string): string {
  return `------< ${title} >------`;
}

function announcementLines(root: Root): readonly string[] {
  const groups = root.all('garp_group').map(({ value: settings }) => {
    const arpMs = settings.value('garp_interval');
    const advertisementMs = settings.value('gna_interval');
    const named = settings.all('interface').map(({ value }) => value);
    const listed = settings
      .all('interfaces')
      .flatMap(({ value }) => value.flatMap((line) => line.value));
    return [
      ...(arpMs === undefined ? [] : [` GARP interval = ${arpMs / 1000}`]),
      ...(advertisementMs === undefined ? [] : [` GNA interval = ${advertisementMs / 1000}`]),
      ' Interfaces',
      ...[...named, ...listed].map((name) => `  ${name}`),
    ];
  });
  if (groups.length === 0) return [];
  return [
    titleLine('Gratuitous ARP delays'),
    ...groups.flatMap((lines, index) => section(`GARP delay group ${index}`, lines)),
  ];
}

function staticLines(root: Root, { staticObjects }: Config): readonly string[] {
  const addresses = root.all('static_ipaddress').flatMap(({ value }) => value);
  const groups = root.all('track_group').flatMap(({ value: { head, settings } }) => [
    ` Static Track Group = ${head}`,
    '   VRRP member instances :',
    ...settings
      .all('group')
      .flatMap(({ value }) => value.flatMap((line) => line.value))
      .map((member) => `     ${member}`),
  ]);
  const indented = (lines: readonly string[]) => lines.map((line) => `     ${line}`);
  return [
    ...section(
      'Static Addresses',
      indented(
        addresses.map(({ value: { prefix, options } }) =>
          addressText(prefix, { ...options, dev: options.dev ?? 'eth0' }, true),
        ),
      ),
    ),
    ...section('Static Routes', indented(staticObjects.routes.map(routeText))),
    ...section('Static Rules', indented(staticObjects.rules.map(ruleText))),
    ...section('Static Track groups', groups),
  ];
}

function groupLines(
  root: Root,
  instances: readonly DumpedInstance[],
  ownerOf: OwnerOf,
): readonly string[] {
  return root.all('vrrp_sync_group').flatMap(({ value: { head: name, settings } }) => {
    const members = settings.all('group').flatMap(({ value }) => value.flatMap((one) => one.value));
    const states = instances.filter((one) => members.includes(one.name)).map((one) => one.state);
    const count = (wanted: DumpedInstance['state']): number =>
      states.filter((state) => state === wanted).length;
    const notify = settings.value('notify');
    return [
      ` VRRP Sync Group = ${name}, ${groupState(states)}`,
      `   Num member fault ${count('FAULT')}, num member init ${count('INIT')}`,
      '   VRRP member instances :',
      ...members.map((member) => `     ${member}`),
      ...(settings.has('sync_group_tracking_weight') ? ['   sync group tracking weight set'] : []),
      `   Using smtp notification = ${settings.value('smtp_alert') === true ? 'yes' : 'no'}`,
      ...(notify === undefined
        ? []
        : [`   Generic state transition script = ${ownedCommandText(notify, ownerOf)}`]),
    ];
  });
}

function groupState(states: readonly DumpedInstance['state'][]): string {
  if (states.includes('FAULT')) return 'FAULT';
  if (states.length > 0 && states.every((state) => state === 'MASTER')) return 'MASTER';
  return 'BACKUP';
}
