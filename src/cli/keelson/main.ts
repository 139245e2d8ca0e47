// `keelson`: one status of everything, asked from the running daemon.
import type { Result } from 'neverthrow';
import { askOperator } from '../../daemon/ask-operator.js';
import { metricsText } from '../../daemon/metrics.js';
import { operatorSocketPath } from '../../daemon/paths.js';
import type { Status } from '../../daemon/status.js';
import { versionText } from '../version.js';
import { helpText, parseKeelson, type StatusFormat } from './arguments.js';
import { printStatus } from './print.js';

const exitFailure = 1;

const writers: Readonly<Record<StatusFormat, (status: Status) => string>> = {
  text: printStatus,
  json: (status) => `${JSON.stringify(status)}\n`,
  metrics: metricsText,
};

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
      process.stdout.write(writers[command.value.format](status.value));
      return 0;
    }
  }
}

function fail(text: string): number {
  process.stderr.write(`keelson: ${text}\n`);
  return exitFailure;
}

async function askStatus(path: string): Promise<Result<Status, string>> {
  const answer = await askOperator(path, 'status');
  return answer
    .map((status) => status as Status)
    .mapErr((reason) => `the daemon does not answer at ${path}: ${reason}. Is keepalived running?`);
}

process.exitCode = await main();
