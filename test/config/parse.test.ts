import t from 'tap';
import type { Statement } from '../../grammar/syntax-tree.js';
import type { Line } from '../../grammar/tokens.js';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { parse } from '../../src/config/parse.js';

function show({ keyword, arguments: words, block }: Statement): string {
  const head = [keyword, ...words].map(({ text }) => text).join(' ');
  return block === null ? head : `${head} (${block.map(show).join(', ')})`;
}

/** `root` stands for the keywords that only a root block has. */
function read(text: string): { readonly tree: string[]; readonly complaints: string[] } {
  const report = new Report();
  const lines = text
    .split('\n')
    .map((one, index): Line => ({ file: 'f', line: index + 1, text: one, column: null }));
  const tree = [...parse(lines, new Set(['root']), report)].map(show);
  return { tree, complaints: report.diagnostics.map(formatDiagnostic) };
}

const needsKeyword = 'a "{" needs a keyword before it; what is inside is left out';

t.test('a brace may stand wherever keepalived takes it', (t) => {
  const texts = [
    'a V {\n b {\n c\n }\n d 1\n}\n',
    'a V{\nb{\nc}\nd 1}',
    'a V\n{\nb\n{\nc\n}\nd 1\n}',
    'a V # x\n\n! y {\n{ # z\nb { c }\nd 1 }\n',
    'a V { b { c } d 1 }',
    'a V {\r\n b\r\n {\r\n c\r\n }\r\n d 1\r\n}\r\n',
    '\n\f a V {\f b {\v c }\f\n d 1\n}',
  ];
  for (const text of texts) {
    t.same(read(text), { tree: ['a V (b (c), d 1)'], complaints: [] }, JSON.stringify(text));
  }
  t.same(read('').tree, []);
  t.same(read('a {\n}\nb 1\nc {\n}').tree, ['a ()', 'b 1', 'c ()']);
  t.end();
});

t.test('a misplaced brace is named, and everything else is read', (t) => {
  t.same(read('{\n x\n}\nb 1\n'), {
    tree: ['b 1'],
    complaints: [`f:1:1: error: ${needsKeyword}`],
  });
  t.same(read('a { { x }\n y\n}\nb 1\n'), {
    tree: ['a (y)', 'b 1'],
    complaints: [`f:1:5: error: ${needsKeyword}`],
  });
  t.same(read('a {\n}\n{\n x\n}\nb 1\n'), {
    tree: ['a ()', 'b 1'],
    complaints: [`f:3:1: error: ${needsKeyword}`],
  });
  t.same(read('a {\n}\n }\nb 1\n'), {
    tree: ['a ()', 'b 1'],
    complaints: [
      'f:3:2: error: this "}" closes nothing; remove it, or look for a missing "{" above',
    ],
  });
  t.end();
});

t.test('blocks within blocks have an end, however deep they are', (t) => {
  for (const depth of [33, 10_000]) {
    const { tree, complaints } = read(`${'a {\n'.repeat(depth)}${'}\n'.repeat(depth)}b 1\n`);
    t.equal(tree.at(-1), 'b 1');
    t.same(complaints, [
      'f:33:3: error: blocks are nested more than 32 deep; the inner ones are left out',
    ]);
  }
  const open = read('a {\n'.repeat(10_000));
  t.equal(open.complaints.length, 2);
  t.end();
});

t.test('a block that is never closed hides none of those after it', (t) => {
  t.same(read('root A {\n x {\n y\n }\nroot B {\n z 1\n}\nroot C {\n w {\n'), {
    tree: ['root A (x (y))', 'root B (z 1)', 'root C (w ())'],
    complaints: [
      'f:1:8: error: this "{" is never closed (1 "}" missing before f:5)',
      'f:8:8: error: this "{" is never closed (2 "}" missing at the end of the file)',
    ],
  });
  t.same(read('root A {\n x\n}\n{\n y\nroot B {\n z\n}\n'), {
    tree: ['root A (x)', 'root B (z)'],
    complaints: [
      `f:4:1: error: ${needsKeyword}`,
      'f:4:1: error: this "{" is never closed (1 "}" missing before f:6)',
    ],
  });
  const inside = 'a {\n list {\n root\n }\n}\n';
  t.same(read(inside), { tree: ['a (list (root))'], complaints: [] }, 'a closed one may say root');
  t.end();
});

t.test('a file of unclosed blocks is read once or twice, not once for each', (t) => {
  const blocks = 5000;
  const { tree, complaints } = read('root A {\n'.repeat(blocks));
  t.equal(tree.length, blocks);
  t.match(complaints.at(-1), /: error: 4001 more of this severity are not shown/);
  t.end();
});

t.test('a complaint is made once, also about text that is read twice', (t) => {
  const { complaints } = read('root A {\n { \n x "y\nroot B {\n}\n');
  t.equal(complaints.length, 3);
  t.equal(new Set(complaints).size, 3);
  t.end();
});
