// quorum and hysteresis against the weights of the real servers, and the sorry server against them.
import { formatEndpoint } from '../net/address.js';
import { formatPlace, type Report } from './diagnostic.js';
import type { ServiceFound } from './service-servers.js';

export function checkQuorum(service: ServiceFound, report: Report): void {
  checkSorryServer(service, report);
  const { written, settings, servers, name } = service;
  const weight = settings.value('weight');
  const total = servers.reduce(
    (sum, { value }) => sum + (value.settings.value('weight') ?? weight),
    0,
  );
  const quorum = settings.value('quorum');
  const hysteresis = settings.value('hysteresis');
  const position = settings.found('quorum')?.position ?? written.subject.position;
  if (quorum > total) {
    const message =
      `virtual_server ${name} never has its quorum of ${quorum}: the weights of its servers add ` +
      `up to ${total}, which is used`;
    report.warning('config.out_of_range', position, message);
  }
  const reached = Math.min(quorum, total);
  const place = settings.found('hysteresis')?.position;
  if (place === undefined || hysteresis < reached) return;
  const message =
    `hysteresis ${hysteresis} must be less than the quorum of ${reached}; ` +
    `${Math.max(reached - 1, 0)} is used`;
  report.warning('config.out_of_range', place, message);
}

function checkSorryServer({ settings, servers }: ServiceFound, report: Report): void {
  const sorry = settings.found('sorry_server');
  if (sorry === undefined) return;
  const endpoint = formatEndpoint(sorry.value);
  for (const { value, position } of servers) {
    if (formatEndpoint(value.head) !== endpoint) continue;
    const inhibits =
      value.settings.value('inhibit_on_failure') ?? settings.value('inhibit_on_failure');
    if (inhibits === settings.value('sorry_server_inhibit')) continue;
    const [one, other] = inhibits ? ['is', 'is not'] : ['is not', 'is'];
    const message =
      `sorry_server ${endpoint} ${other} inhibited, but as a real_server at ` +
      `${formatPlace(position)} it ${one}; that counts`;
    report.warning('config.conflict', sorry.position, message);
  }
}
