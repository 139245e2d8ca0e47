// From facts to the verdict on an address, with every fact that it rests on. The worst one counts.
// What is not known yet decides nothing, unless another fact says down.
import type { AnnouncedAddress, AnnouncementSource } from './announced-address.js';

export type Verdict = 'up' | 'degraded' | 'unknown' | 'down';

/** What is known of a virtual server. */
export type ServiceFact = {
  /** serviceKey */
  readonly service: string;
  readonly hasQuorum: boolean;
  /** Answers for it when there is no quorum. */
  readonly hasSorryServer: boolean;
  readonly serversUp: number;
  readonly serversTotal: number;
};

export type RoutingFacts = {
  /** null: nothing was heard yet. */
  readonly isDataplaneUp: boolean | null;
  /** The control thread decides; without it nothing of what is known is true for long. */
  readonly isControlAlive: boolean;
  /** By the name of the instance: is it MASTER? */
  readonly masters: ReadonlyMap<string, boolean>;
  /** By serviceKey. */
  readonly services: ReadonlyMap<string, ServiceFact>;
};

export type Finding = { readonly verdict: Verdict } & (
  | { readonly type: 'control' }
  | { readonly type: 'dataplane' }
  | {
      readonly type: 'vrrp';
      /** null: not known yet. */
      readonly instances: readonly { readonly name: string; readonly isMaster: boolean | null }[];
    }
  | {
      readonly type: 'service';
      readonly service: string;
      readonly when: AnnouncementSource['when'];
      readonly degradedBelowPercent: number;
      /** null: not known yet. */
      readonly fact: ServiceFact | null;
    }
);

const badness: Readonly<Record<Verdict, number>> = { up: 0, degraded: 1, unknown: 2, down: 3 };

export function worst(verdicts: readonly Verdict[]): Verdict {
  let found: Verdict = 'up';
  for (const one of verdicts) if (badness[one] > badness[found]) found = one;
  return found;
}

export function verdictOn(subject: AnnouncedAddress, facts: RoutingFacts): Verdict {
  return worst(findingsOn(subject, facts).map(({ verdict }) => verdict));
}

/** In the order in which an operator would ask. */
export function findingsOn(subject: AnnouncedAddress, facts: RoutingFacts): readonly Finding[] {
  const findings: Finding[] = [{ type: 'control', verdict: facts.isControlAlive ? 'up' : 'down' }];
  if (subject.needsDataplane) {
    const { isDataplaneUp: isUp } = facts;
    findings.push({ type: 'dataplane', verdict: isUp === null ? 'unknown' : upOrDown(isUp) });
  }
  const vrrp = holdersFinding(subject, facts);
  if (vrrp !== null) findings.push(vrrp);
  const asked = new Set<string>();
  for (const source of subject.sources) {
    for (const service of source.services) {
      const key = `${source.when} ${source.degradedBelowPercent} ${service}`;
      if (asked.has(key)) continue;
      asked.add(key);
      findings.push(serviceFinding(source, service, facts.services.get(service) ?? null));
    }
  }
  return findings;
}

function upOrDown(isUp: boolean): Verdict {
  return isUp ? 'up' : 'down';
}

/** `always` alone does not ask where the address is. */
function holdersFinding(
  { sources, holders, kind }: AnnouncedAddress,
  { masters }: RoutingFacts,
): Finding | null {
  const asks = kind === 'local' || sources.some(({ when }) => when !== 'always');
  if (!asks) return null;
  // `when master` of an address that no instance has: the configuration was complained of.
  const wantsMaster = sources.some(({ when }) => when === 'master');
  if (holders.length === 0) {
    return wantsMaster ? { type: 'vrrp', verdict: 'down', instances: [] } : null;
  }
  const instances = holders.map((name) => ({ name, isMaster: masters.get(name) ?? null }));
  const isHere = instances.some(({ isMaster }) => isMaster === true);
  const isKnown = instances.every(({ isMaster }) => isMaster !== null);
  const elsewhere: Verdict = isKnown ? 'down' : 'unknown';
  return { type: 'vrrp', verdict: isHere ? 'up' : elsewhere, instances };
}

function serviceFinding(
  { when, degradedBelowPercent }: AnnouncementSource,
  service: string,
  fact: ServiceFact | null,
): Finding {
  const verdict = fact === null ? unheard(when) : serviceVerdict(when, degradedBelowPercent, fact);
  return { type: 'service', service, when, degradedBelowPercent, fact, verdict };
}

function unheard(when: AnnouncementSource['when']): Verdict {
  return when === 'quorum' ? 'unknown' : 'up';
}

/** Where the quorum is not asked for, servers that are down still make the address a worse one. */
function serviceVerdict(
  when: AnnouncementSource['when'],
  degradedBelowPercent: number,
  { hasQuorum, hasSorryServer, serversUp, serversTotal }: ServiceFact,
): Verdict {
  if (!hasQuorum) return when === 'quorum' && !hasSorryServer ? 'down' : 'degraded';
  return serversUp * 100 < serversTotal * degradedBelowPercent ? 'degraded' : 'up';
}
