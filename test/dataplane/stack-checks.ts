// What must hold between real stacks in every mode of forwarding: large transfers both ways, paths
// with a smaller MTU found out, hops that expire and ports that are closed told to who asks.
import type { Test } from 'tap';
import type { DataplaneClient } from '../../src/dataplane/client.js';
import type { OpenOptions } from '../../src/dataplane/dataplane.js';
import type { Change } from '../../src/dataplane/state.js';
import { prefixOf } from './examples.js';
import { type End, type Family, families, type Stacks, virtual } from './stacks.js';
import { connect, sumOf } from './wires.js';

/** Who asks at which address; the port is that of HTTP and of UDP that answers. */
export type Flow = {
  readonly asking: End;
  readonly address: string;
  readonly port: number;
  /** Octets that packets grow by on their way: there, from IPv4 to IPv6, 20; else 0. */
  readonly growth: number;
  /** The address by which the one who answers knows the one who asks. */
  readonly knownAs: string;
};

/** Of a client to a virtual address. */
export function flow(from: Family, to: Family, port: number, knownAs: string): Flow {
  return { asking: 'client', address: virtual(from), port, growth: 10 * (to - from), knownAs };
}

function other(end: End): End {
  return end === 'client' ? 'server' : 'client';
}

/** A data plane with the changes; it holds the virtual addresses. */
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

export async function transfers(t: Test, stacks: Stacks, flow: Flow): Promise<void> {
  const { asking, address, port } = flow;
  t.equal(await stacks.download(asking, address, port), stacks.digest, 'a large download');
  t.equal(await stacks.upload(asking, address, port), stacks.digest, 'a large upload');
  const sizes = ['0', '1', '2', '17', '1400'];
  t.equal(stacks.probe(asking, 'echo', address, String(port), ...sizes), '', 'UDP');
}

/** The router before the one who asks carries 1400: the one who answers must hear of it. */
export async function smallerPathBack(
  t: Test,
  stacks: Stacks,
  flow: Flow,
  learnedMtu = 1400 + flow.growth,
): Promise<void> {
  stacks.setMtu(flow.asking, 1400);
  const digest = await stacks.download(flow.asking, flow.address, flow.port);
  t.equal(digest, stacks.digest, 'a download over a path with a smaller MTU');
  const learned = stacks.learnedMtu(other(flow.asking), flow.knownAs);
  t.equal(learned, learnedMtu, 'of which the other end was told');
  stacks.setMtu(flow.asking, null);
  stacks.forgetMtus();
}

/** The router before the one who answers carries 1400: the one who asks must hear of it. */
export async function smallerPathThere(
  t: Test,
  stacks: Stacks,
  flow: Flow,
  learnedMtu = 1400 - flow.growth,
): Promise<void> {
  stacks.setMtu(other(flow.asking), 1400);
  const posted = stacks.probe(flow.asking, 'post', flow.address, String(flow.port), '30000');
  t.equal(posted, '', 'whose very first segments are too large');
  stacks.forgetMtus();
  const digest = await stacks.upload(flow.asking, flow.address, flow.port);
  t.equal(digest, stacks.digest, 'an upload over a path with a smaller MTU');
  const learned = stacks.learnedMtu(flow.asking, flow.address);
  t.equal(learned, learnedMtu, 'of which this end was told');
  stacks.setMtu(other(flow.asking), null);
  stacks.forgetMtus();
}

/**
 * A path that carries no more than what IPv6 must be able to rely on: nothing smaller can be told
 * for what the data plane adds to segments.
 */
export function smallestPathThere(t: Test, stacks: Stacks, flow: Flow): void {
  stacks.setMtu(other(flow.asking), 1280 + flow.growth);
  const posted = stacks.probe(flow.asking, 'post', flow.address, String(flow.port), '30000');
  t.equal(posted, '', 'first segments over a path with the smallest MTU of IPv6');
  stacks.setMtu(other(flow.asking), null);
  stacks.forgetMtus();
}

/** Hops: 1 a router, 2 the data plane, 3 the other router; null: nobody need say it there. */
export function expiry(t: Test, stacks: Stacks, flow: Flow, here: string, behind?: string): void {
  t.equal(speakerAt(stacks, flow, 2), here, 'expired here: the data plane says so');
  if (behind === undefined) return;
  t.equal(speakerAt(stacks, flow, 3), behind, 'expired behind: said, too');
}

/** Who says that a datagram of so many hops expired. */
function speakerAt(stacks: Stacks, { asking, address, port }: Flow, hops: number): string {
  return stacks.probe(asking, 'expired', address, String(port), String(hops));
}

export function closedPort(t: Test, stacks: Stacks, { asking, address, port }: Flow): void {
  const said = stacks.probe(asking, 'refused', address, String(port));
  t.equal(said, '', 'the server closes its socket: who asks is told');
}

/**
 * Where workers and kernels share few CPUs, a queue overflows while the one who empties it waits
 * for its turn.
 */
const crowded: readonly string[] = ['drop_steer_full', 'drop_tx_full'];

/** One verdict for each packet, and no drops but those expected. */
export async function statistics(
  t: Test,
  dataplane: DataplaneClient,
  drops: readonly string[],
): Promise<void> {
  const expected = [...crowded, ...drops];
  const { workers } = (await dataplane.statistics())._unsafeUnwrap();
  for (const worker of workers) {
    t.equal(sumOf(worker), worker.rx, `worker ${worker.worker}: one verdict for each packet`);
    const others = Object.entries(worker.verdicts).filter(([name, count]) => {
      return name.startsWith('drop_') && count > 0 && !expected.includes(name);
    });
    t.same(others, [], 'and no drop that was not expected');
  }
}
