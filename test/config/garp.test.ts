import t from 'tap';
import type { GarpRates, GarpSettings } from '../../src/config/garp.js';
import { configOf } from './text.js';

const globals = (lines: string) => `global_defs {\n${lines}\n}\n`;
const instance = (name: string, lines: string) => `vrrp_instance ${name} {
interface eth0
virtual_router_id ${name.charCodeAt(0)}
virtual_ipaddress {
192.0.2.1
}
${lines}
}
`;

/** Delay and rounds after becoming MASTER, of refreshes, after an advert of lower priority. */
function numbers(garp: GarpSettings | undefined): readonly (number | undefined)[] {
  return [
    garp?.masterDelayMs,
    garp?.masterRounds,
    garp?.refreshMs,
    garp?.refreshRounds,
    garp?.lowerPriorityDelayMs,
    garp?.lowerPriorityRounds,
  ];
}

function garpOf(globalLines: string, lines: string): GarpSettings | undefined {
  return configOf(globals(globalLines) + instance('A', lines)).config.vrrpInstances[0]?.garp;
}

const own = `garp_master_delay 7
garp_master_repeat 3
garp_master_refresh 9`;
const lower = `garp_lower_prio_delay 2
garp_lower_prio_repeat 0
garp_master_refresh_repeat 4`;

// What keepalived 2.2.7 prints of the same lines at SIGUSR1.
const measured: readonly (readonly [string, string, readonly number[]])[] = [
  ['', '', [5000, 5, 0, 1, 5000, 5]],
  ['', own, [7000, 3, 9000, 1, 5000, 5]],
  ['', lower, [5000, 5, 0, 4, 2000, 0]],
  ['', 'strict_mode', [5000, 5, 0, 1, 0, 0]],
  ['vrrp_min_garp', '', [0, 1, 0, 0, 0, 1]],
  ['vrrp_min_garp', own, [7000, 3, 9000, 0, 0, 1]],
  ['vrrp_min_garp', lower, [0, 1, 0, 4, 2000, 0]],
  ['vrrp_min_garp', 'strict_mode', [0, 1, 0, 0, 0, 0]],
  ['vrrp_garp_master_delay 8\nvrrp_garp_master_repeat 2', '', [8000, 2, 0, 1, 8000, 2]],
  ['vrrp_garp_master_delay 8\nvrrp_garp_master_repeat 2', own, [7000, 3, 9000, 1, 8000, 2]],
  ['vrrp_min_garp\nvrrp_garp_master_repeat 4', '', [0, 4, 0, 0, 0, 4]],
  ['vrrp_garp_lower_prio_repeat 6\nvrrp_garp_lower_prio_delay 1', '', [5000, 5, 0, 1, 1000, 6]],
  [
    'vrrp_garp_master_refresh 60\nvrrp_garp_master_refresh_repeat 3',
    '',
    [5000, 5, 6e4, 3, 5000, 5],
  ],
];

t.test('what an instance leaves out is as in global_defs', (t) => {
  for (const [globalLines, lines, expected] of measured) {
    t.same(numbers(garpOf(globalLines, lines)), expected, `${globalLines} | ${lines}`);
  }
  t.end();
});

t.test('other interfaces are told too when that is asked for', (t) => {
  const extra = (globalLines: string, lines: string) => garpOf(globalLines, lines)?.extra;
  t.equal(extra('', ''), null);
  t.same(extra('', 'garp_extra_if all 100'), { intervalMs: 100_000, isOnAll: true });
  t.same(extra('vrrp_garp_extra_if 30', ''), { intervalMs: 30_000, isOnAll: false });
  t.same(extra('vrrp_vmac_garp_intvl 30', ''), { intervalMs: 30_000, isOnAll: false });
  t.same(extra('vrrp_garp_extra_if 30', 'vmac_garp_intvl 10'), {
    intervalMs: 10_000,
    isOnAll: false,
  });
  t.equal(extra('vrrp_garp_extra_if 30', 'garp_extra_if 0'), null, 'off here');
  t.end();
});

t.test('rates are of interfaces, alone or in groups', (t) => {
  const ratesOf = (text: string): GarpRates => configOf(text).config.garpRates;
  t.same(ratesOf(''), { others: { arpIntervalMs: 0, advertisementIntervalMs: 0 }, groups: [] });
  const text = `${globals('vrrp_garp_interval 0.01\nvrrp_gna_interval 0.000001')}
garp_group {
garp_interval 1.5
interfaces {
eth0 eth1
eth2
}
}
garp_group {
gna_interval 0.25
interface eth3
}
`;
  t.same(ratesOf(text), {
    others: { arpIntervalMs: 10, advertisementIntervalMs: 0.001 },
    groups: [
      { arpIntervalMs: 1500, advertisementIntervalMs: 0, interfaces: ['eth0', 'eth1', 'eth2'] },
      { arpIntervalMs: 0, advertisementIntervalMs: 250, interfaces: ['eth3'] },
    ],
  });
  t.end();
});
