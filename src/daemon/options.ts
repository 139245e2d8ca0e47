// The command line of `keepalived`: keepalived's own letters and words, decoded, without effects.
import { parseArgs } from 'node:util';
import { err, ok, type Result } from 'neverthrow';
import {
  defaultRuntimeDirectory,
  describePlaceError,
  type Environment,
  type Place,
  placeOf,
} from '../dataplane/paths.js';

export type Options = {
  readonly configFile: string;
  /** -i: for lines that begin with @ID; null: the host name up to the first dot. */
  readonly configId: string | null;
  /** -e: every include must be satisfied. */
  readonly requiresAll: boolean;
  /** -n: stay in the foreground. */
  readonly foreground: boolean;
  /** -l: log to stderr as well. */
  readonly logsToConsole: boolean;
  /** -D: debug lines too. */
  readonly logsDetail: boolean;
  /** -G: nothing to syslog. */
  readonly logsToSyslog: boolean;
  /** -t: decode, report and end; a file name collects the report. */
  readonly configTest: { readonly file: string | null } | null;
  /** --plan: print what a reload would change, and end. */
  readonly plan: 'text' | 'json' | null;
  /** -p; null: derived from the runtime directory. */
  readonly pidFile: string | null;
  /** -I: leave the services in the data plane at the end. */
  readonly keepsServices: boolean;
  /** -P and -C: run only VRRP or only the health checks and services. */
  readonly runsVrrp: boolean;
  readonly runsCheckers: boolean;
  /** Runtime directory and instance name: where sockets and pid files live. */
  readonly place: Place;
};

export type Command =
  | { readonly type: 'run'; readonly options: Options }
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'dump_keywords' };

export type OptionsError = { readonly type: 'options.invalid'; readonly text: string };

export const defaultConfigFile = '/etc/keepalived/keepalived.conf';

export const helpText = `Usage: keepalived [OPTION...]
  -f, --use-file=FILE          use the configuration FILE (${defaultConfigFile})
  -t, --config-test[=FILE]     test the configuration, report to stderr (or FILE) and exit
  -n, --dont-fork              stay in the foreground
  -l, --log-console            log to stderr as well
  -D, --log-detail             log debug lines too
  -G, --no-syslog              do not log to syslog
  -p, --pid=FILE               file for the process id
  -P, --vrrp                   run only VRRP
  -C, --check                  run only the health checks and the services
  -I, --dont-release-ipvs      leave the services in the data plane at the end
  -e, --all-config             every include must be satisfied
  -i, --config-id=NAME         use the lines that begin with @NAME; name of this instance
      --plan[=json]            print what a reload would change, and exit
      --dump-keywords          print every keyword with its documentation as JSON, and exit
      --runtime-dir=DIR        directory for sockets and pid files (${defaultRuntimeDirectory})
  -v, --version                show the version
  -h, --help                   show this text
`;

const optionTable = {
  'use-file': { type: 'string', short: 'f' },
  'config-test': { type: 'boolean', short: 't' },
  'config-test-file': { type: 'string' },
  plan: { type: 'boolean' },
  'plan-format': { type: 'string' },
  'dump-keywords': { type: 'boolean' },
  'dont-fork': { type: 'boolean', short: 'n' },
  'log-console': { type: 'boolean', short: 'l' },
  'log-detail': { type: 'boolean', short: 'D' },
  'no-syslog': { type: 'boolean', short: 'G' },
  pid: { type: 'string', short: 'p' },
  vrrp: { type: 'boolean', short: 'P' },
  check: { type: 'boolean', short: 'C' },
  'dont-release-ipvs': { type: 'boolean', short: 'I' },
  'all-config': { type: 'boolean', short: 'e' },
  'config-id': { type: 'string', short: 'i' },
  'runtime-dir': { type: 'string' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `-t`, `--config-test` and `--plan` take an optional value, which only "=VALUE" can give. */
function splitOptionalValues(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const file = /^(?:--config-test|-t)=(.*)$/.exec(word)?.[1];
    if (file !== undefined) return ['--config-test', `--config-test-file=${file}`];
    const format = /^--plan=(.*)$/.exec(word)?.[1];
    return format === undefined ? [word] : ['--plan', `--plan-format=${format}`];
  });
}

export function parseOptions(
  words: readonly string[],
  environment: Environment,
): Result<Command, OptionsError> {
  const values = parseWords(splitOptionalValues(words));
  if (values.isErr()) return err(values.error);
  const given = values.value;
  if (given.help === true) return ok({ type: 'help' });
  if (given.version === true) return ok({ type: 'version' });
  if (given['dump-keywords'] === true) return ok({ type: 'dump_keywords' });
  const format = given['plan-format'] ?? 'text';
  if (format !== 'text' && format !== 'json') {
    return invalid(`--plan prints text or json, not "${format}"`);
  }
  const place = placeOf(
    { runtimeDirectory: given['runtime-dir'], instance: given['config-id'] },
    environment,
  );
  if (place.isErr()) return invalid(describePlaceError(place.error));
  const onlyVrrp = given.vrrp === true;
  const onlyCheckers = given.check === true;
  const options: Options = {
    configId: given['config-id'] ?? null,
    requiresAll: given['all-config'] === true,
    configFile: given['use-file'] ?? defaultConfigFile,
    foreground: given['dont-fork'] === true,
    logsToConsole: given['log-console'] === true,
    logsDetail: given['log-detail'] === true,
    logsToSyslog: given['no-syslog'] !== true,
    configTest: given['config-test'] === true ? { file: given['config-test-file'] ?? null } : null,
    plan: given.plan === true ? format : null,
    pidFile: given.pid ?? null,
    keepsServices: given['dont-release-ipvs'] === true,
    runsVrrp: onlyVrrp || !onlyCheckers,
    runsCheckers: onlyCheckers || !onlyVrrp,
    place: place.value,
  };
  return ok({ type: 'run', options });
}

type Values = ReturnType<typeof parseArgs<{ options: typeof optionTable }>>['values'];

function parseWords(words: string[]): Result<Values, OptionsError> {
  try {
    return ok(parseArgs({ args: words, options: optionTable, allowPositionals: false }).values);
  } catch (cause) {
    return invalid(sentenceFor(cause));
  }
}

/** Node's reason in keepalived's words: "Unknown option --x". */
function sentenceFor(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const unknown = /^Unknown option '(-{1,2}[^']+)'/.exec(text);
  if (unknown !== null) return `Unknown option ${unknown[1]}`;
  const positional = /^Unexpected argument '([^']+)'/.exec(text);
  if (positional !== null) return `Unexpected argument(s): ${positional[1]}`;
  return text;
}

function invalid(text: string): Result<never, OptionsError> {
  return err({ type: 'options.invalid', text });
}

/** What the log of every thread is opened with. */
export function logOptions(options: Options): {
  readonly toConsole: boolean;
  readonly toSyslog: boolean;
  readonly isDetailed: boolean;
} {
  return {
    toConsole: options.logsToConsole,
    toSyslog: options.logsToSyslog,
    isDetailed: options.logsDetail,
  };
}
