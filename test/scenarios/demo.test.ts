// The whole product as a user first meets it: `npm run demo -- --check` on this machine.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { steps } from '../../scripts/demo/steps.js';
import { checkout } from '../../scripts/lab/checkout.js';
import { plainly } from '../../scripts/lab/namespaces.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';

t.test('every step of the demo holds', { skip, timeout: 240_000 }, async (t) => {
  const program = join(checkout, 'build/scripts/demo/main.js');
  const [env, ...words] = [...plainly, process.execPath, program, '--check'];
  const run = promisify(execFile)(env, words);
  const { stdout } = await run.catch((failure: { stdout: string }) => failure);
  const summary: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  const { ok, steps: results } = summary as { ok: boolean; steps: { name: string; ok: boolean }[] };
  if (!ok) t.comment(stdout);
  t.same(
    results.map(({ name, ok }) => [name, ok]),
    steps.map(({ name }) => [name, true]),
  );
  t.equal(ok, true);
});
