// The configuration file of this host, and what its complaints mean for a start, for a reload and
// for `-t`.
import { hostname } from 'node:os';
import type { Result } from 'neverthrow';
import { type Diagnostic, formatDiagnostic } from '../config/diagnostic.js';
import { type DpvsConfRead, readDpvsConf } from '../config/dpvs-conf/read.js';
import type { LoadSettings } from '../config/load.js';
import { type ConfigRead, readConfig } from '../config/read.js';
import { HostConfigFiles } from '../host/config-files.js';
import { hostView } from '../host/host-view.js';
import { hostRandom } from '../host/random.js';
import { HostExpressions } from '../host/regex.js';
import type { HostView } from '../ports/host-view.js';

/** keepalived's exit codes (its code, not its manual). */
const exitCodes = {
  config: 2,
  testFileMissing: 4,
  testBadInterface: 4,
  testFailed: 5,
  testInsecure: 6,
  noConfig: 6,
} as const;

export type ReadChoices = {
  /** -i; null: the host name up to the first dot. */
  readonly configId: string | null;
  /** -e: every include must be satisfied. */
  readonly requiresAll: boolean;
};

export type Checked = {
  /** One line per complaint, ready to print. */
  readonly lines: readonly string[];
  /** What `-t` ends with. */
  readonly testExitCode: number;
  /** What a start ends with before anything is started; 0: it may start. */
  readonly startExitCode: number;
};

/** One for all reloads: what has not changed is not compiled again. */
const expressions = new HostExpressions();

export function readHostConfig(
  path: string,
  choices: ReadChoices,
  host: HostView | null = hostView,
): Result<ConfigRead, Diagnostic> {
  const settings = { ...loadSettings(choices), routerId: hostname(), host, expressions };
  return readConfig(path, new HostConfigFiles(), settings);
}

/** DPVS has no options for its lines: those of this host count, and an include may be missing. */
export function readHostDpvsConf(path: string): Result<DpvsConfRead, Diagnostic> {
  const settings = loadSettings({ configId: null, requiresAll: false });
  return readDpvsConf(path, new HostConfigFiles(), settings);
}

function loadSettings({ configId, requiresAll }: ReadChoices): LoadSettings {
  const name = hostname();
  const [shortName = name] = name.split('.');
  return { configId: configId ?? shortName, requiresAll, random: hostRandom };
}

export function checkConfig(path: string, choices: ReadChoices, host?: HostView): Checked {
  return check(readHostConfig(path, choices, host));
}

export function check(
  read: Result<{ readonly diagnostics: readonly Diagnostic[] }, Diagnostic>,
): Checked {
  const diagnostics = read.isOk() ? read.value.diagnostics : [read.error];
  return {
    lines: diagnostics.map(formatDiagnostic),
    testExitCode: testExitCode(diagnostics),
    startExitCode: startExitCode(diagnostics),
  };
}

/** What is wrong is left out at a start, as keepalived does; a reload is not made with it. */
export function refusesReload(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'fatal' || severity === 'error');
}

/** The first of these rules that fits counts. Warnings fail a test, notices do not. */
function testExitCode(diagnostics: readonly Diagnostic[]): number {
  const has = (code: Diagnostic['code']): boolean =>
    diagnostics.some((diagnostic) => diagnostic.code === code);
  if (has('config.unreadable')) return exitCodes.testFileMissing;
  if (has('config.include_required')) return exitCodes.testInsecure;
  const isFatal = diagnostics.some(
    ({ code, severity }) => severity === 'fatal' && code === 'config.missing_argument',
  );
  if (isFatal) return exitCodes.config;
  if (has('config.script_security') || has('config.open_key')) return exitCodes.testInsecure;
  const complaints = diagnostics.filter(({ severity }) => severity !== 'notice');
  if (complaints.length === 0) return 0;
  const isMild = complaints.every(({ code }) => code === 'config.unknown_interface');
  return isMild ? exitCodes.testBadInterface : exitCodes.testFailed;
}

function startExitCode(diagnostics: readonly Diagnostic[]): number {
  for (const { code, severity } of diagnostics) {
    if (code === 'config.unreadable' || code === 'config.include_required') {
      return exitCodes.noConfig;
    }
    if (severity === 'fatal') return exitCodes.config;
  }
  return 0;
}
