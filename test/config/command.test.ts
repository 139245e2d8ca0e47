import fc from 'fast-check';
import t from 'tap';
import { scan } from '../../grammar/tokens.js';
import { type CommandAs, command, commandAs, shellSplit } from '../../src/config/command.js';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { WordReader } from '../../src/config/word-reader.js';

function wordsOf(text: string, report = new Report()): WordReader {
  const [piece] = scan({ file: 'f', line: 1, text: `notify ${text}`, column: null }, () => {});
  const [keyword, ...rest] = piece?.words ?? [];
  if (piece === undefined || keyword === undefined) throw new Error('assertion: there is a word');
  return new WordReader(keyword, rest, piece.rest, report);
}

function complaintsOf(text: string): string[] {
  const report = new Report();
  commandAs.read(wordsOf(text, report));
  return report.diagnostics.map(formatDiagnostic);
}

t.test('words are split as a shell does', (t) => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    [`/bin/x root`, ['/bin/x', 'root']],
    [`"/bin/x a b" root`, ['/bin/x a b', 'root']],
    [`'/bin/x "a"'`, ['/bin/x "a"']],
    [`a"b c"d`, ['ab cd']],
    [`\\x41\\102\\t\\E\\cA\\q`, ['AB\t\x1b\x01q']],
    [`'\\x41'`, ['A']],
    [`\\x4142 \\1012`, ['B', 'A2']],
    [`""`, ['']],
    ['', []],
  ];
  for (const [text, words] of table) t.same(shellSplit(text), { type: 'words', words }, text);
  t.match(shellSplit('"a'), { type: 'wrong', reason: /not closed/ });
  t.match(shellSplit('a\\'), { type: 'wrong', reason: /nothing follows/ });
  t.end();
});

t.test('a command is split once more, a user and a group may follow', (t) => {
  t.same(commandAs.read(wordsOf(`"/bin/x 'a b' c" nobody nogroup`)), {
    command: ['/bin/x', 'a b', 'c'],
    user: 'nobody',
    group: 'nogroup',
  });
  t.same(command.read(wordsOf('"/bin/x"')), ['/bin/x']);
  t.same(
    complaintsOf(''),
    [
      '1:1: fatal: notify is missing its argument: a command, ' +
        'in double quotes when it has arguments',
    ].map((line) => `f:${line}`),
  );
  t.same(complaintsOf(`"/bin/x 'a"`), ["f:1:1: error: notify: a ' is not closed"]);
  t.end();
});

t.test('what is written reads back the same', (t) => {
  const word = fc
    .string({ unit: 'binary', maxLength: 12 })
    .map((text) => text.replaceAll('\n', ''));
  const name = fc.string({ minLength: 1, maxLength: 6 });
  const value: fc.Arbitrary<CommandAs> = fc.record({
    command: fc.tuple(
      word.filter((text) => text !== ''),
      word,
      word,
    ),
    user: name,
    group: fc.option(name, { nil: null }),
  });
  fc.assert(
    fc.property(value, (wanted) => {
      const report = new Report();
      const read = commandAs.read(wordsOf(commandAs.write(wanted).join(' '), report));
      t.same(report.diagnostics, []);
      t.same(read, wanted);
    }),
  );
  t.end();
});
