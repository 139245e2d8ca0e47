// Fetches a page and sums it up.
import { err, ok, type Result } from 'neverthrow';
import { noTlsIdentity } from '../../config/checker.js';
import { connectFault, exchanged } from '../../health/http/exchange.js';
import { requestFor } from '../../health/http/request.js';
import { Response } from '../../health/http/response.js';
import type { Clock } from '../../ports/clock.js';
import type { Flows } from '../../ports/flows.js';
import type { HashRequest } from './arguments.js';
import type { HashedPage } from './print.js';

/** The error is a sentence. */
export async function hashedPage(
  wanted: HashRequest,
  flows: Flows,
  clock: Clock,
): Promise<Result<HashedPage, string>> {
  const { target, mark, isTls, serverName, timeoutMs, path, algorithm, isVerbose } = wanted;
  const startMs = clock.nowMs();
  const tls = isTls ? { serverName, identity: noTlsIdentity } : null;
  const from = { source: null, sourcePort: null, sourceInterface: null };
  const opened = await flows.open({ protocol: 'tcp', target, mark, tls, ...from }, timeoutMs);
  if (opened.type !== 'opened') return err(connectFault(opened));
  const response = new Response({ algorithm, isMatched: isVerbose });
  const request = requestFor(wanted);
  const exchange = { request, response, timeoutMs, needsCleanEnd: false };
  const fault = await exchanged(opened.flow, clock, exchange);
  opened.flow.close();
  if (fault !== null) return err(fault);
  const { headBytes, octets } = response;
  if (headBytes === 0) return err('no data received from remote webserver');
  const seen = isVerbose
    ? { head: octets.subarray(0, headBytes), page: octets.subarray(headBytes) }
    : null;
  return ok({ path, digits: response.digits, seen, tookMs: clock.nowMs() - startMs });
}
