// When a virtual_server has enough live real servers, and who answers when it has not.
import type { Endpoint } from '../net/address.js';
import type { ServerOptions } from '../net/service.js';
import type { Report } from './diagnostic.js';
import { isReachable, type ServerSurroundings } from './service-faults.js';
import { serverOptionsOf } from './service-options.js';
import type { Settings } from './settings.js';
import type { virtualServerTable } from './virtual-server-table.js';

export type SorryServer = ServerOptions & {
  readonly endpoint: Endpoint;
  /** sorry_server_inhibit: it waits in the table with weight 0. */
  readonly isInhibited: boolean;
};

export type QuorumRules = {
  /** Weight of live servers; at most what all of them weigh. */
  readonly quorum: number;
  /** Less than the quorum. */
  readonly hysteresis: number;
  /** null: there is none. */
  readonly sorryServer: SorryServer | null;
};

/** `totalWeight`: of all real servers. What is out of range is warned of in quorum-checks.ts. */
export function quorumRules(
  service: Settings<typeof virtualServerTable>,
  totalWeight: number,
): Pick<QuorumRules, 'quorum' | 'hysteresis'> {
  const quorum = Math.min(service.value('quorum'), Math.max(totalWeight, 1));
  return { quorum, hysteresis: Math.min(service.value('hysteresis'), quorum - 1) };
}

/** `port`: of the service. null: there is none, or none that can be reached: `report` has it. */
export function sorryServerOf(
  service: Settings<typeof virtualServerTable>,
  port: number,
  around: ServerSurroundings,
  report: Report,
): SorryServer | null {
  const written = service.all('sorry_server').at(-1);
  if (written === undefined) return null;
  const { address, port: own } = written.value;
  const forwarding = service.value('sorry_server_lvs_method') ?? service.value('lb_kind');
  const sorryServer = {
    ...serverOptionsOf(forwarding, 1),
    endpoint: { address, port: own === 0 ? port : own },
    isInhibited: service.value('sorry_server_inhibit'),
  };
  const { position } = written;
  return isReachable(sorryServer, around, position, report, 'sorry_server') ? sorryServer : null;
}
