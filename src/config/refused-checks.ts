// A MISC_CHECK whose script is not there, or must not be run, is left out, as keepalived leaves it
// out: its server counts as up for it, which the log says once for each script.
import type { ScriptHost } from '../ports/script-host.js';
import type { Checker } from './checkers/checkers.js';
import type { Config } from './config.js';
import { ScriptSecurity } from './script-security.js';

export type AllowedChecks = { readonly config: Config; readonly refusals: readonly string[] };

export function withoutRefusedChecks(config: Config, host: ScriptHost): AllowedChecks {
  const security = new ScriptSecurity(config.notification.scripts, host);
  const refusals = new Set<string>();
  const isAllowed = (checker: Checker): boolean => {
    if (checker.type !== 'MISC_CHECK') return true;
    const command = security.commandOf(checker.script);
    if (command.isErr()) refusals.add(`MISC_CHECK is left out: ${command.error}`);
    return command.isOk();
  };
  const virtualServers = config.virtualServers.map((virtualServer) => ({
    ...virtualServer,
    realServers: virtualServer.realServers.map((server) => ({
      ...server,
      checkers: server.checkers.filter(isAllowed),
    })),
  }));
  return { config: { ...config, virtualServers }, refusals: [...refusals] };
}
