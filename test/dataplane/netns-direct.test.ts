// DR between real stacks: the data plane and the server share a segment and the virtual address,
// which the server does not say it has; it answers the client directly.
import t from 'tap';
import type { Change, Server } from '../../src/dataplane/state.js';
import { server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import {
  client,
  families,
  host,
  near,
  Stacks,
  surroundings,
  virtual,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const flows = families.map((family): check.Flow => ({ from: family, to: family, port: 8080 }));

const changes = flows.flatMap(({ from, port }): Change[] => {
  return [tcp(`${virtual(from)}:${port}`), udp(`${virtual(from)}:${port}`)].flatMap((key) => {
    const server: Server = { ...serverOf(key, `${host(1, 10, from)}:0`), method: 'DR' };
    return [
      { verb: 'add_service', service: service(key) },
      { verb: 'add_server', server },
    ];
  });
});

/** The server has the virtual addresses, silently, and a way of its own to the client. */
function shareAddresses(stacks: Stacks): void {
  stacks.sysctl('server', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2');
  for (const family of families) {
    stacks.addAddress('server', 'lo', `${virtual(family)}/${family === 4 ? 32 : 128}`);
    stacks.addRoute('server', family, 'default', near(family));
  }
}

t.test('DR between kernels', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  shareAddresses(stacks);
  const dataplane = await check.open(t, stacks, withWorkers(2), [...surroundings, ...changes]);
  const echoes = flows.map(({ from, port }) => ({ address: virtual(from), port }));
  await stacks.serve('server', [8080], echoes);
  for (const flow of flows) {
    await t.test(check.flowName(flow), async (t) => {
      await check.transfers(t, stacks, flow);
      await check.smallerPathToClient(t, stacks, flow, client(flow.from));
      check.expiryHere(t, stacks, flow);
      check.closedPort(t, stacks, flow);
    });
  }
  await check.statistics(t, dataplane, []);
});
