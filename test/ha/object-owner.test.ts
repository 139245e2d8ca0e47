import { ok } from 'neverthrow';
import t from 'tap';
import type { InstanceObjects } from '../../src/config/kernel-objects.js';
import { ObjectOwner, placesOf } from '../../src/ha/object-owner.js';
import { formatPrefix, type Prefix } from '../../src/net/prefix.js';
import { noObjects } from '../config/no-objects.js';
import { SimulatedClock } from '../sim/clock.js';
import { LoggedKernel, SimulatedKernelObjects } from '../sim/kernel-objects.js';
import { address, route, rule } from './kernel-samples.js';

const first = address('192.0.2.100');
const second = address('192.0.2.101');
const excluded = address('198.51.100.1', { isAdvertised: false });
const everything: InstanceObjects = {
  ...noObjects,
  addresses: [first, second, excluded],
  routes: [route('10.0.0.0/8')],
  rules: [rule(5)],
};
const advertised = [first.prefix, second.prefix];

function world(objects: InstanceObjects = everything) {
  const clock = new SimulatedClock();
  const kernelObjects = new SimulatedKernelObjects();
  const { asked } = kernelObjects;
  const kernel = new LoggedKernel(asked);
  kernel.addLink('eth0');
  const lines: string[] = [];
  const announced: string[] = [];
  const log = { write: (level: string, line: string) => lines.push(`${level} ${line}`) };
  const owner = new ObjectOwner({
    name: 'V',
    objects,
    world: { clock, kernel, objects: kernelObjects, log },
    announcer: {
      announce: (addresses: readonly Prefix[]) => {
        announced.push(...addresses.map(formatPrefix));
        return Promise.resolve(ok(undefined));
      },
    },
  });
  const took = () => asked.splice(0);
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { owner, clock, kernel, kernelObjects, took, lines, announced, settle };
}

t.test('a MASTER puts everything in order, and renews addresses alone', async (t) => {
  const { owner, took, kernel } = world();
  t.ok((await owner.lease(advertised, 3_609)).isOk());
  t.strictSame(took(), [
    'put 192.0.2.100/32 on eth0 for 2 s',
    'put 192.0.2.101/32 on eth0 for 2 s',
    'put 198.51.100.1/32 on eth0 for 2 s',
    'put route 10.0.0.0/8',
    'put rule 5',
  ]);
  t.ok((await owner.lease(advertised, 3_609)).isOk());
  t.strictSame(took(), [
    'put 192.0.2.100/32 on eth0 for 2 s',
    'put 192.0.2.101/32 on eth0 for 2 s',
    'put 198.51.100.1/32 on eth0 for 2 s',
  ]);
  t.strictSame((await owner.held(advertised))._unsafeUnwrap(), advertised);
  t.ok((await owner.release(advertised)).isOk());
  t.strictSame(took(), [
    'remove rule 5',
    'remove route 10.0.0.0/8',
    'remove 192.0.2.100/32 from eth0',
    'remove 192.0.2.101/32 from eth0',
    'remove 198.51.100.1/32 from eth0',
  ]);
  t.strictSame(kernel.list(), []);
  t.strictSame((await owner.held(advertised))._unsafeUnwrap(), []);
});

t.test('without a lease an advert asks nothing of the kernel', async (t) => {
  const { owner, took, lines } = world();
  await owner.lease(advertised, 361);
  t.equal(took().length, 5);
  await owner.lease(advertised, 361);
  await owner.lease(advertised, null);
  t.strictSame(took(), []);
  t.strictSame(lines, [
    'warning (V) Addresses are not leased: ' +
      'the kernel cannot keep a lease of 361 ms, shorter than 1 second',
  ]);
});

t.test('what an earlier process left is taken out at the start', async (t) => {
  const { owner, took } = world();
  t.ok((await owner.release(advertised)).isOk());
  t.strictSame(took().length, 5);
  t.ok((await owner.release(advertised)).isOk());
  t.strictSame(took(), [], 'once');
});

