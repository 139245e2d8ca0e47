// What the keywords of a health checker mean together.
import type { Position } from '../../grammar/syntax-tree.js';
import { addressBytes, familyOf, type IpAddress } from '../net/address.js';
import type { connectionTable } from './checker-table.js';
import { type CheckerName, checkerTable } from './checkers-table.js';
import { formatPlace, type Report } from './diagnostic.js';
import { checkNamed, type DefinedNames, definedNames } from './named-checker-checks.js';
import { printedLines } from './printed.js';
import type { Root } from './root-table.js';
import type { ServerFound, Service } from './service-servers.js';
import type { Occurrence, Settings } from './settings.js';
import { checkPages } from './url-checks.js';

type Connection = Settings<typeof connectionTable>;

const connecting = [
  'TCP_CHECK',
  'PING_CHECK',
  'UDP_CHECK',
  'DNS_CHECK',
  'SMTP_CHECK',
  'HTTP_GET',
  'SSL_GET',
] as const satisfies readonly CheckerName[];

const checkerNames = Object.keys(checkerTable) as readonly CheckerName[];

export function checkCheckers(root: Root, report: Report): void {
  const names = definedNames(root);
  for (const { value } of root.all('virtual_server')) {
    for (const server of value.settings.all('real_server')) {
      checkServer(server, value.settings, names, report);
    }
  }
}

function checkServer(
  { value: { head, settings } }: ServerFound,
  service: Service,
  names: DefinedNames,
  report: Report,
): void {
  for (const name of connecting) {
    for (const { value, position } of settings.all(name)) {
      const check = value as unknown as Connection;
      const delayLoop = settings.found('delay_loop') ?? service.found('delay_loop');
      checkConnection(name, check, head.address, position, report);
      checkTimes(check, delayLoop, report);
    }
  }
  for (const { value } of settings.all('SMTP_CHECK')) {
    for (const { value: host, position } of value.all('host')) {
      checkConnection('host', host as unknown as Connection, head.address, position, report);
    }
  }
  for (const { value, position } of settings.all('UDP_CHECK')) {
    const [least, most] = [value.value('min_reply_length'), value.value('max_reply_length')];
    if (least <= most) continue;
    const message = `no answer can have ${least} octets or more, and ${most} at most`;
    report.warning(
      'config.conflict',
      value.found('min_reply_length')?.position ?? position,
      message,
    );
  }
  checkPages(settings, report);
  checkNamed(settings, names, report);
  checkTwice(settings, report);
}

/** A check leaves from an address of the family that it goes to, as far as that is known there. */
function checkConnection(
  name: string,
  check: Connection,
  server: IpAddress,
  position: Position,
  report: Report,
): void {
  let target = server;
  let source: IpAddress | null = null;
  const steps = [
    ...check.all('connect_ip').map((one) => ({ ...one, isSource: false })),
    ...check.all('bindto').map((one) => ({ ...one, isSource: true })),
  ];
  for (const { value, isSource, position: place } of steps.toSorted(byOrder)) {
    const other = isSource ? target : source;
    if (other !== null && familyOf(other) !== familyOf(value)) {
      const [from, to] = isSource ? [value, other] : [other, value];
      const message = `bindto ${from} cannot reach ${to}: one is IPv4, one IPv6`;
      report.error('config.family_mix', place, message);
    } else if (isSource) source = value;
    else target = value;
  }
  if (!isLinkLocal(target) || check.has('bind_if')) return;
  const message = `${name} of ${target} needs a bind_if: the address is link-local`;
  report.error('config.missing_keyword', position, message);
}

function byOrder(left: { order: number }, right: { order: number }): number {
  return left.order - right.order;
}

/** fe80::/10 */
function isLinkLocal(address: IpAddress): boolean {
  if (familyOf(address) === 'ipv4') return false;
  const [first = 0, second = 0] = addressBytes(address);
  return first === 0xfe && second >> 6 === 0b10;
}

function checkTimes(
  check: Connection,
  around: Occurrence<number> | undefined,
  report: Report,
): void {
  const timeout = check.found('connect_timeout');
  const delayLoop = check.found('delay_loop') ?? around;
  if (timeout === undefined || delayLoop === undefined || timeout.value <= delayLoop.value) return;
  const message =
    `connect_timeout is longer than delay_loop at ${formatPlace(delayLoop.position)}: a server ` +
    'that does not answer is checked less often';
  report.notice('config.slow_check', timeout.position, message);
}

function checkTwice(settings: ServerFound['value']['settings'], report: Report): void {
  for (const name of checkerNames) {
    const checkers = settings.all(name);
    if (checkers.length < 2) continue;
    const seen = new Map<string, Position>();
    for (const { value, position } of checkers) {
      const text = value.print().flatMap(printedLines).join('\n');
      const first = seen.get(text);
      if (first === undefined) seen.set(text, position);
      else {
        const message = `the same ${name} is at ${formatPlace(first)}; one is enough`;
        report.notice('config.duplicate', position, message);
      }
    }
  }
}
