// What two OPEN messages agree on (RFC 4271 section 6.2, 5492, 6286, 6793), or the NOTIFICATION
// that refuses the neighbour's. Our own OPEN is made here, too.
import { err, ok, type Result } from 'neverthrow';
import type { IpAddress } from '../../net/address.js';
import type { BgpSettings } from './effect.js';
import type { Capability, MessageError, Open } from './message/message.js';
import {
  asOf,
  asTrans,
  badIdentifier,
  badPeerAs,
  twoOctetAs,
  unacceptableHoldTime,
  unsupportedCapability,
} from './message/open.js';
import { agreedTerms, type SessionTerms } from './message/session-terms.js';

export type Negotiated = {
  readonly remoteAs: number;
  readonly remoteIdentifier: IpAddress;
  /** The lesser of both; 0: none. */
  readonly holdMs: number;
  /** 0: none are sent. */
  readonly keepaliveMs: number;
  readonly terms: SessionTerms;
  /** Of the neighbour, when both offer it. */
  readonly gracefulRestart: Extract<Capability, { type: 'graceful_restart' }> | null;
  /** As the neighbour calls itself. */
  readonly remoteHost: string | null;
};

const unset = '0.0.0.0';

export function ourOpen(settings: BgpSettings): Open {
  const { neighbor, localAs, identifier, memory } = settings;
  return {
    type: 'open',
    as: twoOctetAs(localAs),
    holdS: Math.floor(neighbor.holdMs / 1000),
    identifier,
    capabilities: memory.offersCapabilities ? ourCapabilities(settings) : [],
  };
}

function ourCapabilities(settings: BgpSettings): Capability[] {
  const { neighbor, localAs, hostName } = settings;
  const offered: Capability[] = neighbor.families.map((family) => ({
    type: 'multiprotocol',
    family,
  }));
  offered.push({ type: 'route_refresh' }, { type: 'enhanced_route_refresh' });
  offered.push({ type: 'extended_message' }, { type: 'four_octet_as', as: localAs });
  if (neighbor.hasExtendedNextHop) offered.push({ type: 'extended_next_hop' });
  if (neighbor.gracefulRestartS !== null) {
    offered.push(gracefulRestart(settings, neighbor.gracefulRestartS));
  }
  if (hostName !== '') offered.push({ type: 'fqdn', host: hostName, domain: '' });
  return offered;
}

function gracefulRestart(settings: BgpSettings, restartS: number): Capability {
  const { neighbor, memory, isForwarding } = settings;
  return {
    type: 'graceful_restart',
    isRestarting: memory.isRestarting,
    hasNotification: true,
    restartS,
    families: neighbor.families.map((family) => ({ family, isForwarding })),
  };
}

export function negotiate(settings: BgpSettings, open: Open): Result<Negotiated, MessageError> {
  const fault = identityFault(settings, open) ?? holdFault(open);
  if (fault !== null) return err(fault);
  const terms = agreedTerms(ourOpen(settings), open);
  if (terms.families.length === 0) return err(noFamily(settings));
  const { neighbor } = settings;
  const holdMs = Math.min(neighbor.holdMs, open.holdS * 1000);
  const restart = find(open, 'graceful_restart');
  return ok({
    remoteAs: asOf(open),
    remoteIdentifier: open.identifier,
    holdMs,
    keepaliveMs: keepaliveOf(neighbor.keepaliveMs, holdMs),
    terms,
    gracefulRestart: neighbor.gracefulRestartS === null ? null : (restart ?? null),
    remoteHost: find(open, 'fqdn')?.host ?? null,
  });
}

function find<T extends Capability['type']>(
  { capabilities }: Open,
  type: T,
): Extract<Capability, { readonly type: T }> | undefined {
  return capabilities.find(
    (one): one is Extract<Capability, { readonly type: T }> => one.type === type,
  );
}

function identityFault(settings: BgpSettings, open: Open): MessageError | null {
  const { neighbor, localAs, identifier } = settings;
  const as = asOf(open);
  const isExpected = neighbor.remoteAs === 'external' ? as !== localAs : as === neighbor.remoteAs;
  const isTold = open.as === as || open.as === asTrans;
  if (as === 0 || as === asTrans || !isExpected || !isTold) {
    const wanted = neighbor.remoteAs === 'external' ? 'another than ours' : neighbor.remoteAs;
    return badPeerAs(`its AS is ${as}, expected is ${wanted}`);
  }
  if (open.identifier === unset) return badIdentifier('its BGP identifier is 0.0.0.0');
  // RFC 6286: unique inside one AS alone.
  if (as === localAs && open.identifier === identifier) {
    return badIdentifier(`its BGP identifier is ours, ${identifier}`);
  }
  return null;
}

function holdFault({ holdS }: Open): MessageError | null {
  return holdS === 1 || holdS === 2 ? unacceptableHoldTime(holdS) : null;
}

/** RFC 5492 section 5: the data are the capabilities that we miss. */
function noFamily({ neighbor }: BgpSettings): MessageError {
  return unsupportedCapability(
    neighbor.families.map((family) => ({ type: 'multiprotocol', family })),
  );
}

/** RFC 4271 section 4.4: a third of the hold time at most, not more often than each second. */
function keepaliveOf(configuredMs: number, holdMs: number): number {
  if (holdMs === 0) return 0;
  const third = Math.floor(holdMs / 3);
  return Math.max(1000, configuredMs === 0 ? third : Math.min(configuredMs, third));
}
