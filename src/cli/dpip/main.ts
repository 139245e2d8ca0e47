// The command `dpip`.
import { HostClock } from '../../host/clock.js';
import { ask, complained, finish, type Outcome, printed } from '../tool.js';
import { versionText } from '../version.js';
import { parseArguments } from './arguments.js';
import { helpText } from './help.js';
import { show } from './run.js';

const program = 'dpip';

async function run(argv: readonly string[]): Promise<Outcome> {
  const parsed = parseArguments(argv);
  if (parsed.isErr()) return complained(program, `${parsed.error.reason} (see dpip -h)`);
  const command = parsed.value;
  switch (command.type) {
    case 'help':
      return printed(helpText);
    case 'version':
      return printed(versionText(program));
    case 'show':
      return ask(program, command.place, process.env, new HostClock(), (dataplane) =>
        show(dataplane, command.query),
      );
  }
}

finish(await run(process.argv.slice(2)));
