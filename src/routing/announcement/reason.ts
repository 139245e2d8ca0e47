// Facts as sentences: what `keelson why` prints and what the log gives as a reason.
import type { Finding, Verdict } from './verdict.js';

export function findingText(finding: Finding): string {
  switch (finding.type) {
    case 'control':
      return finding.verdict === 'up'
        ? 'the daemon decides'
        : 'the control thread does not answer: nothing that is known can be relied on';
    case 'dataplane':
      return byVerdict(finding.verdict, 'the data plane is up', 'the data plane is down', {
        unknown: 'the data plane was not heard of yet',
      });
    case 'vrrp':
      return vrrpText(finding);
    case 'service':
      return serviceText(finding);
  }
}

/** Of the worst of them; null: nothing is against it. */
export function reasonOf(findings: readonly Finding[]): string | null {
  for (const verdict of ['down', 'unknown', 'degraded'] as const) {
    const found = findings.find((one) => one.verdict === verdict);
    if (found !== undefined) return findingText(found);
  }
  return null;
}

function byVerdict(
  verdict: Verdict,
  up: string,
  down: string,
  { unknown }: { readonly unknown: string },
): string {
  if (verdict === 'unknown') return unknown;
  return verdict === 'up' ? up : down;
}

function vrrpText({ instances }: Extract<Finding, { type: 'vrrp' }>): string {
  if (instances.length === 0) return 'no vrrp_instance has the address, so none is MASTER of it';
  const states = instances.map(({ name, isMaster }) => {
    if (isMaster === null) return `vrrp_instance ${name} was not heard of yet`;
    return `vrrp_instance ${name} is ${isMaster ? 'MASTER' : 'not MASTER'}`;
  });
  return states.join(', ');
}

function serviceText(finding: Extract<Finding, { type: 'service' }>): string {
  const { service, fact, when, degradedBelowPercent } = finding;
  const name = `virtual_server ${service}`;
  if (fact === null) {
    return when === 'quorum'
      ? `${name} was not heard of yet`
      : `${name} was not heard of yet, which does not matter with "when ${when}"`;
  }
  const servers = `${fact.serversUp} of ${fact.serversTotal} servers up`;
  if (!fact.hasQuorum) {
    const sorry = fact.hasSorryServer ? ', its sorry server answers' : '';
    return `${name} has no quorum: ${servers}${sorry}`;
  }
  const below = finding.verdict === 'degraded' ? `, below ${degradedBelowPercent} %` : '';
  return `${name} has its quorum: ${servers}${below}`;
}
