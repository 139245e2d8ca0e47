// The command line of `keepalived`: keepalived's own letters and words, decoded, without effects.
import { err, ok, type Result } from 'neverthrow';
import { describePlaceError, type Environment, type Place, placeOf } from '../dataplane/paths.js';
import { defaultConfigFile } from './option-table.js';
import { type OptionValues, readWords } from './option-words.js';

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
  /** -S, as a number of RFC 5424. */
  readonly logFacility: number;
  /** -d: log the configuration at the start. */
  readonly dumpsConfig: boolean;
  /** -a: log every address that appears or goes. */
  readonly monitorsAddresses: boolean;
  /** -t: decode, report and end; a file name collects the report. */
  readonly configTest: { readonly file: string | null } | null;
  /** --plan: print what a reload would change, and end. */
  readonly plan: 'text' | 'json' | null;
  readonly pidFiles: PidFileOptions;
  /** -s: outranks net_namespace. */
  readonly namespace: string | null;
  /** -u: outranks the umask of the file. */
  readonly umask: number | null;
  /** -V: leave the addresses of VRRP at the end. */
  readonly keepsAddresses: boolean;
  /** -I: leave the services in the data plane at the end. */
  readonly keepsServices: boolean;
  readonly ignoresInterrupt: boolean;
  /** -P and -C: run only VRRP or only the health checks and services. */
  readonly runsVrrp: boolean;
  readonly runsCheckers: boolean;
  /** Not -B. */
  readonly runsBfd: boolean;
  /** Runtime directory and instance name: where sockets and pid files live. */
  readonly place: Place;
  /** What of the command line has no effect, one sentence each. */
  readonly remarks: readonly string[];
};

/** -p, -r, -c, -b; null: named by the configuration and the runtime directory. */
export type PidFileOptions = {
  readonly daemon: string | null;
  readonly vrrp: string | null;
  readonly checkers: string | null;
  readonly bfd: string | null;
};

export type Command =
  | { readonly type: 'run'; readonly options: Options }
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'dump_keywords' }
  | { readonly type: 'signal_number'; readonly number: number };

export type OptionsError = { readonly type: 'options.invalid'; readonly text: string };

/** What `--signum` is asked for, and what the daemon does when the signal arrives. */
export const signalNumbers = {
  STOP: 15,
  RELOAD: 1,
  DATA: 10,
  STATS: 12,
  STATS_CLEAR: 63,
  JSON: 36,
} as const;

/** RFC 5424 section 6.2.1. */
const facilities = { user: 1, daemon: 3, local: 16 } as const;
const umaskMax = 0o777;

export function parseOptions(
  words: readonly string[],
  environment: Environment,
): Result<Command, OptionsError> {
  const read = readWords(words);
  if (read.isErr()) return invalid(read.error);
  const { values, positionals } = read.value;
  if (values.help === true) return ok({ type: 'help' });
  if (values.version === true) return ok({ type: 'version' });
  if (values['dump-keywords'] === true) return ok({ type: 'dump_keywords' });
  if (values.signum !== undefined) return signalNumber(values.signum);
  if (values.genhash === true) {
    return invalid(
      '--genhash must be the first word: keepalived --genhash -s ADDRESS -p PORT -u PATH',
    );
  }
  const format = values['plan-format'] ?? 'text';
  if (format !== 'text' && format !== 'json') {
    return invalid(`--plan prints text or json, not "${format}"`);
  }
  const place = placeOf(
    { runtimeDirectory: values['runtime-dir'], instance: values['config-id'] },
    environment,
  );
  if (place.isErr()) return invalid(describePlaceError(place.error));
  const options = optionsOf(values, place.value, values.plan === true ? format : null);
  const remarks = [...unexpected(positionals), ...options.remarks];
  return ok({ type: 'run', options: { ...options, remarks } });
}

