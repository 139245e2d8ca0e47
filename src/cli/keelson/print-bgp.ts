// The BGP speakers of a status, as a person reads them.
import type { BgpNeighborStatus, BgpStatus } from '../../daemon/bgp-status.js';
import { duration } from './duration.js';

export function bgpLines(speakers: readonly BgpStatus[]): string[] {
  return speakers.flatMap((one) => [
    `BGP ${one.instance}  AS ${one.localAs}  ${identifierText(one)}`,
    ...(one.listenFault === null ? [] : [`  DOES NOT LISTEN: ${one.listenFault}`]),
    ...one.neighbors.flatMap(neighborLines),
    '',
  ]);
}

function identifierText({ identifier }: BgpStatus): string {
  if (identifier !== null) return `identifier ${identifier}`;
  return 'DOES NOT RUN: the host has no IPv4 address to identify it by; give it a router_id';
}

function neighborLines(one: BgpNeighborStatus): string[] {
  const { address, description, state, remoteAs, counters } = one;
  const named = description === null ? '' : `  "${description}"`;
  const as = remoteAs === 'external' ? 'any other' : remoteAs;
  const { received, sent } = counters;
  return [
    `  ${address.padEnd(20)} ${state.padEnd(12)} AS ${as}` +
      `  for ${duration(one.sinceSeconds)}${named}`,
    ...sessionLines(one),
    `      messages sent ${total(sent)} received ${total(received)} flaps ${counters.flaps}`,
    ...failureLines(one),
  ];
}

function sessionLines({ session, prefixesSent, prefixesRefused }: BgpNeighborStatus): string[] {
  if (session === null) return [];
  const { localAddress, remoteIdentifier, remoteHost, holdSeconds, keepaliveSeconds } = session;
  const host = remoteHost === null ? '' : ` (${remoteHost})`;
  const refused = prefixesRefused === 0 ? '' : `, ${prefixesRefused} refused (keelson why VIP)`;
  return [
    `      from ${localAddress ?? '-'} to ${remoteIdentifier}${host}` +
      `  hold ${holdSeconds} s  keepalive ${keepaliveSeconds} s`,
    `      prefixes announced ${prefixesSent}${refused}`,
  ];
}

function failureLines({ lastFailure, lastNotification }: BgpNeighborStatus): string[] {
  const known = [lastFailure, lastNotification].flatMap((one) => one ?? []);
  const different = known.filter(
    ({ text }, index) => known.findIndex((one) => one.text === text) === index,
  );
  return different.map(({ text, secondsAgo }) => `      ${text}, ${duration(secondsAgo)} ago`);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}
