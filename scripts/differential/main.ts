// `npm run differential`: generated packets through the kernel's NAT and through ours; whatever
// leaves must be the same but for a written list (native/differential/allowances.c).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../lab/checkout.js';
import { Namespaces } from '../lab/namespaces.js';
import { addKernel, lacksOf, type Mode, modes } from './kernel.js';

const program = join(checkout, 'build/native-test/differential');
const usage = `usage: npm run differential -- [--seed N] [--packets N] [MODE...]
  modes: ${modes.join(' ')}; without, all of them, a million packets and more together`;

type Options = { readonly seed: string; readonly packets: string; readonly modes: readonly Mode[] };

/** null: not to be understood. */
function readOptions(words: readonly string[]): Options | null {
  const numbers = { seed: '1', packets: '200000' };
  const chosen: Mode[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const mode = modes.find((one) => one === word);
    if (mode !== undefined) {
      chosen.push(mode);
    } else if (word === '--seed' || word === '--packets') {
      const value = rest.shift() ?? '';
      if (!/^\d+$/.test(value)) return null;
      numbers[word === '--seed' ? 'seed' : 'packets'] = value;
    } else {
      return null;
    }
  }
  return { ...numbers, modes: chosen.length === 0 ? modes : chosen };
}

async function compare(options: Options): Promise<number> {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-differential-'));
  let failures = 0;
  try {
    for (const mode of options.modes) {
      addKernel(namespaces, mode, folder);
      const words = ['netns', 'exec', namespaces.fullName(mode), program];
      const run = [...words, mode, options.seed, options.packets];
      const { status } = spawnSync('ip', run, { stdio: 'inherit' });
      if (status !== 0) failures++;
    }
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  return failures === 0 ? 0 : 1;
}

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  if (options === null) {
    console.error(usage);
    return 2;
  }
  const lacks = lacksOf();
  if (lacks !== null) {
    console.error(`differential: ${lacks}`);
    return 1;
  }
  execFileSync('make', ['-C', join(checkout, 'native/test'), '-j2', 'differential'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.on('SIGINT', () => {
    // The program below has the signal, too, and ends; then what was made is removed.
  });
  return await compare(options);
}

process.exitCode = await main(process.argv.slice(2));
