// Ports of a service and of its servers: where the packets are not rewritten (DR, TUN) they must be
// the same, and any port (0) needs persistence.
import type { Position } from '../../grammar/syntax-tree.js';
import type { Report } from './diagnostic.js';
import type { Forwarding } from './forwarding.js';
import type { ServiceFound } from './service-servers.js';

export function checkPorts(service: ServiceFound, report: Report): void {
  checkAnyPort(service, report);
  for (const { name, kind, port, position } of portsOf(service)) {
    if ((kind !== 'DR' && kind !== 'TUN') || port === 0) continue;
    const reason = mismatchOf(service, port);
    if (reason === null) continue;
    const message = `port ${port} of ${name} is ignored: ${reason}, and ${kind} keeps the port`;
    report.warning('config.port_mismatch', position, message);
  }
}

type ServerPort = {
  readonly name: string;
  readonly kind: Forwarding['kind'];
  readonly port: number;
  readonly position: Position;
};

/** Of the real servers and the sorry server. */
function portsOf({ settings, servers }: ServiceFound): readonly ServerPort[] {
  const inherited = settings.value('lb_kind').kind;
  const all = servers.map(({ value: { head, settings: own }, position }) => {
    const kind = own.value('lvs_method')?.kind ?? inherited;
    return { name: `real_server ${head.address}`, kind, port: head.port, position };
  });
  const sorry = settings.found('sorry_server');
  if (sorry === undefined) return all;
  const kind = settings.value('sorry_server_lvs_method')?.kind ?? inherited;
  const { address, port } = sorry.value;
  return [...all, { name: `sorry_server ${address}`, kind, port, position: sorry.position }];
}

function checkAnyPort({ written, settings, entries, name }: ServiceFound, report: Report): void {
  if (settings.has('persistence_timeout') || settings.has('persistence_granularity')) return;
  const { head } = written;
  const hasAnyPort =
    (head.type === 'address' && head.port === 0) ||
    entries.some((entry) => entry.type === 'addresses' && entry.port === 0);
  if (!hasAnyPort) return;
  const message = `virtual_server ${name} is for any port, which needs persistence; it gets 360 s`;
  report.warning('config.missing_keyword', written.subject.position, message);
}

/** null: the port is that of the service. */
function mismatchOf(service: ServiceFound, port: number): string | null {
  const { written, entries, isByMark, name } = service;
  if (isByMark) return 'a fwmark is for any port';
  const { head } = written;
  if (head.type === 'address') return head.port === port ? null : `the service is ${name}`;
  for (const entry of entries) {
    if (entry.type === 'addresses' && entry.port !== port) return `the group has ${entry.port}`;
  }
  return null;
}
