// SNAT between real stacks: what is inside, behind the far router, speaks to the outside by
// addresses of the data plane, which alone the outside knows; and nobody outside gets in.
import t, { type Test } from 'tap';
import type { Change, MatchKey } from '../../src/dataplane/state.js';
import { ipAddress } from '../../src/net/address.js';
import { type Protocol, serverDefaults, serviceDefaults } from '../../src/net/service.js';
import { address } from './examples.js';
import * as check from './stack-checks.js';
import {
  client,
  type Family,
  families,
  host,
  near,
  Stacks,
  server,
  surroundings,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const pool = (family: Family): string => host(1, 150, family);

function protocolsOf(family: Family): Protocol[] {
  return ['TCP', 'UDP', family === 4 ? 'ICMP' : 'ICMPV6'];
}

/** What comes from network 3 and leaves through dpdk0. */
function outbound(family: Family, protocol: Protocol): MatchKey {
  const addresses = {
    first: ipAddress(host(3, 1, family)),
    last: ipAddress(host(3, family === 4 ? 254 : 9999, family)),
  };
  const source = { addresses, ports: null };
  const ends = { source, destination: null, inDevice: 'dpdk1', outDevice: 'dpdk0' };
  return { protocol, match: { family: family === 4 ? 'ipv4' : 'ipv6', ...ends } };
}

const changes = families.flatMap((family): Change[] => [
  { verb: 'add_address', address: address(`${pool(family)}/${family === 4 ? 32 : 128}`, 'dpdk0') },
  ...protocolsOf(family).flatMap((protocol): Change[] => {
    const key = outbound(family, protocol);
    const owner = 'config';
    const endpoint = { address: ipAddress(pool(family)), port: 0 };
    return [
      { verb: 'add_service', service: { key, owner, ...serviceDefaults } },
      {
        verb: 'add_server',
        server: { ...serverDefaults, service: key, owner, endpoint, method: 'SNAT' },
      },
    ];
  }),
]);

const flowOf = (family: Family): check.Flow => {
  return {
    asking: 'server',
    address: client(family),
    port: 8000,
    growth: 0,
    knownAs: pool(family),
  };
};

/** Neither by the inside's addresses nor by those of the pool. */
async function checkUnreachable(t: Test, stacks: Stacks, family: Family): Promise<void> {
  await stacks.serve('server', [8001], []);
  for (const inside of [server(family), pool(family)]) {
    const digest = await stacks.download('client', inside, 8001, 1);
    t.not(digest, stacks.digest, `nobody gets in by ${inside}`);
  }
}

t.test('SNAT between kernels', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  const dataplane = await check.open(t, stacks, withWorkers(2), [...surroundings, ...changes]);
  const echoes = families.map((family) => ({ address: client(family), port: 8000 }));
  await stacks.serve('client', [8000], echoes);
  for (const family of families) {
    await t.test(`IPv${family}`, async (t) => {
      const flow = flowOf(family);
      await check.transfers(t, stacks, flow);
      await check.smallerPathBack(t, stacks, flow);
      await check.smallerPathThere(t, stacks, flow);
      // The inside may know the outside.
      check.expiry(t, stacks, flow, host(2, 1, family), near(family));
      t.equal(stacks.probe('server', 'ping', client(family)), '', 'ping');
      check.closedPort(t, stacks, flow);
      await checkUnreachable(t, stacks, family);
    });
  }
  await check.statistics(t, dataplane, []);
});
