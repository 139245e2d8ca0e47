// FNAT between real stacks, in every combination of families: the client's, the server's.
import t from 'tap';
import type { Change } from '../../src/dataplane/state.js';
import { local as localUse, server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import {
  type Family,
  families,
  local,
  Stacks,
  server,
  surroundings,
  virtual,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';

type Pair = check.Flow & { readonly from: Family; readonly to: Family };

const flows = families.flatMap((from) => {
  return families.map((to): Pair => {
    return { from, to, ...check.flow(from, to, 8000 + from * 10 + to, local(to)) };
  });
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
    await t.test(`a client of IPv${flow.from}, a server of IPv${flow.to}`, async (t) => {
      await check.transfers(t, stacks, flow);
      await check.smallerPathBack(t, stacks, flow);
      await check.smallerPathThere(t, stacks, flow);
      if (flow.from === 6) check.smallestPathThere(t, stacks, flow);
      // The client knows nothing of the routers behind.
      check.expiry(t, stacks, flow, flow.address, flow.address);
      check.closedPort(t, stacks, flow);
    });
  }
  await check.statistics(t, dataplane, []);
});
