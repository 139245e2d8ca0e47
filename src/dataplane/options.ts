// The command line of `dpvs`.
import { parseArgs } from 'node:util';
import { type Err, err, ok, type Result } from 'neverthrow';
import { type EalArguments, parseEalArguments } from './eal-arguments.js';
import {
  defaultRuntimeDirectory,
  describePlaceError,
  type Environment,
  type Place,
  pidFilePath,
  placeOf,
} from './paths.js';

export type ConfigChoice =
  /** keepalived.conf with a dataplane block. */
  | { readonly format: 'keepalived'; readonly path: string }
  /** DPVS's own file, and what DPVS passes on to DPDK. */
  | { readonly format: 'dpvs'; readonly path: string; readonly eal: EalArguments };

export type Options = {
  /** null: the ports are opened by whoever connects. */
  readonly config: ConfigChoice | null;
  /** -t: check the file, report and end. */
  readonly isTest: boolean;
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
  conf: { type: 'string', short: 'c' },
  'config-test': { type: 'boolean', short: 't' },
  'runtime-dir': { type: 'string' },
  instance: { type: 'string', short: 'i' },
  pid: { type: 'string', short: 'p' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const defaultDpvsConf = '/etc/dpvs.conf';

export const helpText = `Usage: dpvs [-f FILE] [-t] [-i NAME] [-p FILE] [--runtime-dir DIR]
       dpvs [-c FILE] [-t] [-i NAME] [-p FILE] [--runtime-dir DIR] -- EAL-ARGUMENT...

Runs Keelson's data plane. Without a file it waits for keepalived to open the ports.

  -f, --use-file FILE      open the ports of this file's dataplane block
  -c, --conf FILE          open the ports of DPVS's dpvs.conf (${defaultDpvsConf})
  -t, --config-test        check the file, report to stderr and exit
  -i, --instance NAME      which data plane of this host (or KEELSON_INSTANCE)
  -p, --pid FILE           where the process id goes
      --runtime-dir DIR    where the socket goes (or KEELSON_RUNTIME_DIR);
                           ${defaultRuntimeDirectory} by default
  -v, --version            the version
  -h, --help               this text

Behind -- as in DPVS: the devices in their order, dpdk0 first, and the CPUs of the workers.
  -a, --allow ADDRESS      a PCI device: 0000:01:00.0
      --vdev DEVICE        a device of DPDK's own: net_af_packet0,iface=eth0
  -l, --lcores LIST        the CPUs that cpu_id counts in: 0-3,8
`;

export function parseOptions(
  argv: readonly string[],
  environment: Environment,
): Result<Command, OptionsError> {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const args = argv.slice(0, end);
  const ealArguments = end < argv.length ? argv.slice(end + 1) : null;
  // Not strict: the complaints are ours, and nothing is thrown.
  const { tokens } = parseArgs({ args, options: known, strict: false, tokens: true });
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
  const config = configChoice(given, ealArguments);
  if (config.isErr()) return usage(config.error);
  const options: Options = {
    config: config.value,
    isTest: given.has('config-test'),
    place: place.value,
    pidFile: given.get('pid') ?? pidFilePath(place.value),
  };
  return ok({ type: 'run', options });
}

/** What follows "--" (null: nothing) belongs to dpvs.conf. The error is a sentence. */
function configChoice(
  given: ReadonlyMap<string, string>,
  ealArguments: readonly string[] | null,
): Result<ConfigChoice | null, string> {
  const isTest = given.has('config-test');
  const keepalivedFile = given.get('use-file');
  const dpvsFile = given.get('conf');
  if (keepalivedFile !== undefined) {
    if (dpvsFile !== undefined) return err('-f and -c name different kinds of files; give one');
    return ealArguments === null
      ? ok({ format: 'keepalived', path: keepalivedFile })
      : err('the dataplane block names the devices; leave out what follows --, or use -c');
  }
  if (dpvsFile === undefined && ealArguments === null && !isTest) return ok(null);
  const eal = parseEalArguments(ealArguments ?? []);
  if (eal.isErr()) return err(eal.error);
  if (eal.value.devices.length === 0 && !isTest) {
    return err('no device is named: -- -a 0000:01:00.0, or -- --vdev net_af_packet0,iface=eth0');
  }
  return ok({ format: 'dpvs', path: dpvsFile ?? defaultDpvsConf, eal: eal.value });
}

function usage(reason: string): Err<never, OptionsError> {
  return err({ type: 'options.usage', reason });
}
