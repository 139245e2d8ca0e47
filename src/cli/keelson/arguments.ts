// The command line of `keelson`.
import { parseArgs } from 'node:util';
import { err, ok, type Result } from 'neverthrow';
import {
  describePlaceError,
  type Environment,
  type Place,
  placeOf,
} from '../../dataplane/paths.js';

export type KeelsonCommand =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'status'; readonly place: Place; readonly format: StatusFormat };

export type StatusFormat = 'text' | 'json' | 'metrics';

export type KeelsonArgumentsError = { readonly type: 'keelson.usage'; readonly text: string };

export const helpText = `Usage: keelson status [--json] [--runtime-dir DIR] [--instance NAME]
       keelson metrics [--runtime-dir DIR] [--instance NAME]
  status       VRRP instances, services, data plane and timers of the running daemon
  metrics      The same as numbers, in the text format of Prometheus
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
  const [name] = positionals;
  if (positionals.length !== 1 || (name !== 'status' && name !== 'metrics')) {
    return usage(`unknown command "${positionals.join(' ')}"; there are "status" and "metrics"`);
  }
  const place = placeOf(
    { runtimeDirectory: values['runtime-dir'], instance: values.instance },
    environment,
  );
  if (place.isErr()) return usage(describePlaceError(place.error));
  const plainFormat = values.json === true ? 'json' : 'text';
  const format = name === 'metrics' ? 'metrics' : plainFormat;
  return ok({ type: 'status', place: place.value, format });
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
