// A decoded two-port load balancer, as the decoder would make it.

import type { Config } from '../../src/config/config.js';
import { operationsDefaults } from '../../src/config/operations.js';
import { noTracking } from '../../src/config/tracking.js';
import type { VrrpInstance } from '../../src/config/vrrp.js';
import { ipAddress } from '../../src/net/address.js';
import { parsePrefix } from '../../src/net/prefix.js';
import { serverDefaults, serviceDefaults } from '../../src/net/service.js';
import { settingsDefaults } from '../../src/net/settings.js';
import { objectsFor, plainFirewall } from '../config/no-objects.js';
import { plainServer, plainService } from '../config/plain-service.js';
import { silentGlobals } from '../config/silence.js';
import { garpRates, instance as vrrpInstance } from '../ha/vrrp/instance.js';

const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();

export const sampleInstance: VrrpInstance = vrrpInstance({
  interface: 'dpdk0.kni',
  dpdkInterface: 'dpdk0',
  virtualAddresses: [{ prefix: prefix('192.0.2.100/24'), device: 'dpdk0' }],
  objects: objectsFor([{ prefix: prefix('192.0.2.100/24'), device: 'dpdk0' }]),
});

function realServer(address: string, inhibitsOnFailure: boolean) {
  const endpoint = { address: ipAddress(address), port: 8080 };
  return {
    endpoint,
    ...serverDefaults,
    ...plainServer,
    method: 'FNAT' as const,
    inhibitsOnFailure,
    checkers: [
      {
        type: 'TCP_CHECK' as const,
        target: endpoint,
        source: null,
        sourcePort: null,
        sourceInterface: null,
        mark: 0,
        startsDown: false,
        logsAllFailures: false,
        connectTimeoutMs: 1000,
        retry: 1,
        delayBeforeRetryMs: 1000,
        delayLoopMs: 1000,
        warmupMs: 1000,
      },
    ],
  };
}

export const sampleConfig: Config = {
  global: { routerId: 'lb1', defaultInterface: 'eth0' },
  operations: operationsDefaults,
  dataplane: {
    workers: 1,
    workerCpus: [],
    poll: 'adaptive',
    connectionsMax: 65536,
    packetBuffers: 8192,
    hugepages: 'off',
    ports: [
      { name: 'dpdk0', device: 'net_null0', kniName: 'dpdk0.kni', mtuBytes: 1500 },
      { name: 'dpdk1', device: 'net_null1', kniName: 'dpdk1.kni', mtuBytes: 1500 },
    ],
    addresses: [],
    routes: [{ destination: prefix('198.51.100.0/24'), gateway: null, device: 'dpdk1' }],
    settings: settingsDefaults,
  },
  syncGroups: [],
  staticObjects: {
    ...objectsFor([{ prefix: prefix('192.0.2.11/24'), device: 'dpdk0.kni' }]),
    groups: [],
  },
  firewall: plainFirewall,
  localAddressGroups: [
    {
      name: 'back',
      addresses: [{ address: ipAddress('198.51.100.111'), device: 'dpdk1', follows: null }],
    },
  ],
  vrrpInstances: [sampleInstance],
  garpRates,
  tracking: noTracking,
  notification: silentGlobals,
  virtualServerGroups: [],
  bgpInstances: [],
  ospfInstances: [],
  bfdInstances: [],
  virtualServers: [
    {
      name: '192.0.2.100 80',
      endpoints: [{ address: ipAddress('192.0.2.100'), port: 80 }],
      match: null,
      protocol: 'TCP',
      ...serviceDefaults,
      ...plainService,
      scheduler: 'rr',
      delayLoopMs: 1000,
      localAddressGroup: 'back',
      realServers: [realServer('198.51.100.1', false), realServer('198.51.100.2', true)],
    },
  ],
};
