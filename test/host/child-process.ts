// A process of ours inside a network namespace that answers one JSON line with one: what
// netns-objects-child.ts and its like are run by.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { plainly } from '../../scripts/lab/namespaces.js';

type Event = { readonly type: string; readonly answer?: unknown };

export class JsonChild<Request> {
  readonly #process: ChildProcess;
  readonly #waiting: {
    readonly resolve: (answer: unknown) => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  /** `told` gets every line that is no answer. */
  constructor(namespace: string, program: string, told: (event: Event) => void = () => {}) {
    const words = ['netns', 'exec', namespace, ...plainly, process.execPath, program];
    this.#process = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('assertion: standard output is a pipe');
    createInterface({ input: stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Event;
      if (event.type === 'answer') this.#waiting.shift()?.resolve(event.answer);
      else told(event);
    });
    this.#process.once('exit', () => {
      for (const { reject } of this.#waiting) reject(new Error('the child ended'));
    });
  }

  ask(request: Request): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
