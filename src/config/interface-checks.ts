// Interfaces that the file names must exist, unless it says that they come and go or that they are
// those of another namespace. The data plane's companion interfaces are made at the start.
import type { Position } from '../../grammar/syntax-tree.js';
import type { HostView } from '../ports/host-view.js';
import type { Config } from './config.js';
import type { Report } from './diagnostic.js';
import type { Keyword } from './keywords.js';
import type { Root } from './root-table.js';
import type { Found } from './settings.js';
import { type Place, walk } from './walk.js';

/** Looked up when they are used: keepalived does not ask for these in its test. */
const notLookedUp: ReadonlySet<string> = new Set([
  'default_interface',
  'kni_name',
  'lvs_sync_daemon',
  'bind_if',
  'use_vmac',
  'use_ipvlan',
]);

/** Keywords after which an interface need not be there. */
const comesAndGoes: ReadonlySet<string> = new Set(['net_namespace', 'dynamic_interfaces']);

/** Blocks whose lines begin with the name of an interface. */
const byLine: ReadonlySet<string> = new Set([
  'interface_up_down_delays',
  'linkbeat_interfaces',
  'track_interface',
  'interfaces',
]);

/** keepalived complains of these alone with an exit code of its own. */
const mildly: ReadonlySet<string> = new Set(['interface_up_down_delays', 'linkbeat_interfaces']);

/** By its own word, or on its lines. */
function namesInterface(name: string, { phrase, options }: Keyword<unknown>): boolean {
  const mayName = phrase?.kind === 'interface' || options !== null || byLine.has(name);
  return mayName && !notLookedUp.has(name);
}

export function checkInterfaces(root: Root, config: Config, host: HostView, report: Report): void {
  const isElsewhere = [...walk(root, (name) => comesAndGoes.has(name))].length > 0;
  if (isElsewhere) return;
  const ours = new Set(config.dataplane?.ports.flatMap(({ name, kniName }) => [name, kniName]));
  const check = (name: string, position: Position, isMild: boolean): void => {
    if (ours.has(name) || host.hasInterface(name)) return;
    if (isMild) {
      report.error('config.unknown_interface', position, `there is no interface ${name}`);
      return;
    }
    const remedy = 'make it, or set dynamic_interfaces in global_defs';
    report.fatal('config.no_interface', position, `there is no interface ${name}; ${remedy}`);
  };
  for (const place of walk(root, namesInterface)) {
    for (const { value: name, position } of interfacesOf(place))
      check(name, position, mildly.has(place.name));
  }
  for (const { value } of root.all('vrrp_instance')) {
    if (value.settings.value('interface') !== 'lo') continue;
    const message = `vrrp_instance ${value.head} cannot use the loopback interface`;
    report.fatal('config.bad_interface', value.subject.position, message);
  }
}

/** The interface of the keyword itself, and those behind "dev", "iif" and "oif" on its lines. */
function interfacesOf({ path, name, keyword, value, position }: Place): readonly Found<string>[] {
  if (path.includes('dataplane')) return [];
  if (keyword.phrase?.kind === 'interface' && typeof value === 'string')
    return [{ value, position }];
  if (!Array.isArray(value)) return [];
  const lines = value as readonly Partial<Found<unknown>>[];
  return lines.flatMap(({ value: line, position: place = position }) =>
    namesOf(line, byLine.has(name)).map((one) => ({ value: one, position: place })),
  );
}

/** `interface`, `name` or the words of a line, or what is behind dev, iif and oif. */
function namesOf(line: unknown, isByLine: boolean): readonly string[] {
  if (isByLine && Array.isArray(line)) return line.filter((name) => typeof name === 'string');
  if (typeof line !== 'object' || line === null) return [];
  const fields = line as Readonly<Record<string, unknown>>;
  if (isByLine) return strings([fields['interface'] ?? fields['name']]);
  const options = (fields['options'] ?? {}) as Readonly<Record<string, unknown>>;
  return strings(['dev', 'iif', 'oif'].map((name) => options[name]));
}

function strings(values: readonly unknown[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}
