// Forwarding by the routes alone, between real stacks: what is for nobody here goes on, unchanged.
import t from 'tap';
import { settingsDefaults } from '../../src/net/settings.js';
import * as check from './stack-checks.js';
import {
  client,
  type Family,
  families,
  far,
  dataplane as own,
  Stacks,
  server,
  surroundings,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';

const flowOf = (family: Family): check.Flow => {
  const address = server(family);
  return { asking: 'client', address, port: 8000, growth: 0, knownAs: client(family) };
};

t.test('forwarding between kernels', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  const dataplane = await check.open(t, stacks, withWorkers(1), surroundings);
  const echoes = families.map((family) => ({ address: server(family), port: 8000 }));
  await stacks.serve('server', [8000], echoes);
  const closed = await stacks.download('client', server(4), 8000, 1);
  t.not(closed, stacks.digest, 'nothing goes on unless that is wished');
  const settings = { ...settingsDefaults, forwardsIpv4: true, forwardsIpv6: true };
  const set = await dataplane.apply([{ verb: 'set_settings', settings }]);
  t.same(set._unsafeUnwrap(), []);
  for (const family of families) {
    await t.test(`IPv${family}`, async (t) => {
      const flow = flowOf(family);
      await check.transfers(t, stacks, flow);
      await check.smallerPathBack(t, stacks, flow);
      await check.smallerPathThere(t, stacks, flow);
      check.expiry(t, stacks, flow, own(family), far(family));
      t.equal(stacks.probe('client', 'ping', server(family)), '', 'ping');
      check.closedPort(t, stacks, flow);
    });
  }
  await check.statistics(t, dataplane, []);
});
