// keepalived forks into the background; Node cannot, so it starts itself again with -n and waits
// until the child says that it runs.
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { wantedNodeOptions } from '../host/garbage-collection.js';
import type { Clock } from '../ports/clock.js';

const marker = 'KEELSON_BACKGROUND';
const descriptor = 3;
const patienceMs = 60_000;
const exitFatal = 1;

/** 0 when the child runs, else what it ended with. */
export function startInBackground(program: string, clock: Clock): Promise<number> {
  const child = spawn(
    process.execPath,
    [...wantedNodeOptions(process.execArgv), program, '--dont-fork', ...process.argv.slice(2)],
    {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: { ...process.env, [marker]: '1' },
    },
  );
  return new Promise((resolve) => {
    const end = (exitCode: number): void => {
      late.cancel();
      child.unref();
      resolve(exitCode);
    };
    const late = clock.setTimer(patienceMs, () => {
      process.stderr.write(`keepalived: process ${child.pid} does not say that it runs\n`);
      end(exitFatal);
    });
    child.stdio[descriptor]?.on('data', () => end(0));
    child.on('error', (error) => {
      process.stderr.write(`keepalived: cannot start in the background: ${error.message}\n`);
      end(exitFatal);
    });
    child.on('exit', (code) => end(code ?? exitFatal));
  });
}

/** Called by the daemon when its pid files are its own; nothing happens in the foreground. */
export function sayThatItRuns(): void {
  if (process.env[marker] !== '1') return;
  delete process.env[marker];
  try {
    writeSync(descriptor, 'runs');
    closeSync(descriptor);
  } catch {
    // Whoever started us has gone; that is no reason to stop.
  }
}
