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

/** Of each table the keywords that are wanted, or whose block can hold one that is. */
type Worthwhile = Map<Table, readonly string[]>;

function* walkInside(
  settings: Settings<Table>,
  path: readonly string[],
  wanted: Wanted,
  known: Worthwhile,
): Generator<Place> {
  for (const name of worthwhileIn(settings.table, wanted, known)) {
    const keyword = settings.table[name];
    if (keyword === undefined) continue;
    for (const found of settings.all(name)) {
      if (wanted(name, keyword)) yield { ...found, name, keyword, path };
      const inside = settingsOf(found.value);
      if (inside !== null) yield* walkInside(inside, [...path, name], wanted, known);
    }
  }
}

function worthwhileIn(table: Table, wanted: Wanted, known: Worthwhile): readonly string[] {
  const before = known.get(table);
  if (before !== undefined) return before;
  const names = Object.entries(table).flatMap(([name, keyword]) => {
    const { inside } = keyword;
    const holdsOne = inside !== null && worthwhileIn(inside, wanted, known).length > 0;
    return wanted(name, keyword) || holdsOne ? [name] : [];
  });
  known.set(table, names);
  return names;
}

/** The block of the keyword; null: it has none that holds keywords. */
function settingsOf(value: unknown): Settings<Table> | null {
  if (value instanceof Settings) return value;
  const isHeaded = typeof value === 'object' && value !== null && 'settings' in value;
  return isHeaded && value.settings instanceof Settings ? value.settings : null;
}
