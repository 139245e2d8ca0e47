import t from 'tap';
import { parseKeelson } from '../../src/cli/keelson/arguments.js';
import { printStatus } from '../../src/cli/keelson/print.js';
import { bfdStatus } from '../../src/daemon/bfd-news.js';
import { metricsText } from '../../src/daemon/metrics.js';
import type { Status } from '../../src/daemon/status.js';
import { zeroCounters } from '../../src/ha/vrrp/statistics.js';
import { ipAddress } from '../../src/net/address.js';
import { settings } from '../routing/bfd/bfd-world.js';
import { noStatistics } from '../sim/dataplane.js';

const status: Status = {
  instance: null,
  routerId: 'lb1',
  bgp: [],
  bfd: [
    bfdStatus(
      {
        name: 'router',
        hasBeenUp: true,
        fact: {
          settings: settings('192.0.2.2'),
          state: 'Down',
          sinceMs: 1000,
          remoteState: 'Up',
          localDiagnostic: 'Control Detection Time Expired',
          remoteDiagnostic: 'No Diagnostic',
          localDiscriminator: 7,
          remoteDiscriminator: 0,
          transmitMs: 1000,
          detectionMs: null,
          received: 5,
          sent: 6,
          unsent: 2,
          drops: { too_short: 3 },
          timesDown: 1,
          lastReason: 'no packet for the detection time',
          isNeighborAdminDown: false,
        },
      },
      61_000,
    ),
  ],
  vrrp: [
    {
      instance: 'V_1',
      state: 'MASTER',
      sinceMs: 0,
      priority: 150,
      faults: ['tracked script check is down'],
      masterAddress: ipAddress('192.0.2.1'),
      family: 'ipv4',
      version: 2,
      interface: 'eth0',
      virtualRouterId: 51,
      basePriority: 170,
      sinceSeconds: 7384.2,
      port: 'dpdk0',
      belongings: {
        addresses: [1, 2, 3, 4, 5, 6].map((host) => `192.0.2.${host}/24 dev dpdk0`),
        excludedAddresses: [],
        localAddresses: ['198.51.100.7/32 dev dpdk1'],
        portRoutes: ['203.0.113.0/24 via 192.0.2.9 dev dpdk0'],
      },
      counters: { ...zeroCounters(), advertsSent: 7, becameMaster: 1, ttlErrors: 2 },
      lateness: { adverts: 6, worstMs: 204.5, meanMs: 40, late: 1 },
    },
  ],
  failedCheckers: ['192.0.2.100 80 TCP 198.51.100.1:8080 TCP_CHECK 0'],
  services: [
    {
      service: '[192.0.2.100]:tcp:80',
      hasQuorum: false,
      quorum: 2,
      hysteresis: 1,
      aliveWeight: 0,
      sorryServer: { server: '[198.51.100.9]:tcp:8080', isActive: true },
      isSuspended: false,
      servers: [
        {
          server: '[198.51.100.1]:tcp:8080',
          isUp: false,
          weight: 3,
          sinceSeconds: 65,
          checks: [
            {
              type: 'TCP_CHECK',
              state: 'down',
              last: { secondsAgo: 4.2, latencyMs: 5001.04, failure: 'timeout' },
              nextSeconds: 5.8,
            },
            { type: 'HTTP_GET', state: 'unknown', last: null, nextSeconds: null },
          ],
        },
      ],
    },
  ],
  announcements: [
    {
      address: ipAddress('203.0.113.9'),
      prefix: '203.0.113.9/32',
      kind: 'virtual',
      state: 'draining',
      forSeconds: 5,
      drainedBy: 'address',
    },
    {
      address: ipAddress('203.0.113.200'),
      prefix: '203.0.113.200/32',
      kind: 'local',
      state: 'healthy',
      forSeconds: null,
      drainedBy: null,
    },
  ],
  checks: {
    started: 1234,
    underWay: 1,
    waiting: 0,
    late: 2,
    worstLatenessMs: 120.4,
    latency: { cumulative: [], count: 1234, sumMs: 99 },
  },
  timers: { timers: 100, worstMs: 1.25, meanMs: 0.5 },
  dataplane: {
    isUp: true,
    statistics: {
      ...noStatistics,
      slowThread: { unresolvedDropped: 2, injectFull: 0, noBuffer: 0 },
      companions: [{ device: 'dpdk0', toKernel: 5, fromKernel: 6, dropped: 1 }],
      workers: [
        {
          worker: 0,
          cpu: 1,
          connections: 3,
          rx: 9,
          injected: 4,
          injectFailed: 0,
          checksumsCompleted: 2,
          untold: 3,
          verdicts: { forwarded: 8, drop_no_route: 0 },
        },
      ],
    },
  },
};

