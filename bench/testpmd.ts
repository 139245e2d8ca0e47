// DPDK's own forwarder beside ours: dpdk-testpmd between two net_null ports, which make empty
// frames of 64 octets and drop what they are given. What is left is the cost of receiving, touching
// and sending a packet. It counts the cycles itself.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { pause, waitFor } from '../scripts/lab/namespaces.js';
import { BenchFailure } from './command.js';
import { ealArguments, type Row } from './datapath-program.js';

export const testpmdModes = ['csum', 'macswap'] as const;
export type TestpmdMode = (typeof testpmdModes)[number];

type Totals = { readonly cycles: number; readonly packets: number; readonly mhz: number };

const program = 'dpdk-testpmd';
const windows = 30;
const windowMs = 15;
const startTimeoutMs = 30_000;
const answerTimeoutMs = 10_000;

const prompt = 'testpmd> ';
const totalsPattern =
  /CPU cycles\/packet=[\d.]+ \(total cycles=(\d+) \/ total \w+ packets=(\d+)\) at (\d+) MHz/;

export function testpmdIsMissing(): string | undefined {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error === undefined ? undefined : `${program} is not installed (Debian: dpdk)`;
}

/** The rows of the modes, in their order. */
export async function measureTestpmd(
  modes: readonly TestpmdMode[],
  memory: readonly string[],
): Promise<Row[]> {
  const session = new Session(memory);
  try {
    await session.answer(prompt, startTimeoutMs);
    const rows: Row[] = [];
    for (const mode of modes) rows.push(await measureMode(session, mode));
    return rows;
  } finally {
    await session.end();
  }
}

async function measureMode(session: Session, mode: TestpmdMode): Promise<Row> {
  await session.tell(`set fwd ${mode}`, `Set ${mode} packet forwarding mode`);
  let least = Number.POSITIVE_INFINITY;
  let mhz = 0;
  for (let window = 0; window < windows; window++) {
    const measured = await session.window();
    least = Math.min(least, measured.cycles / measured.packets);
    mhz = measured.mhz;
  }
  return {
    name: `testpmd/${mode}`,
    cyclesPerPacket: Math.round(least * 10) / 10,
    instructionsPerPacket: null,
    packetsPerSecond: Math.round((mhz * 1e6) / least),
    packetBytes: 64,
    flows: 1,
    workers: 1,
  };
}

/** One testpmd, driven through its standard input. */
class Session {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #failure: string | undefined;
  readonly #interrupted = (): void => {
    this.#failure ??= 'interrupted';
    this.#child.kill('SIGKILL');
  };

  constructor(memory: readonly string[]) {
    // It forwards where ours does; its main thread, which answers, may run beside it.
    const anywhere = `(0-${cpus().length - 1})`;
    const eal = [...memory, ...ealArguments('testpmd', `0@${anywhere},1@0`)];
    const ports = ['--vdev=net_null0', '--vdev=net_null1'];
    const forwarding = ['-i', '--nb-cores=1', '--burst=32', '--total-num-mbufs=4096'];
    const words = [...eal, ...ports, '--', ...forwarding, '--record-core-cycles'];
    // Into a pipe it would answer only when 4 KiB have gathered. stdbuf becomes the program itself.
    this.#child = spawn('stdbuf', ['-oL', program, ...words]);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#child.on('error', ({ message }) => {
      this.#failure ??= message;
    });
    this.#child.on('exit', (status, signal) => {
      this.#failure ??= `ended with ${signal ?? status}`;
    });
    this.#child.stdin.on('error', () => {});
    process.on('SIGINT', this.#interrupted).on('SIGTERM', this.#interrupted);
  }

  async tell(command: string, answer: string): Promise<void> {
    this.#output = '';
    this.#child.stdin.write(`${command}\n`);
    await this.answer(answer, answerTimeoutMs);
  }

  /** Waits until it has said that. */
  async answer(words: string, timeoutMs: number): Promise<void> {
    const isSaid = (): boolean => this.#failure !== undefined || this.#output.includes(words);
    const waited = await waitFor(words, timeoutMs, isSaid).catch(() => undefined);
    if (waited !== undefined && this.#failure === undefined) return;
    const failure = this.#failure ?? `did not say "${words}" within ${timeoutMs / 1000} s`;
    const lastWords = this.#output.trimEnd().split('\n').slice(-4).join('\n');
    throw new BenchFailure(`${program}: ${failure}\n${lastWords}`);
  }

  /** Totals of running threads do not belong together, so every window ends with a stop. */
  async window(): Promise<Totals> {
    await this.tell('start', 'packets/burst=');
    await pause(windowMs);
    await this.tell('stop', 'Done.');
    const [, cycles, packets, mhz] = totalsPattern.exec(this.#output) ?? [];
    if (mhz === undefined) throw new BenchFailure(`${program} stopped without counting cycles`);
    return { cycles: Number(cycles), packets: Number(packets), mhz: Number(mhz) };
  }

  async end(): Promise<void> {
    this.#child.stdin.end('quit\n');
    const isOver = (): boolean => this.#child.exitCode !== null || this.#child.signalCode !== null;
    await waitFor('its end', answerTimeoutMs, isOver).catch(() => this.#child.kill('SIGKILL'));
    process.off('SIGINT', this.#interrupted).off('SIGTERM', this.#interrupted);
  }
}
