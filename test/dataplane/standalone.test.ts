import t from 'tap';
import type { DpvsConf } from '../../src/config/dpvs-conf/dpvs-conf.js';
import type { EalArguments } from '../../src/dataplane/eal-arguments.js';
import { standaloneConfig } from '../../src/dataplane/standalone.js';
import { settingsDefaults } from '../../src/net/settings.js';

const conf: DpvsConf = {
  workerCpuIds: [1, 2],
  workers: 2,
  connectionsMax: 65_536,
  packetBuffers: 8191,
  ports: [
    { name: 'dpdk1', mtuBytes: 9000, kniName: 'outside' },
    { name: 'dpdk7', mtuBytes: 1500, kniName: 'dpdk7.kni' },
  ],
  settings: { ...settingsDefaults, forwardsIpv6: true },
};

const eal: EalArguments = {
  devices: ['0000:01:00.0', 'net_null0'],
  cpus: null,
  hugepages: 'off',
  warnings: [],
};

t.test('the file and the command line together', (t) => {
  t.same(standaloneConfig(conf, eal)._unsafeUnwrap(), {
    config: {
      workers: 2,
      workerCpus: [1, 2],
      poll: 'adaptive',
      connectionsMax: 65_536,
      packetBuffers: 8191,
      hugepages: 'off',
      ports: [
        { name: 'dpdk0', device: '0000:01:00.0', kniName: 'dpdk0.kni', mtuBytes: 1500 },
        { name: 'dpdk1', device: 'net_null0', kniName: 'outside', mtuBytes: 9000 },
      ],
      addresses: [],
      routes: [],
      settings: conf.settings,
    },
    warnings: ['device dpdk7 has nothing behind it: 2 devices are named behind --, from dpdk0 on'],
  });
  t.end();
});

t.test('cpu_id counts in the CPUs of -l', (t) => {
  const { config } = standaloneConfig(conf, { ...eal, cpus: [4, 6, 8] })._unsafeUnwrap();
  t.same(config.workerCpus, [6, 8]);
  t.equal(
    standaloneConfig(conf, { ...eal, cpus: [4, 6] })._unsafeUnwrapErr(),
    'cpu_id 2 is beyond the 2 CPUs of -l, which count from 0',
  );
  t.end();
});
