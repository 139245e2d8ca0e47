// What a virtual_server asks for that the data plane cannot do yet, and that would make another
// service of it if it were left out. Such a service is kept, and not forwarded.
import type { AddressFamily } from '../net/address.js';
import { schedulers } from '../net/service.js';
import { persistenceBits } from './service-options.js';
import type { Settings } from './settings.js';
import type { virtualServerTable } from './virtual-server-table.js';

type Service = Settings<typeof virtualServerTable>;

/** Keywords that stand for an obstacle as soon as they are there. */
const unanswered = ['persistence_engine', 'daddr_group_name', 'waddr_group_name'] as const;

/** null: nothing of that kind is asked for. `families`: of the clients. */
export function obstacleOf(service: Service, families: readonly AddressFamily[]): string | null {
  const scheduler = service.value('lb_algo');
  if (!schedulers.some((name) => name === scheduler)) return `lb_algo ${scheduler}`;
  const methods = [
    service.value('lb_kind'),
    ...service.all('real_server').flatMap(({ value }) => value.settings.value('lvs_method') ?? []),
  ];
  if (methods.some(({ tunnel }) => tunnel.remcsum)) return 'remcsum';
  if (families.some((family) => persistenceBits(service, family) === null)) {
    return 'a persistence_granularity that is no netmask of its family';
  }
  return unanswered.find((name) => service.has(name)) ?? null;
}
