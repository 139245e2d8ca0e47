// The keywords of global_defs: who this node is, and what each topic adds.
import { globalBufferTable } from './global-buffer-table.js';
import { globalFileTable, globalNameTable } from './global-file-table.js';
import { globalFirewallTable } from './global-firewall-table.js';
import { globalGarpTable } from './global-garp-table.js';
import { globalLvsTable } from './global-lvs-table.js';
import { globalMailTable } from './global-mail-table.js';
import { globalMonitoringTable } from './global-monitoring-table.js';
import { globalProcessTable } from './global-process-table.js';
import { globalScriptTable } from './global-script-table.js';
import { globalVrrpTable } from './global-vrrp-table.js';
import { block, setting } from './keywords.js';
import { text } from './text.js';
import { needed } from './word-count.js';

export const globalTable = {
  router_id: setting('Name of this node in mails and status.', needed(text('STRING')), {
    defaultText: 'the host name',
  }),
  default_interface: setting('Interface of addresses that name none.', needed(text('INTERFACE')), {
    fallback: 'eth0',
  }),
  ...globalMailTable,
  ...globalScriptTable,
  ...globalProcessTable,
  ...globalFileTable,
  ...globalNameTable,
  ...globalVrrpTable,
  ...globalGarpTable,
  ...globalBufferTable,
  ...globalFirewallTable,
  ...globalLvsTable,
  ...globalMonitoringTable,
};

/** Several blocks add up; see `global.ts` for which of two values counts. */
export const globalKeyword = block('Settings of the whole node.', globalTable, { repeats: 'all' });
