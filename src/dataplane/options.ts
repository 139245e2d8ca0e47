// The command line of `dpvs`.
import { parseArgs } from 'node:util';
import { type Err, err, ok, type Result } from 'neverthrow';
import {
  defaultRuntimeDirectory,
  describePlaceError,
  type Environment,
  type Place,
  pidFilePath,
  placeOf,
} from './paths.js';

export type Options = {
  /** null: the ports are opened by whoever connects. */
  readonly configFile: string | null;
  readonly place: Place;
  readonly pidFile: string;
};

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'run'; readonly options: Options };

export type OptionsError = { readonly type: 'options.usage'; readonly reason: string };

const known = {
  'use-file': { type: 'string', short: 'f' },
  'runtime-dir': { type: 'string' },
  instance: { type: 'string', short: 'i' },
  pid: { type: 'string', short: 'p' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const helpText = `Usage: dpvs [-f FILE] [-i NAME] [-p FILE] [--runtime-dir DIR]

Runs Keelson's data plane. Without -f it waits for keepalived to open the ports.

  -f, --use-file FILE      open the ports of this file's dataplane block
  -i, --instance NAME      which data plane of this host (or KEELSON_INSTANCE)
  -p, --pid FILE           where the process id goes
      --runtime-dir DIR    where the socket goes (or KEELSON_RUNTIME_DIR);
                           ${defaultRuntimeDirectory} by default
  -v, --version            the version
  -h, --help               this text
`;

export function parseOptions(
  argv: readonly string[],
  environment: Environment,
): Result<Command, OptionsError> {
  // Not strict: the complaints are ours, and nothing is thrown.
  const { tokens } = parseArgs({ args: [...argv], options: known, strict: false, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') return usage(`unexpected argument "${token.value}"`);
    const { name, rawName, value } = token;
    if (!Object.hasOwn(known, name)) return usage(`${rawName} is not supported`);
    const takesValue = known[name as keyof typeof known].type === 'string';
    if (takesValue && (value === undefined || value.startsWith('-'))) {
      return usage(`${rawName} needs a value`);
    }
    given.set(name, value ?? '');
  }
  if (given.has('help')) return ok({ type: 'help' });
  if (given.has('version')) return ok({ type: 'version' });
  const place = placeOf(
    { runtimeDirectory: given.get('runtime-dir'), instance: given.get('instance') },
    environment,
  );
  if (place.isErr()) return usage(describePlaceError(place.error));
  const options: Options = {
    configFile: given.get('use-file') ?? null,
    place: place.value,
    pidFile: given.get('pid') ?? pidFilePath(place.value),
  };
  return ok({ type: 'run', options });
}

function usage(reason: string): Err<never, OptionsError> {
  return err({ type: 'options.usage', reason });
}
