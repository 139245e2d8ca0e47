import t from 'tap';
import { type Files, loaded } from './loaded.js';

const files: Files = {
  '/etc/a.conf': 'a',
  '/etc/b.conf': 'b',
  '/etc/a b.conf': 'a b',
  '/etc/sub/c.conf': 'c',
  '/etc/run.conf': null,
  '/etc/locked.conf': 'unreadable',
};

function include(text: string, settings = {}) {
  const { texts, codes, complaints } = loaded({ ...files, '/etc/k.conf': text }, settings);
  return { texts, codes, complaints };
}

t.test('what an include line is', (t) => {
  const cases: Record<string, string[]> = {
    'include a.conf': ['a'],
    '\t include  a.conf # c': ['a'],
    'include a.conf#x': ['a'],
    'include "a.conf"! x': ['a'],
    'include "a b.conf"': ['a b'],
    'include a b.conf': ['a b'],
    'include"a.conf"': ['a'],
    'include /etc/sub/c.conf': ['c'],
    'include {b,a}.conf': ['b', 'a'],
    'include [ab].conf': ['a', 'b'],
    'include none*': [],
    'global_defs {\n include a.conf\n}': ['global_defs {', 'a', '}'],
    'global_defs { include a.conf\n}': ['global_defs {', 'a', '}'],
    '@main include a.conf': ['a'],
    '@other include none': [],
    '$F=a\ninclude ${F}.conf': ['a'],
    '$I=include a.conf\n$I': ['a'],
    '~LST(i,a,b) include ${i}.conf': ['a', 'b'],
    '# include none': ['# include none'],
    'included x': ['included x'],
    'include_x y': ['include_x y'],
    'include {include,a}.conf': ['a'],
  };
  const all = { ...files, '/etc/include.conf': '' };
  for (const [text, texts] of Object.entries(cases)) {
    const result = loaded({ ...all, '/etc/k.conf': text });
    t.match({ ...result }, { texts, complaints: [] }, text);
  }
  t.match(include('include'), { texts: [], codes: ['error config.include'] });
  t.end();
});

t.test('each variant requires its own', (t) => {
  const kinds: Record<string, string> = {
    '': 'include',
    r: 'includer',
    m: 'includem',
    w: 'includew',
    b: 'includeb',
    a: 'includea',
  };
  /** The variants for which it is an error, and what the others say. */
  const cases: readonly [name: string, failing: string, otherwise: string[]][] = [
    ['a.conf', '', []],
    ['none', 'mwa', ['notice config.include_missing']],
    ['none*', 'wa', []],
    ['{none,nil}', 'mwba', ['notice config.include_missing']],
    ['{a.conf,none}', 'ba', ['notice config.include_missing']],
    ['{a.conf,none*}', '', []],
    ['{none*,nil}', 'wba', ['notice config.include_missing']],
    ['{none*,nil*}', 'wa', []],
    ['sub', 'rmwba', ['notice config.include_skipped']],
    ['run.conf', 'rmwba', ['notice config.include_skipped']],
    ['locked.conf', 'rmwba', ['error config.include']],
  ];
  for (const [name, failing, otherwise] of cases) {
    for (const [letter, keyword] of Object.entries(kinds)) {
      const isFailing = letter !== '' && failing.includes(letter);
      const expected = isFailing ? ['error config.include_required'] : otherwise;
      t.same(include(`${keyword} ${name}`).codes, expected, `${keyword} ${name}`);
    }
    const required = failing === '' ? [] : ['error config.include_required'];
    t.same(include(`include ${name}`, { requiresAll: true }).codes, required, `-e ${name}`);
  }
  t.end();
});

t.test('include_check sets what later includes require, and stays a line', (t) => {
  const cases: Record<string, boolean> = {
    '': true,
    read: false,
    readable: false,
    match: true,
    wildcard_match: true,
    brace_match: false,
    '+match': true,
    '+match -match': false,
    'read match -match': false,
    bogus: false,
  };
  for (const [words, isRequired] of Object.entries(cases)) {
    const { texts, codes } = include(`include_check ${words}\ninclude none`);
    t.same(texts, [`include_check ${words}`]);
    t.same(codes, [isRequired ? 'error config.include_required' : 'notice config.include_missing']);
  }
  const insisting = include('include_check -match\ninclude none', { requiresAll: true });
  t.same(insisting.codes, ['error config.include_required'], '-e is not undone');
  t.end();
});

t.test('include_check is saved per file', (t) => {
  const inner = loaded({
    '/etc/k.conf': 'include a\ninclude none',
    '/etc/a': 'include_check match\ninclude b',
    '/etc/b': 'include none',
  });
  t.same(inner.complaints.length, 2);
  t.match(inner.codes.toSorted(), [
    'error config.include_required',
    'notice config.include_missing',
  ]);
  t.match(
    inner.complaints.find((complaint) => complaint.includes('error')),
    /^\/etc\/b:1:1/,
  );
  t.end();
});

t.test('complaints name the file and the way out', (t) => {
  t.match(include('x\n  include none').complaints, [
    '/etc/k.conf:2:3: notice: /etc/none: no such file or directory; nothing is included here',
  ]);
  t.match(include('includea none*').complaints, [
    '/etc/k.conf:1:1: error: nothing matches /etc/none*, and here it is required; create it',
  ]);
  t.match(include('include none }').complaints, [/; the name is all that follows include$/]);
  t.match(include('include locked.conf').complaints, [
    /cannot read \/etc\/locked\.conf: permission/,
  ]);
  t.match(include('include sub').complaints, [/\/etc\/sub is a directory and is not read$/]);
  t.match(include(`include ${'{a,b}'.repeat(20)}`).complaints, [/write a narrower pattern$/]);
  t.end();
});
