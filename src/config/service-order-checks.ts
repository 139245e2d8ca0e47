// Keywords of virtual_server that belong to one before them.
import type { Report } from './diagnostic.js';
import type { Service } from './service-servers.js';

const hashFlags = ['hashed', 'sh-port', 'sh-fallback', 'mh-port', 'mh-fallback'] as const;

export function checkOrder(service: Service, report: Report): void {
  for (const flag of hashFlags) {
    for (const found of service.all(flag)) {
      if (standsBehindHash(service, found)) continue;
      const { position } = found;
      const message = `${flag} is left out: it needs lb_algo sh or mh before it`;
      report.error('config.wrong_order', position, message);
    }
  }
  for (const keyword of ['sorry_server_inhibit', 'sorry_server_lvs_method'] as const) {
    for (const { order, position } of service.all(keyword)) {
      if (service.all('sorry_server').some((one) => one.order < order)) continue;
      const message = `${keyword} is left out: it needs a sorry_server before it`;
      report.error('config.wrong_order', position, message);
    }
  }
}

/** Behind lb_algo sh or mh, without which such a flag is left out. */
export function standsBehindHash(service: Service, { order }: { readonly order: number }): boolean {
  const scheduler = service.all('lb_algo').findLast((one) => one.order < order)?.value;
  return scheduler === 'sh' || scheduler === 'mh';
}
