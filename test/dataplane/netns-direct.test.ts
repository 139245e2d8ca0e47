// DR between real stacks: the data plane and the server share a segment and the virtual address,
// which the server does not say it has; it answers the client directly.
import t from 'tap';
import type { Change, Server } from '../../src/dataplane/state.js';
import { server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import {
  client,
  type Family,
  families,
  host,
  near,
  Stacks,
  surroundings,
  virtual,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const flowOf = (family: Family): check.Flow => check.flow(family, family, 8080, client(family));

const changes = families.flatMap((family): Change[] => {
  return [tcp(`${virtual(family)}:8080`), udp(`${virtual(family)}:8080`)].flatMap((key) => {
    const server: Server = { ...serverOf(key, `${host(1, 10, family)}:0`), method: 'DR' };
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
  const echoes = families.map((family) => ({ address: virtual(family), port: 8080 }));
  await stacks.serve('server', [8080], echoes);
  for (const family of families) {
    await t.test(`IPv${family}`, async (t) => {
      const flow = flowOf(family);
      await check.transfers(t, stacks, flow);
      await check.smallerPathBack(t, stacks, flow);
      check.expiry(t, stacks, flow, flow.address);
      check.closedPort(t, stacks, flow);
    });
  }
  await check.statistics(t, dataplane, []);
});