t.test('a reload changes only what differs, in place', async (t) => {
  const { owner, took } = world();
  await owner.lease(advertised, null);
  took();
  const other = route('10.0.0.0/8', { metrics: { mtu: 1400 } });
  const third = address('192.0.2.102');
  owner.reconfigure({
    ...everything,
    addresses: [first, third],
    routes: [other],
    rules: [rule(6)],
  });
  t.strictSame(took(), [], 'with the lease that follows');
  await owner.release([second.prefix]);
  await owner.lease([first.prefix, third.prefix], null);
  t.strictSame(took(), [
    'remove 192.0.2.101/32 from eth0',
    'put 192.0.2.102/32 on eth0',
    'replace route 10.0.0.0/8',
    'put rule 6',
    'remove rule 5',
    'remove 198.51.100.1/32 from eth0',
  ]);
});

t.test('a release right after a renewal wins', async (t) => {
  const { owner, kernel, took } = world();
  const renewal = owner.lease(advertised, 3_000);
  const release = owner.release(advertised);
  t.ok((await renewal).isOk());
  t.ok((await release).isOk());
  t.strictSame(kernel.list(), []);
  took();
  await owner.lease(advertised, null);
  t.equal(took().length, 5, 'all of it is put again');
});

t.test('what fails is said and tried again', async (t) => {
  const { owner, kernelObjects, took } = world();
  kernelObjects.refused.push('put route');
  const failed = await owner.lease(advertised, null);
  t.strictSame(failed._unsafeUnwrapErr(), {
    type: 'address_owner.failed',
    reason: 'cannot put route 10.0.0.0/8: refused',
  });
  took();
  kernelObjects.refused.length = 0;
  t.ok((await owner.lease(advertised, null)).isOk());
  t.strictSame(took(), ['put route 10.0.0.0/8']);
});

t.test('routes and rules that someone deletes come back, a little later', async (t) => {
  const { owner, clock, took, settle } = world();
  const deleted = {
    type: 'route_deleted',
    family: 'ipv4',
    destination: route('10.0.0.0/8').route.destination,
    table: 254,
  } as const;
  owner.heard(deleted);
  await owner.lease(advertised, null);
  took();
  for (let times = 0; times < 1_000; times++) owner.heard(deleted);
  owner.heard({ type: 'rule_deleted', family: 'ipv4', priority: 5 });
  t.strictSame(took(), []);
  clock.advance(100);
  await settle();
  t.strictSame(took(), ['put route 10.0.0.0/8', 'put rule 5']);
  owner.heard({ ...deleted, table: 5 });
  owner.heard({ type: 'rule_deleted', family: 'ipv6', priority: 5 });
  clock.advance(1_000);
  await settle();
  t.strictSame(took(), [], 'not ours');
  owner.heard({ type: 'link_changed', linkIndex: 1 });
  clock.advance(100);
  await settle();
  t.strictSame(took(), ['put route 10.0.0.0/8'], 'the kernel may have dropped it');
  owner.heard({ type: 'unknown' });
  await owner.release(advertised);
  took();
  clock.advance(1_000);
  await settle();
  t.strictSame(took(), [], 'a BACKUP puts nothing back');
});

t.test('what says no_track stays away', async (t) => {
  const { owner, clock, took, settle } = world({
    ...everything,
    addresses: [first],
    routes: [{ ...route('10.0.0.0/8'), isTracked: false }],
    rules: [],
  });
  await owner.lease([first.prefix], null);
  took();
  owner.heard({ type: 'unknown' });
  clock.advance(1_000);
  await settle();
  t.strictSame(took(), []);
});

t.test('an address that someone deletes is noticed once', async (t) => {
  const unwatched = address('192.0.2.101', { isTracked: false });
  const { owner, kernel, took } = world({ ...noObjects, addresses: [first, unwatched] });
  await owner.lease(advertised, null);
  const look = async () => {
    const lost = owner.beginCheck();
    const links = (await kernel.links())._unsafeUnwrap();
    const present = (await kernel.addresses())._unsafeUnwrap();
    return lost(placesOf(links, present)).map(({ prefix }) => formatPrefix(prefix));
  };
  t.strictSame(await look(), []);
  await kernel.removeAddress('eth0', first.prefix);
  await kernel.removeAddress('eth0', unwatched.prefix);
  const early = owner.beginCheck();
  t.strictSame(await look(), ['192.0.2.100/32']);
  t.strictSame(await look(), []);
  t.strictSame(early(placesOf([], [])), [], 'an interface that is gone is no lost address');
  took();
  await owner.lease(advertised, null);
  t.strictSame(took(), ['put 192.0.2.100/32 on eth0']);
});
