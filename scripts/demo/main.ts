// `npm run demo`: a whole cluster in network namespaces of this machine, shown step by step, then
// left running until a key is pressed. `-- --check`: unattended; the last line is one JSON object.
import { once } from 'node:events';
import { command } from '../lab/checkout.js';
import { balancers, Cluster, virtualAddress } from '../lab/cluster.js';
import { type Step, steps } from './steps.js';

type StepResult = {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly [number: string]: string | number | boolean;
};

const isCheck = process.argv.includes('--check');

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) {
    console.error('demo: network namespaces need root; run it as root (or with sudo)');
    return 1;
  }
  const cluster = new Cluster();
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const results: StepResult[] = [];
  let held = false;
  try {
    held = await Promise.race([showAll(cluster, results), interrupted.then(() => false)]);
    if (held && !isCheck) await waitForKey(cluster, interrupted);
  } finally {
    await cluster.remove();
  }
  if (isCheck) console.log(JSON.stringify({ ok: held, steps: results }));
  return held ? 0 : 1;
}

async function showAll(cluster: Cluster, results: StepResult[]): Promise<boolean> {
  for (const [index, step] of steps.entries()) {
    console.log(`\n[${index + 1}/${steps.length}] ${step.name}`);
    const result = await show(step, cluster);
    results.push(result);
    if (!result.ok) return false;
  }
  return true;
}

async function show(step: Step, cluster: Cluster): Promise<StepResult> {
  const startMs = performance.now();
  const elapsed = (): number => Math.round(performance.now() - startMs);
  try {
    const { text, numbers = {} } = await step.show(cluster);
    const ms = elapsed();
    console.log(`      ok  ${text}  (${(ms / 1000).toFixed(1)} s)`);
    const rounded: Record<string, number> = {};
    for (const [key, value] of Object.entries(numbers)) rounded[key] = Math.round(value);
    return { name: step.name, ok: true, ...rounded, ms };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    console.log(`      FAILED  ${reason}`);
    console.log(`      logs: ${cluster.folder} (removed at the end)`);
    for (const name of balancers) console.log(cluster.lastLines(name));
    return { name: step.name, ok: false, reason, ms: elapsed() };
  }
}

async function waitForKey(cluster: Cluster, interrupted: Promise<unknown>): Promise<void> {
  const enter = (name: string): string => `ip netns exec ${cluster.namespaces.fullName(name)}`;
  const place = `KEELSON_RUNTIME_DIR=${cluster.runtimeDirectory('lb2')}`;
  console.log(`
The cluster is running (lb2 is MASTER, lb1 is dead). Enter it from another terminal:
  ${enter('client')} curl http://${virtualAddress}/
  ${enter('lb2')} env ${place} ${command('ipvsadm')} -Ln
  ${enter('lb2')} env ${place} ${command('ipvsadm')} -Ln --stats
  ${enter('lb2')} env ${place} ${command('dpip')} neigh show
  ${enter('lb2')} env ${place} ${command('keelson')} status
Press a key to remove it.`);
  if (process.stdin.isTTY) process.stdin.setRawMode(true);
  process.stdin.resume();
  await Promise.race([once(process.stdin, 'data'), once(process.stdin, 'end'), interrupted]);
}

process.exit(await main());
