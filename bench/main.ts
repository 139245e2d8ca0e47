// `npm run bench -- NAME [OPTION...]`: runs one benchmark. --json prints one JSON object per case.
import { benchApply } from './apply.js';
import { benchConfig } from './config.js';
import { benchDatapath } from './datapath.js';
import { benchEndToEnd } from './end-to-end.js';
import { benchReload } from './reload.js';

const benches: Record<string, (options: readonly string[]) => number | Promise<number>> = {
  apply: benchApply,
  config: benchConfig,
  datapath: benchDatapath,
  'end-to-end': benchEndToEnd,
  reload: benchReload,
};

const [name = '', ...options] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--json] [CASE...]`);
  process.exitCode = 2;
} else {
  process.exitCode = await bench(options);
}
