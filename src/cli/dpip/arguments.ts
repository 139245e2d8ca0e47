// dpip's command line: OBJECT show, with options anywhere, as DPVS's tool takes it.
import { parseArgs } from 'node:util';
import { type Err, err, ok, type Result } from 'neverthrow';
import type { PlaceOptions } from '../../dataplane/paths.js';

export type ObjectName = 'link' | 'addr' | 'route' | 'neigh';

export type Query = {
  readonly object: ObjectName;
  /** null: every port. */
  readonly device: string | null;
  /** -s: counters too. */
  readonly isCounted: boolean;
  /** -v: details too. */
  readonly isVerbose: boolean;
};

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'show'; readonly place: PlaceOptions; readonly query: Query };

export type UsageError = { readonly type: 'dpip.usage'; readonly reason: string };

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
  verbose: { type: 'boolean', short: 'v' },
  stats: { type: 'boolean', short: 's' },
  'runtime-dir': { type: 'string' },
  instance: { type: 'string' },
} as const;

const objects: readonly ObjectName[] = ['link', 'addr', 'route', 'neigh'];

/** A bare `dpip -v` asks for the version, too: there is nothing to be verbose about. */
export function parseArguments(argv: readonly string[]): Result<Command, UsageError> {
  const given = readOptions(argv);
  if (given.isErr()) return err(given.error);
  const { flags, values, words } = given.value;
  if (flags.has('help')) return ok({ type: 'help' });
  if (flags.has('version')) return ok({ type: 'version' });
  const [objectWord, commandWord = 'show', ...rest] = words;
  if (objectWord === undefined) {
    return flags.has('verbose') ? ok({ type: 'version' }) : usage('name an object to show');
  }
  const object = objects.find((one) => one === objectWord);
  if (object === undefined) {
    return usage(`"${objectWord}" is not an object: use ${objects.join(', ')}`);
  }
  if (commandWord !== 'show' && commandWord !== 'list') {
    return usage(`"${commandWord}" is not supported for ${object}: use show`);
  }
  const device = deviceOf(rest);
  if (device.isErr()) return err(device.error);
  return ok({
    type: 'show',
    place: { runtimeDirectory: values.get('runtime-dir'), instance: values.get('instance') },
    query: {
      object,
      device: device.value,
      isCounted: flags.has('stats'),
      isVerbose: flags.has('verbose'),
    },
  });
}

type Given = {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly words: readonly string[];
};

function readOptions(argv: readonly string[]): Result<Given, UsageError> {
  // Not strict: the complaints are ours, and nothing is thrown.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      words.push(token.value);
    } else if (!Object.hasOwn(options, token.name)) {
      return usage(`${token.rawName} is not supported`);
    } else if (options[token.name as keyof typeof options].type === 'boolean') {
      flags.add(token.name);
    } else if (token.value === undefined || token.value.startsWith('-')) {
      return usage(`${token.rawName} needs a value`);
    } else {
      values.set(token.name, token.value);
    }
  }
  return ok({ flags, values, words });
}

/** "dpdk0" or "dev dpdk0". */
function deviceOf(words: readonly string[]): Result<string | null, UsageError> {
  const named = words[0] === 'dev' ? words.slice(1) : words;
  const [device, unexpected] = named;
  if (words[0] === 'dev' && device === undefined) return usage('dev needs the name of a port');
  if (unexpected !== undefined) return usage(`unexpected argument "${unexpected}"`);
  return ok(device ?? null);
}

function usage(reason: string): Err<never, UsageError> {
  return err({ type: 'dpip.usage', reason });
}
