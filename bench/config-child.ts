// One process, one file: reads, decodes and plans it, and prints what that took as JSON.
import { readConfig } from '../src/config/read.js';
import { desiredState } from '../src/dataplane/desired.js';
import { plan } from '../src/dataplane/plan.js';
import { emptyState } from '../src/dataplane/state.js';
import { HostConfigFiles } from '../src/host/config-files.js';
import { nothingKnown } from '../src/net/service-facts.js';

export type Measured = {
  readonly readMs: number;
  readonly planMs: number;
  readonly changes: number;
  /** Of the whole process, Node's own memory included. */
  readonly memoryMb: number;
};

const [path = ''] = process.argv.slice(2);
const started = performance.now();
const read = readConfig(path, new HostConfigFiles(), {
  configId: 'bench',
  requiresAll: false,
  random: () => 0,
  routerId: 'bench',
  host: null,
});
const decoded = performance.now();
if (read.isErr()) throw new Error(`assertion: ${read.error.message}`);
const changes = plan(emptyState, desiredState(read.value.config, nothingKnown));
const planned = performance.now();
const measured: Measured = {
  readMs: decoded - started,
  planMs: planned - decoded,
  changes: changes.length,
  memoryMb: process.resourceUsage().maxRSS / 1024,
};
console.log(JSON.stringify(measured));
