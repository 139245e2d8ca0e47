// What `keepalived -t` of ours says of a file, in process.
import { checkConfig } from '../../src/daemon/read-config.js';

export type Verdict = { readonly exitCode: number; readonly lines: readonly string[] };

/** `options` are those of the command line that bear on the reading: `-i ID`, `-e`. */
export function verdictOf(path: string, options: readonly string[] = []): Verdict {
  const flag = options.indexOf('-i');
  const configId = flag < 0 ? null : (options[flag + 1] ?? null);
  const { testExitCode, lines } = checkConfig(path, {
    configId,
    requiresAll: options.includes('-e'),
  });
  return { exitCode: testExitCode, lines };
}
