// What a block of the text says: the values of its keywords, with the places where they stand.
import type { Position } from '../../grammar/syntax-tree.js';
import { formatPlace, type Report } from './diagnostic.js';
import type { Keyword, Table, ValueOf, WithFallback } from './keywords.js';
import type { Printed } from './printed.js';

export type Found<T> = { readonly value: T; readonly position: Position };

/** Found in a block: of two of one file, or of two files, the one of lower order was read first. */
export type Occurrence<T> = Found<T> & { readonly order: number };

/** One keyword of a block, for those who walk over all of them. */
export type Entry = Occurrence<unknown> & {
  readonly name: string;
  readonly keyword: Keyword<unknown>;
};

type Name<T> = keyof T & string;
/** What a keyword that is not there counts as. */
type Fallback<K> = K extends WithFallback<infer V> ? V : undefined;

export class Settings<T extends Table> {
  readonly #table: T;
  readonly #found = new Map<string, Occurrence<unknown>[]>();

  constructor(table: T) {
    this.#table = table;
  }

  /**
   * `value` undefined: it was wrong, which is remembered, so that it is not called missing as well.
   */
  add(name: string, value: unknown, position: Position, report: Report): void {
    const found = this.#found.get(name) ?? [];
    if (found.length === 0) this.#found.set(name, found);
    const first = found[0];
    if (first !== undefined && this.#table[name]?.repeats === 'first') {
      const place = formatPlace(first.position);
      const message = `${name} is given already at ${place}; this one is ignored`;
      report.warning('config.repeated', position, message);
      return;
    }
    if (value !== undefined) found.push({ value, position, order: report.nextOrder() });
  }

  /** The text has it, right or wrong. */
  has(name: Name<T>): boolean {
    return this.#found.has(name);
  }

  /** Every occurrence that could be read, in the order of the text. */
  all<K extends Name<T>>(name: K): readonly Occurrence<ValueOf<T[K]>>[] {
    return (this.#found.get(name) ?? []) as readonly Occurrence<ValueOf<T[K]>>[];
  }

  /** The occurrence that counts. */
  found<K extends Name<T>>(name: K): Occurrence<ValueOf<T[K]>> | undefined {
    return this.all(name).at(-1);
  }

  /** The value that counts, or the fallback that the table gives. */
  value<K extends Name<T>>(name: K): ValueOf<T[K]> | Fallback<T[K]> {
    const found = this.found(name);
    if (found !== undefined) return found.value;
    return (this.#table[name] as Keyword<unknown> & Partial<WithFallback<unknown>>)
      .fallback as Fallback<T[K]>;
  }

  get table(): T {
    return this.#table;
  }

  /** In the order of the table; of keywords that repeat in vain only what counts. */
  print(): readonly Printed[] {
    return Object.keys(this.#table).flatMap((name) => {
      const found = this.#found.get(name) ?? [];
      const keyword = this.#table[name];
      if (keyword === undefined) return [];
      const counting = keyword.repeats === 'all' ? found : found.slice(-1);
      return counting.map(({ value }) => keyword.write(name, value));
    });
  }
}
