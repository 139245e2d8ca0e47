// `keelson`: one status of everything, asked from the running daemon.
import { getPriority } from 'node:os';
import type { DrainReport } from '../../daemon/announcement-desk.js';
import { askOperator, describeOperatorError } from '../../daemon/ask-operator.js';
import { metricsText } from '../../daemon/metrics.js';
import { operatorSocketPath } from '../../daemon/paths.js';
import type { Status } from '../../daemon/status.js';
import type { WhyReport } from '../../daemon/why-report.js';
import type { Place } from '../../dataplane/paths.js';
import { giveWay } from '../../host/thread-priority.js';
import { versionText } from '../version.js';
import { helpText, type KeelsonCommand, parseKeelson, type StatusFormat } from './arguments.js';
import { printStatus } from './print.js';
import { printDrain, printWhy } from './print-announcements.js';

const exitFailure = 1;
/** To print ten thousand servers is work for half a second: the daemon's checks go before it. */
const statusNice = 10;

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
    case 'status':
      return askStatus(command.value);
    case 'why':
    case 'drain':
    case 'undrain':
      return askOfAddress(command.value);
  }
}

function askStatus({
  place,
  format,
}: Extract<KeelsonCommand, { readonly type: 'status' }>): Promise<number> {
  // Who was started with less asks for no more; where it is refused, it is slow for the others.
  if (getPriority() < statusNice) giveWay(statusNice).unwrapOr(undefined);
  return ask(place, 'status', {}, (status) => writers[format](status as Status));
}

function askOfAddress(
  command: Extract<KeelsonCommand, { readonly address: unknown }>,
): Promise<number> {
  const { type, place, address, isJson } = command;
  return ask(place, type, address === null ? {} : { address }, (result) => {
    if (isJson) return `${JSON.stringify(result)}\n`;
    return type === 'why' ? printWhy(result as WhyReport) : printDrain(result as DrainReport);
  });
}

async function ask(
  place: Place,
  type: string,
  words: Readonly<Record<string, string>>,
  print: (result: unknown) => string,
): Promise<number> {
  const path = operatorSocketPath(place);
  const answer = await askOperator(path, type, words);
  if (answer.isErr()) return fail(describeOperatorError(answer.error, path));
  process.stdout.write(print(answer.value));
  return 0;
}

function fail(text: string): number {
  process.stderr.write(`keelson: ${text}\n`);
  return exitFailure;
}

process.exitCode = await main();
