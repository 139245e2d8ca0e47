// Every keyword of a file, at whatever depth, for checks that concern a kind of value wherever it
// stands.
import type { Table } from './keywords.js';
import { type Entry, Settings } from './settings.js';

/** `path` names the blocks around the keyword, outermost first. */
export type Place = Entry & { readonly path: readonly string[] };

export function* walk<T extends Table>(
  settings: Settings<T>,
  path: readonly string[] = [],
): Generator<Place> {
  for (const entry of settings.entries()) {
    yield { ...entry, path };
    const inside = settingsOf(entry.value);
    if (inside !== null) yield* walk(inside, [...path, entry.name]);
  }
}

/** The block of the keyword; null: it has none that holds keywords. */
function settingsOf(value: unknown): Settings<Table> | null {
  if (value instanceof Settings) return value;
  const isHeaded = typeof value === 'object' && value !== null && 'settings' in value;
  return isHeaded && value.settings instanceof Settings ? value.settings : null;
}
