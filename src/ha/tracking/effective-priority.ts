// What tracked things make of an instance's priority (keepalived.conf(5), "weight"): a positive
// weight counts while the thing is up, a negative one while it is down, and reverse turns its sign;
// without a weight a failure is a FAULT, and with reverse what is up is one. (Measured with
// keepalived 2.2.7.)
import type { TrackedThing, TrackedThings } from '../../config/tracking.js';
import type { TrackedFacts } from './facts.js';

export type TrackedEffect = {
  /** 1..254, or 255 for an address owner, whose priority nothing changes. */
  readonly priority: number;
  /** Why the instance must be in FAULT; none: it need not. */
  readonly faults: readonly string[];
  /** Without a weight and not known yet: an instance does not start before it knows them. */
  readonly unknown: readonly string[];
};

const ownerPriority = 255;
const priorityMin = 1;
const priorityMax = 254;
/** Less than this is no weight but a FAULT, as keepalived has it for files. */
const effectMin = -253;

export function effectivePriority(
  base: number,
  tracked: TrackedThings,
  facts: TrackedFacts,
): TrackedEffect {
  let sum = base;
  const faults: string[] = [];
  const unknown: string[] = [];
  for (const thing of tracked) {
    const value = facts.get(thing);
    if (value === undefined) {
      if (thing.weight === 0) unknown.push(`${nameOf(thing)} is not known yet`);
      continue;
    }
    const effect = effectOf(thing, value);
    if (effect === 'fault') faults.push(faultOf(thing, value));
    else sum += effect;
  }
  const priority =
    base === ownerPriority ? base : Math.min(Math.max(sum, priorityMin), priorityMax);
  return { priority, faults, unknown };
}

function effectOf(thing: TrackedThing, value: number): number | 'fault' {
  const effect = thing.kind === 'file' ? fileEffect(thing, value) : upDownEffect(thing, value > 0);
  return effect === 'fault' || effect < effectMin ? 'fault' : effect;
}

function fileEffect({ weight, isReversed }: TrackedThing, value: number): number | 'fault' {
  if (weight === 0) return (value !== 0) === isReversed ? 0 : 'fault';
  return weight * value * (isReversed ? -1 : 1);
}

function upDownEffect({ weight, isReversed }: TrackedThing, isUp: boolean): number | 'fault' {
  if (weight === 0) return isUp === isReversed ? 'fault' : 0;
  const counted = isUp === weight > 0 ? weight : 0;
  return isReversed ? 0 - counted : counted;
}

function nameOf({ kind, name }: TrackedThing): string {
  return `tracked ${kind} ${name}`;
}

function faultOf(thing: TrackedThing, value: number): string {
  if (thing.kind === 'file') return `${nameOf(thing)} holds ${value}`;
  return `${nameOf(thing)} is ${value > 0 ? 'up' : 'down'}`;
}
