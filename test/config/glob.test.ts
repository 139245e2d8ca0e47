import t from 'tap';
import { braceAlternatives, glob, hasWildcard, isMatch } from '../../src/config/glob.js';
import { TextFiles } from './loaded.js';

t.test('braces become alternatives, in order', (t) => {
  const cases: Record<string, string[]> = {
    a: ['a'],
    'a{b,c}d': ['abd', 'acd'],
    'x{,y}': ['x', 'xy'],
    '{a,b}{1,2}': ['a1', 'a2', 'b1', 'b2'],
    'foo/{,cat,d{o,i}g}': ['foo/', 'foo/cat', 'foo/dog', 'foo/dig'],
    'a{b}': ['ab'],
    '{}': ['{}'],
    'a{b,c': ['a{b,c'],
    'a\\{b,c}': ['a\\{b,c}'],
  };
  for (const [pattern, alternatives] of Object.entries(cases)) {
    t.same(braceAlternatives(pattern), alternatives, pattern);
  }
  t.equal(braceAlternatives('{a,b}'.repeat(40)), null);
  t.equal(braceAlternatives(`{${'a,'.repeat(2000)}}`), null);
  t.end();
});

t.test('a name matches its pattern', (t) => {
  const cases: readonly [pattern: string, yes: string[], no: string[]][] = [
    ['*.conf', ['a.conf', 'é.conf'], ['.conf', '.a.conf', 'a.confx']],
    ['.*', ['.a'], ['a']],
    ['a?c', ['abc'], ['ac', 'abbc']],
    ['[a-cx]', ['b', 'x'], ['d', '-', '']],
    ['[!a-c]', ['d'], ['b']],
    ['[^a]', ['b'], ['a']],
    ['[]a]', [']', 'a'], ['b']],
    ['[a-]', ['-', 'a'], ['b']],
    ['[a', ['[a'], ['a']],
    ['\\*a', ['*a'], ['ba']],
    ['a*b*c', ['abc', 'axbxbc'], ['abcd', 'acb']],
    ['*', ['a'], ['.a']],
  ];
  for (const [pattern, yes, no] of cases) {
    for (const name of yes) t.ok(isMatch(name, pattern), `${pattern} takes ${name}`);
    for (const name of no) t.notOk(isMatch(name, pattern), `${pattern} does not take ${name}`);
  }
  t.notOk(isMatch('a'.repeat(5000), `${'*a'.repeat(1000)}b`));
  t.ok(hasWildcard('a[b]'));
  t.notOk(hasWildcard('a\\*'));
  t.end();
});

t.test('paths are sorted, folders may be patterns too', (t) => {
  const files = new TextFiles({
    '/e/b/2': '',
    '/e/b/10': '',
    '/e/a/2': '',
    '/e/x y': '',
    '/e/.h': '',
  });
  const paths = (pattern: string) => glob('/e/', pattern, files)?.map((match) => match.paths);
  t.same(paths('*/*'), [['/e/a/2', '/e/b/10', '/e/b/2']]);
  t.same(paths('/e/{b,a}/2'), [['/e/b/2'], ['/e/a/2']]);
  t.same(paths('x\\ y'), [['/e/x y']]);
  t.same(paths('{/e/a/2,none,n*}'), [['/e/a/2'], [], []]);
  t.end();
});

t.test('a pattern over too many folders is refused', (t) => {
  const names = Array.from({ length: 200 }, (_, index) => String(index));
  const folders = new TextFiles({});
  const wide = { list: () => folders.list('/').map(() => names), kind: () => 'directory' as const };
  t.equal(glob('/', '*/*/*', wide), null);
  t.end();
});
