// nftables by its own program: the text goes to `nft -f -`, which applies all of it or nothing.
import { spawn } from 'node:child_process';
import { err, ok, type Result } from 'neverthrow';
import type { Firewall, FirewallError } from '../ports/firewall.js';
import { describeCause } from './sockets.js';

const runTimeoutMs = 10_000;
/** nft repeats the lines that it complains of; the first words are enough. */
const complaintCharactersMax = 500;

export class HostFirewall implements Firewall {
  readonly #command: string;

  constructor(command = 'nft') {
    this.#command = command;
  }

  run(program: string): Promise<Result<void, FirewallError>> {
    return new Promise((resolve) => {
      const child = spawn(this.#command, ['-f', '-'], {
        stdio: ['pipe', 'ignore', 'pipe'],
        timeout: runTimeoutMs,
        killSignal: 'SIGKILL',
      });
      let complaint = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (complaint.length < complaintCharactersMax) complaint += text;
      });
      child.on('error', (cause) => resolve(failed(startFailure(cause))));
      child.on('close', (code, signal) => {
        if (code === 0) return resolve(ok(undefined));
        const ended = signal === null ? `exit code ${code}` : `ended by ${signal}`;
        const words = complaint.slice(0, complaintCharactersMax).replaceAll(/\s+/g, ' ').trim();
        return resolve(failed(words === '' ? ended : `${ended}: ${words}`));
      });
      // It may end before it has read everything; how it ended says why.
      child.stdin.on('error', () => {});
      child.stdin.end(program);
    });
  }
}

function startFailure(cause: Error): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no nft program; install the package nftables';
  return `nft cannot be started: ${describeCause(cause)}`;
}

function failed(reason: string): Result<never, FirewallError> {
  return err({ type: 'firewall.failed', reason });
}
