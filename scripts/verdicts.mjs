// Writes src/dataplane/verdicts.generated.ts from native/datapath/verdict.def, so that the names of
// verdicts cannot drift between the packet path and what shows its counters. For scripts/build.sh.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../native/datapath/verdict.def', import.meta.url);
const target = new URL('../src/dataplane/verdicts.generated.ts', import.meta.url);

const entry = /^KS_VERDICT\((\w+),\s*(\w+),\s*"([^"]*)"\)$/;
const lines = readFileSync(source, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('KS_VERDICT('));

const verdicts = lines.map((line) => {
  const [, name, kind, sentence] = entry.exec(line) ?? [];
  if (name === undefined) throw new Error(`verdict.def: not understood: ${line}`);
  return { name, class: kind.toLowerCase(), sentence };
});

const classes = [...new Set(verdicts.map((verdict) => `'${verdict.class}'`))].join(' | ');
const rows = verdicts.map((verdict) => `  ${JSON.stringify(verdict)},`).join('\n');
writeFileSync(
  target,
  `// Made by scripts/verdicts.mjs from native/datapath/verdict.def; not to be edited.
export type VerdictClass = ${classes};
export type Verdict = {
  readonly name: string;
  readonly class: VerdictClass;
  readonly sentence: string;
};

/** In the order of the counters. */
export const verdicts: readonly Verdict[] = [
${rows}
];
`,
);
