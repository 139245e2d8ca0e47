// The command line of `keelson`.
import { parseArgs } from 'node:util';
import { err, ok, type Result } from 'neverthrow';
import {
  describePlaceError,
  type Environment,
  type Place,
  placeOf,
} from '../../dataplane/paths.js';
import { describeAddressError, type IpAddress, parseIpAddress } from '../../net/address.js';

export type KeelsonCommand =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'status'; readonly place: Place; readonly format: StatusFormat }
  | {
      readonly type: 'drain' | 'undrain';
      readonly place: Place;
      /** null: the node. */
      readonly address: IpAddress | null;
      readonly isJson: boolean;
    }
  | {
      readonly type: 'why';
      readonly place: Place;
      readonly address: IpAddress;
      readonly isJson: boolean;
    };

export type StatusFormat = 'text' | 'json' | 'metrics';

export type KeelsonArgumentsError = { readonly type: 'keelson.usage'; readonly text: string };

export const helpText = `Usage: keelson status [--json] [--runtime-dir DIR] [--instance NAME]
       keelson metrics [--runtime-dir DIR] [--instance NAME]
       keelson why VIP [--json] [--runtime-dir DIR] [--instance NAME]
       keelson drain|undrain [VIP] [--json] [--runtime-dir DIR] [--instance NAME]
  status       VRRP instances, services, data plane and timers of the running daemon
  metrics      The same as numbers, in the text format of Prometheus
  why          Why an address is announced, or is not: every fact that counts
  drain        Announce an address as the last choice, then not at all; without VIP all of them
  undrain      Announce it again; without VIP what is not drained by itself
`;

export function parseKeelson(
  words: readonly string[],
  environment: Environment,
): Result<KeelsonCommand, KeelsonArgumentsError> {
  const parsed = parseWords(words);
  if (parsed.isErr()) return err(parsed.error);
  const { values, positionals } = parsed.value;
  if (values.help === true) return ok({ type: 'help' });
  if (values.version === true) return ok({ type: 'version' });
  const place = placeOf(
    { runtimeDirectory: values['runtime-dir'], instance: values.instance },
    environment,
  );
  if (place.isErr()) return usage(describePlaceError(place.error));
  return commandOf(positionals, place.value, values.json === true);
}

function commandOf(
  [name, ...words]: readonly string[],
  place: Place,
  isJson: boolean,
): Result<KeelsonCommand, KeelsonArgumentsError> {
  switch (name) {
    case 'status':
    case 'metrics': {
      if (words.length > 0) return usage(`${name} takes no "${words.join(' ')}"`);
      const plainFormat = isJson ? 'json' : 'text';
      return ok({ type: 'status', place, format: name === 'metrics' ? 'metrics' : plainFormat });
    }
    case 'drain':
    case 'undrain': {
      if (words.length === 0) return ok({ type: name, place, address: null, isJson });
      return addressOf(name, words).map((address) => ({ type: name, place, address, isJson }));
    }
    case 'why':
      return addressOf(name, words).map((address) => ({ type: name, place, address, isJson }));
    default: {
      const known = '"status", "metrics", "why", "drain" and "undrain"';
      return usage(`unknown command "${[name, ...words].join(' ')}"; there are ${known}`);
    }
  }
}

function addressOf(
  command: string,
  [text, ...more]: readonly string[],
): Result<IpAddress, KeelsonArgumentsError> {
  if (text === undefined) return usage(`${command} needs an address`);
  if (more.length > 0)
    return usage(`${command} takes one address, not "${more.join(' ')}" as well`);
  return parseIpAddress(text).mapErr((error) => ({
    type: 'keelson.usage',
    text: describeAddressError(error),
  }));
}

const optionTable = {
  json: { type: 'boolean' },
  'runtime-dir': { type: 'string' },
  instance: { type: 'string', short: 'i' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof optionTable; allowPositionals: true }>>;

function parseWords(words: readonly string[]): Result<Parsed, KeelsonArgumentsError> {
  try {
    return ok(parseArgs({ args: [...words], options: optionTable, allowPositionals: true }));
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : String(cause));
  }
}

function usage(text: string): Result<never, KeelsonArgumentsError> {
  return err({ type: 'keelson.usage', text });
}
