// Programs that a bench starts: bounded in time, and ended when the bench itself is interrupted, so
// that what it borrowed from the machine is given back by the `finally` around them.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from '../scripts/lab/checkout.js';

/** What a user can do something about: printed as its sentence, without a stack. */
export class BenchFailure extends Error {}

export type Finished = { readonly stdout: string; readonly stderr: string };

const signals = ['SIGINT', 'SIGTERM'] as const;

let isInterrupted = false;

/** From now on a signal ends what runs and unwinds, instead of ending this process where it is. */
export function unwindOnSignals(): void {
  for (const signal of signals) {
    process.on(signal, () => {
      isInterrupted = true;
    });
  }
}

export function wasInterrupted(): boolean {
  return isInterrupted;
}

/** Fails with a sentence unless the program ends with 0 in time. */
export async function runCommand(
  program: string,
  words: readonly string[],
  timeoutMs: number,
): Promise<Finished> {
  if (isInterrupted) throw new BenchFailure('interrupted');
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  const failure = await endOf(child, timeoutMs);
  if (failure === undefined) return output;
  const lastWords = output.stderr.trimEnd().split('\n').slice(-5).join('\n');
  throw new BenchFailure(`${program}: ${failure}${lastWords === '' ? '' : `\n${lastWords}`}`);
}

/** Why the program did not end well, or undefined when it did. */
function endOf(child: ChildProcess, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let reason: string | undefined;
    const end = (why: string): void => {
      reason ??= why;
      child.kill('SIGKILL');
    };
    const interrupted = (): void => end('interrupted');
    const timer = setTimeout(() => end(`not done after ${timeoutMs / 1000} s`), timeoutMs);
    for (const signal of signals) process.on(signal, interrupted);
    child.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ENOENT' ? 'is not installed' : error.message);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      for (const each of signals) process.off(each, interrupted);
      resolve(reason ?? (status === 0 ? undefined : `ended with ${signal ?? status}`));
    });
  });
}

const compileTimeoutMs = 60_000;

/** A source file of this folder. */
export async function compileC(
  source: string,
  output: string,
  options: readonly string[],
): Promise<void> {
  const words = [...options, '-o', output, join(checkout, 'bench', source), '-ldl'];
  await runCommand('cc', words, compileTimeoutMs);
}
