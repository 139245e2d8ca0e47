// What `keepalived -t` of ours says of a file, in process.
import { checkConfig } from '../../src/daemon/read-config.js';
import { hostView } from '../../src/host/host-view.js';
import type { HostView } from '../../src/ports/host-view.js';

export type Verdict = { readonly exitCode: number; readonly lines: readonly string[] };

/** The interfaces of the namespace that the recorded verdicts come from (debian.ts). */
const interfaces: ReadonlySet<string> = new Set(
  ['eth0', 'eth1', 'eth2', 'eth3', 'eth0.1'].flatMap((name) => [name, name.replace('eth', 'far')]),
);

/** Programs and groups are the machine's own: the rules name only what every Debian has. */
const lab: HostView = {
  ...hostView,
  hasInterface: (name) => name === 'lo' || interfaces.has(name),
  hasUser: (name) => name === 'root' || name === 'nobody',
};

/** `options` are those of the command line that bear on the reading: `-i ID`, `-e`. */
export function verdictOf(path: string, options: readonly string[] = []): Verdict {
  const flag = options.indexOf('-i');
  const configId = flag < 0 ? null : (options[flag + 1] ?? null);
  const choices = { configId, requiresAll: options.includes('-e') };
  const { testExitCode, lines } = checkConfig(path, choices, lab);
  return { exitCode: testExitCode, lines };
}
