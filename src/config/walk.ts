// Every keyword of a file that a check is about, at whatever depth. Blocks that cannot hold one are
// passed over, so that a large file costs what there is to look at.
import type { Keyword, Table } from './keywords.js';
import { type Entry, Settings } from './settings.js';

/** `path` names the blocks around the keyword, outermost first. */
export type Place = Entry & { readonly path: readonly string[] };

export type Wanted = (name: string, keyword: Keyword<unknown>) => boolean;

export function* walk(settings: Settings<Table>, wanted: Wanted): Generator<Place> {
  yield* walkInside(settings, [], wanted, new Map());
}

/** Whether a keyword of the table, or of a block inside, is wanted. */
type Worth = Map<Table, boolean>;

function* walkInside(
  settings: Settings<Table>,
  path: readonly string[],
  wanted: Wanted,
  worth: Worth,
): Generator<Place> {
  if (!isWorthwhile(settings.table, wanted, worth)) return;
  for (const entry of settings.entries()) {
    if (wanted(entry.name, entry.keyword)) yield { ...entry, path };
    const inside = settingsOf(entry.value);
    if (inside !== null) yield* walkInside(inside, [...path, entry.name], wanted, worth);
  }
}

function isWorthwhile(table: Table, wanted: Wanted, worth: Worth): boolean {
  const known = worth.get(table);
  if (known !== undefined) return known;
  const found = Object.entries(table).some(
    ([name, keyword]) =>
      wanted(name, keyword) ||
      (keyword.inside !== null && isWorthwhile(keyword.inside, wanted, worth)),
  );
  worth.set(table, found);
  return found;
}

/** The block of the keyword; null: it has none that holds keywords. */
function settingsOf(value: unknown): Settings<Table> | null {
  if (value instanceof Settings) return value;
  const isHeaded = typeof value === 'object' && value !== null && 'settings' in value;
  return isHeaded && value.settings instanceof Settings ? value.settings : null;
}
