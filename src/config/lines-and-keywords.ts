// A block with one value a line and some blocks of keywords between the lines: addresses of a
// virtual_server_group with its `announce { … }`.
import type { Statement } from '../../grammar/syntax-tree.js';
import {
  decodeTable,
  type HeadedLines,
  headedLines,
  type Keyword,
  type Table,
} from './keywords.js';
import type { Phrase } from './phrases.js';
import type { Sentence } from './sentence.js';
import type { Settings } from './settings.js';

export type HeadedLinesAndKeywords<H, V, T extends Table> = HeadedLines<H, V> & {
  readonly settings: Settings<T>;
};

/** A line with the first word of a keyword and no block is a value like others. */
export function headedLinesAnd<H, V, T extends Table>(
  documentation: Sentence,
  head: Phrase<H>,
  line: Phrase<V>,
  table: T,
): Keyword<HeadedLinesAndKeywords<H, V, T>> {
  const plain = headedLines(documentation, head, line);
  return {
    ...plain,
    inside: table,
    read: (statement, report) => {
      const isKeyword = ({ keyword, block }: Statement): boolean =>
        block !== null && Object.hasOwn(table, keyword.text);
      const keywords = statement.block?.filter(isKeyword) ?? [];
      const block = statement.block?.filter((one) => !isKeyword(one)) ?? null;
      const read = plain.read({ ...statement, block }, report);
      const settings = decodeTable(table, keywords, statement.keyword.text, report);
      return read && { ...read, settings };
    },
    write: (name, value) => {
      const { words, block } = plain.write(name, value);
      return { words, block: [...(block ?? []), ...value.settings.print()] };
    },
  };
}
