// What an instance with dpdk_interface has in the data plane comes and goes with its addresses.
import t from 'tap';
import type { InstanceObjects } from '../../src/config/kernel-objects.js';
import type { PortRoute } from '../../src/config/port-objects.js';
import { PortOwner, removeStrayRoutes } from '../../src/daemon/port-owner.js';
import { DataplaneAddressOwner } from '../../src/dataplane/address-owner.js';
import type { Dataplane } from '../../src/dataplane/dataplane.js';
import { ObjectOwner } from '../../src/ha/object-owner.js';
import { type IpAddress, ipAddress } from '../../src/net/address.js';
import { formatPrefix, parsePrefix } from '../../src/net/prefix.js';
import { noObjects, objectsFor } from '../config/no-objects.js';
import { route, twoPorts } from '../dataplane/examples.js';
import { route as kernelRoute } from '../ha/kernel-samples.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';
import { LoggedKernel, SimulatedKernelObjects } from '../sim/kernel-objects.js';

const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();
const vip = prefix('192.0.2.100/24');
const other = prefix('192.0.2.101/24');

function portRoute(destination: string, gateway: IpAddress | null): PortRoute {
  return { destination: prefix(destination), gateway, device: 'dpdk0' };
}

const back = portRoute('198.51.100.0/24', ipAddress('192.0.2.1'));
const excluded = objectsFor([{ prefix: prefix('203.0.113.7/32'), device: 'dpdk0' }]).addresses;

const objects: InstanceObjects = {
  ...noObjects,
  addresses: [
    ...objectsFor([{ prefix: vip, device: 'dpdk0' }]).addresses,
    ...excluded.map((one) => ({ ...one, isAdvertised: false })),
  ],
  routes: [kernelRoute('10.0.0.0/8')],
  portRoutes: [back],
  localAddresses: [{ prefix: prefix('10.0.1.7/32'), device: 'dpdk1' }],
};

class World {
  readonly clock = new SimulatedClock();
  readonly kernelObjects = new SimulatedKernelObjects();
  plane: SimulatedDataplane | null = null;

  /** A data plane that was just started. */
  async start(): Promise<SimulatedDataplane> {
    const plane = new SimulatedDataplane(this.clock);
    (await plane.open(twoPorts))._unsafeUnwrap();
    this.plane = plane;
    return plane;
  }

  owner(wanted = objects): PortOwner {
    const { clock, kernelObjects } = this;
    const kernel = new LoggedKernel(kernelObjects.asked);
    kernel.addLink('eth0');
    const world = { clock, kernel, objects: kernelObjects, log: { write: () => undefined } };
    const announcer = { announce: () => Promise.reject(new Error('the kernel has none')) };
    return new PortOwner({
      port: 'dpdk0',
      objects: wanted,
      plane: () => this.plane,
      ownerOn: (plane, device) => new DataplaneAddressOwner(plane, 'V', device),
      kernel: new ObjectOwner({
        ...{ name: 'V', world, announcer },
        objects: { ...wanted, addresses: [] },
      }),
    });
  }

  took(): string[] {
    return this.kernelObjects.asked.splice(0);
  }
}

async function placesIn(plane: Dataplane): Promise<string[]> {
  const addresses = (await plane.addresses())._unsafeUnwrap();
  return addresses.map((one) => `${formatPrefix(one.prefix)} ${one.device}`).sort();
}

async function routesIn(plane: Dataplane): Promise<string[]> {
  const routes = (await plane.routes())._unsafeUnwrap();
  return routes.map((one) => `${formatPrefix(one.destination)} ${one.gateway} ${one.owner}`);
}

t.test('all of it is there while MASTER, and nothing of it otherwise', async (t) => {
  const world = new World();
  const plane = await world.start();
  const owner = world.owner();
  t.ok((await owner.lease([vip], 3_000)).isOk());
  const all = ['10.0.1.7/32 dpdk1', '192.0.2.100/24 dpdk0', '203.0.113.7/32 dpdk0'];
  t.same(await placesIn(plane), all);
  t.same(await routesIn(plane), ['198.51.100.0/24 192.0.2.1 vrrp']);
  t.same(world.took(), ['put route 10.0.0.0/8'], 'the kernel has what is its own');
  const asked = plane.batches.length;
  t.ok((await owner.lease([vip], 3_000)).isOk());
  t.equal(plane.batches.length, asked, 'a renewal changes no route');
  t.same(world.took(), []);

  (await owner.announce([vip, prefix('203.0.113.7/32'), prefix('10.0.1.7/32')]))._unsafeUnwrap();
  t.same(
    plane.announced.map((one) => `${formatPrefix(one.prefix)} ${one.device}`),
    ['192.0.2.100/24 dpdk0', '203.0.113.7/32 dpdk0', '10.0.1.7/32 dpdk1'],
    'each through the port that it is on',
  );
  t.same((await owner.held([vip]))._unsafeUnwrap(), [vip]);

  t.ok((await owner.release([vip])).isOk());
  t.same(await placesIn(plane), []);
  t.same(await routesIn(plane), []);
  t.same(world.took(), ['remove route 10.0.0.0/8']);
});

