// `npm run bench -- NAME [OPTION...]`: runs one benchmark. --json prints one JSON object per case.
import { benchConfig } from './config.js';
import { benchDatapath } from './datapath.js';

const benches: Record<string, (options: readonly string[]) => number> = {
  config: benchConfig,
  datapath: benchDatapath,
};

const [name = '', ...options] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--json] [CASE...]`);
  process.exitCode = 2;
} else {
  process.exitCode = bench(options);
}
