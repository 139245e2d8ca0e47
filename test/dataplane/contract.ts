// What every answer to the interface Dataplane must do, whoever gives it: run against the simulated
// one, against the client over a socket, and against the addon.
import type { Dataplane, DataplaneError, OpenOptions } from '../../src/dataplane/dataplane.js';
import type { Change, Server, Service } from '../../src/dataplane/state.js';
import { schedulers, serverDefaults, serviceDefaults } from '../../src/net/service.js';
import { settingsDefaults } from '../../src/net/settings.js';
import {
  address,
  endpointOf,
  local,
  outbound,
  prefixOf,
  route,
  server,
  service,
  stateOf,
  tcp,
} from './examples.js';

/** The part of tap's Test that the contract needs. */
type Assertions = {
  ok(value: unknown, message: string): boolean;
  equal(found: unknown, wanted: unknown, message: string): boolean;
  same(found: unknown, wanted: unknown, message: string): boolean;
  match(found: unknown, wanted: unknown, message: string): boolean;
};

const web = tcp('192.0.2.1:80');
const vip = prefixOf('192.0.2.1/32');

/**
 * `dataplane` is not open yet, `options` has the ports dpdk0 and dpdk1; it is closed afterwards.
 */
export async function checkContract(
  t: Assertions,
  dataplane: Dataplane,
  options: OpenOptions,
): Promise<void> {
  t.equal(refusal((await dataplane.running())._unsafeUnwrapErr()), true, 'not open: refused');
  (await dataplane.open(options))._unsafeUnwrap();
  t.ok((await dataplane.open(options)).isOk(), 'opening again with the same options succeeds');
  const other = { ...options, workers: options.workers + 1 };
  const differs = (await dataplane.open(other))._unsafeUnwrapErr();
  t.equal(differs.type, 'dataplane.restart_needed', 'other options need a restart');
  t.same((await dataplane.running())._unsafeUnwrap(), stateOf({}), 'nothing runs at first');
  await checkChanges(t, dataplane);
  await checkOptions(t, dataplane);
  await checkMatch(t, dataplane);
  await checkSettings(t, dataplane);
  await checkLeases(t, dataplane);
  await checkVirtualRoutes(t, dataplane);
  await checkFollowers(t, dataplane);
  const ports = (await dataplane.ports())._unsafeUnwrap();
  t.same(
    ports.map(({ name }) => name),
    options.ports.map(({ name }) => name),
    'the ports in the order of the options',
  );
  t.ok((await dataplane.neighbors()).isOk(), 'neighbors');
  t.ok((await dataplane.statistics()).isOk(), 'statistics');
  await checkConnections(t, dataplane);
  t.ok((await dataplane.close()).isOk(), 'close');
}

async function checkChanges(t: Assertions, dataplane: Dataplane): Promise<void> {
  const wanted = stateOf({
    addresses: [address('10.0.0.21/24')],
    routes: [route('0.0.0.0/0', '10.0.0.1')],
    services: [service(web, 'wrr')],
    localAddresses: [local(web, '10.0.0.200', 'dpdk0')],
    servers: [server(web, '10.0.0.2:80', 0), server(web, '10.0.0.3:80', 7, 'operator')],
  });
  const changes: readonly Change[] = [
    ...wanted.addresses.map((one): Change => ({ verb: 'add_address', address: one })),
    ...wanted.routes.map((one): Change => ({ verb: 'add_route', route: one })),
    { verb: 'add_server', server: server(tcp('192.0.2.9:80'), '10.0.0.2:80') },
    { verb: 'add_service', service: service(web, 'rr') },
    { verb: 'alter_service', service: service(web, 'wrr', 'operator') },
    ...wanted.localAddresses.map(
      (one): Change => ({ verb: 'add_local_address', localAddress: one }),
    ),
    { verb: 'add_server', server: server(web, '10.0.0.2:80', 5) },
    { verb: 'add_server', server: server(web, '10.0.0.3:80', 7, 'operator') },
    { verb: 'alter_server', server: server(web, '10.0.0.2:80', 0, 'operator') },
    { verb: 'remove_server', server: server(web, '10.0.0.9:80') },
    { verb: 'add_address', address: address('10.9.0.1/24', 'dpdk9') },
  ];
  const failures = (await dataplane.apply(changes))._unsafeUnwrap();
  for (const scheduler of schedulers) {
    const altered = await dataplane.apply([
      { verb: 'alter_service', service: service(web, scheduler) },
    ]);
    t.same(altered._unsafeUnwrap(), [], scheduler);
    const { services } = (await dataplane.running())._unsafeUnwrap();
    t.match(services, [{ scheduler }], `${scheduler} is what it says`);
  }
  await dataplane.apply([{ verb: 'alter_service', service: service(web, 'wrr') }]);
  t.same(
    failures.map(({ index }) => index),
    [2, 9, 10],
    'without service, not there, without port: these fail and no other',
  );
  t.ok(
    failures.every(({ reason }) => reason !== ''),
    'each with its reason',
  );
  const running = (await dataplane.running())._unsafeUnwrap();
  t.same(running, wanted, 'the rest runs, and who alters an object does not become its owner');
  const removal: Change = { verb: 'remove_service', service: service(web) };
  t.same((await dataplane.apply([removal]))._unsafeUnwrap(), [], 'a service can be removed');
  const { services, servers, localAddresses } = (await dataplane.running())._unsafeUnwrap();
  t.same([services, servers, localAddresses], [[], [], []], 'with everything below it');
}

