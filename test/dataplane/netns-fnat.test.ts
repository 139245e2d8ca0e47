// FNAT between real stacks, in every combination of families: the client's, the server's.
import t from 'tap';
import type { Change } from '../../src/dataplane/state.js';
import { local as localUse, server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import { families, local, Stacks, server, surroundings, virtual, withWorkers } from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';

const flows = families.flatMap((from) => {
  return families.map((to): check.Flow => ({ from, to, port: 8000 + from * 10 + to }));
});

const changes = flows.flatMap(({ from, to, port }): Change[] => {
  const web = tcp(`${virtual(from)}:${port}`);
  const echo = udp(`${virtual(from)}:${port}`);
  return [
    ...[web, echo].flatMap((key): Change[] => [
      { verb: 'add_service', service: service(key) },
      { verb: 'add_local_address', localAddress: localUse(key, local(to)) },
    ]),
    { verb: 'add_server', server: serverOf(web, `${server(to)}:8080`) },
    { verb: 'add_server', server: serverOf(echo, `${server(to)}:${port}`) },
  ];
});

t.test('FNAT between kernels', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  const dataplane = await check.open(t, stacks, withWorkers(2), [...surroundings, ...changes]);
  const echoes = flows.map(({ to, port }) => ({ address: server(to), port }));
  await stacks.serve('server', [8080], echoes);
  for (const flow of flows) {
    await t.test(check.flowName(flow), async (t) => {
      await check.transfers(t, stacks, flow);
      await check.smallerPathToClient(t, stacks, flow, local(flow.to));
      await check.smallerPathToServer(t, stacks, flow);
      check.expiry(t, stacks, flow);
      check.closedPort(t, stacks, flow);
    });
  }
  await check.statistics(t, dataplane, []);
});
