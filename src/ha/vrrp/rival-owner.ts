// Two routers that both have priority 255, each for the owner of the addresses: a mistake of the
// operator that must not become two masters. The one with the lower address yields at once. The
// other gives it two adverts and a little more than an interval to do so, and then yields itself,
// with priority 254 until it hears something else than 255. keepalived does the same.
import {
  log,
  type RivalOwner,
  setTimer,
  stopTimer,
  type VrrpEffect,
  type VrrpSettings,
} from './effect.js';

const ownerPriority = 255;
const advertsGiven = 2;
/** "A bit more" than an interval. */
const patience = 1.2;

type Advert = { readonly source: string; readonly advertIntervalMs: number };

export type Meeting = { readonly yields: boolean; readonly effects: readonly VrrpEffect[] };

/** An owner that is MASTER has heard another one, whose address is lower. */
export function meetRival(settings: VrrpSettings, { source, advertIntervalMs }: Advert): Meeting {
  const { rival } = settings;
  if (rival !== null && rival.advertsLeft === 0) {
    const what = `${source} is still advertising as address owner, please resolve`;
    const effects = [
      log(settings, `${what} - reducing our priority`),
      ...forgetRival(settings),
      remember({ priority: ownerPriority - 1 }),
    ];
    return { yields: true, effects };
  }
  const found = { intervalMs: advertIntervalMs, advertsLeft: rival?.advertsLeft ?? advertsGiven };
  const error = rival === null ? [ownersAreTwo(settings, source)] : [];
  return { yields: false, effects: [...error, remember({ rival: found })] };
}

export function ownersAreTwo(settings: VrrpSettings, source: string): VrrpEffect {
  const both = `local instance and ${source} are both configured as address owner`;
  return log(settings, `CONFIGURATION ERROR: ${both}, please resolve`);
}

/** An advert of ours was due and has left: the other has had its chance to hear it. */
export function countAdvert(settings: VrrpSettings): readonly VrrpEffect[] {
  const { rival, instance } = settings;
  if (rival === null || rival.advertsLeft === 0) return [];
  const advertsLeft = rival.advertsLeft - 1;
  const counted = remember({ rival: { ...rival, advertsLeft } });
  if (advertsLeft > 0) return [counted];
  const waitMs = patience * Math.max(rival.intervalMs, instance.advertIntervalMs);
  return [counted, setTimer('rival', waitMs)];
}

export function rivalIsSilent(settings: VrrpSettings): readonly VrrpEffect[] {
  const line = 'rogue address owner appears to have stopped advertising';
  return [...forgetRival(settings), log(settings, line)];
}

/** No longer MASTER. */
export function forgetRival({ rival }: VrrpSettings): readonly VrrpEffect[] {
  return rival === null ? [] : [stopTimer('rival'), remember({ rival: null })];
}

/** Another router than an owner is heard, or nobody at all: what was lowered is 255 again. */
export function restore(settings: VrrpSettings): {
  readonly settings: VrrpSettings;
  readonly effects: readonly VrrpEffect[];
} {
  const { priority, instance } = settings;
  if (instance.priority !== ownerPriority || priority === ownerPriority) {
    return { settings, effects: [] };
  }
  const memory = { priority: ownerPriority };
  const line = `Restoring our priority to ${ownerPriority}: no other address owner is heard`;
  return { settings: { ...settings, ...memory }, effects: [remember(memory), log(settings, line)] };
}

export function isOwners(priority: number): boolean {
  return priority === ownerPriority;
}

function remember(memory: {
  readonly priority?: number;
  readonly rival?: RivalOwner | null;
}): VrrpEffect {
  return { type: 'remember', memory };
}
