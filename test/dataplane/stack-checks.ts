// What must hold between real stacks in every mode of forwarding: large transfers both ways, paths
// with a smaller MTU found out, hops that expire and ports that are closed told to the client.
import type { Test } from 'tap';
import type { DataplaneClient } from '../../src/dataplane/client.js';
import type { OpenOptions } from '../../src/dataplane/dataplane.js';
import type { Change } from '../../src/dataplane/state.js';
import { prefixOf } from './examples.js';
import { type Family, families, type Stacks, virtual } from './stacks.js';
import { connect, sumOf } from './wires.js';

/** A client of one family, a server of perhaps the other; service and UDP server at this port. */
export type Flow = { readonly from: Family; readonly to: Family; readonly port: number };

export function flowName({ from, to }: Flow): string {
  return `a client of IPv${from}, a server of IPv${to}`;
}

/** What a packet is longer by on the server's side. */
function growth({ from, to }: Flow): number {
  return 10 * (to - from);
}

export async function open(
  t: Test,
  stacks: Stacks,
  options: OpenOptions,
  changes: readonly Change[],
): Promise<DataplaneClient> {
  stacks.start();
  const dataplane = await connect(t, stacks);
  t.teardown(() => dataplane.disconnect());
  (await dataplane.open(options))._unsafeUnwrap();
  t.same((await dataplane.apply(changes))._unsafeUnwrap(), [], 'every change is taken');
  for (const family of families) {
    const held = prefixOf(`${virtual(family)}/${family === 4 ? 32 : 128}`);
    (await dataplane.lease('VI_1', 'dpdk0', [held], null))._unsafeUnwrap();
  }
  return dataplane;
}

export async function transfers(t: Test, stacks: Stacks, { from, port }: Flow): Promise<void> {
  const to = virtual(from);
  t.equal(await stacks.download('client', to, port), stacks.digest, 'a large download');
  t.equal(await stacks.upload('client', to, port), stacks.digest, 'a large upload');
  const sizes = ['0', '1', '2', '17', '1400'];
  t.equal(stacks.probe('client', 'echo', to, String(port), ...sizes), '', 'UDP');
}

/** The router before the client carries 1400: the server must hear of it. */
export async function smallerPathToClient(
  t: Test,
  stacks: Stacks,
  flow: Flow,
  seenByServer: string,
): Promise<void> {
  stacks.setMtu('near', 1400);
  const digest = await stacks.download('client', virtual(flow.from), flow.port);
  t.equal(digest, stacks.digest, 'a download over a path with a smaller MTU');
  const learned = stacks.learnedMtu('server', seenByServer);
  t.equal(learned, 1400 + growth(flow), 'which the server has learned');
  stacks.setMtu('near', null);
  stacks.forgetMtus();
}

/** The router before the server carries 1400: the client must hear of it. */
export async function smallerPathToServer(t: Test, stacks: Stacks, flow: Flow): Promise<void> {
  stacks.setMtu('far', 1400);
  const digest = await stacks.upload('client', virtual(flow.from), flow.port);
  t.equal(digest, stacks.digest, 'an upload over a path with a smaller MTU');
  const learned = stacks.learnedMtu('client', virtual(flow.from));
  t.equal(learned, 1400 - growth(flow), 'which the client has learned');
  stacks.setMtu('far', null);
  stacks.forgetMtus();
}

/** Hops: 1 near, 2 the data plane, 3 far. Of the far one's address the client knows nothing. */
export function expiry(t: Test, stacks: Stacks, flow: Flow): void {
  expiryHere(t, stacks, flow);
  t.equal(speakerAt(stacks, flow, 3), virtual(flow.from), 'expired behind: said in its place');
}

export function expiryHere(t: Test, stacks: Stacks, flow: Flow): void {
  const said = speakerAt(stacks, flow, 2);
  t.equal(said, virtual(flow.from), 'expired here: the data plane says so');
}

/** Who tells the client that its datagram of so many hops expired. */
function speakerAt(stacks: Stacks, { from, port }: Flow, hops: number): string {
  return stacks.probe('client', 'expired', virtual(from), String(port), String(hops));
}

export function closedPort(t: Test, stacks: Stacks, { from, port }: Flow): void {
  const said = stacks.probe('client', 'refused', virtual(from), String(port));
  t.equal(said, '', 'the server closes its socket: the client is told');
}

/** One verdict for each packet, and no drops but those expected. */
export async function statistics(
  t: Test,
  dataplane: DataplaneClient,
  expected: readonly string[],
): Promise<void> {
  const { workers } = (await dataplane.statistics())._unsafeUnwrap();
  for (const worker of workers) {
    t.equal(sumOf(worker), worker.rx, `worker ${worker.worker}: one verdict for each packet`);
    const drops = Object.entries(worker.verdicts).filter(([name, count]) => {
      return name.startsWith('drop_') && count > 0 && !expected.includes(name);
    });
    t.same(drops, [], 'and no drop that was not expected');
  }
}
