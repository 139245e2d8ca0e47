// MISC_CHECK, FILE_CHECK and BFD_CHECK: each needs a program, or the name of something that is
// defined before it.
import type { Position } from '../../grammar/syntax-tree.js';
import { formatPlace, type Report } from './diagnostic.js';
import { nearest } from './nearest.js';
import { Once } from './once.js';
import type { realServerTable } from './real-server-table.js';
import type { Root } from './root-table.js';
import type { Occurrence, Settings } from './settings.js';

type Definitions = ReadonlyMap<string, Occurrence<unknown>>;

export type DefinedNames = { readonly track_file: Definitions; readonly bfd_instance: Definitions };

type Kind = keyof DefinedNames;

export function definedNames(root: Root): DefinedNames {
  return { track_file: namesOf(root, 'track_file'), bfd_instance: namesOf(root, 'bfd_instance') };
}

/** Of several of one name the first. */
function namesOf(root: Root, kind: Kind): Definitions {
  return new Map(
    root
      .all(kind)
      .toReversed()
      .map((found) => [found.value.head, found]),
  );
}

export function checkNamed(
  settings: Settings<typeof realServerTable>,
  names: DefinedNames,
  report: Report,
): void {
  const missing = (checker: string, keyword: string, position: Position): void => {
    const message = `${checker} has no ${keyword} and is left out`;
    report.error('config.missing_keyword', position, message);
  };
  for (const { value, position } of settings.all('MISC_CHECK')) {
    if (!value.has('misc_path')) missing('MISC_CHECK', 'misc_path', position);
  }
  for (const { value, position } of settings.all('FILE_CHECK')) {
    if (!value.has('track_file')) missing('FILE_CHECK', 'track_file', position);
    for (const found of value.all('track_file')) checkDefined('track_file', found, names, report);
  }
  const once = new Once(report);
  for (const { value, position } of settings.all('BFD_CHECK')) {
    if (!value.has('name')) missing('BFD_CHECK', 'name', position);
    for (const found of value.all('name')) {
      checkDefined('bfd_instance', found, names, report);
      once.see(found.value, found.position, `the BFD_CHECK of ${found.value} for this real_server`);
    }
  }
}

function checkDefined(
  kind: Kind,
  { value: name, order, position }: Occurrence<string>,
  names: DefinedNames,
  report: Report,
): void {
  const definition = names[kind].get(name);
  if (definition !== undefined && definition.order < order) return;
  if (definition !== undefined) {
    const place = formatPlace(definition.position);
    const message = `${kind} ${name} must stand before its use; it is at ${place}`;
    report.error('config.wrong_order', position, message);
    return;
  }
  const near = nearest(name, [...names[kind].keys()]);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  report.error('config.unknown_name', position, `there is no ${kind} ${name}${hint}`);
}
