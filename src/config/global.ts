// global_defs: what the daemon acts on of it.
import { globalTable } from './global-table.js';
import type { Table, ValueOf } from './keywords.js';
import type { Found, Settings } from './settings.js';

export type GlobalConfig = {
  /** Name of this node in mails and status; the host name when the file gives none. */
  readonly routerId: string;
  /** For addresses without a device. */
  readonly defaultInterface: string;
};

export type GlobalBlocks = readonly Settings<typeof globalTable>[];

export function globalConfig(blocks: GlobalBlocks, routerIdDefault: string): GlobalConfig {
  return {
    routerId: countingIn(blocks, 'router_id')?.value ?? routerIdDefault,
    defaultInterface:
      countingIn(blocks, 'default_interface')?.value ?? globalTable.default_interface.fallback,
  };
}

/**
 * The value that counts of several blocks: the last one that could be read, for names and scripts
 * the first. Keywords that add up are in `all` of each block.
 */
export function countingIn<K extends keyof typeof globalTable & string>(
  blocks: GlobalBlocks,
  name: K,
): Found<ValueOf<(typeof globalTable)[K]>> | undefined {
  const found = blocks.flatMap((block) => block.found(name) ?? []);
  return (globalTable as Table)[name]?.repeats === 'first' ? found.at(0) : found.at(-1);
}