t.test('a lease that ends takes the followers with it', async (t) => {
  const world = new World();
  const plane = await world.start();
  await world.owner().lease([vip], 3_000);
  world.clock.advance(3_000);
  t.same(await placesIn(plane), []);
});

t.test('a reload changes what differs with the next lease', async (t) => {
  const world = new World();
  const plane = await world.start();
  const owner = world.owner();
  await owner.lease([vip], 3_000);
  const elsewhere = portRoute('198.51.100.0/24', ipAddress('192.0.2.2'));
  const added = portRoute('2001:db8:5::/48', ipAddress('fe80::1'));
  owner.reconfigure({
    ...objects,
    addresses: objectsFor([
      { prefix: vip, device: 'dpdk0' },
      { prefix: other, device: 'dpdk0' },
    ]).addresses,
    routes: [],
    portRoutes: [elsewhere, added],
    localAddresses: [{ prefix: prefix('10.0.1.8/32'), device: 'dpdk1' }],
  });
  t.ok((await owner.lease([vip, other], 3_000)).isOk());
  const now = ['10.0.1.8/32 dpdk1', '192.0.2.100/24 dpdk0', '192.0.2.101/24 dpdk0'];
  t.same(await placesIn(plane), now);
  t.same(await routesIn(plane), ['198.51.100.0/24 192.0.2.2 vrrp', '2001:db8:5::/48 fe80::1 vrrp']);
  t.same(world.took(), ['put route 10.0.0.0/8', 'remove route 10.0.0.0/8']);

  t.ok((await owner.release([other])).isOk());
  t.same(await placesIn(plane), now.slice(0, 2), 'one address alone: the rest stays');
  t.equal((await routesIn(plane)).length, 2);
});

t.test('a data plane that was started again gets all of it again', async (t) => {
  const world = new World();
  await world.start();
  const owner = world.owner();
  await owner.lease([vip], 3_000);
  world.plane = null;
  t.match((await owner.lease([vip], 3_000))._unsafeUnwrapErr(), { reason: /does not answer/ });
  const plane = await world.start();
  t.ok((await owner.lease([vip], 3_000)).isOk());
  t.equal((await placesIn(plane)).length, 3);
  t.equal((await routesIn(plane)).length, 1);
});

t.test('a route that is refused is said, and tried again', async (t) => {
  const world = new World();
  const plane = await world.start();
  const fixed = route('198.51.100.0/24', '192.0.2.9');
  await plane.apply([{ verb: 'add_route', route: fixed }]);
  const owner = world.owner();
  t.match((await owner.lease([vip], 3_000))._unsafeUnwrapErr(), { reason: /another/ });
  t.equal((await placesIn(plane)).length, 3, 'the addresses are held all the same');
  await plane.apply([{ verb: 'remove_route', route: fixed }]);
  t.ok((await owner.lease([vip], 3_000)).isOk());
  t.same(await routesIn(plane), ['198.51.100.0/24 192.0.2.1 vrrp']);
});

t.test('what a killed daemon left goes, whether the file still has it or not', async (t) => {
  const world = new World();
  const plane = await world.start();
  const gone = portRoute('10.9.0.0/16', null);
  await world.owner({ ...objects, portRoutes: [back, gone] }).lease([vip], 3_000);
  t.equal((await routesIn(plane)).length, 2);
  t.ok((await removeStrayRoutes(plane, [back])).isOk());
  t.same(await routesIn(plane), ['198.51.100.0/24 192.0.2.1 vrrp'], 'one is nobody’s');
  const owner = world.owner();
  t.same(owner.wantedRoutes, []);
  t.ok((await owner.release([vip])).isOk());
  t.same(await routesIn(plane), [], 'a BACKUP has no other');
  t.same(await placesIn(plane), []);
});
