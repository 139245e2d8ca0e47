// `keelson`: one status of everything, asked from the running daemon.
import { connect } from 'node:net';
import { err, ok, type Result } from 'neverthrow';
import { operatorSocketPath } from '../../daemon/paths.js';
import type { Status } from '../../daemon/status.js';
import { versionText } from '../version.js';
import { helpText, parseKeelson } from './arguments.js';
import { printStatus } from './print.js';

const exitFailure = 1;
const answerTimeoutMs = 5_000;

async function main(): Promise<number> {
  const command = parseKeelson(process.argv.slice(2), process.env);
  if (command.isErr()) return fail(`${command.error.text}\n${helpText.trimEnd()}`);
  switch (command.value.type) {
    case 'help':
      process.stdout.write(helpText);
      return 0;
    case 'version':
      process.stdout.write(versionText('keelson'));
      return 0;
    case 'status': {
      const path = operatorSocketPath(command.value.place);
      const status = await askStatus(path);
      if (status.isErr()) return fail(status.error);
      const { isJson } = command.value;
      const text = isJson ? `${JSON.stringify(status.value)}\n` : printStatus(status.value);
      process.stdout.write(text);
      return 0;
    }
  }
}

function fail(text: string): number {
  process.stderr.write(`keelson: ${text}\n`);
  return exitFailure;
}

async function askStatus(path: string): Promise<Result<Status, string>> {
  const answer = await askLine(path, '{"type":"status"}\n');
  if (answer.line === null) {
    return err(`the daemon does not answer at ${path}: ${answer.reason}. Is keepalived running?`);
  }
  const message = JSON.parse(answer.line) as { ok: true; result: Status } | { ok: false };
  return message.ok ? ok(message.result) : err('the daemon refused the request');
}

type Answer = { readonly line: string } | { readonly line: null; readonly reason: string };

function askLine(path: string, request: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let line = '';
    const fail = (reason: string): void => {
      socket.destroy();
      resolve({ line: null, reason });
    };
    socket.setTimeout(answerTimeoutMs, () => fail('no answer in time'));
    socket.setEncoding('utf8');
    socket.on('error', (error) => fail(error.message));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      line += chunk;
      if (!line.includes('\n')) return;
      socket.end();
      resolve({ line });
    });
  });
}

process.exitCode = await main();
