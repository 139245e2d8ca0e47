// dpip's command line: OBJECT show, with options anywhere, as DPVS's tool takes it.
import { parseArgs } from 'node:util';
import { type Err, err, ok, type Result } from 'neverthrow';
import type { PlaceOptions } from '../../dataplane/paths.js';
import type { AddressFamily } from '../../net/address.js';

export type ObjectName = 'link' | 'addr' | 'route' | 'neigh';

export const scopes = ['host', 'link', 'global'] as const;
export type Scope = (typeof scopes)[number];

export type Query = {
  readonly object: ObjectName;
  /** null: every port. */
  readonly device: string | null;
  /** null: both. */
  readonly family: AddressFamily | null;
  /** Of routes; null: all. */
  readonly scope: Scope | null;
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
  ipv4: { type: 'boolean', short: '4' },
  ipv6: { type: 'boolean', short: '6' },
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
  const family = familyOf(flags);
  const named = namedIn(rest, object);
  if (family.isErr()) return err(family.error);
  if (named.isErr()) return err(named.error);
  return ok({
    type: 'show',
    place: { runtimeDirectory: values.get('runtime-dir'), instance: values.get('instance') },
    query: {
      object,
      ...named.value,
      family: family.value,
      isCounted: flags.has('stats'),
      isVerbose: flags.has('verbose'),
    },
  });
}

function familyOf(flags: ReadonlySet<string>): Result<AddressFamily | null, UsageError> {
  if (flags.has('ipv4') && flags.has('ipv6')) return usage('give -4 or -6, not both');
  if (flags.has('ipv4')) return ok('ipv4');
  return ok(flags.has('ipv6') ? 'ipv6' : null);
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

/** "dpdk0" or "dev dpdk0"; of routes also "scope link". */
function namedIn(
  words: readonly string[],
  object: ObjectName,
): Result<Pick<Query, 'device' | 'scope'>, UsageError> {
  let device: string | null = null;
  let scope: Scope | null = null;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === 'scope' && object === 'route') {
      const name = words[++index];
      scope = scopes.find((one) => one === name) ?? null;
      if (scope === null) return usage(`scope is one of ${scopes.join(', ')}`);
      continue;
    }
    if (device !== null) return usage(`unexpected argument "${word}"`);
    const name = word === 'dev' ? words[++index] : word;
    if (name === undefined) return usage('dev needs the name of a port');
    device = name;
  }
  return ok({ device, scope });
}

function usage(reason: string): Err<never, UsageError> {
  return err({ type: 'dpip.usage', reason });
}