/** Every member of a service and of a server is kept as it was given. */
async function checkOptions(t: Assertions, dataplane: Dataplane): Promise<void> {
  const full: Service = {
    key: web,
    owner: 'config',
    scheduler: 'mh',
    hashesPort: true,
    hashFallsBack: true,
    hashTarget: 'qid',
    persistence: { seconds: 50, bits: 24 },
    isOnePacket: true,
    isQuic: true,
    expiresQuiescent: true,
    proxyProtocol: 'v2-insecure',
    clientAddress: 'uoa',
    keepsClientToa: true,
    rejects: true,
    establishedSeconds: 3600,
    maglevSlots: 4093,
    connectionsMax: 4_294_967_295,
  };
  const there = { service: web, owner: 'config' } as const;
  const gue = { type: 'gue', port: 6080, hasChecksum: true } as const;
  const tun = { ...serverDefaults, ...there, method: 'TUN' } as const;
  const servers: readonly Server[] = [
    { ...tun, endpoint: endpointOf('10.0.0.2:80'), tunnel: gue, upperThreshold: 9, weight: 65_535 },
    { ...tun, endpoint: endpointOf('2001:db8::2:80'), tunnel: { ...gue, type: 'gre', port: 0 } },
    {
      ...serverDefaults,
      ...there,
      endpoint: endpointOf('10.0.0.3:0'),
      lowerThreshold: 4_294_967_295,
    },
    { ...serverDefaults, ...there, endpoint: endpointOf('10.0.0.4:81'), method: 'DR' },
  ];
  const changes: readonly Change[] = [
    { verb: 'add_address', address: address('10.0.0.22/24') },
    { verb: 'add_address', address: address('2001:db8::22/64') },
    { verb: 'add_service', service: full },
    ...servers.map((one): Change => ({ verb: 'add_server', server: one })),
  ];
  t.same((await dataplane.apply(changes))._unsafeUnwrap(), [], 'every option is taken');
  const running = (await dataplane.running())._unsafeUnwrap();
  t.same(running.services, [full], 'and the service says what was said');
  t.same(running.servers, servers, 'as the servers do');
  const plain: Service = { key: web, owner: 'config', ...serviceDefaults };
  await dataplane.apply([{ verb: 'alter_service', service: plain }]);
  t.same((await dataplane.running())._unsafeUnwrap().services, [plain], 'altered as a whole');
  t.ok((await dataplane.zero(web)).isOk(), 'its counters are zeroed');
  t.ok((await dataplane.zero(tcp('192.0.2.9:80'))).isErr(), 'those of no service are not');
  await dataplane.apply([
    { verb: 'remove_service', service: plain },
    { verb: 'remove_address', address: address('10.0.0.22/24') },
    { verb: 'remove_address', address: address('2001:db8::22/64') },
  ]);
}

async function checkMatch(t: Assertions, dataplane: Dataplane): Promise<void> {
  const key = outbound();
  const service: Service = { key, owner: 'config', ...serviceDefaults, scheduler: 'rr' };
  const pool: Server = {
    service: key,
    endpoint: endpointOf('10.0.0.21:0'),
    owner: 'config',
    ...serverDefaults,
    method: 'SNAT',
  };
  const made = await dataplane.apply([
    { verb: 'add_service', service },
    { verb: 'add_server', server: pool },
  ]);
  t.same(made._unsafeUnwrap(), [], 'a service by match');
  const { services, servers } = (await dataplane.running())._unsafeUnwrap();
  t.same([services, servers], [[service], [pool]], 'is what it says');
  const again = (await dataplane.apply([{ verb: 'add_service', service }]))._unsafeUnwrap();
  t.equal(again.length, 1, 'and is there once');
  const elsewhere = { ...key, match: { ...key.match, outDevice: 'dpdk9' } };
  const unknown = await dataplane.apply([
    { verb: 'add_service', service: { ...service, key: elsewhere } },
  ]);
  t.equal(unknown._unsafeUnwrap().length, 1, 'a port that is not there is refused');
  await dataplane.apply([{ verb: 'remove_service', service }]);
  t.same((await dataplane.running())._unsafeUnwrap().services, [], 'and goes');
}

