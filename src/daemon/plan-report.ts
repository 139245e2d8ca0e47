// What a reload with another file would change, as a tree to read and as JSON. Pure.
import type { Edit } from '../config/edits.js';
import { type Printed, printedLines } from '../config/printed.js';
import { serviceName } from '../dataplane/service-name.js';
import type {
  Address,
  Change,
  LocalAddressUse,
  Route,
  Server,
  Service,
} from '../dataplane/state.js';
import { formatEndpoint } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import { areSame, serverDefaults, serviceDefaults } from '../net/service.js';
import { type DataplaneSettings, settingsDefaults } from '../net/settings.js';

export type PlanReport = {
  /** false: no daemon runs, so all of the file is new. */
  readonly hasDaemon: boolean;
  /** false: no data plane runs, or the file needs none. */
  readonly hasDataplane: boolean;
  readonly edits: readonly Edit[];
  /** In the order in which they would be made. */
  readonly changes: readonly Change[];
};

const indentation = '  ';

export function planText(report: PlanReport): string {
  const lines = [
    ...(report.hasDaemon ? [] : ['# no daemon runs: everything is new']),
    ...section('configuration', report.edits.flatMap(editLines), 'unchanged'),
    ...section(
      'data plane',
      report.changes.map(changeLine),
      report.hasDataplane ? 'unchanged' : 'does not run',
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[], empty: string): readonly string[] {
  return lines.length === 0 ? [`${title}: ${empty}`] : [`${title}:`, ...lines.map(indented)];
}

function indented(line: string): string {
  return indentation + line;
}

/** "+" and "-" for what comes and goes, "~" for what changes, blocks without a sign. */
function editLines(edit: Edit): readonly string[] {
  switch (edit.type) {
    case 'added':
      return signed('+', edit.statement);
    case 'removed':
      return signed('-', edit.statement);
    case 'changed':
      return [`~ ${edit.from.words.join(' ')} -> ${edit.to.words.slice(1).join(' ')}`];
    case 'inside':
      return [`${edit.words.join(' ')}`, ...edit.edits.flatMap(editLines).map(indented)];
  }
}

function signed(sign: string, statement: Printed): readonly string[] {
  return printedLines(statement).map((line) => `${sign} ${line}`);
}

function changeLine(change: Change): string {
  const [verb, ...noun] = change.verb.split('_');
  const sign = verb === 'add' ? '+' : verb === 'remove' ? '-' : '~';
  return `${sign} ${noun.join(' ')} ${objectOf(change)}`;
}

function objectOf(change: Change): string {
  if ('address' in change) return addressText(change.address);
  if ('route' in change) return routeText(change.route);
  if ('service' in change) return serviceText(change.service);
  if ('server' in change) return serverText(change.server);
  if ('localAddress' in change) return localAddressText(change.localAddress);
  return settingsText(change.settings);
}

function addressText({ prefix, device }: Address): string {
  return `${formatPrefix(prefix)} dev ${device}`;
}

function routeText({ destination, gateway, device }: Route): string {
  const via = gateway === null ? '' : ` via ${gateway}`;
  return `${formatPrefix(destination)}${via} dev ${device}`;
}

function serviceText({ key, owner: _, scheduler, ...options }: Service): string {
  const { scheduler: _default, ...defaults } = serviceDefaults;
  return [serviceName(key), scheduler, ...optionWords(options, defaults)].join(' ');
}

function serverText({ service, endpoint, owner: _, method, weight, ...options }: Server): string {
  const { method: _method, weight: _weight, ...defaults } = serverDefaults;
  const place = `${formatEndpoint(endpoint)} of ${serviceName(service)}`;
  return [place, method, 'weight', weight, ...optionWords(options, defaults)].join(' ');
}

function settingsText(settings: DataplaneSettings): string {
  const words = optionWords(settings, settingsDefaults);
  return words.length === 0 ? 'as by default' : words.join(' ');
}

/** "maglevSlots=65521 persistence={...}": what is not as by default. */
function optionWords<O extends object>(options: O, defaults: O): readonly string[] {
  const names = Object.keys(defaults) as (keyof O & string)[];
  return names
    .filter((name) => !areSame(options, defaults, [name]))
    .map((name) => `${name}=${JSON.stringify(options[name])}`);
}

function localAddressText({ service, address, device }: LocalAddressUse): string {
  return `${address} dev ${device} of ${serviceName(service)}`;
}
