// bfd_instance blocks -> sessions of BFD, with keepalived's defaults.
import type { BfdInstance, BfdSettings } from './bfd.js';
import type { bfdTable } from './bfd-table.js';
import type { Root } from './root-table.js';
import type { Settings } from './settings.js';

/** What a packet can have left that has crossed no router. */
const hopsFull = 255;
const hopsMultihop = 64;

/** Of several of one name the first counts; without a neighbour it is none, as the checks say. */
export function bfdInstances(root: Root): readonly BfdInstance[] {
  const instances = new Map<string, BfdInstance>();
  for (const { value } of root.all('bfd_instance')) {
    const settings = bfdSettingsOf(value.settings);
    if (settings === null || instances.has(value.head)) continue;
    instances.set(value.head, { name: value.head, settings });
  }
  return [...instances.values()];
}

/** null: it names no neighbour. */
export function bfdSettingsOf(found: Settings<typeof bfdTable>): BfdSettings | null {
  const neighbor = found.value('neighbor_ip');
  if (neighbor === undefined) return null;
  const isMultihop = found.value('multihop');
  const sentHops = found.value('ttl') ?? (isMultihop ? hopsMultihop : hopsFull);
  return {
    neighbor,
    source: found.value('source_ip') ?? null,
    interface: null,
    isMultihop,
    sentHops,
    hopsMax: hopsMaxOf(found.value('max_hops'), sentHops),
    minRxMs: found.value('min_rx'),
    minTxMs: found.value('min_tx'),
    idleTxMs: found.value('idle_tx'),
    multiplier: found.value('multiplier'),
    isPassive: found.value('passive'),
  };
}

/** keepalived takes the neighbour to send with the ttl of this side, and counts from there. */
function hopsMaxOf(written: number, sentHops: number): number | null {
  if (written < 0) return null;
  const hopsMax = hopsFull - sentHops + written;
  return hopsMax >= hopsFull ? null : hopsMax;
}
