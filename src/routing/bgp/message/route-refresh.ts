// ROUTE-REFRESH (RFC 2918): send everything of a family again; marked at both ends when that was
// agreed (RFC 7313). Filters inside of it (RFC 5291) are not offered by us and not looked at.
import { err, ok, type Result } from 'neverthrow';
import { familyCode, familyFromCodes } from './family-code.js';
import { framed, headerOctets, messageError, u16At } from './header.js';
import type { MessageError, RouteRefresh } from './message.js';
import type { SessionTerms } from './session-terms.js';

const bodyOctets = 4;
const phases: readonly RouteRefresh['phase'][] = ['request', 'begin', 'end'];

export function encodeRouteRefresh(
  refresh: Pick<RouteRefresh, 'phase'> & { readonly family: 'ipv4' | 'ipv6' },
): Uint8Array {
  const { afi, safi } = familyCode(refresh.family);
  const subtype = phases.indexOf(refresh.phase);
  return framed('route_refresh', Uint8Array.of(afi >> 8, afi, subtype, safi));
}

/** `message` is whole and its header right. */
export function decodeRouteRefresh(
  message: Uint8Array,
  terms: Pick<SessionTerms, 'hasEnhancedRouteRefresh'>,
): Result<RouteRefresh, MessageError> {
  const body = message.subarray(headerOctets);
  const family = familyFromCodes(u16At(body, 0), body[3] ?? 0);
  // Of RFC 2918 the octet is reserved and means nothing.
  const subtype = terms.hasEnhancedRouteRefresh ? (body[2] ?? 0) : 0;
  const phase = phases[subtype];
  // RFC 7313 section 5: a subtype that we do not know is ignored, as a family would be.
  if (phase === undefined) return ok({ type: 'route_refresh', family: null, phase: 'request' });
  if (phase !== 'request' && body.length !== bodyOctets) {
    const reason = `the ${phase} of a route refresh with ${body.length} octets`;
    return err(messageError(7, 1, reason, message));
  }
  return ok({ type: 'route_refresh', family, phase });
}
