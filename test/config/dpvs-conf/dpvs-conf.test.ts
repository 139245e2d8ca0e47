// What of dpvs.conf is acted on, and the complaints about it.
import t from 'tap';
import { settingsDefaults } from '../../../src/net/settings.js';
import { dpvsComplaints, dpvsConfOf } from './text.js';

function workers(...settings: readonly string[]): string {
  const blocks = settings.map((one, index) => `worker cpu${index} {\n${one}\n}`);
  return `worker_defs {\n${blocks.join('\n')}\n}`;
}

const roles = workers('type master\ncpu_id 0', 'cpu_id 1', 'cpu_id 4');

t.test('an empty file has the defaults of DPVS', (t) => {
  const read = dpvsConfOf('');
  t.same(dpvsComplaints(read), []);
  t.same(read.conf, {
    workerCpuIds: [],
    workers: 1,
    connectionsMax: 1_048_575,
    packetBuffers: 65_535,
    ports: [],
    settings: settingsDefaults,
  });
  t.end();
});

t.test('timeouts, forwarding and UOA', (t) => {
  const { conf } = dpvsConfOf(`
    ipv4_defs {
      forwarding on
    }
    ipvs_defs {
      conn {
        expire_quiescent_template
      }
      udp {
        uoa_mode ipo
        uoa_max_trail 7
        defence_udp_drop
        timeout {
          normal 60
        }
      }
      tcp {
        timeout {
          established 600
          last_ack 8
        }
      }
    }
    ipvs_defs {
      tcp {
        defence_tcp_drop
        timeout {
          established 700
        }
      }
    }`);
  t.same(conf.settings, {
    timeouts: { ...settingsDefaults.timeouts, established: 700, last_ack: 8, udp: 60 },
    timeoutsOwner: 'config',
    forwardsIpv4: true,
    forwardsIpv6: false,
    uoaMode: 'ipo',
    uoaPackets: 7,
    expiresQuiescentTemplates: true,
    dropsUnservedUdp: true,
    dropsStrayTcp: true,
  });
  t.end();
});

t.test('workers share the connections', (t) => {
  const { conf } = dpvsConfOf(`${roles}\nipvs_defs {\nconn {\nconn_pool_size 65537\n}\n}`);
  t.match(conf, { workers: 2, workerCpuIds: [1, 4], connectionsMax: 32_769 });
  const large = dpvsConfOf(`${roles}\nipvs_defs {\nconn {\nconn_pool_size 99999999\n}\n}`);
  t.equal(large.conf.connectionsMax, 16_777_216);
  t.same(dpvsComplaints(large), [
    '15:1: warning: conn_pool_size is 50000000 connections for each of 2 workers; ' +
      '16777216 are used: add workers',
  ]);
  t.end();
});

t.test('a section may stand in pieces, and of one item the last counts', (t) => {
  const { conf } = dpvsConfOf(`
    netif_defs {
      pktpool_size 2047
      device dpdk0 {
      }
    }
    netif_defs {
      pktpool_size 4095
      device dpdk1 {
        mtu 1400
      }
    }`);
  t.equal(conf.packetBuffers, 4095);
  t.same(conf.ports, [
    { name: 'dpdk0', mtuBytes: 1500, kniName: 'dpdk0.kni' },
    { name: 'dpdk1', mtuBytes: 1400, kniName: 'dpdk1.kni' },
  ]);
  t.end();
});

t.test('sizes beyond ours are pulled into their range', (t) => {
  const text = 'netif_defs {\npktpool_size 134217727\ndevice dpdk0 {\nmtu 0\n}\n}';
  const read = dpvsConfOf(text);
  t.match(read.conf, { packetBuffers: 4_194_304, ports: [{ mtuBytes: 68 }] });
  t.same(dpvsComplaints(read), [
    '2:14: warning: 134217727 is out of range for pktpool_size; 4194304 is used',
    '4:5: warning: 0 is out of range for mtu; 68 is used',
  ]);
  t.end();
});

