import fc from 'fast-check';
import t from 'tap';
import { plan } from '../../src/dataplane/plan.js';
import {
  type DesiredState,
  emptyState,
  type Owner,
  type Server,
  type Service,
  type ServiceKey,
} from '../../src/dataplane/state.js';
import { addressFromBytes } from '../../src/net/address.js';
import { type Scheduler, serverDefaults, serviceDefaults } from '../../src/net/service.js';
import { settingsDefaults } from '../../src/net/settings.js';
import { appliedTo } from '../sim/dataplane.js';
import { address, local, outbound, route, server, service, stateOf, tcp, udp } from './examples.js';

const web = tcp('192.0.2.1:80');
const gre = { type: 'gre', port: 0, hasChecksum: true } as const;

function changed(running: DesiredState, desired: DesiredState): DesiredState {
  const { state, failures } = appliedTo(running, plan(running, desired), null);
  if (failures.length > 0)
    throw new Error(`changes that cannot be made: ${JSON.stringify(failures)}`);
  return state;
}

function canonical(state: DesiredState): string {
  const { settings, ...rest } = state;
  const lists = Object.entries(rest).map(([name, list]) => {
    return [name, (list as readonly unknown[]).map((one) => JSON.stringify(one)).sort()];
  });
  return JSON.stringify([settings, ...lists.sort()]);
}

function ownedBy(state: DesiredState, owner: Owner): DesiredState {
  const mine = <T extends { owner: Owner | 'vrrp' }>(list: readonly T[]): T[] =>
    list.filter((one) => one.owner === owner);
  return {
    settings: settingsDefaults,
    addresses: mine(state.addresses),
    routes: mine(state.routes),
    services: mine(state.services),
    servers: mine(state.servers),
    localAddresses: mine(state.localAddresses),
  };
}

t.test('from nothing: what is needed comes before what needs it', (t) => {
  const desired = stateOf({
    servers: [server(web, '10.0.1.2:80')],
    localAddresses: [local(web, '10.0.1.200')],
    services: [service(web)],
    routes: [route('0.0.0.0/0', '10.0.0.1')],
    addresses: [address('10.0.0.21/24')],
  });
  const verbs = plan(emptyState, desired).map(({ verb }) => verb);
  t.same(verbs, ['add_address', 'add_route', 'add_service', 'add_local_address', 'add_server']);
  const removals = plan(desired, emptyState).map(({ verb }) => verb);
  t.same(removals, [
    'remove_server',
    'remove_local_address',
    'remove_service',
    'remove_route',
    'remove_address',
  ]);
  t.end();
});

t.test('scheduler and weight change in place', (t) => {
  const before = stateOf({ services: [service(web)], servers: [server(web, '10.0.1.2:80', 1)] });
  const after = stateOf({
    services: [service(web, 'wrr')],
    servers: [server(web, '10.0.1.2:80', 9)],
  });
  t.same(plan(before, after), [
    { verb: 'alter_service', service: service(web, 'wrr') },
    { verb: 'alter_server', server: server(web, '10.0.1.2:80', 9) },
  ]);
  t.end();
});

t.test('a service is never without a server that takes connections', (t) => {
  const before = stateOf({
    services: [service(web)],
    servers: [server(web, '10.0.1.2:80', 5), server(web, '10.0.1.3:80', 0)],
  });
  const afters = [
    [server(web, '10.0.1.2:80', 0), server(web, '10.0.1.3:80', 5)],
    [server(web, '10.0.1.4:80', 5)],
    [server(web, '10.0.1.3:80', 5)],
  ];
  for (const servers of afters) {
    const changes = plan(before, stateOf({ services: [service(web)], servers }));
    for (let length = 0; length <= changes.length; length++) {
      const { state } = appliedTo(before, changes.slice(0, length), null);
      t.ok(
        state.servers.some(({ weight }) => weight > 0),
        `after ${length} changes`,
      );
    }
  }
  t.end();
});

t.test('an address or a route that changes makes way first', (t) => {
  const before = stateOf({
    addresses: [address('10.0.0.21/24')],
    routes: [route('0.0.0.0/0', '10.0.0.1')],
    services: [service(web)],
    localAddresses: [local(web, '10.0.1.200', 'dpdk1')],
  });
  const after = stateOf({
    addresses: [address('10.0.0.21/16')],
    routes: [route('0.0.0.0/0', '10.0.0.2')],
    services: [service(web)],
    localAddresses: [local(web, '10.0.1.200', 'dpdk0')],
  });
  t.same(
    plan(before, after).map(({ verb }) => verb),
    [
      'remove_local_address',
      'remove_address',
      'remove_route',
      'add_address',
      'add_route',
      'add_local_address',
    ],
  );
  t.equal(canonical(changed(before, after)), canonical(after));
  t.end();
});