async function checkSettings(t: Assertions, dataplane: Dataplane): Promise<void> {
  const wanted = {
    timeouts: { ...settingsDefaults.timeouts, established: 31_535_999, udp: 1, sctp: 7 },
    timeoutsOwner: 'operator',
    forwardsIpv4: true,
    forwardsIpv6: true,
    uoaMode: 'ipo',
    uoaPackets: 255,
    expiresQuiescentTemplates: true,
    dropsUnservedUdp: true,
    dropsStrayTcp: true,
  } as const;
  await dataplane.apply([{ verb: 'set_settings', settings: wanted }]);
  t.same((await dataplane.running())._unsafeUnwrap().settings, wanted, 'settings are kept');
  await dataplane.apply([{ verb: 'set_settings', settings: settingsDefaults }]);
  t.same((await dataplane.running())._unsafeUnwrap().settings, settingsDefaults, 'and set back');
}

async function checkConnections(t: Assertions, dataplane: Dataplane): Promise<void> {
  const anywhere = { address: null, port: 0 };
  const ends = { client: anywhere, destination: anywhere, server: anywhere };
  const all = { protocol: null, ...ends, isTemplate: false, rowsMax: 10 };
  const listed = await dataplane.connections(all);
  t.same(listed.unwrapOr(null), { connections: [], isCut: false }, 'nobody is connected');
}

async function checkLeases(t: Assertions, dataplane: Dataplane): Promise<void> {
  t.ok((await dataplane.lease('VI_1', 'dpdk9', [vip], 60_000)).isErr(), 'no lease without a port');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], 60_000))._unsafeUnwrap();
  const [leased] = (await dataplane.leases('VI_1'))._unsafeUnwrap();
  t.match(leased, { prefix: vip, device: 'dpdk0' }, 'a lease is held');
  t.ok(leased !== undefined && (leased.remainingMs ?? 0) > 0, 'for a time');
  t.same((await dataplane.leases('VI_2'))._unsafeUnwrap(), [], 'by its holder alone');
  const addresses = (await dataplane.addresses())._unsafeUnwrap();
  t.match(
    addresses.find(({ prefix }) => prefix.address === vip.address),
    { owner: 'vrrp' },
    'a leased address is an address',
  );
  t.same((await dataplane.running())._unsafeUnwrap().addresses.length, 1, 'but not a planned one');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], null))._unsafeUnwrap();
  const [kept] = (await dataplane.leases('VI_1'))._unsafeUnwrap();
  t.equal(kept?.remainingMs, null, 'no lease: for ever');
  t.ok((await dataplane.announce('dpdk0', [vip])).isOk(), 'announced');
  (await dataplane.release('VI_1', [vip]))._unsafeUnwrap();
  t.same((await dataplane.leases('VI_1'))._unsafeUnwrap(), [], 'released');
  t.ok((await dataplane.release('VI_1', [vip])).isOk(), 'releasing again is no error');
}

async function checkVirtualRoutes(t: Assertions, dataplane: Dataplane): Promise<void> {
  const ours = { ...route('203.0.113.0/24', '10.0.0.9'), owner: 'vrrp' } as const;
  const add: Change = { verb: 'add_route', route: ours };
  const before = (await dataplane.routes())._unsafeUnwrap();
  t.same((await dataplane.apply([add, add]))._unsafeUnwrap(), [], 'a route of VRRP, found again');
  t.same((await dataplane.routes())._unsafeUnwrap(), [...before, ours], 'is among the routes');
  const removal: Change = { verb: 'remove_route', route: { ...ours, owner: 'config' } };
  const refused = (await dataplane.apply([removal]))._unsafeUnwrap();
  t.equal(refused.length, 1, 'and removed by nobody else');
  await dataplane.apply([{ verb: 'remove_route', route: ours }]);
  t.same((await dataplane.routes())._unsafeUnwrap(), before, 'VRRP removes it');
}

async function checkFollowers(t: Assertions, dataplane: Dataplane): Promise<void> {
  const follower = { ...local(web, '10.0.0.201', 'dpdk0'), isLeased: true };
  const host = prefixOf('10.0.0.201/32');
  const isThere = async (): Promise<boolean> =>
    (await dataplane.addresses())
      ._unsafeUnwrap()
      .some(({ prefix }) => prefix.address === host.address);
  const made = await dataplane.apply([
    { verb: 'add_service', service: service(web) },
    { verb: 'add_local_address', localAddress: follower },
  ]);
  t.same(made._unsafeUnwrap(), [], 'a local address that follows an instance');
  t.same((await dataplane.running())._unsafeUnwrap().localAddresses, [follower], 'is kept as that');
  t.equal(await isThere(), false, 'and is not there without a lease');
  (await dataplane.lease('VI_1', 'dpdk0', [host], 60_000))._unsafeUnwrap();
  t.equal(await isThere(), true, 'only with one');
  (await dataplane.release('VI_1', [host]))._unsafeUnwrap();
  t.equal(await isThere(), false, 'until it ends');
  await dataplane.apply([{ verb: 'remove_service', service: service(web) }]);
}

function refusal(error: DataplaneError): boolean {
  return error.type === 'dataplane.refused';
}
