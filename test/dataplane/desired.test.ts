import t from 'tap';
import type { DataplaneConfig } from '../../src/config/dataplane.js';
import type { RealServer, VirtualServer } from '../../src/config/virtual-server.js';
import { desiredState, openOptions } from '../../src/dataplane/desired.js';
import { ipAddress } from '../../src/net/address.js';
import {
  nothingKnown,
  type ServiceFacts,
  serverKeyOf,
  serviceKeyOf,
} from '../../src/net/service-facts.js';
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
    desiredState(config, nothingKnown),
    stateOf({
      services: [service(key, 'wrr')],
      servers: [server(key, '10.0.1.2:80', 5)],
      localAddresses: [local(key, '10.0.1.200')],
    }),
  );
  t.end();
});

function up(weightChange: number) {
  return { isUp: true, weightChange };
}

function failing(service: VirtualServer, ...endpoints: string[]): ServiceFacts {
  const keys = endpoints.map((endpoint) => serverKeyOf(service, endpointOf(endpoint)));
  const servers = new Map(keys.map((key) => [key, { isUp: false, weightChange: 0 }]));
  return { ...nothingKnown, servers };
}

t.test('the dataplane block gives addresses and routes, but no connected route', (t) => {
  t.same(
    desiredState(configOf({ dataplane }), nothingKnown),
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
  const config = configOf({ virtualServers: [web] });
  const key = tcp('192.0.2.1:80');
  t.same(desiredState(config, failing(web, '10.0.1.2:80', '10.0.1.3:80')).servers, [
    server(key, '10.0.1.3:80', 0),
    server(key, '10.0.1.4:80', 7),
  ]);
  t.end();
});

t.test('checkers add to a weight, within what a weight can be', (t) => {
  const web = virtualServer('192.0.2.1:80', [realServer('10.0.1.2:80', { weight: 5 })]);
  const weightWith = (weightChange: number) => {
    const servers = new Map([[serverKeyOf(web, endpointOf('10.0.1.2:80')), up(weightChange)]]);
    const facts = { ...nothingKnown, servers };
    return desiredState(configOf({ virtualServers: [web] }), facts).servers[0]?.weight;
  };
  t.same([3, -2, -9, 70_000].map(weightWith), [8, 3, 0, 65_535]);
  t.end();
});

t.test('without a quorum the sorry server takes the place of all others', (t) => {
  const servers = [
    realServer('10.0.1.2:80'),
    realServer('10.0.1.3:80', { inhibitsOnFailure: true }),
  ];
  const key = tcp('192.0.2.1:80');
  const { inhibitsOnFailure: _never, checkers: _none, ...sorry } = realServer('10.0.1.9:80');
  const serversOf = (isInhibited: boolean, hasQuorum: boolean, endpoint = '10.0.1.9:80') => {
    const sorryServer = { ...sorry, endpoint: endpointOf(endpoint), isInhibited };
    const web = virtualServer('192.0.2.1:80', servers, { sorryServer });
    const withoutQuorum = new Set(hasQuorum ? [] : [serviceKeyOf(web)]);
    const facts = { ...nothingKnown, withoutQuorum };
    return desiredState(configOf({ virtualServers: [web] }), facts).servers;
  };
  const alive = [server(key, '10.0.1.2:80', 1), server(key, '10.0.1.3:80', 1)];
  t.same(serversOf(false, true), alive);
  t.same(serversOf(true, true), [...alive, server(key, '10.0.1.9:80', 0)]);
  const lost = [server(key, '10.0.1.9:80', 1), server(key, '10.0.1.3:80', 0)];
  t.same(serversOf(false, false), lost);
  t.same(serversOf(true, false), lost);
  t.same(serversOf(false, false, '10.0.1.3:80'), [server(key, '10.0.1.3:80', 1)], 'one of them');
  t.same(serversOf(true, true, '10.0.1.3:80'), alive, 'one of them');
  t.end();
});

t.test('a failure over TCP says nothing about the same name over UDP', (t) => {
  const servers = [realServer('10.0.1.2:53')];
  const overTcp = virtualServer('192.0.2.1:53', servers);
  const overUdp = virtualServer('192.0.2.1:53', servers, { protocol: 'UDP' });
  const config = configOf({ virtualServers: [overTcp, overUdp] });
  t.same(desiredState(config, failing(overTcp, '10.0.1.2:53')).servers, [
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
  const state = desiredState(configOf({ virtualServers: [web] }), nothingKnown);
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
  const state = desiredState(config, nothingKnown);
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
  const state = desiredState(config, nothingKnown);
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
  const { services, servers } = desiredState(config, nothingKnown);
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
    nothingKnown,
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
    desiredState(config, nothingKnown).servers.map(({ endpoint }) => endpoint),
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
  const { servers } = desiredState(configOf({ virtualServers: [both] }), nothingKnown);
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
    return desiredState(config, nothingKnown).localAddresses.length;
  };
  t.same((['FNAT', 'NAT', 'DR', 'TUN'] as const).map(uses), [1, 0, 0, 1]);
  t.end();
});

t.test('settings come from the block', (t) => {
  const settings = { ...settingsDefaults, forwardsIpv6: true };
  const config = configOf({ dataplane: { ...dataplane, settings } });
  t.same(desiredState(config, nothingKnown).settings, settings);
  t.same(desiredState(configOf({}), nothingKnown), stateOf({}));
  t.end();
});
