// House rules as tests, so that style never needs a reviewer. Each rule names what it found and
// where.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import ts from 'typescript';

const LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;

/** Why a file may break a rule. Every entry needs a reason that a reader would accept. */
const exemptions: Readonly<Record<string, readonly string[]>> = {
  lines: [],
  columns: [
    'docs/', // prose tables
    'README.md',
    'CHANGELOG.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'package-lock.json',
    'test/golden/', // bytes and expectations
    'native/fuzz/corpus/',
  ],
  untested: [],
};

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));
const texts = new Map(tracked.map((path) => [path, readFileSync(path, 'utf8')]));
const sources = tracked.filter((path) => /^(src|grammar|bench|scripts)\/.*\.ts$/.test(path));
const native = tracked.filter((path) => /^native\/.*\.(c|h|cc)$/.test(path));

function isExempt(rule: string, path: string): boolean {
  return (exemptions[rule] ?? []).some((entry) => path.startsWith(entry));
}

function textOf(path: string): string {
  return texts.get(path) ?? '';
}

t.test('files, functions and lines have a size', (t) => {
  for (const path of [...sources, ...native, ...tracked.filter((p) => p.endsWith('.test.ts'))]) {
    const lines = textOf(path).split('\n').length - 1;
    if (lines > LINES_MAX && !isExempt('lines', path)) t.fail(`${path}: ${lines} lines`);
  }
  for (const path of tracked.filter((path) => !isExempt('columns', path) && !isBinary(path))) {
    for (const [index, line] of textOf(path).split('\n').entries()) {
      const columns = line.replaceAll('\t', '        ').length;
      if (columns > COLUMNS_MAX) t.fail(`${path}:${index + 1}: ${columns} columns`);
    }
  }
  for (const path of sources) {
    for (const found of longFunctions(path)) t.fail(found);
  }
  for (const path of native.filter((path) => !path.includes('/test/'))) {
    for (const found of longNativeFunctions(path)) t.fail(found);
  }
  t.ok(sources.length > 0 && native.length > 0, 'looked at something');
  t.end();
});

function isBinary(path: string): boolean {
  return textOf(path).includes('\0');
}

