// A process of ours in a network namespace: one JSON request a line goes in, one JSON answer a line
// comes out, and events between them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

type Line = { readonly type: string; readonly answer?: unknown };

export class NamespaceChild<Request, Event = unknown> {
  readonly events: Event[] = [];
  readonly #process: ChildProcess;
  readonly #waiting: {
    readonly resolve: (answer: unknown) => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  /** `program`: a compiled script. */
  constructor(namespace: string, program: string) {
    const words = ['netns', 'exec', namespace, process.execPath, program];
    this.#process = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('assertion: standard output is a pipe');
    createInterface({ input: stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Line;
      if (event.type === 'answer') this.#waiting.shift()?.resolve(event.answer);
      else this.events.push(event as Event);
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

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async end(): Promise<void> {
    const isGone = this.#process.exitCode !== null || this.#process.signalCode !== null;
    if (isGone) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
