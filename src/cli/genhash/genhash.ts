// The command as a whole: bin/genhash and `keepalived --genhash`.
import { HostClock } from '../../host/clock.js';
import { HostFlows } from '../../host/flows.js';
import { helpText, parseGenhash } from './arguments.js';
import { hashedPage } from './hash.js';
import { printHash } from './print.js';

const exitFailure = 1;

/** What the process ends with. */
export async function genhash(words: readonly string[]): Promise<number> {
  const command = parseGenhash(words);
  if (command.isErr()) return fail(`${command.error}\n${helpText.trimEnd()}`);
  if (command.value.type === 'help') {
    process.stdout.write(helpText);
    return 0;
  }
  const page = await hashedPage(command.value, new HostFlows(), new HostClock());
  if (page.isErr()) return fail(page.error);
  process.stdout.write(printHash(page.value));
  return 0;
}

function fail(text: string): number {
  process.stderr.write(`genhash: ${text}\n`);
  return exitFailure;
}
