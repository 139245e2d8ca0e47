// Servers change among ten thousand services while traffic runs: no packet is lost, and a change
// takes milliseconds.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { pause, plainly } from '../../scripts/lab/namespaces.js';
import type { DataplaneClient } from '../../src/dataplane/client.js';
import type { AddressKey, Change, Server } from '../../src/dataplane/state.js';
import { local as localUse, server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import { local, peers, Stacks, server, surroundings, virtual, withWorkers } from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const servicesCount = 10_000;
const changesCount = 100;
const batch = 4000;
const echo = udp(`${virtual(4)}:7000`);

/** All on one address, at ports of their own. */
const others = Array.from({ length: servicesCount - 1 }, (_, index) => {
  return tcp(`${virtual(4)}:${10_000 + index}`);
});

function begin(key: AddressKey): Change[] {
  return [
    { verb: 'add_service', service: service(key, 'wrr') },
    { verb: 'add_local_address', localAddress: localUse(key, local(4)) },
    { verb: 'add_server', server: serverOf(key, `${server(4)}:7000`) },
  ];
}

/** Weights of others; of the service that has the traffic, servers come and go, too. */
function changeAt(index: number): Change {
  const other = others[(index * 7919) % others.length] ?? echo;
  const altered = index % 2 === 0 ? echo : other;
  const second: Server = { ...serverOf(echo, `${server(4)}:7001`), weight: 0 };
  if (index % 6 === 2) return { verb: 'add_server', server: second };
  if (index % 6 === 4) return { verb: 'remove_server', server: second };
  return { verb: 'alter_server', server: serverOf(altered, `${server(4)}:7000`, 1 + index) };
}

/** How long each took as whoever sends it sees it, ascending. */
async function changeAll(t: Test, dataplane: DataplaneClient): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < changesCount; index++) {
    const sentMs = performance.now();
    const failures = (await dataplane.apply([changeAt(index)]))._unsafeUnwrap();
    tookMs.push(performance.now() - sentMs);
    if (failures.length > 0) t.fail('a change was refused', { failures });
    await pause(20);
  }
  return tookMs.sort((left, right) => left - right);
}

t.test('changes among ten thousand services', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  const dataplane = await check.open(t, stacks, withWorkers(1), surroundings);
  const all = [echo, ...others].flatMap(begin);
  for (let first = 0; first < all.length; first += batch) {
    const failures = await dataplane.apply(all.slice(first, first + batch));
    t.same(failures._unsafeUnwrap(), [], 'services are taken');
  }
  await stacks.serve('server', [], [{ address: server(4), port: 7000 }]);
  t.equal(stacks.probe('client', 'echo', virtual(4), '7000', '1'), '', 'traffic passes');
  const place = ['netns', 'exec', stacks.namespaces.fullName('client'), ...plainly];
  const words = ['python3', join(peers, 'probe.py'), 'stream', virtual(4), '7000'];
  const stream = spawn('ip', [...place, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  stacks.namespaces.adopt(stream.pid ?? 0);
  let said = '';
  stream.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const ended = once(stream, 'close');
  const tookMs = await changeAll(t, dataplane);
  stream.stdin.end('\n');
  await ended;
  const [sent = 0, lost = -1] = said.split(' ').map(Number);
  const at = (share: number): number => tookMs[Math.floor(tookMs.length * share)] ?? 0;
  const figures = [0.5, 0.9, 0.999].map((share) => at(share).toFixed(2)).join(', ');
  t.comment(`${sent} datagrams; a change took ${figures} ms (median, 90 %, worst)`);
  t.ok(sent > 10 * changesCount, 'traffic ran meanwhile');
  t.equal(lost, 0, 'every datagram was answered');
  // 1.5 ms on a quiet machine; a change that looks at every service would take far more.
  t.ok(at(0.5) <= 50, 'a change does not take the longer the more services there are');
  await check.statistics(t, dataplane, []);
});
