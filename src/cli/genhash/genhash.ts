// The command as a whole: bin/genhash and `keepalived --genhash`.
import { HostClock } from '../../host/clock.js';
import { HostFlows } from '../../host/flows.js';
import { complained, type Outcome, printed } from '../tool.js';
import { helpText, parseGenhash } from './arguments.js';
import { hashedPage } from './hash.js';
import { printHash } from './print.js';

const program = 'genhash';

export async function genhash(words: readonly string[]): Promise<Outcome> {
  const command = parseGenhash(words);
  if (command.isErr()) return complained(program, `${command.error}\n${helpText.trimEnd()}`);
  if (command.value.type === 'help') return printed(helpText);
  const page = await hashedPage(command.value, new HostFlows(), new HostClock());
  return page.match(
    (hashed) => printed(printHash(hashed)),
    (sentence) => complained(program, sentence),
  );
}
