// `npm run fuzz -- parse [LIBFUZZER-OPTION...]`: builds a libFuzzer target and runs it for a minute
// from the corpus in the tree; new inputs and crashes go to build/fuzz.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const targets = ['parse', 'client_address', 'pipeline'];
const [target = '', ...options] = process.argv.slice(2);
if (!targets.includes(target)) {
  console.error(`usage: npm run fuzz -- ${targets.join('|')} [LIBFUZZER-OPTION...]`);
  process.exitCode = 2;
} else {
  process.exitCode = fuzz(target);
}

function fuzz(name: string): number {
  const found = `build/fuzz/${name}`;
  mkdirSync(found, { recursive: true });
  const program = `../../build/native-test/fuzz_${name}`;
  const make = spawnSync('make', ['-C', 'native/test', program], { stdio: 'inherit' });
  if (make.status !== 0) return 1;
  const run = spawnSync(
    `build/native-test/fuzz_${name}`,
    [
      '-max_total_time=60',
      '-max_len=2048',
      `-artifact_prefix=build/fuzz/${name}-`,
      ...options,
      found,
      `native/fuzz/corpus/${name}`,
    ],
    { stdio: 'inherit' },
  );
  return run.status ?? 1;
}
