import t from 'tap';
import type { DataplaneConfig } from '../../src/config/dataplane.js';
import type { RealServer } from '../../src/config/virtual-server.js';
import { desiredState, failedServerKey, openOptions } from '../../src/dataplane/desired.js';
import { ipAddress } from '../../src/net/address.js';
import { settingsDefaults } from '../../src/net/settings.js';
import {
  address,
  configOf,
  endpointOf,
  local,
  outbound,
  prefixOf,
  realServer,
  route,
  server,
  service,
  stateOf,
  tcp,
  udp,
  virtualServer,
} from './examples.js';

const noFailures = { failedServers: new Set<string>() };
const group = {
  name: 'laddr',
  addresses: [{ address: ipAddress('10.0.1.200'), device: 'dpdk1', follows: null }],
};

const dataplane: DataplaneConfig = {
  workers: 2,
  workerCpus: [1, 2],
  poll: 'busy',
  connectionsMax: 2048,
  packetBuffers: 4096,
  hugepages: 'auto',
  ports: [{ name: 'dpdk0', device: 'net_ring0', kniName: 'dpdk0.kni', mtuBytes: 1500 }],
  addresses: [{ prefix: prefixOf('10.0.0.21/24'), device: 'dpdk0' }],
  routes: [{ destination: prefixOf('0.0.0.0/0'), gateway: ipAddress('10.0.0.1'), device: 'dpdk0' }],
  settings: settingsDefaults,
};

t.test('a service, its local addresses and its servers', (t) => {
  const config = configOf({
    localAddressGroups: [group],
    virtualServers: [
      virtualServer('192.0.2.1:80', [realServer('10.0.1.2:80', { weight: 5 })], {
        scheduler: 'wrr',
      }),
    ],
  });
  const key = tcp('192.0.2.1:80');
  t.same(
    desiredState(config, noFailures),
    stateOf({
      services: [service(key, 'wrr')],
      servers: [server(key, '10.0.1.2:80', 5)],
      localAddresses: [local(key, '10.0.1.200')],
    }),
  );
  t.end();
});

t.test('the dataplane block gives addresses and routes, but no connected route', (t) => {
  t.same(
    desiredState(configOf({ dataplane }), noFailures),
    stateOf({
      addresses: [address('10.0.0.21/24')],
      routes: [route('0.0.0.0/0', '10.0.0.1')],
    }),
  );
  t.end();
});

t.test('a failed server is left out, or stays with weight 0', (t) => {
  const gone = realServer('10.0.1.2:80');
  const inhibited = realServer('10.0.1.3:80', { inhibitsOnFailure: true });
  const well = realServer('10.0.1.4:80', { weight: 7 });
  const web = virtualServer('192.0.2.1:80', [gone, inhibited, well]);
  const failedServers = new Set(
    [gone, inhibited].map(({ endpoint }) => failedServerKey(web, endpoint)),
  );
  const config = configOf({ virtualServers: [web] });
  const key = tcp('192.0.2.1:80');
  t.same(desiredState(config, { failedServers }).servers, [
    server(key, '10.0.1.3:80', 0),
    server(key, '10.0.1.4:80', 7),
  ]);
  t.end();
});

t.test('a failure over TCP says nothing about the same name over UDP', (t) => {
  const servers = [realServer('10.0.1.2:53')];
  const overTcp = virtualServer('192.0.2.1:53', servers);
  const overUdp = virtualServer('192.0.2.1:53', servers, { protocol: 'UDP' });
  const failedServers = new Set([failedServerKey(overTcp, endpointOf('10.0.1.2:53'))]);
  const config = configOf({ virtualServers: [overTcp, overUdp] });
  t.same(desiredState(config, { failedServers }).servers, [
    server(udp('192.0.2.1:53'), '10.0.1.2:53'),
  ]);
  t.end();
});

t.test('a group is a service at each of its addresses', (t) => {
  const endpoints = [endpointOf('192.0.2.1:80'), endpointOf('192.0.2.2:80')];
  const web = virtualServer('192.0.2.1:80', [realServer('10.0.1.2:80')], {
    name: 'group web',
    endpoints,
  });
  const state = desiredState(configOf({ virtualServers: [web] }), noFailures);
  t.same(
    state.servers.map(({ service: key }) => ('match' in key ? null : key.address)),
    ['192.0.2.1', '192.0.2.2'],
  );
  t.equal(state.services.length, 2);
  t.end();
});

t.test('of two virtual servers at one place the first counts', (t) => {
  const config = configOf({
    virtualServers: [
      virtualServer('192.0.2.1:80', [realServer('10.0.1.2:80')]),
      virtualServer('192.0.2.1:80', [realServer('10.0.1.3:80')]),
    ],
  });
  const state = desiredState(config, noFailures);
  t.equal(state.services.length, 1);
  t.same(state.servers, [server(tcp('192.0.2.1:80'), '10.0.1.2:80')]);
  t.end();
});

