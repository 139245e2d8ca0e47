// The command `ipvsadm`.
import { readFileSync } from 'node:fs';
import { HostClock } from '../../host/clock.js';
import { ask, complained, finish, type Outcome, printed } from '../tool.js';
import { versionText } from '../version.js';
import { parseArguments } from './arguments.js';
import { helpText } from './help.js';
import { answer } from './run.js';

const program = 'ipvsadm';
const usageExitCode = 2;
const standardInput = 0;

async function run(argv: readonly string[]): Promise<Outcome> {
  const parsed = parseArguments(argv);
  if (parsed.isErr()) {
    const complaint = `${parsed.error.reason} (see ipvsadm --help)`;
    return complained(program, complaint, usageExitCode);
  }
  const command = parsed.value;
  if (command.type === 'help') return printed(helpText);
  if (command.type === 'version') return printed(versionText(program));
  const input = (): string => readFileSync(standardInput, 'utf8');
  return ask(program, command.place, process.env, new HostClock(), (dataplane) =>
    answer(dataplane, command.question, input),
  );
}

finish(await run(process.argv.slice(2)));
