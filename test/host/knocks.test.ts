import { once } from 'node:events';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { HostFlows } from '../../src/host/flows.js';
import { Knocks } from '../../src/host/knocks.js';
import { type FlowTable, flowNews, openFlowTable } from '../../src/host/sockets.js';
import { type Endpoint, ipAddress } from '../../src/net/address.js';
import type { FlowFailure, FlowSettings } from '../../src/ports/flows.js';
import { listening, plain } from './flow-peers.js';

const { errno } = constants;
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

/** Each knock's flow is the number of its settings and 1000; settings of port 1 fail. */
class CountingTable implements FlowTable {
  readonly calls: number[][] = [];
  readonly closed: number[] = [];
  readonly #ports: number[] = [];

  prepareKnock({ port }: Endpoint): number {
    return port === 0 ? -errno.EACCES : this.#ports.push(port) - 1;
  }

  knock(numbers: Int32Array, count: number): void {
    this.calls.push([...numbers.subarray(0, count)]);
    for (const [index, number] of numbers.subarray(0, count).entries()) {
      numbers[index] = this.#ports[number] === 1 ? -errno.EMFILE : 1000 + number;
    }
  }

  close(flow: number): void {
    this.closed.push(flow);
  }

  open = (): number => 0;
  forgetKnock = (): void => {};
  send = (): number => 0;
  receive = (): number => 0;
  end = (): void => {};
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('what begins in one turn begins with one call, in order, 256 at most', async (t) => {
  const table = new CountingTable();
  const knocks = new Knocks(table);
  const ended: string[] = [];
  const settings = [2, 3, 1, 4, 0].map((port) => ({
    ...plain,
    target: { address: ipAddress('192.0.2.1'), port },
  }));
  const knockAll = (): void => {
    for (const one of settings) {
      const { port } = one.target;
      knocks.knock(one, 5_000, (failure) => {
        ended.push(`${port} ${failure?.type === 'failed' ? failure.reason : failure?.type}`);
        if (port === 1) knocks.knock({ ...one }, 5_000, () => ended.push('again'));
      });
    }
    t.same(ended.splice(0), [], 'nothing before it returns');
  };
  knockAll();
  await turn();
  t.same(table.calls.splice(0), [[0, 1, 2, 3], [4]], 'a knock on being told is for the next call');
  t.same(ended.splice(0), ['1 Too many open files', '0 Permission denied', 'again']);
  t.ok(knocks.happened(1003, flowNews.opened, 0));
  t.ok(knocks.happened(1000, flowNews.failed, errno.ECONNREFUSED));
  t.notOk(knocks.happened(1000, flowNews.opened, 0), 'told once');
  t.notOk(knocks.happened(3, flowNews.opened, 0), 'no flow');
  t.ok(knocks.happened(1001, flowNews.opened, 0));
  t.same(ended.splice(0), ['4 undefined', '2 refused', '3 undefined']);
  knockAll();
  await turn();
  t.same(table.calls.splice(0)[0], [0, 1, 2, 3], 'prepared once');
  for (const flow of [1000, 1001, 1003]) t.ok(knocks.happened(flow, flowNews.opened, 0));

  const many = { ...plain, target: { address: ipAddress('192.0.2.2'), port: 1 } };
  let failures = 0;
  for (let count = 0; count < 600; count++) knocks.knock(many, 5_000, () => failures++);
  await turn();
  t.same(
    table.calls.map(({ length }) => length),
    [256, 256, 88],
  );
  t.equal(failures, 600);
  t.same(table.closed, [], 'nothing timed out');
});

t.test('numbers of settings', (t) => {
  const table = openFlowTable(() => {})._unsafeUnwrap();
  const prepare = (host: number): number =>
    table.prepareKnock({ address: ipAddress(`127.0.0.${host}`), port: 9 }, null, null, null, 0);
  const [one, two] = [prepare(1), prepare(2)];
  t.not(one, two);
  table.forgetKnock(one);
  table.forgetKnock(one);
  table.forgetKnock(77);
  const numbers = Int32Array.of(one, -3, 77, 5);
  table.knock(numbers, 3);
  t.same([...numbers], [-errno.EINVAL, -errno.EINVAL, -errno.EINVAL, 5], 'no further');
  t.equal(prepare(3), one, 'is used again');
  t.throws(() => table.knock(numbers, 5), TypeError);
  t.throws(() => table.knock(new Uint8Array(4) as unknown as Int32Array, 1), TypeError);
  table.end();
  numbers[0] = two;
  table.knock(numbers, 1);
  t.equal(numbers[0], -errno.EBADF);
  t.equal(prepare(4), -errno.EBADF);
  t.end();
});
