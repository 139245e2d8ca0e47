// The BFD sessions of a status, as a person reads them.
import type { BfdStatus } from '../../daemon/bfd-news.js';
import { duration } from './duration.js';

export function bfdLines(sessions: readonly BfdStatus[]): string[] {
  if (sessions.length === 0) return [];
  return ['BFD sessions', ...sessions.flatMap(sessionLines), ''];
}

function sessionLines(one: BfdStatus): string[] {
  const { settings, remoteState, localDiagnostic, remoteDiagnostic } = one;
  const path = settings.isMultihop ? 'multihop' : 'single hop';
  const over = settings.interface === null ? '' : ` over ${settings.interface}`;
  const remote = remoteState === null ? 'not heard' : remoteState;
  const reason = one.lastReason === null ? [] : [`      last change: ${one.lastReason}`];
  const drops = Object.entries(one.drops).map(([name, count]) => `${name} ${count}`);
  return [
    `  ${one.name.padEnd(20)} ${one.state.padEnd(9)} ${settings.neighbor}${over}, ${path}` +
      `  for ${duration(one.sinceSeconds)}`,
    `      neighbour ${remote}  sends every ${milliseconds(one.transmitMs)}  ` +
      `detects in ${milliseconds(one.detectionMs)}`,
    `      sent ${one.sent} received ${one.received} times down ${one.timesDown}`,
    `      diagnostics: ${localDiagnostic}; neighbour: ${remoteDiagnostic}`,
    ...reason,
    ...(one.unsent === 0 ? [] : [`      could not send ${one.unsent}`]),
    ...(drops.length === 0 ? [] : [`      dropped: ${drops.join(', ')}`]),
  ];
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${value} ms`;
}
