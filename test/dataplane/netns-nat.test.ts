// NAT between real stacks: servers know clients by their own addresses, and answer through the data
// plane, as their way to everywhere leads there.
import t from 'tap';
import type { Change, Server } from '../../src/dataplane/state.js';
import { server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import {
  client,
  type Family,
  families,
  Stacks,
  server,
  surroundings,
  virtual,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const flowOf = (family: Family): check.Flow => check.flow(family, family, 8000, client(family));

const changes = families.flatMap((family): Change[] => {
  const web = tcp(`${virtual(family)}:8000`);
  const echo = udp(`${virtual(family)}:8000`);
  const byNat = (one: Server): Server => ({ ...one, method: 'NAT' });
  return [
    { verb: 'add_service', service: service(web) },
    { verb: 'add_service', service: service(echo) },
    { verb: 'add_server', server: byNat(serverOf(web, `${server(family)}:8080`)) },
    { verb: 'add_server', server: byNat(serverOf(echo, `${server(family)}:8000`)) },
  ];
});

t.test('NAT between kernels', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  const dataplane = await check.open(t, stacks, withWorkers(2), [...surroundings, ...changes]);
  const echoes = families.map((family) => ({ address: server(family), port: 8000 }));
  await stacks.serve('server', [8080], echoes);
  for (const family of families) {
    await t.test(`IPv${family}`, async (t) => {
      const flow = flowOf(family);
      await check.transfers(t, stacks, flow);
      await check.smallerPathBack(t, stacks, flow);
      await check.smallerPathThere(t, stacks, flow);
      // The client knows nothing of the routers behind.
      check.expiry(t, stacks, flow, flow.address, flow.address);
      check.closedPort(t, stacks, flow);
    });
  }
  await check.statistics(t, dataplane, []);
});
