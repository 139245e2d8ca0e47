// global_defs: what the daemon acts on of it.
import type { globalTable } from './global-table.js';
import type { Settings } from './settings.js';

export type GlobalConfig = {
  /** Name of this node in mails and status; the host name when the file gives none. */
  readonly routerId: string;
  /** For addresses without a device. */
  readonly defaultInterface: string;
};

/** Of several blocks the last one that has a keyword counts. */
export function globalConfig(
  blocks: readonly Settings<typeof globalTable>[],
  routerIdDefault: string,
): GlobalConfig {
  const routerId = blocks.findLast((block) => block.has('router_id'))?.value('router_id');
  const device = blocks.findLast((block) => block.has('default_interface'));
  return {
    routerId: routerId ?? routerIdDefault,
    defaultInterface: device?.value('default_interface') ?? 'eth0',
  };
}
