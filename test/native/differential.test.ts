// The short form of `npm run differential`: the kernel's NAT and ours make the same of the same
// packets. Of which, a seed says.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { addKernel, lacksOf, modes } from '../../scripts/differential/kernel.js';
import { Namespaces } from '../../scripts/lab/namespaces.js';
import { buildNativeTests, builtFolder } from './build.js';

const packets = '20000';
const seed = process.env['SEED'] ?? '1';
const lacks = lacksOf();

if (lacks !== null) {
  t.comment(`skipped: ${lacks}`);
  t.pass('skipped', { skip: lacks });
} else {
  buildNativeTests();
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-differential-'));
  t.teardown(async () => {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const mode of modes) {
    addKernel(namespaces, mode, folder);
    const words = ['netns', 'exec', namespaces.fullName(mode), `${builtFolder}/differential`];
    t.spawn('ip', [...words, mode, seed, packets], {}, `${mode}, seed ${seed}`);
  }
}