t.test('an address that changes its port leaves the old one first', (t) => {
  const other = tcp('192.0.2.2:80');
  const services = [service(web), service(other)];
  const before = stateOf({
    services,
    localAddresses: [local(web, '10.0.1.200', 'dpdk1'), local(other, '10.0.1.200', 'dpdk1')],
    addresses: [address('10.0.1.201/24', 'dpdk1')],
  });
  const after = stateOf({
    services,
    localAddresses: [local(web, '10.0.1.200', 'dpdk0'), local(web, '10.0.1.201', 'dpdk0')],
  });
  t.equal(canonical(changed(before, after)), canonical(after));
  t.equal(canonical(changed(after, before)), canonical(before));
  t.end();
});

t.test('host bits of a route do not make another route', (t) => {
  const before = stateOf({ routes: [route('10.9.0.0/16', '10.0.0.1')] });
  t.same(plan(before, stateOf({ routes: [route('10.9.1.2/16', '10.0.0.1')] })), []);
  t.end();
});

t.test('every option counts, and how a match is written does not', (t) => {
  const plain = stateOf({ services: [service(web)], servers: [server(web, '10.0.1.2:80')] });
  const changes: readonly (readonly [Partial<Service>, Partial<Server>])[] = [
    [{ hashesPort: true }, { method: 'DR' }],
    [{ persistence: { seconds: 1, bits: 32 } }, { upperThreshold: 1 }],
    [{ rejects: true }, { tunnel: gre }],
    [{ connectionsMax: 1 }, { lowerThreshold: 1 }],
  ];
  for (const [ofService, ofServer] of changes) {
    const services = [{ ...service(web), ...ofService }];
    const servers = [{ ...server(web, '10.0.1.2:80'), ...ofServer }];
    t.same(plan(plain, stateOf({ services, servers })), [
      { verb: 'alter_service', service: services[0] },
      { verb: 'alter_server', server: servers[0] },
    ]);
  }
  const match = stateOf({ services: [service(outbound())] });
  t.same(plan(match, stateOf({ services: [service(outbound())] })), []);
  const narrower = stateOf({ services: [service(outbound({ first: 1, last: 9 }))] });
  t.same(
    plan(match, narrower).map(({ verb }) => verb),
    ['add_service', 'remove_service'],
  );
  t.end();
});

t.test('settings are set as a whole, but for the timeouts of an operator', (t) => {
  const timeouts = { ...settingsDefaults.timeouts, udp: 7 };
  const settings = { ...settingsDefaults, timeouts };
  t.same(plan(emptyState, stateOf({ settings })), [{ verb: 'set_settings', settings }]);
  const set = { ...settings, timeoutsOwner: 'operator' as const };
  t.same(plan(stateOf({ settings: set }), emptyState), [], "the operator's stay");
  const forwards = { ...settingsDefaults, forwardsIpv6: true };
  t.same(plan(stateOf({ settings: set }), stateOf({ settings: forwards })), [
    { verb: 'set_settings', settings: { ...set, forwardsIpv6: true } },
  ]);
  t.end();
});

t.test("an operator's objects are left alone", (t) => {
  const running = stateOf({
    services: [service(web, 'rr', 'operator')],
    servers: [server(web, '10.0.1.2:80', 3, 'operator')],
  });
  t.same(plan(running, emptyState), []);
  const desired = stateOf({
    services: [service(web, 'wrr')],
    servers: [server(web, '10.0.1.2:80', 1), server(web, '10.0.1.3:80', 1)],
  });
  t.same(plan(running, desired), [{ verb: 'add_server', server: server(web, '10.0.1.3:80', 1) }]);
  t.end();
});

t.test('the order of the lists does not matter', (t) => {
  const other = tcp('192.0.2.2:80');
  const hosts = [2, 3, 4, 5].map((host) => `10.0.1.${host}:80`);
  const forwards = [web, other].flatMap((key) => hosts.map((host) => server(key, host)));
  const services = [service(web), service(other)];
  const running = stateOf({ services: services.toReversed(), servers: forwards.toReversed() });
  t.same(plan(running, stateOf({ services, servers: forwards })), []);
  t.end();
});

// A small world, so that two arbitrary states have much in common.
const anOwner = fc.constantFrom<Owner>('config', 'config', 'operator');
const aKey = fc.constantFrom<ServiceKey>(
  web,
  udp('192.0.2.1:80'),
  tcp('2001:db8::1:80'),
  outbound(),
  outbound({ first: 1, last: 9 }),
);
const someSettings = fc.record({
  ...constants(settingsDefaults),
  uoaPackets: fc.constantFrom(2, 3),
  timeouts: fc.constantFrom(settingsDefaults.timeouts, { ...settingsDefaults.timeouts, udp: 7 }),
});
const someOptions = fc.record({
  ...constants(serviceDefaults),
  scheduler: fc.constantFrom<Scheduler>('rr', 'mh'),
  persistence: fc.constantFrom(null, { seconds: 9, bits: 32 }, { seconds: 9, bits: 24 }),
  isQuic: fc.boolean(),
});
const someServerOptions = fc.record({
  ...constants(serverDefaults),
  weight: fc.integer({ min: 0, max: 2 }),
  tunnel: fc.constantFrom(null, gre, { ...gre, hasChecksum: false }),
});

type Arbitraries<T> = { [K in keyof T]: fc.Arbitrary<T[K]> };

