// Whatever stands in a file, reading it ends with a Config or with complaints: no exception, no
// hang. The texts are random bytes, and real files cut, spliced and sprinkled with what has a
// meaning of its own.
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { rootTable } from '../../src/config/root-table.js';
import { decodedText } from '../../src/host/config-files.js';
import { complaints, configOf, readText } from './text.js';

const folders = ['test/golden/config', 'conf', ...sections('test/config/rules')];

function sections(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
}

const realFiles = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
);

const spice = fc.constantFrom(
  ...['{', '}', '"', "'", '#', '!', '\\', '\n', '\r', '\t', '\0', '$', '${', '$X=', '@', '@^a '],
  ...['~SEQ(i, 3) ', '~LST(x, 1, 2) ', 'include f ', '-1', '99999999999', '0x1', '\u2028', 'é'],
  ...Object.keys(rootTable),
);

/** A piece of a real file, with something in the middle of it. */
const splice = fc
  .tuple(fc.constantFrom(...realFiles), fc.double({ min: 0, max: 1, noNaN: true }), spice)
  .chain(([text, share, word]) => {
    const at = Math.floor(share * text.length);
    return fc.constantFrom(
      text.slice(0, at),
      text.slice(at),
      text.slice(0, at) + word + text.slice(at),
      text.slice(0, at) + text.slice(at + 1),
    );
  });

t.test('bytes of any kind', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => readText(decodedText(bytes)).isOk()),
    { numRuns: 1000 },
  );
  t.end();
});

t.test('real files, cut and spliced', (t) => {
  fc.assert(
    fc.property(fc.array(splice, { minLength: 1, maxLength: 3 }), (parts) =>
      readText(parts.join('')).isOk(),
    ),
    { numRuns: 1000 },
  );
  t.end();
});

t.test('a file with fifty mistakes has fifty complaints, in the order of the text', (t) => {
  const mistakes = Array.from({ length: 50 }, (_, index) => `no_such_keyword_${index} 1`);
  const found = configOf(`global_defs {\n${mistakes.join('\n')}\n}\n`).diagnostics;
  t.equal(found.length, 50);
  t.same(
    found.map(({ line }) => line),
    mistakes.map((_, index) => index + 2),
  );
  t.end();
});

t.test('what is huge has an end and a complaint', (t) => {
  const tenMegabytes = 10_000_000;
  t.match(complaints(`router_id ${'x'.repeat(tenMegabytes)}\nrouter_ib\n`), [
    /^1:1: error: a line of more than 65536 characters is left out/,
    /^2:1: error: unknown keyword "router_ib"/,
  ]);
  t.match(complaints('a {\n'.repeat(10_000)), [/unknown keyword/, /never closed/, /32 deep/]);
  t.match(complaints(`global_defs {\n${'x '.repeat(30_000)}\n}\n`)[0], /^2:1: /);
  t.end();
});

t.test('a file that includes itself, and one that is not there', (t) => {
  t.match(complaints('include /a\n', { '/a': 'include /b\n', '/b': 'include /a\n' }), [
    '/b:1:1: error: /a includes itself (/etc/k.conf -> /a -> /b -> /a)',
  ]);
  t.same(complaints('include /nowhere\n'), []);
  t.match(complaints('includea /nowhere\n'), [/^1:1: error: nothing matches \/nowhere/]);
  t.end();
});