function longFunctions(path: string): string[] {
  const found: string[] = [];
  const tree = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = tree.getLineAndCharacterOfPosition(node.getStart()).line;
      const last = tree.getLineAndCharacterOfPosition(node.end).line;
      const lines = last - first + 1;
      if (lines > FUNCTION_LINES_MAX)
        found.push(`${path}:${first + 1}: function of ${lines} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** KNF: a function's braces stand alone in column 0. */
function longNativeFunctions(path: string): string[] {
  const found: string[] = [];
  let first = 0;
  for (const [index, line] of textOf(path).split('\n').entries()) {
    if (line === '{') first = index;
    if (line === '}' && first > 0) {
      const lines = index - first + 1;
      if (lines > FUNCTION_LINES_MAX) found.push(`${path}:${first}: function of ${lines} lines`);
      first = 0;
    }
  }
  return found;
}

// Who may import whom (ARCHITECTURE.md). A folder may always import from itself.
const layers: readonly { readonly folder: string; readonly imports: readonly string[] }[] = [
  { folder: 'src/net/', imports: [] },
  { folder: 'src/ports/', imports: ['src/net/'] },
  { folder: 'grammar/', imports: [] },
  { folder: 'src/config/', imports: ['grammar/', 'src/net/', 'src/ports/'] },
  { folder: 'src/ha/', imports: ['src/net/', 'src/ports/', 'src/config/'] },
  { folder: 'src/health/', imports: ['src/net/', 'src/ports/', 'src/config/'] },
  { folder: 'src/routing/', imports: ['src/net/', 'src/ports/', 'src/config/'] },
  { folder: 'src/dataplane/main.ts', imports: ['src/'] },
  { folder: 'src/dataplane/', imports: ['src/net/', 'src/ports/', 'src/config/'] },
  { folder: 'src/host/', imports: ['src/net/', 'src/ports/'] },
  { folder: 'src/cli/', imports: ['src/'] },
  { folder: 'src/daemon/', imports: ['src/'] },
  { folder: 'test/sim/', imports: ['src/net/', 'src/ports/', 'src/dataplane/', 'src/ha/'] },
];

/** Files that the pure layers may reach as types only: `import type`. */
const typeOnly: readonly { readonly from: string; readonly to: string }[] = [
  { from: 'src/ha/', to: 'src/config/' },
  { from: 'src/health/', to: 'src/config/' },
  { from: 'src/routing/', to: 'src/config/' },
  { from: 'src/dataplane/', to: 'src/config/' },
  { from: 'src/ports/', to: 'src/net/' },
  { from: 'src/config/', to: 'src/ports/' },
];

type Import = { readonly to: string; readonly isTypeOnly: boolean };

function importsOf(path: string): Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?(?:from\s+)?'(\.[^']+)'/g;
  for (const match of textOf(path).matchAll(pattern)) {
    const target = normalize(join(dirname(path), match[2] ?? '')).replace(/\.js$/, '.ts');
    found.push({ to: target, isTypeOnly: match[1] !== undefined });
  }
  return found;
}

t.test('layers import downwards only', (t) => {
  for (const path of tracked.filter((path) => path.endsWith('.ts'))) {
    const layer = layers.find(({ folder }) => path.startsWith(folder));
    if (layer === undefined) continue;
    for (const { to, isTypeOnly } of importsOf(path)) {
      const isInside = to.startsWith(layer.folder) || dirname(to) === dirname(path);
      const isAllowed = isInside || layer.imports.some((folder) => to.startsWith(folder));
      if (!isAllowed) t.fail(`${path} may not import ${to}`);
      const mustBeType = typeOnly.some(
        (rule) =>
          path.startsWith(rule.from) && to.startsWith(rule.to) && path !== 'src/dataplane/main.ts',
      );
      if (mustBeType && !isTypeOnly) t.fail(`${path} may import only types from ${to}`);
    }
  }
  t.ok(importsOf('src/net/prefix.ts').some(({ to }) => to === 'src/net/address.ts'));
  t.end();
});

type Ban = {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly applies: (path: string) => boolean;
};

const isSource = (path: string): boolean => path.startsWith('src/') && path.endsWith('.ts');
const isMain = (path: string): boolean => /(^|\/)main\.ts$/.test(path);
const bans: readonly Ban[] = [
  {
    pattern: /(?<!\.)\b(Date\.now|performance\.now|process\.hrtime|setTimeout|setInterval)\b/,
    instead: 'the Clock port',
    applies: (path) => isSource(path) && !path.startsWith('src/host/'),
  },
  {
    pattern: /\bMath\.random\b/,
    instead: 'the Random port',
    applies: (path) => isSource(path) && !path.startsWith('src/host/'),
  },
  {
    pattern: /\bprocess\.exit\(/,
    instead: 'an exit code returned to main.ts',
    applies: (path) => isSource(path) && !isMain(path),
  },
  {
    pattern: /\bthrow new (?!Error\(`?'?assertion)/,
    instead: 'a Result',
    applies: isSource,
  },
  { pattern: /:\s*any\b|\bas any\b|<any>/, instead: 'a type', applies: isSource },
  {
    pattern:
      /\b(rte_malloc|rte_zmalloc|malloc|calloc|printf|rte_spinlock\w*|RTE_LOG|rte_log)\b\s*\(/,
    instead: 'nothing: packets do not wait',
    applies: (path) => path.startsWith('native/datapath/'),
  },
  {
    pattern: /\b(XXX|HACK|FIXME)\b|\bTODO(?! #\d)/,
    instead: 'an issue',
    applies: (path) => /^(src|native|grammar|bench|scripts)\//.test(path),
  },
];

t.test('banned words have a better one', (t) => {
  for (const ban of bans) {
    for (const path of tracked.filter(ban.applies)) {
      for (const [index, line] of textOf(path).split('\n').entries()) {
        const code = line.replace(/(^|\s)(\/\/|\*|\/\*).*$/, '');
        if (ban.pattern.test(code)) {
          t.fail(`${path}:${index + 1}: ${ban.pattern.source}: use ${ban.instead}`);
        }
      }
    }
  }
  t.ok(bans.length > 0);
  t.end();
});

t.test('no source file is dead', (t) => {
  const entries = [/main\.ts$/, /-thread\.ts$/, /\.d\.ts$/, /^scripts\//, /^bench\//];
  const everything = tracked.filter((path) => path.endsWith('.ts'));
  const imported = new Set(everything.flatMap((path) => importsOf(path).map(({ to }) => to)));
  for (const path of sources) {
    if (imported.has(path) || entries.some((entry) => entry.test(path))) continue;
    t.fail(`${path} is imported by nobody`);
  }
  t.ok(imported.size > 0);
  t.end();
});

t.test('modules with logic have a test', (t) => {
  const tests = tracked.filter((path) => path.startsWith('test/') && path.endsWith('.ts'));
  const tested = new Set(tests.flatMap((path) => importsOf(path).map(({ to }) => to)));
  const driven = [/main\.ts$/, /-thread\.ts$/, /\.d\.ts$/, /^src\/daemon\//, /^src\/host\//];
  for (const path of sources.filter((path) => path.startsWith('src/'))) {
    const hasLogic = /\b(function|class)\b/.test(textOf(path));
    const isDriven = driven.some((pattern) => pattern.test(path));
    if (!hasLogic || isDriven || tested.has(path) || isExempt('untested', path)) continue;
    const viaParent = [...tested].some((parent) =>
      importsOf(parent).some(({ to, isTypeOnly }) => to === path && !isTypeOnly),
    );
    if (!viaParent) t.fail(`${path} has no test`);
  }
  t.ok(tested.size > 0);
  t.end();
});

t.test('every verdict of the packet path has a fixture', (t) => {
  const names = [...textOf('native/datapath/verdict.def').matchAll(/^KS_VERDICT\((\w+),/gm)];
  const programs = native.filter((path) => path.startsWith('native/test/')).map(textOf);
  const fixtures = tracked.filter((path) => path.endsWith('.fixture')).map(textOf);
  for (const [, name] of names) {
    const isTested =
      programs.some((text) => text.includes(`KS_VERDICT_${name}`)) ||
      fixtures.some((text) => text.includes(`\nverdict ${name}\n`));
    if (!isTested) t.fail(`no test expects the verdict ${name}`);
  }
  t.ok(names.length > 0);
  t.end();
});

t.test('the changelog opens with what comes next', (t) => {
  t.match(textOf('CHANGELOG.md'), /^# Changelog\n+## (Unreleased|\d+\.\d+\.\d+)/);
  t.end();
});
