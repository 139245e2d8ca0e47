// slow_start and flap_damping of a real server: its own, or those of its service.
import type { realServerTable } from './real-server-table.js';
import type { Settings } from './settings.js';
import type { FlapDamping } from './steadiness-table.js';
import type { virtualServerTable } from './virtual-server-table.js';

export type Steadiness = {
  /** 0: all of its weight at once. */
  readonly slowStartMs: number;
  /** null: a verdict counts as it comes. */
  readonly flapDamping: FlapDamping | null;
};

export function serviceSteadiness(service: Settings<typeof virtualServerTable>): Steadiness {
  return {
    slowStartMs: service.value('slow_start'),
    flapDamping: service.value('flap_damping'),
  };
}

export function serverSteadiness(
  server: Settings<typeof realServerTable>,
  outer: Steadiness,
): Steadiness {
  const damping = server.found('flap_damping');
  return {
    slowStartMs: server.value('slow_start') ?? outer.slowStartMs,
    flapDamping: damping === undefined ? outer.flapDamping : damping.value,
  };
}