t.test('the status is one screen', (t) => {
  const addresses = [1, 2, 3, 4].map((host) => `192.0.2.${host}/24 dev dpdk0`).join(', ');
  t.equal(
    printStatus(status),
    `router lb1

VRRP instances
  V_1                  MASTER  priority 150 of 170  for 2h 3m  master 192.0.2.1
      v2 IPv4 eth0 vrid 51
      sent 7 received 0 became master 1 released 0
      adverts late by 40.00 ms on average, 204.50 ms at worst, 1 too late
      addresses: ${addresses} and 2 more
      local addresses that follow: 198.51.100.7/32 dev dpdk1
      routes of the data plane: 203.0.113.0/24 via 192.0.2.9 dev dpdk0
      tracked script check is down
      ttlErrors              2

BFD sessions
  router               Down      192.0.2.2, single hop  for 1m 0s
      neighbour Up  sends every 1000 ms  detects in -
      sent 6 received 5 times down 1
      diagnostics: Control Detection Time Expired; neighbour: No Diagnostic
      last change: no packet for the detection time
      could not send 2
      dropped: too_short 3

Services
  [192.0.2.100]:tcp:80  NO QUORUM: weight 0 of 2 (+-1)  sorry server [198.51.100.9]:tcp:8080 answers
    [198.51.100.1]:tcp:8080        DOWN weight 3  for 1m 5s
        TCP_CHECK    down      timeout in 5001.0 ms, 4s ago, next in 5s
        HTTP_GET     unknown

Checks: 1234 begun, 2 LATE, at worst 120 ms after their time; 1 under way, 0 waiting

Announcements
  203.0.113.9/32         draining     for 5s  drained
  203.0.113.200/32       healthy      source address of FNAT

Data plane: up
  worker 0 on cpu 1: 9 packets received, 3 connections
    forwarded                8
    untold                   3
  companion of dpdk0: 5 to the kernel, 6 from it, 1 dropped
  slow thread unresolvedDropped 2

Timers: 100, late by 0.50 ms on average, 1.25 ms at worst
`,
  );
  const down = { ...status, vrrp: [], failedCheckers: [], instance: 'two', dataplane: null };
  const text = printStatus(down);
  for (const line of ['router lb1, instance two', 'VRRP: no instance', 'Data plane: not used']) {
    t.ok(text.includes(line), line);
  }
  const [one] = status.announcements;
  if (one === undefined) throw new Error('assertion: there is one');
  const node = printStatus({ ...status, announcements: [{ ...one, drainedBy: 'node' }] });
  t.match(node, /Announcements {2}THE NODE IS DRAINED/);
  const silent = printStatus({ ...status, dataplane: { isUp: false, statistics: null } });
  t.match(silent, /DOES NOT ANSWER/);
  t.end();
});

