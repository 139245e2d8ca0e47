// `keelson why` and `keelson drain` as a person reads them, and the addresses of a status.
import type { DrainReport } from '../../daemon/announcement-desk.js';
import type { AnnouncementStatus, RouteNeighbor, WhyReport } from '../../daemon/why-report.js';
import type { AddressState } from '../../routing/announcement/machine.js';
import type { Verdict } from '../../routing/announcement/verdict.js';
import { duration } from './duration.js';

const marks: Readonly<Record<Verdict, string>> = {
  up: '+',
  degraded: '~',
  unknown: '?',
  down: '-',
};

const states: Readonly<Record<AddressState, string>> = {
  down: 'is not announced',
  held: 'is not announced yet',
  healthy: 'is announced',
  degraded: 'is announced as degraded',
  draining: 'is draining',
  maintenance: 'is withdrawn for maintenance',
};

export function printWhy(why: WhyReport): string {
  const since = why.forSeconds === null ? '' : ` for ${duration(why.forSeconds)}`;
  return [
    `${why.address} ${states[why.state]}${since}`,
    ...drainLines(why),
    ...why.facts.map(({ verdict, text }) => `  ${marks[verdict]} ${text}`),
    ...waitLines(why),
    ...(why.kernel === null ? [] : [`  on the interface as ${why.kernel}`]),
    ...why.targets.flatMap((target) => targetLines(why, target)),
    '',
  ].join('\n');
}

export function printDrain(report: DrainReport): string {
  const { address, isDrained, isNodeDrained, addresses, drainSeconds } = report;
  const what = address ?? 'the node';
  if (isDrained) {
    const time =
      drainSeconds === 0 ? 'withdrawn at once' : `withdrawn in ${duration(drainSeconds)}`;
    return `${what} is drained: the last choice from now on, ${time}\n`;
  }
  if (address !== null && isNodeDrained) {
    return `${what} is not drained by itself any more, but the node is: keelson undrain\n`;
  }
  const rest = address === null && addresses.length > 0;
  const others = rest ? `; still drained by themselves: ${addresses.join(', ')}` : '';
  return `${what} is not drained any more${others}\n`;
}

/** A long list is for --json. */
const shownMax = 100;

export function announcementLines(all: readonly AnnouncementStatus[]): string[] {
  if (all.length === 0) return [];
  const node = all.some(({ drainedBy }) => drainedBy === 'node') ? '  THE NODE IS DRAINED' : '';
  const hidden = all.length - shownMax;
  const more = hidden > 0 ? [`  and ${hidden} more (--json has them)`] : [];
  return [`Announcements${node}`, ...all.slice(0, shownMax).map(statusLine), ...more, ''];
}

function statusLine({ prefix, kind, state, forSeconds, drainedBy }: AnnouncementStatus): string {
  const since = forSeconds === null ? '' : `  for ${duration(forSeconds)}`;
  const local = kind === 'local' ? '  source address of FNAT' : '';
  const drained = drainedBy === 'address' ? '  drained' : '';
  return `  ${prefix.padEnd(22)} ${state.padEnd(11)}${since}${local}${drained}`.trimEnd();
}

function drainLines({ address, drainedBy }: WhyReport): string[] {
  if (drainedBy === null) return [];
  const [what, command] =
    drainedBy === 'node' ? ['the node', 'undrain'] : ['the address', `undrain ${address}`];
  return [`  - an operator has drained ${what}: keelson ${command}`];
}

function waitLines({ state, nextSeconds, withdrawals, holdDownSeconds }: WhyReport): string[] {
  if (nextSeconds === null) return [];
  const left = duration(nextSeconds);
  switch (state) {
    case 'held': {
      const times = withdrawals === 1 ? 'once' : `${withdrawals} times`;
      const held = `withdrawn ${times}, so the hold-down is ${duration(holdDownSeconds)}`;
      return [`  - held down for another ${left}: ${held}`];
    }
    case 'degraded':
      return [`  ~ all is well again; announced as healthy in ${left}`];
    case 'draining':
      return [`  - withdrawn in ${left}`];
    default:
      return [];
  }
}

function targetLines(
  { prefix }: WhyReport,
  { instance, isAllowed, route, neighbors }: WhyReport['targets'][number],
): string[] {
  const name = `bgp_instance ${instance}`;
  if (!isAllowed) return [`  - ${name}: no allow of a neighbour has ${prefix}, so nobody is told`];
  if (route === null) return [`  ${name}: ${prefix} is withdrawn`];
  if (neighbors.length === 0) {
    return [`  - ${name}: nobody is told of ${prefix}: it has no neighbour, or does not run`];
  }
  return [`  ${name}: ${prefix} is announced`, ...neighbors.map(neighborLine)];
}

function neighborLine({ neighbor, session, sent, refusal }: RouteNeighbor): string {
  if (sent !== null) return `    ${neighbor} has it: ${sent}`;
  return `    ${neighbor} does not have it: ${refusal ?? `its session is ${session}`}`;
}
