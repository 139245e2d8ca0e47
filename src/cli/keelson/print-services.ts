// The services of a status: their quorum, their servers, and what the checks last said.
import type { CheckStatus, ServerStatus, ServiceStatus } from '../../daemon/service-status.js';
import type { Status } from '../../daemon/status.js';
import { duration } from './duration.js';

/** Servers that are up; those that are not are all shown. */
const shownMax = 100;

export function serviceLines({ services, checks }: Status): string[] {
  if (services.length === 0) return ['Services: none is checked', ''];
  let shown = 0;
  let hidden = 0;
  const lines = services.flatMap((service) => {
    const servers = service.servers.filter((server) => {
      if (isNoteworthy(server)) return true;
      shown += 1;
      if (shown > shownMax) hidden += 1;
      return shown <= shownMax;
    });
    return [serviceLine(service), ...servers.flatMap(serverLines)];
  });
  const rest = hidden === 0 ? [] : [`  and ${hidden} servers that are up (--json has them)`];
  return ['Services', ...lines, ...rest, '', ...checkLines(checks)];
}

function isNoteworthy({ isUp, checks }: ServerStatus): boolean {
  return !isUp || checks.some(({ state }) => state === 'down' || state === 'retrying');
}

function serviceLine(one: ServiceStatus): string {
  const needed = one.hysteresis === 0 ? `${one.quorum}` : `${one.quorum} (+-${one.hysteresis})`;
  const quorum = one.hasQuorum ? 'has its quorum' : 'NO QUORUM';
  const sorry =
    one.sorryServer?.isActive === true ? `  sorry server ${one.sorryServer.server} answers` : '';
  const suspended = one.isSuspended ? '  not checked: its addresses are elsewhere' : '';
  return `  ${one.service}  ${quorum}: weight ${one.aliveWeight} of ${needed}${sorry}${suspended}`;
}

function serverLines(one: ServerStatus): string[] {
  const state = one.isUp ? 'up  ' : 'DOWN';
  const line = `${one.server.padEnd(30)} ${state} weight ${one.weight}`;
  return [`    ${line}  for ${duration(one.sinceSeconds)}`, ...one.checks.map(checkLine)];
}

function checkLine({ type, state, last, nextSeconds }: CheckStatus): string {
  const next = nextSeconds === null ? '' : `, next in ${duration(nextSeconds)}`;
  const said = last === null ? '' : `  ${lastText(last)}${next}`;
  return `        ${type.padEnd(12)} ${state.padEnd(8)}${said}`.trimEnd();
}

function lastText({ failure, latencyMs, secondsAgo }: NonNullable<CheckStatus['last']>): string {
  const result = failure ?? 'success';
  return `${result} in ${latencyMs.toFixed(1)} ms, ${duration(secondsAgo)} ago`;
}

function checkLines(checks: Status['checks']): string[] {
  if (checks === null) return [];
  const late = checks.late === 0 ? '' : `, ${checks.late} LATE`;
  const worst = `at worst ${checks.worstLatenessMs.toFixed(0)} ms after their time`;
  const now = `${checks.underWay} under way, ${checks.waiting} waiting`;
  return [`Checks: ${checks.started} begun${late}, ${worst}; ${now}`, ''];
}