t.test('arguments', (t) => {
  const parse = (...words: string[]) => parseKeelson(words, {});
  t.match(parse('status', '--json')._unsafeUnwrap(), {
    type: 'status',
    format: 'json',
    place: { runtimeDirectory: '/run/keelson', instance: null },
  });
  t.match(parse('status')._unsafeUnwrap(), { format: 'text' });
  t.match(parse('metrics')._unsafeUnwrap(), { format: 'metrics' });
  t.equal(parse('-h')._unsafeUnwrap().type, 'help');
  t.equal(parse('-v')._unsafeUnwrap().type, 'version');
  t.match(parse('dance')._unsafeUnwrapErr().text, /unknown command "dance"/);
  t.match(parse()._unsafeUnwrapErr().text, /unknown command/);
  const address = '203.0.113.9';
  t.match(parse('why', address)._unsafeUnwrap(), { type: 'why', address, isJson: false });
  t.match(parse('drain', address, '--json')._unsafeUnwrap(), {
    type: 'drain',
    address,
    isJson: true,
  });
  t.match(parse('undrain')._unsafeUnwrap(), { type: 'undrain', address: null });
  t.match(parse('why')._unsafeUnwrapErr().text, /why needs an address/);
  t.match(parse('drain', 'web')._unsafeUnwrapErr().text, /"web" is not an IP address/);
  t.match(parse('why', address, 'x')._unsafeUnwrapErr().text, /takes one address, not "x" as well/);
  t.match(parse('status', 'x')._unsafeUnwrapErr().text, /status takes no "x"/);
  t.match(parse('status', '--x')._unsafeUnwrapErr().text, /--x/);
  t.match(parse('status', '--instance', 'a/b')._unsafeUnwrapErr().text, /not an instance name/);
  t.end();
});

t.test('why an instance is in FAULT stands below it', (t) => {
  const [fact] = status.vrrp;
  if (fact === undefined) throw new Error('assertion: there is one');
  const faults = ['tracked script check is down', 'tracked file load holds 3'];
  const printed = printStatus({ ...status, vrrp: [{ ...fact, state: 'FAULT', faults }] });
  t.match(
    printed,
    /V_1 +FAULT [\s\S]*\n {6}tracked script check is down\n {6}tracked file load holds 3\n/,
  );
  t.end();
});

t.test('metrics are lines that Prometheus reads', (t) => {
  const text = metricsText(status);
  const lines = text.trimEnd().split('\n');
  const sampleLine = /^keelson_[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)*\})? -?[0-9.e+]+$/;
  for (const line of lines) {
    if (!line.startsWith('#')) t.match(line, sampleLine);
  }
  for (const line of [
    'keelson_vrrp_state{instance="V_1",state="MASTER"} 1',
    'keelson_server_up{service="[192.0.2.100]:tcp:80",server="[198.51.100.1]:tcp:8080"} 0',
    'keelson_announcement_state{prefix="203.0.113.9/32",address="203.0.113.9",state="draining"} 1',
    'keelson_announcement_drained{prefix="203.0.113.9/32",address="203.0.113.9"} 1',
    'keelson_checks_late_total 2',
    'keelson_check_duration_seconds_bucket{le="+Inf"} 1234',
    'keelson_check_duration_seconds_sum 0.099',
    'keelson_dataplane_packets_total{worker="0",verdict="forwarded"} 8',
  ]) {
    t.ok(lines.includes(line), line);
  }
  const types = lines.filter((line) => line.startsWith('# TYPE'));
  t.equal(new Set(types).size, types.length, 'each once');
  t.ok(text.endsWith('\n'));
  t.end();
});

t.test('BFD sessions are metrics', async (t) => {
  const text = metricsText(status);
  const labels = 'session="router",neighbor="192.0.2.2"';
  t.ok(text.includes(`keelson_bfd_state{${labels},state="Down"} 1`));
  t.ok(text.includes(`keelson_bfd_packets_dropped_total{${labels},reason="too_short"} 3`));
  t.ok(text.includes(`keelson_bfd_downs_total{${labels}} 1`));
  t.notOk(text.includes('keelson_bfd_detection_seconds{'));
});
