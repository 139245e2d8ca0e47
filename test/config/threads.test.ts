import t from 'tap';
import { protocolRealTimeMax, threadsDefaults } from '../../src/config/threads.js';
import { configOf } from './text.js';

function threadsOf(words: string) {
  return configOf(`global_defs {\n${words}\n}`).config.operations.threads;
}

t.test('nothing said', (t) => {
  t.same(threadsOf(''), threadsDefaults);
  t.equal(protocolRealTimeMax(threadsDefaults.protocol), 1);
  t.end();
});

t.test('what is said of VRRP or BFD is for the thread that does both', (t) => {
  const { protocol, health } = threadsOf(`
    vrrp_rt_priority 20
    bfd_rt_priority 30
    bfd_priority -3
    checker_priority 7
    checker_rt_priority 2
    checker_cpu_affinity 1 3
    bfd_cpu_affinity 0
    max_auto_priority -1
    min_auto_priority_delay 2500`);
  t.same(protocol, { nice: -3, realTime: 30, cpus: [0], autoRealTimeMax: 99, autoDelayMs: 2.5 });
  t.same(health, { nice: 7, realTime: 2, cpus: [1, 3] });
  t.equal(protocolRealTimeMax(protocol), 99);
  t.end();
});

t.test('a nice value alone asks for no real-time priority', (t) => {
  const { protocol } = threadsOf('vrrp_priority 5\nvrrp_cpu_affinity 2\nbfd_cpu_affinity 1');
  t.match(protocol, { nice: 5, realTime: null, cpus: [2] });
  t.equal(protocolRealTimeMax(protocol), null);
  t.end();
});
