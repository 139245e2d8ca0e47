import t from 'tap';
import type { VrrpInstance } from '../../src/config/vrrp.js';
import { complaints, configOf } from './text.js';

function written(lines: string, address = '192.0.2.1', globals = ''): string {
  return `vrrp_instance V {
interface eth0
virtual_router_id 5
virtual_ipaddress {
${address}
}
${lines}
}
global_defs {
${globals}
}
`;
}

function decoded(lines: string, address?: string, globals?: string): VrrpInstance {
  const [instance] = configOf(written(lines, address, globals)).config.vrrpInstances;
  if (instance === undefined) throw new Error('assertion: the instance was left out');
  return instance;
}

t.test('defaults are those of keepalived', (t) => {
  t.match(decoded(''), {
    version: 2,
    family: 'ipv4',
    destination: { type: 'group', group: '224.0.0.18' },
    sourceAddress: null,
    lacksPeers: false,
    believesPeersOnly: false,
    checksum: 'detect',
    missedAdvertsMax: 3,
    preemptDelayMs: 0,
    yieldsTo: null,
    answersLowerPriority: true,
    advertisesBeforeYielding: false,
    ignoresAdvertsAsOwner: false,
    comparesEveryList: true,
    tracksInterface: true,
    tracksSource: false,
    receiveBufferBytes: null,
  });
  t.match(decoded('', '2001:db8::1'), {
    version: 3,
    family: 'ipv6',
    destination: { type: 'group', group: 'ff02::12' },
  });
  t.end();
});

t.test('where adverts go', (t) => {
  t.match(decoded('mcast_dst_ip 224.0.0.99\nmcast_src_ip 192.0.2.7'), {
    destination: { type: 'group', group: '224.0.0.99' },
    sourceAddress: '192.0.2.7',
  });
  t.match(decoded('', undefined, 'vrrp_mcast_group4 224.0.0.77').destination, {
    group: '224.0.0.77',
  });
  const peers = 'unicast_src_ip 192.0.2.7\nunicast_peer {\n192.0.2.8\n192.0.2.9 min_ttl 250\n}';
  t.match(decoded(peers), {
    destination: {
      type: 'peers',
      peers: [
        { address: '192.0.2.8', ttlMin: 0, ttlMax: 255 },
        { address: '192.0.2.9', ttlMin: 250, ttlMax: 255 },
      ],
      ttl: 255,
    },
    sourceAddress: '192.0.2.7',
    believesPeersOnly: true,
  });
  const near = decoded('unicast_ttl 3\nunicast_peer {\n192.0.2.8\n}');
  t.match(near, { destination: { ttl: 3 }, believesPeersOnly: false });
  t.equal(decoded('check_unicast_src\nunicast_peer {\n192.0.2.8\n}').believesPeersOnly, true);
  t.equal(decoded('unicast_fault_no_peer\nunicast_peer {\n}').lacksPeers, true);
  t.equal(decoded('unicast_peer {\n}').destination.type, 'group', 'no peers: multicast');
  t.end();
});

t.test('times', (t) => {
  t.equal(decoded('version 3\nadvert_int 0.01').advertIntervalMs, 10);
  t.equal(decoded('version 3\nadvert_int 0.015').advertIntervalMs, 20);
  t.equal(decoded('version 3\nadvert_int 50').advertIntervalMs, 40_950);
  t.equal(decoded('advert_int 2').advertIntervalMs, 2000);
  t.equal(decoded('down_timer_adverts 5').missedAdvertsMax, 5);
  t.equal(decoded('', undefined, 'vrrp_down_timer_adverts 7').missedAdvertsMax, 7);
  t.equal(decoded('preempt_delay 300').preemptDelayMs, 300_000);
  t.equal(decoded('preempt_delay 300\nnopreempt').preemptDelayMs, 0);
  t.equal(decoded('preempt_delay 300\nstate MASTER').preemptDelayMs, 0);
  t.end();
});

t.test('authentication', (t) => {
  const block = (type: string) => `authentication {\nauth_type ${type}\nauth_pass secret\n}`;
  t.same(decoded(block('PASS')).authentication, { type: 'pass', password: 'secret' });
  t.same(decoded(block('AH')).authentication, { type: 'ah', password: 'secret' });
  t.same(decoded(`version 3\n${block('AH')}`).authentication, { type: 'none' });
  t.same(decoded(`strict_mode\n${block('PASS')}`).authentication, { type: 'none' });
  const sixth = written(`version 2\n${block('AH')}`, '2001:db8::1');
  t.match(complaints(sixth), [/auth_type AH is for IPv4/]);
  t.end();
});

t.test('checksums of VRRPv3', (t) => {
  t.equal(decoded('v3_checksum_as_v2').checksum, 'none');
  t.equal(decoded('', undefined, 'v3_checksum_as_v2').checksum, 'none');
  t.equal(decoded('old_unicast_checksum').checksum, 'group');
  t.equal(decoded('old_unicast_checksum never').checksum, 'rfc');
  t.end();
});

t.test('manners, of the instance or of all', (t) => {
  t.match(
    decoded(
      'lower_prio_no_advert\nhigher_prio_send_advert\nowner_ignore_adverts\n' +
        'skip_check_adv_addr\ndont_track_primary\ntrack_src_ip\nkernel_rx_buf_size 65536',
    ),
    {
      answersLowerPriority: false,
      advertisesBeforeYielding: true,
      ignoresAdvertsAsOwner: true,
      comparesEveryList: false,
      tracksInterface: false,
      tracksSource: true,
      receiveBufferBytes: 65_536,
    },
  );
  const globals =
    'vrrp_lower_prio_no_advert\nvrrp_higher_prio_send_advert\nvrrp_owner_ignore_adverts\n' +
    'vrrp_skip_check_adv_addr\nvrrp_check_unicast_src';
  t.match(decoded('', undefined, globals), {
    answersLowerPriority: false,
    advertisesBeforeYielding: true,
    ignoresAdvertsAsOwner: true,
    comparesEveryList: false,
    believesPeersOnly: true,
  });
  t.equal(decoded('lower_prio_no_advert off', undefined, globals).answersLowerPriority, true);
  t.end();
});

t.test('strict mode knows owners and nothing that the RFCs do not', (t) => {
  const strict = 'vrrp_strict';
  t.equal(decoded('state MASTER\npriority 100', undefined, strict).state, 'BACKUP');
  t.equal(decoded('priority 255', undefined, strict).state, 'MASTER');
  t.match(
    decoded(
      'higher_prio_send_advert\ndown_timer_adverts 9\npreempt_delay 9\npriority 9',
      undefined,
      strict,
    ),
    {
      answersLowerPriority: false,
      advertisesBeforeYielding: false,
      missedAdvertsMax: 3,
      preemptDelayMs: 0,
      ignoresAdvertsAsOwner: true,
    },
  );
  t.equal(decoded('priority 255').state, 'MASTER', 'an owner without a state');
  t.equal(decoded('state MASTER\nnopreempt').preempts, true);
  t.end();
});

t.test('who takes over from a master that stands still', (t) => {
  const yieldsTo = (lines: string): number | null => decoded(lines).yieldsTo;
  t.equal(yieldsTo('nopreempt\ntimer_expired_backup'), 254, 'the fastest there can be');
  t.equal(yieldsTo('nopreempt\ntimer_expired_backup 120'), 120);
  t.equal(yieldsTo('nopreempt\nthread_timer_expired 120'), 120);
  t.equal(yieldsTo('timer_expired_backup 120'), null, 'who preempts takes it back anyway');
  t.end();
});
