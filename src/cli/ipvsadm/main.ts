// The command `ipvsadm`.
import { HostClock } from '../../host/clock.js';
import { ask, complained, finish, type Outcome, printed } from '../tool.js';
import { versionText } from '../version.js';
import { parseArguments } from './arguments.js';
import { helpText } from './help.js';
import { change, list } from './run.js';

const program = 'ipvsadm';
const usageExitCode = 2;

async function run(argv: readonly string[]): Promise<Outcome> {
  const parsed = parseArguments(argv);
  if (parsed.isErr()) {
    const complaint = `${parsed.error.reason} (see ipvsadm --help)`;
    return complained(program, complaint, usageExitCode);
  }
  const command = parsed.value;
  switch (command.type) {
    case 'help':
      return printed(helpText);
    case 'version':
      return printed(versionText(program));
    case 'list':
      return ask(program, command.place, process.env, new HostClock(), (dataplane) =>
        list(dataplane, command.listing),
      );
    case 'change':
      return ask(program, command.place, process.env, new HostClock(), (dataplane) =>
        change(dataplane, command.change),
      );
  }
}

finish(await run(process.argv.slice(2)));
