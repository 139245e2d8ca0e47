import t from 'tap';
import { connectFault, exchanged } from '../../../src/health/http/exchange.js';
import { Response } from '../../../src/health/http/response.js';
import type { Flow, FlowFailure } from '../../../src/ports/flows.js';
import { SimulatedClock } from '../../sim/clock.js';

async function sendFails(failure: FlowFailure): Promise<string | null> {
  const flow: Flow = {
    send: () => Promise.resolve(failure),
    receive: () => Promise.resolve({ type: 'ended', isClean: true }),
    close: () => {},
  };
  const response = new Response({ algorithm: null, isMatched: false });
  const request = new Uint8Array(1);
  const exchange = { request, response, timeoutMs: 10, needsCleanEnd: false };
  return exchanged(flow, new SimulatedClock(), exchange);
}

t.test('a request that cannot be sent', async (t) => {
  t.equal(await sendFails({ type: 'timed_out' }), 'Timeout WEB write');
  t.equal(await sendFails({ type: 'refused' }), 'Write error');
  t.equal(await sendFails({ type: 'failed', reason: 'Broken pipe' }), 'Write error: Broken pipe');
});

t.test('connections that fail', (t) => {
  t.equal(connectFault({ type: 'timed_out' }), 'Timeout connecting');
  t.equal(connectFault({ type: 'refused' }), 'Connection failed');
  t.equal(connectFault({ type: 'failed', reason: 'x' }), 'Connection failed: x');
  t.end();
});
