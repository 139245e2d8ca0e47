// Interfaces that the file names must exist, unless it says that they come and go or that they are
// those of another namespace. The data plane's companion interfaces are made at the start.
import type { Position } from '../../grammar/syntax-tree.js';
import type { HostView } from '../ports/host-view.js';
import type { Config } from './config.js';
import type { Report } from './diagnostic.js';
import { interfaceName } from './phrases.js';
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

export function checkInterfaces(root: Root, config: Config, host: HostView, report: Report): void {
  const places = [...walk(root)];
  const names = new Set(places.map(({ name }) => name));
  if (names.has('net_namespace') || names.has('dynamic_interfaces')) return;
  const ours = new Set(config.dataplane?.ports.flatMap(({ name, kniName }) => [name, kniName]));
  const check = (name: string, position: Position): void => {
    if (ours.has(name) || host.hasInterface(name)) return;
    const remedy = 'make it, or set dynamic_interfaces in global_defs';
    report.fatal('config.no_interface', position, `there is no interface ${name}; ${remedy}`);
  };
  for (const place of places) {
    for (const { value: name, position } of interfacesOf(place)) check(name, position);
  }
  for (const { value } of root.all('vrrp_instance')) {
    if (value.settings.value('interface') !== 'lo') continue;
    const message = `vrrp_instance ${value.head} cannot use the loopback interface`;
    report.fatal('config.bad_interface', value.subject.position, message);
  }
}

/** The interface of the keyword itself, and those behind "dev", "iif" and "oif" on its lines. */
function interfacesOf({ path, name, keyword, value, position }: Place): readonly Found<string>[] {
  if (path.includes('dataplane') || notLookedUp.has(name)) return [];
  if (keyword.phrase === interfaceName && typeof value === 'string') return [{ value, position }];
  if (!Array.isArray(value)) return [];
  const lines = value as readonly Partial<Found<unknown>>[];
  return lines.flatMap(({ value: line, position: place = position }) =>
    namesOf(line).map((one) => ({ value: one, position: place })),
  );
}

function namesOf(line: unknown): readonly string[] {
  if (typeof line !== 'object' || line === null || !('options' in line)) return [];
  const options = line.options as Readonly<Record<string, unknown>>;
  return ['dev', 'iif', 'oif'].flatMap((name) => {
    const found = options[name];
    return typeof found === 'string' ? [found] : [];
  });
}
