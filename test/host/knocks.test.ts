import { once } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { HostFlows } from '../../src/host/flows.js';
import { Knocks } from '../../src/host/knocks.js';
import { openFlowTable } from '../../src/host/sockets.js';
import { ipAddress } from '../../src/net/address.js';
import type { FlowFailure, FlowSettings } from '../../src/ports/flows.js';
import { listening, plain } from './flow-peers.js';

const flows = new HostFlows();
t.teardown(() => flows.end());

function knock(settings: FlowSettings, timeoutMs = 5_000): Promise<FlowFailure | null> {
  return new Promise((resolve) => {
    let hasReturned = false;
    flows.knock(settings, timeoutMs, (failure) => {
      t.ok(hasReturned, 'never before it returns');
      resolve(failure);
    });
    hasReturned = true;
  });
}

t.test('a server that greets late sees a proper end of a knock', async (t) => {
  const seen: string[] = [];
  const { target } = await listening(t, (socket: Socket) => {
    socket.once('error', (error: NodeJS.ErrnoException) => seen.push(error.code ?? 'error'));
    socket.once('end', () => seen.push('ended'));
    socket.resume();
    setTimeout(() => socket.write('220 hello\r\n'.repeat(1000)), 100);
  });
  const settings = { ...plain, target };
  t.equal(await knock(settings), null);
  t.equal(await knock(settings), null, 'and again by the same settings');
  await waitFor('both ends', 5_000, () => seen.length === 2);
  t.same(seen, ['ended', 'ended']);
});

t.test('what refuses or cannot be', async (t) => {
  const { server, target } = await listening(t, () => {});
  server.close();
  await once(server, 'close');
  const settings = { ...plain, target };
  t.strictSame(await knock(settings), { type: 'refused' });
  const reason = 'Cannot assign requested address';
  const elsewhere = { ...settings, source: ipAddress('192.0.2.77') };
  t.strictSame(await knock(elsewhere), { type: 'failed', reason });
  t.match(await knock({ ...settings, target: { ...target, port: 70_000 } }), { type: 'failed' });
});

t.test('each has its own time', async (t) => {
  const opened = openFlowTable(() => {});
  if (opened.isErr()) throw new Error('no table');
  const table = opened.value;
  t.teardown(() => table.end());
  const { target } = await listening(t, () => {});
  const knocks = new Knocks(table);
  const settings = { ...plain, target };
  const ended: string[] = [];
  // No news reaches these knocks: all of them time out.
  const begin = (name: string, timeoutMs: number): void => {
    const startMs = performance.now();
    knocks.knock(settings, timeoutMs, (failure) => {
      ended.push(`${name} ${failure?.type}`);
      t.ok(performance.now() - startMs >= timeoutMs, 'not early');
    });
  };
  begin('long', 120);
  begin('short', 40);
  knocks.knock(settings, 40, () => begin('again', 40));
  await new Promise((resolve) => setTimeout(resolve, 20));
  begin('second', 40);
  await waitFor('all ends', 5_000, () => ended.length === 4);
  t.equal(ended[0], 'short timed_out');
  t.same(ended.toSorted(), [
    'again timed_out',
    'long timed_out',
    'second timed_out',
    'short timed_out',
  ]);
});
