import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import type { Statement } from '../../grammar/syntax-tree.js';
import type { Line } from '../../grammar/tokens.js';
import { Report } from '../../src/config/diagnostic.js';
import { parse } from '../../src/config/parse.js';
import { printConfig } from '../../src/config/print.js';
import { type Printed, printedLines } from '../../src/config/printed.js';
import { configOf } from './text.js';

const folder = 'test/golden/config';

/** Each statement of the golden files with the words as they are written. */
function statementsOf(name: string): Printed[] {
  const text = readFileSync(`${folder}/${name}`, 'utf8');
  const lines = text
    .split('\n')
    .map((one, index): Line => ({ file: name, line: index + 1, text: one, column: null }));
  return [...parse(lines, new Set(), new Report())].map(asWritten);
}

function asWritten({ keyword, rest, block }: Statement): Printed {
  const first = keyword.isQuoted ? `"${keyword.text}"` : keyword.text;
  return { words: [first + rest], block: block?.map(asWritten) ?? null };
}

/** Leaves out, repeats and reorders what is in a block, at every depth. */
function shaken(statements: readonly Printed[]): fc.Arbitrary<Printed[]> {
  return fc
    .array(fc.nat({ max: Math.max(statements.length - 1, 0) }), { maxLength: 12 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.flatMap((index) => {
          const one = statements[index];
          if (one === undefined) return [];
          if (one.block === null) return [fc.constant(one)];
          return [shaken(one.block).map((block): Printed => ({ words: one.words, block }))];
        }),
      ),
    );
}

t.test('what is printed reads back the same, whatever stood in the file', (t) => {
  const all = readdirSync(folder)
    .filter((name) => name.endsWith('.ok'))
    .flatMap(statementsOf);
  fc.assert(
    fc.property(shaken(all), (statements) => {
      const text = statements.flatMap(printedLines).join('\n');
      const { root, config } = configOf(text);
      const printed = printConfig(root);
      const again = configOf(printed);
      t.equal(printConfig(again.root), printed);
      t.same(again.config, config, printed);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('names are quoted where a letter would have a meaning of its own', (t) => {
  const text = `dataplane { port "a#b" { device net_null
kni_name k } }
local_address_group "l {" { 10.0.0.9 "a#b" }
virtual_server_group "two words" { 10.0.0.1 80 }
virtual_server group "two words" { lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name "l {"
real_server 10.0.0.2 80 { weight 1 } }
`;
  const { root, config } = configOf(text);
  const printed = printConfig(root);
  t.match(printed, /^virtual_server group "two words" \{$/m);
  t.match(printed, /^ {4}10\.0\.0\.9 "a#b"$/m);
  t.same(configOf(printed).config, config);
  t.end();
});
