// Any Config that the decoder could have made, for properties.
import fc from 'fast-check';
import type { TcpCheck } from '../../src/config/checker.js';
import type { Config } from '../../src/config/config.js';
import type { DataplaneConfig, DataplanePort } from '../../src/config/dataplane.js';
import type { RealServer, VirtualServer } from '../../src/config/virtual-server.js';
import type { VrrpInstance } from '../../src/config/vrrp.js';
import { addressFromBytes, type IpAddress } from '../../src/net/address.js';
import { networkOf, type Prefix } from '../../src/net/prefix.js';

/** Whatever fits into quotes: braces, comment signs, spaces, any script. */
const word = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .map((text) => text.replaceAll(/["\n]/g, '#'));
const deviceName = fc.constantFrom('eth0', 'a#b', 'x y', '{', 'dpdk0.kni', 'groß');

const octet = fc.nat({ max: 255 });
/** 10/8 is for services and VRRP, 172/8 for local addresses, so that the two never meet. */
const addressIn = (first: number): fc.Arbitrary<IpAddress> =>
  fc.tuple(octet, octet, octet).map((rest) => addressFromBytes(Uint8Array.of(first, ...rest)));
const prefix: fc.Arbitrary<Prefix> = fc.record({
  address: addressIn(10),
  length: fc.nat({ max: 32 }),
});
const endpoint = fc.record({ address: addressIn(10), port: fc.integer({ min: 1, max: 65535 }) });
/** Milliseconds with microseconds as their fraction, as `seconds` decodes them. */
const duration = (minMs: number) =>
  fc.integer({ min: minMs * 1000, max: 4_294_000_000 }).map((microseconds) => microseconds / 1000);

const check: fc.Arbitrary<TcpCheck> = fc.record({
  type: fc.constant('TCP_CHECK' as const),
  target: endpoint,
  source: fc.option(addressIn(10), { nil: null }),
  connectTimeoutMs: duration(1),
  retry: fc.nat({ max: 65535 }),
  delayBeforeRetryMs: duration(0),
  delayLoopMs: duration(1),
  warmupMs: duration(0),
});

const realServer: fc.Arbitrary<RealServer> = fc.record({
  endpoint,
  weight: fc.nat({ max: 65535 }),
  inhibitsOnFailure: fc.boolean(),
  checkers: fc.array(check, { maxLength: 2 }),
});

const port: fc.Arbitrary<DataplanePort> = fc
  .record({ number: fc.nat({ max: 99 }), name: word, mtuBytes: fc.integer({ min: 68, max: 9000 }) })
  .map(({ number, name, mtuBytes }) => ({
    name,
    device: `net_af_packet${number},iface=${name}`,
    kniName: `kni${number}`,
    mtuBytes,
  }));

function dataplane(ports: readonly DataplanePort[]): fc.Arbitrary<DataplaneConfig> {
  const device = fc.constantFrom(...ports.map(({ name }) => name));
  return fc.record({
    workers: fc.integer({ min: 1, max: 64 }),
    workerCpus: fc.uniqueArray(fc.nat({ max: 1023 }), { maxLength: 4 }),
    poll: fc.constantFrom('busy', 'adaptive'),
    connectionsMax: fc.integer({ min: 1024, max: 16_777_216 }),
    packetBuffers: fc.integer({ min: 1024, max: 4_194_304 }),
    hugepages: fc.constantFrom('auto', 'on', 'off'),
    ports: fc.constant(ports),
    addresses: fc.array(fc.record({ prefix, device }), { maxLength: 2 }),
    routes: fc.array(
      fc.record({
        destination: prefix.map(networkOf),
        gateway: fc.option(addressIn(10), { nil: null }),
        device,
      }),
      { maxLength: 3 },
    ),
  });
}

function instances(ports: readonly string[]): fc.Arbitrary<readonly VrrpInstance[]> {
  const one = fc.record({
    name: word,
    state: fc.constantFrom('MASTER', 'BACKUP'),
    interface: deviceName,
    dpdkInterface: fc.option(fc.constantFrom(...ports), { nil: null }),
    virtualRouterId: fc.integer({ min: 1, max: 255 }),
    priority: fc.integer({ min: 1, max: 255 }),
    advertIntervalMs: fc.integer({ min: 1, max: 255 }).map((seconds) => seconds * 1000),
    authentication: fc.oneof(
      fc.constant({ type: 'none' as const }),
      fc.constantFrom('1', 'a b', '#!{}', 'ß€', '12345678', "'").map((password) => ({
        type: 'pass' as const,
        password,
      })),
    ),
    preempts: fc.boolean(),
    leases: fc.boolean(),
    virtualAddresses: fc.array(fc.record({ prefix, device: deviceName }), {
      minLength: 1,
      maxLength: 3,
    }),
    garpMasterDelayMs: duration(0),
    garpMasterRepeat: fc.integer({ min: 1, max: 4294 }),
  });
  const selector = (instance: VrrpInstance) => instance.name;
  return fc.uniqueArray(one, { selector, maxLength: 3 }).map((found) => found.map(placed));
}

/** No two instances share a router number or an address; dpdk_interface has every address. */
function placed(instance: VrrpInstance, index: number): VrrpInstance {
  const virtualAddresses = instance.virtualAddresses.map(({ prefix, device }, place) => {
    const address = addressFromBytes(Uint8Array.of(11, index, place, 1));
    return { prefix: { ...prefix, address }, device: instance.dpdkInterface ?? device };
  });
  return { ...instance, virtualRouterId: index + 1, virtualAddresses };
}

function virtualServers(lips: readonly string[], groups: Config['virtualServerGroups']) {
  const one = fc.record({
    name: fc.constant(''),
    endpoints: fc.array(endpoint, { minLength: 1, maxLength: 1 }),
    protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
    scheduler: fc.constantFrom('rr' as const, 'wrr' as const),
    method: fc.constant('FNAT' as const),
    delayLoopMs: duration(1),
    localAddressGroup: fc.constantFrom(...lips),
    realServers: fc.uniqueArray(realServer, {
      selector: ({ endpoint }) => `${endpoint.address} ${endpoint.port}`,
      minLength: 1,
      maxLength: 3,
    }),
  });
  const named = (server: VirtualServer): VirtualServer => {
    const [first] = server.endpoints;
    return { ...server, name: `${first?.address} ${first?.port}` };
  };
  const plain = fc
    .uniqueArray(one, { selector: ({ endpoints }) => endpoints[0]?.address, maxLength: 3 })
    .map((servers) => servers.map(named));
  const grouped = fc.tuple(...groups.map(() => one)).map((servers) =>
    servers.map((server, index) => {
      const group = groups[index];
      const endpoints = group?.endpoints ?? [];
      return { ...server, name: `group ${group?.name}`, endpoints };
    }),
  );
  return fc.tuple(plain, grouped).map((both) => both.flat());
}

/** Group endpoints are 12/8, so that they never meet those of plain virtual servers. */
const serverGroups = fc.uniqueArray(word, { maxLength: 2 }).map((names) =>
  names.map((name, index) => ({
    name,
    endpoints: [1, 2].map((last) => ({
      address: addressFromBytes(Uint8Array.of(12, 0, index, last)),
      port: 80 + last,
    })),
  })),
);

function withServers(ports: readonly DataplanePort[]): fc.Arbitrary<Config> {
  const devices = ports.map(({ name }) => name);
  const group = fc.record({
    name: word,
    addresses: fc.uniqueArray(
      fc.record({ address: addressIn(172), device: fc.constantFrom(...devices) }),
      { selector: ({ address }) => address, maxLength: 3 },
    ),
  });
  return fc
    .tuple(fc.uniqueArray(group, { selector: ({ name }) => name, minLength: 1 }), serverGroups)
    .chain(([localAddressGroups, virtualServerGroups]) =>
      fc.record({
        global: fc.record({ routerId: word }),
        dataplane: dataplane(ports),
        staticAddresses: fc.array(fc.record({ prefix, device: deviceName }), { maxLength: 2 }),
        localAddressGroups: fc.constant(localAddressGroups),
        vrrpInstances: instances(devices),
        virtualServerGroups: fc.constant(virtualServerGroups),
        virtualServers: virtualServers(
          localAddressGroups.map(({ name }) => name),
          virtualServerGroups,
        ),
      }),
    );
}

export const arbitraryConfig: fc.Arbitrary<Config> = fc
  .uniqueArray(port, {
    comparator: (left, right) => left.name === right.name || left.kniName === right.kniName,
    minLength: 1,
    maxLength: 3,
  })
  .chain(withServers)
  // Records of fast-check have no prototype, those of the decoder do.
  .map((config) => structuredClone(config));
