// The root of dpvs.conf, the configuration file of DPVS's own daemon: a language of its own, in the
// same grammar. Its keywords are not known in keepalived.conf.
import { block, type Table } from '../keywords.js';
import { onlyAt } from '../root-table.js';
import type { Sentence } from '../sentence.js';
import type { Settings } from '../settings.js';
import { controlTable, sourceAddressPoolTable, timerTable } from './control-table.js';
import { dpvsGlobalTable } from './global-table.js';
import { ipvsTable } from './ipvs-table.js';
import { netifTable } from './netif-table.js';
import { ipsetTable, ipv4Table, ipv6Table, neighborTable } from './network-table.js';
import { workersTable } from './worker-table.js';

export const dpvsConfTable = {
  global_defs: section('Messages, and what concerns the process as a whole.', dpvsGlobalTable),
  netif_defs: section('Packet buffers and ports.', netifTable),
  worker_defs: section('The threads of the data plane.', workersTable),
  timer_defs: section('Timers.', timerTable),
  neigh_defs: section('Neighbours.', neighborTable),
  ipset_defs: section('Sets of addresses.', ipsetTable),
  ipv4_defs: section('What concerns IPv4.', ipv4Table),
  ipv6_defs: section('What concerns IPv6.', ipv6Table),
  ctrl_defs: section('Messages within the data plane.', controlTable),
  ipvs_defs: section('Connections.', ipvsTable),
  sa_pool: section('Local addresses and ports.', sourceAddressPoolTable),
};

/** A section may be written in several pieces. */
function section<T extends Table>(documentation: Sentence, table: T) {
  return block(documentation, table, { repeats: 'all' });
}

export type DpvsRoot = Settings<typeof dpvsConfTable>;

/** See `onlyAtRoot` of keepalived.conf. */
export const dpvsOnlyAtRoot: ReadonlySet<string> = onlyAt(dpvsConfTable);