t.test('what the file repeats counts once', (t) => {
  const twice = { ...group, addresses: [...group.addresses, ...group.addresses] };
  const config = configOf({
    dataplane: {
      ...dataplane,
      addresses: [...dataplane.addresses, ...dataplane.addresses],
      routes: [...dataplane.routes, ...dataplane.routes],
    },
    localAddressGroups: [twice],
    virtualServers: [
      virtualServer('192.0.2.1:80', [
        realServer('10.0.1.2:80', { weight: 3 }),
        realServer('10.0.1.2:80', { weight: 4 }),
      ]),
    ],
  });
  const state = desiredState(config, noFailures);
  t.same(state.servers, [server(tcp('192.0.2.1:80'), '10.0.1.2:80', 3)]);
  t.same([state.addresses.length, state.routes.length, state.localAddresses.length], [1, 1, 1]);
  t.end();
});

t.test('what a start sets comes from the block', (t) => {
  const options = openOptions(dataplane, 'keelson_lb1');
  t.equal(options.filePrefix, 'keelson_lb1');
  t.same(options.workerCpus, [1, 2]);
  t.same(options.ports, dataplane.ports);
  t.notOk('addresses' in options);
  t.end();
});

t.test('every option of services and servers arrives', (t) => {
  const options = {
    scheduler: 'mh',
    persistence: { seconds: 9, bits: 24 },
    rejects: true,
  } as const;
  const tunnel = { type: 'gue', port: 6080, hasChecksum: true } as const;
  const host = realServer('10.0.1.2:80', { method: 'TUN', tunnel, upperThreshold: 7 });
  const config = configOf({ virtualServers: [virtualServer('192.0.2.1:80', [host], options)] });
  const key = tcp('192.0.2.1:80');
  const { services, servers } = desiredState(config, noFailures);
  t.same(services, [{ ...service(key), ...options }]);
  t.same(servers, [{ ...server(key, '10.0.1.2:80'), method: 'TUN', tunnel, upperThreshold: 7 }]);
  t.end();
});

t.test('a match is one service, with the addresses of its pool', (t) => {
  const key = outbound();
  const pool = realServer('192.0.2.9:7', { method: 'SNAT' });
  const web = virtualServer('192.0.2.1:80', [pool], {
    name: 'match out',
    endpoints: [],
    match: key.match,
    localAddressGroup: null,
  });
  const { services, servers, localAddresses } = desiredState(
    configOf({ virtualServers: [web] }),
    noFailures,
  );
  t.same(services, [service(key)]);
  t.same(servers, [{ ...server(key, '192.0.2.9:0'), method: 'SNAT' }]);
  t.same(localAddresses, []);
  t.end();
});

t.test('DR and TUN keep the port of the service', (t) => {
  const hosts = [
    realServer('10.0.1.2:81', { method: 'DR' }),
    realServer('10.0.1.2:82', { method: 'DR' }),
    realServer('10.0.1.3:81', { method: 'NAT' }),
  ];
  const config = configOf({ virtualServers: [virtualServer('192.0.2.1:80', hosts)] });
  t.same(
    desiredState(config, noFailures).servers.map(({ endpoint }) => endpoint),
    [endpointOf('10.0.1.2:80'), endpointOf('10.0.1.3:81')],
    'two of them are one',
  );
  t.end();
});

t.test('of a group of both families each service gets the servers that it can reach', (t) => {
  const hosts = [
    realServer('10.0.1.2:80', { method: 'DR' }),
    realServer('2001:db8:1::2:80', { method: 'NAT' }),
    realServer('10.0.1.3:80', { method: 'TUN' }),
  ];
  const endpoints = [endpointOf('192.0.2.1:80'), endpointOf('2001:db8::1:80')];
  const both = virtualServer('192.0.2.1:80', hosts, { name: 'group both', endpoints });
  const { servers } = desiredState(configOf({ virtualServers: [both] }), noFailures);
  const [four, six] = [tcp('192.0.2.1:80'), tcp('2001:db8::1:80')];
  t.same(
    servers.map((one) => [one.service, one.endpoint.address]),
    [
      [four, '10.0.1.2'],
      [four, '10.0.1.3'],
      [six, '2001:db8:1::2'],
      [six, '10.0.1.3'],
    ],
  );
  t.end();
});

t.test('local addresses are for FNAT and TUN', (t) => {
  const uses = (method: RealServer['method']) => {
    const web = virtualServer('192.0.2.1:80', [realServer('10.0.1.2:80', { method })]);
    const config = configOf({ localAddressGroups: [group], virtualServers: [web] });
    return desiredState(config, noFailures).localAddresses.length;
  };
  t.same((['FNAT', 'NAT', 'DR', 'TUN'] as const).map(uses), [1, 0, 0, 1]);
  t.end();
});

t.test('settings come from the block', (t) => {
  const settings = { ...settingsDefaults, forwardsIpv6: true };
  const config = configOf({ dataplane: { ...dataplane, settings } });
  t.same(desiredState(config, noFailures).settings, settings);
  t.same(desiredState(configOf({}), noFailures), stateOf({}));
  t.end();
});
