// bfd_instance, track_bfd and BFD_CHECK as what is acted on.
import t from 'tap';
import { configOf } from './text.js';

t.test('a session has the defaults of keepalived', async (t) => {
  const {
    config: { bfdInstances },
  } = configOf('bfd_instance near {\nneighbor_ip 192.0.2.2\n}\n');
  t.same(bfdInstances, [
    {
      name: 'near',
      settings: {
        neighbor: '192.0.2.2',
        source: null,
        interface: null,
        isMultihop: false,
        sentHops: 255,
        hopsMax: 0,
        minRxMs: 10,
        minTxMs: 10,
        idleTxMs: 1000,
        multiplier: 5,
        isPassive: false,
      },
    },
  ]);
});

t.test('everything may be set; hops are counted from the ttl of this side', async (t) => {
  const {
    config: { bfdInstances },
  } = configOf(`bfd_instance far {
neighbor_ip 2001:db8::2
source_ip 2001:db8::1
multihop
max_hops 3
min_rx 100
min_tx 200
idle_tx 3000
multiplier 3
passive
}
bfd_instance any {
neighbor_ip 192.0.2.9
max_hops -1
}
bfd_instance low {
neighbor_ip 192.0.2.10
ttl 200
max_hops 5
}
bfd_instance wide {
neighbor_ip 192.0.2.11
ttl 1
max_hops 1
}
`);
  t.match(bfdInstances[0]?.settings, {
    source: '2001:db8::1',
    isMultihop: true,
    sentHops: 64,
    hopsMax: 194,
    minRxMs: 100,
    minTxMs: 200,
    idleTxMs: 3000,
    multiplier: 3,
    isPassive: true,
  });
  const hops = bfdInstances.map(({ settings }) => settings.hopsMax);
  t.same(hops, [194, null, 60, null]);
});

t.test('of two of one name the first counts, and one without a neighbour is none', async (t) => {
  const {
    config: { bfdInstances },
  } = configOf(`bfd_instance one {
neighbor_ip 192.0.2.2
}
bfd_instance one {
neighbor_ip 192.0.2.3
}
bfd_instance nobody {
}
`);
  t.same(
    bfdInstances.map(({ name, settings }) => [name, settings.neighbor]),
    [['one', '192.0.2.2']],
  );
});

t.test('track_bfd has the weight of its line, else of the session', async (t) => {
  const {
    config: { vrrpInstances },
  } = configOf(`bfd_instance a {
neighbor_ip 192.0.2.2
weight 20 reverse
}
bfd_instance b {
neighbor_ip 192.0.2.3
}
vrrp_instance V {
interface eth0
virtual_router_id 1
virtual_ipaddress {
192.0.2.100
}
track_bfd {
a
b weight -7
}
}
`);
  t.same(vrrpInstances[0]?.tracking, [
    { kind: 'bfd', name: 'a', weight: 20, isReversed: true },
    { kind: 'bfd', name: 'b', weight: -7, isReversed: false },
  ]);
});

t.test('BFD_CHECK is a checker; one of no session is left out', async (t) => {
  const {
    config: { virtualServers },
  } = configOf(`dataplane {
port dpdk0 {
device net_null
}
}
bfd_instance a {
neighbor_ip 192.0.2.2
}
virtual_server 192.0.2.100 80 {
lb_kind NAT
protocol TCP
real_server 198.51.100.1 80 {
BFD_CHECK {
name a
alpha
}
BFD_CHECK {
name nowhere
}
}
}
`);
  t.same(virtualServers[0]?.realServers[0]?.checkers, [
    { type: 'BFD_CHECK', name: 'a', startsDown: true },
  ]);
});