function optionsOf(values: OptionValues, place: Place, plan: Options['plan']): Options {
  const onlyVrrp = values.vrrp === true;
  const onlyCheckers = values.check === true;
  const facility = facilityOf(values['log-facility']);
  const umask = umaskOf(values.umask);
  return {
    configId: values['config-id'] ?? null,
    requiresAll: values['all-config'] === true,
    configFile: values['use-file'] ?? defaultConfigFile,
    foreground: values['dont-fork'] === true,
    logsToConsole: values['log-console'] === true,
    logsDetail: values['log-detail'] === true,
    logsToSyslog: values['no-syslog'] !== true,
    logFacility: facility.unwrapOr(facilities.daemon),
    dumpsConfig: values['dump-conf'] === true,
    monitorsAddresses: values['address-monitoring'] === true,
    configTest:
      values['config-test'] === true ? { file: values['config-test-file'] ?? null } : null,
    plan,
    pidFiles: {
      daemon: values.pid ?? null,
      vrrp: values.vrrp_pid ?? null,
      checkers: values.checkers_pid ?? null,
      bfd: values.bfd_pid ?? null,
    },
    namespace: values.namespace ?? null,
    umask: umask.unwrapOr(null),
    keepsAddresses: values['dont-release-vrrp'] === true,
    keepsServices: values['dont-release-ipvs'] === true,
    ignoresInterrupt: values['ignore-sigint'] === true,
    runsVrrp: onlyVrrp || !onlyCheckers,
    runsCheckers: onlyCheckers || !onlyVrrp,
    runsBfd: values.no_bfd !== true,
    place,
    remarks: [
      ...[facility, umask].flatMap((read) => (read.isErr() ? [read.error] : [])),
      ...withoutEffect(values),
    ],
  };
}

function withoutEffect(values: OptionValues): string[] {
  const remarks: string[] = [];
  if (values.snmp === true || values['snmp-agent-socket'] !== undefined) {
    remarks.push('SNMP is not part of this release: --snmp and --snmp-agent-socket are ignored');
  }
  if (values['core-dump'] === true || values['core-dump-pattern'] === true) {
    remarks.push('--core-dump is ignored: set LimitCORE in the service manager, or ulimit -c');
  }
  return remarks;
}

function unexpected(positionals: readonly string[]): string[] {
  return positionals.length === 0 ? [] : [`Unexpected argument(s): ${positionals.join(' ')} `];
}

function signalNumber(name: string): Result<Command, OptionsError> {
  if (!Object.hasOwn(signalNumbers, name)) return invalid(`Unknown sigfunc ${name}`);
  return ok({ type: 'signal_number', number: signalNumbers[name as keyof typeof signalNumbers] });
}

function facilityOf(written: string | undefined): Result<number, string> {
  if (written === undefined || written === 'daemon') return ok(facilities.daemon);
  if (written === 'user') return ok(facilities.user);
  const local = /^(?:local)?([0-7])$/.exec(written)?.[1];
  if (local !== undefined) return ok(facilities.local + Number(local));
  return err(`Invalid log facility '${written}'`);
}

/** In C's notation: 0177, 0x7f or 127. */
function umaskOf(written: string | undefined): Result<number | null, string> {
  if (written === undefined) return ok(null);
  const isNumber = /^(0[0-7]*|0x[0-9a-f]+|[1-9][0-9]*)$/i.test(written);
  const isOctal = /^0[0-7]+$/.test(written);
  const value = isOctal ? Number.parseInt(written, 8) : Number(written);
  return isNumber && value <= umaskMax ? ok(value) : err(`Invalid --umask option ${written}`);
}

function invalid(text: string): Result<never, OptionsError> {
  return err({ type: 'options.invalid', text });
}

/** What the log of every thread is opened with. */
export function logOptions(options: Options): {
  readonly toConsole: boolean;
  readonly toSyslog: boolean;
  readonly isDetailed: boolean;
  readonly facility: number;
} {
  return {
    toConsole: options.logsToConsole,
    toSyslog: options.logsToSyslog,
    isDetailed: options.logsDetail,
    facility: options.logFacility,
  };
}