function constants<T extends object>(values: T): Arbitraries<T> {
  const arbitraries = Object.entries(values).map(([name, value]) => [name, fc.constant(value)]);
  return Object.fromEntries(arbitraries) as Arbitraries<T>;
}

const aDevice = fc.constantFrom('dpdk0', 'dpdk1');
const aHost = fc.integer({ min: 1, max: 4 });

/** `deviceOf`: an address is on one port only, whatever it is used for. */
function statesOn(
  deviceOf: (host: number) => string,
  owners: fc.Arbitrary<Owner>,
): fc.Arbitrary<DesiredState> {
  const lists = fc.record({
    settings: someSettings,
    addresses: fc.uniqueArray(
      fc.tuple(aHost, fc.constantFrom(16, 24, 32), owners).map(([host, length, owner]) => {
        return address(`10.0.0.${host}/${length}`, deviceOf(host), owner);
      }),
      { selector: ({ prefix }) => prefix.address },
    ),
    routes: fc.uniqueArray(
      fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(null, '10.0.0.9'), aDevice, owners)
        .map(([net, gateway, device, owner]) => route(`10.${net}.0.0/16`, gateway, device, owner)),
      { selector: ({ destination }) => destination.address },
    ),
    services: fc.uniqueArray(
      fc
        .tuple(aKey, someOptions, owners)
        .map(([key, options, owner]) => ({ ...service(key, 'rr', owner), ...options })),
      { selector: ({ key }) => JSON.stringify(key) },
    ),
    servers: fc.uniqueArray(
      fc
        .tuple(aKey, fc.integer({ min: 1, max: 4 }), someServerOptions, owners)
        .map(([key, host, options, owner]) => {
          return { ...server(key, `10.0.1.${host}:80`, 1, owner), ...options };
        }),
      { selector: (one) => JSON.stringify([one.service, one.endpoint]) },
    ),
    localAddresses: fc.uniqueArray(
      fc
        .tuple(aKey, aHost, owners)
        .map(([key, host, owner]) => local(key, `10.0.0.${host}`, deviceOf(host), owner)),
      { selector: (one) => JSON.stringify([one.service, one.address]) },
    ),
  });
  return lists.map(withoutOrphans);
}

function withoutOrphans(state: DesiredState): DesiredState {
  const keys = new Set(state.services.map(({ key }) => JSON.stringify(key)));
  const hasService = (one: { service: unknown }): boolean => keys.has(JSON.stringify(one.service));
  return {
    ...state,
    servers: state.servers.filter(hasService),
    localAddresses: state.localAddresses.filter(hasService),
  };
}

const byConfig = fc.constant<Owner>('config');
const onAnyPort = fc
  .array(aDevice, { minLength: 5, maxLength: 5 })
  .chain((devices) => statesOn((host) => devices[host] ?? 'dpdk0', byConfig));
/** An operator's address on another port would stand in the way for good. */
const onFixedPorts = (host: number): string => (host % 2 === 0 ? 'dpdk0' : 'dpdk1');
const mixed = statesOn(onFixedPorts, anOwner);
const wanted = statesOn(onFixedPorts, byConfig);

t.test('property: the plan from a to b, applied to a, gives b', (t) => {
  fc.assert(
    fc.property(onAnyPort, onAnyPort, (a, b) => {
      return canonical(changed(a, b)) === canonical(b);
    }),
  );
  t.end();
});

t.test('property: the plan from a state to itself is empty', (t) => {
  fc.assert(fc.property(mixed, (a) => plan(a, a).length === 0));
  t.end();
});

t.test('property: once applied, nothing is left to do, whatever the operator made', (t) => {
  fc.assert(
    fc.property(mixed, wanted, (running, desired) => {
      const after = changed(running, desired);
      return plan(after, desired).length === 0;
    }),
  );
  t.end();
});

t.test('property: no change of a plan names an object of the operator', (t) => {
  fc.assert(
    fc.property(mixed, wanted, (running, desired) => {
      const after = changed(running, desired);
      const kept = withoutOrphans({ ...ownedBy(running, 'operator'), services: after.services });
      const expected = { ...kept, services: ownedBy(running, 'operator').services };
      return canonical(ownedBy(after, 'operator')) === canonical(expected);
    }),
  );
  t.end();
});

t.test('100 000 servers: the plan is linear', (t) => {
  const large = (weight: number): DesiredState => {
    const keys = Array.from({ length: 10_000 }, (_, index) => ({
      address: addressFromBytes(Uint8Array.of(10, 1, index >> 8, index & 0xff)),
      port: 80,
      protocol: 'TCP' as const,
    }));
    return stateOf({
      services: keys.map((key) => service(key)),
      servers: keys.flatMap((key) =>
        Array.from({ length: 10 }, (_, host) => server(key, `10.2.0.${host}:80`, weight)),
      ),
    });
  };
  t.equal(plan(large(1), large(1)).length, 0);
  t.equal(plan(large(1), large(2)).length, 100_000);
  t.equal(plan(emptyState, large(1)).length, 110_000);
  t.end();
});