t.test('mistakes with workers', (t) => {
  const cases: readonly [string, readonly string[]][] = [
    [
      workers('type master\ncpu_id 0'),
      ['1:1: error: worker_defs has no worker of type slave to forward packets; one is started'],
    ],
    [
      workers('cpu_id 0', 'cpu_id 1'),
      ['1:1: error: worker_defs has 0 workers of type master; there must be one'],
    ],
    [
      workers('type master\ncpu_id 0', 'cpu_id 1', 'cpu_id 1'),
      ['10:1: error: cpu_id 1 is defined already at /etc/dpvs.conf:7'],
    ],
    [
      workers('type master\ncpu_id 0', 'cpu_id 1', 'type slave'),
      ['9:8: error: worker cpu2 has no cpu_id; it is left out'],
    ],
    [
      workers('type master\ncpu_id 0', 'cpu_id 1', 'type kni\ncpu_id 2'),
      [
        '10:1: warning: worker cpu2 of type kni has no meaning here: ' +
          'a thread of its own serves the companion interfaces',
      ],
    ],
    [
      workers('type master\ncpu_id 0', 'cpu_id 1', 'type idle\ncpu_id x'),
      [
        '10:6: error: "idle" is not what type takes: master or slave or kni',
        '11:8: error: "x" is not what cpu_id takes: a whole number, 0-1023',
      ],
    ],
  ];
  for (const [text, expected] of cases) t.same(dpvsComplaints(dpvsConfOf(text)), expected, text);
  const many = workers(
    'type master\ncpu_id 0',
    ...Array.from({ length: 65 }, (_, index) => `cpu_id ${index + 1}`),
  );
  t.equal(dpvsConfOf(many).conf.workers, 64);
  t.match(dpvsComplaints(dpvsConfOf(many)), [/has 65 workers; the first 64 are started/]);
  t.end();
});

t.test('a name that is there already', (t) => {
  const text = `netif_defs {
    device dpdk0 {
    }
    device dpdk0 {
      mtu 1400
    }
  }
  worker_defs {
    worker cpu0 {
      type master
      cpu_id 0
    }
    worker cpu0 {
      cpu_id 1
    }
    worker cpu1 {
      cpu_id 2
    }
  }`;
  const read = dpvsConfOf(text);
  t.same(dpvsComplaints(read), [
    '4:5: error: device dpdk0 is defined already at /etc/dpvs.conf:2',
    '13:5: error: worker cpu0 is defined already at /etc/dpvs.conf:9',
  ]);
  t.match(read.conf, { ports: [{ mtuBytes: 1500 }], workerCpuIds: [2] });
  t.end();
});

t.test('a port whose companion cannot be called after it', (t) => {
  const text = 'netif_defs {\ndevice a_long_name_12 {\n}\n}';
  t.same(dpvsComplaints(dpvsConfOf(text)), [
    '2:8: error: "a_long_name_12.kni" is no interface name (15 characters at most); set kni_name',
  ]);
  t.end();
});

t.test('items that nobody knows, and wrong values', (t) => {
  const text = `netif_def {
  }
  global_defs {
    log_levl INFO
    kni perhaps
  }
  netif_defs {
    device dpdk0 {
      rx {
        rss ip|icmp
      }
    }
  }
  ipv6_defs {
    stable_secret "12"
  }
  vrrp_instance one {
  }`;
  t.same(dpvsComplaints(dpvsConfOf(text), 'error'), [
    '1:1: error: unknown keyword "netif_def" in the root of dpvs.conf; did you mean "netif_defs"?',
    '4:5: error: unknown keyword "log_levl" in global_defs; did you mean "log_level"?',
    '5:9: error: "perhaps" is not what kni takes: on or off (or true, yes, false, no)',
    '10:13: error: "ip|icmp" is not what rss takes: ' +
      'all, or some of ip, tcp, udp, sctp, ether, port, tunnel, joined by "|"',
    '15:19: error: "12" is not what stable_secret takes: 32 hexadecimal digits',
    '17:3: error: unknown keyword "vrrp_instance" in the root of dpvs.conf',
  ]);
  t.end();
});

t.test('an item without its value, and an include', (t) => {
  const read = dpvsConfOf('include more.conf', {
    '/etc/more.conf': 'netif_defs {\n pktpool_size\n}',
  });
  t.match(read.diagnostics, [{ severity: 'fatal', file: '/etc/more.conf', line: 2 }]);
  t.end();
});
