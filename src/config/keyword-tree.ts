// The tables as one tree of plain values: what the reference pages, the editor export and the test
// of completeness walk.
import type { Keyword, Table } from './keywords.js';
import type { OptionTable } from './options.js';
import { rootTable } from './root-table.js';

export type KeywordNode = {
  readonly name: string;
  readonly documentation: string;
  /** What stands behind it, e.g. "ADDRESS [PORT]"; empty: nothing. */
  readonly shape: string;
  /** null: none. */
  readonly default: string | null;
  /** Which of several counts. */
  readonly repeats: 'last' | 'first' | 'all';
  /** false: accepted, kept and printed, but nothing comes of it yet. */
  readonly isActedOn: boolean;
  /** Another spelling or the opposite of this keyword; null: none. */
  readonly sameAs: string | null;
  readonly isObsolete: boolean;
  /** What takes its place, because it has no meaning in Keelson; null: it has one. */
  readonly replacement: string | null;
  /** The keywords of its block; null: it has none. */
  readonly inside: readonly KeywordNode[] | null;
  /** The words that it takes by name; null: it takes none. */
  readonly options: readonly KeywordNode[] | null;
};

export function keywordTree(table: Table = rootTable): readonly KeywordNode[] {
  return Object.entries(table).map(([name, keyword]) => nodeOf(name, keyword));
}

function nodeOf(name: string, keyword: Keyword<unknown>): KeywordNode {
  const { documentation, shape, repeats, isActedOn, sameAs = null, obsolete, inside } = keyword;
  return {
    name,
    documentation,
    shape,
    default: keyword.default,
    repeats,
    isActedOn,
    sameAs,
    isObsolete: obsolete !== undefined,
    replacement: keyword.replacement ?? null,
    inside: inside === null ? null : keywordTree(inside),
    options: keyword.options === null ? null : optionNodes(keyword.options),
  };
}

function optionNodes(options: OptionTable): readonly KeywordNode[] {
  return Object.entries(options).map(([name, { documentation, phrase, isActedOn, sameAs }]) => ({
    name,
    documentation,
    shape: phrase?.shape ?? '',
    default: null,
    repeats: 'last',
    isActedOn,
    sameAs: sameAs ?? null,
    isObsolete: false,
    replacement: null,
    inside: null,
    options: null,
  }));
}
