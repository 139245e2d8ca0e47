// Keywords of virtual_server that belong to one before them.
import type { Report } from './diagnostic.js';
import type { Service } from './service-servers.js';

const hashFlags = ['hashed', 'sh-port', 'sh-fallback', 'mh-port', 'mh-fallback'] as const;

export function checkOrder(service: Service, report: Report): void {
  for (const flag of hashFlags) {
    for (const { order, position } of service.all(flag)) {
      const scheduler = service.all('lb_algo').findLast((one) => one.order < order)?.value;
      if (scheduler === 'sh' || scheduler === 'mh') continue;
      const message = `${flag} must stand behind lb_algo sh or mh; keepalived leaves it out`;
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
