// NAT between real stacks: servers know clients by their own addresses, and answer through the data
// plane, as their way to everywhere leads there.
import t from 'tap';
import type { Change, Server } from '../../src/dataplane/state.js';
import { server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import { client, families, Stacks, server, surroundings, virtual, withWorkers } from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const flows = families.map((family): check.Flow => ({ from: family, to: family, port: 8000 }));

const changes = flows.flatMap(({ from, port }): Change[] => {
  const web = tcp(`${virtual(from)}:${port}`);
  const echo = udp(`${virtual(from)}:${port}`);
  const byNat = (one: Server): Server => ({ ...one, method: 'NAT' });
  return [
    { verb: 'add_service', service: service(web) },
    { verb: 'add_service', service: service(echo) },
    { verb: 'add_server', server: byNat(serverOf(web, `${server(from)}:8080`)) },
    { verb: 'add_server', server: byNat(serverOf(echo, `${server(from)}:${port}`)) },
  ];
});

t.test('NAT between kernels', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  const dataplane = await check.open(t, stacks, withWorkers(2), [...surroundings, ...changes]);
  const echoes = flows.map(({ to, port }) => ({ address: server(to), port }));
  await stacks.serve('server', [8080], echoes);
  for (const flow of flows) {
    await t.test(check.flowName(flow), async (t) => {
      await check.transfers(t, stacks, flow);
      await check.smallerPathToClient(t, stacks, flow, client(flow.from));
      await check.smallerPathToServer(t, stacks, flow);
      check.expiry(t, stacks, flow);
      check.closedPort(t, stacks, flow);
    });
  }
  await check.statistics(t, dataplane, []);
});
