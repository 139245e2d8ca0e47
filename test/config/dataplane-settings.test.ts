import t from 'tap';
import { settingsDefaults } from '../../src/net/settings.js';
import { complaints, configOf } from './text.js';

function settingsOf(lines: string, globals = '') {
  const text = `${globals}dataplane {\nport a {\ndevice net_null\n}\n${lines}\n}\n`;
  t.same(complaints(text), [], text);
  return configOf(text).config.dataplane?.settings;
}

t.test('a block that says nothing has the defaults', (t) => {
  t.same(settingsOf(''), settingsDefaults);
  t.end();
});

t.test('every setting', (t) => {
  const lines = `timeouts {
none 3
established 900
syn_sent 4
syn_recv 31
fin_wait 8
time_wait 9
close 4
close_wait 8
last_ack 8
udp 60
sctp 61
}
ipv4_forwarding
ipv6_forwarding on
uoa_mode ipo
uoa_max_trail 9
expire_quiescent_template
defence_udp_drop
defence_tcp_drop`;
  t.same(settingsOf(lines), {
    timeouts: {
      none: 3,
      established: 900,
      syn_sent: 4,
      syn_recv: 31,
      fin_wait: 8,
      time_wait: 9,
      close: 4,
      close_wait: 8,
      last_ack: 8,
      udp: 60,
      sctp: 61,
    },
    timeoutsOwner: 'config',
    forwardsIpv4: true,
    forwardsIpv6: true,
    uoaMode: 'ipo',
    uoaPackets: 9,
    expiresQuiescentTemplates: true,
    dropsUnservedUdp: true,
    dropsStrayTcp: true,
  });
  t.end();
});

t.test('lvs_timeouts counts where the block says nothing, and 0 says nothing', (t) => {
  const globals = 'global_defs {\nlvs_timeouts tcp 700 tcpfin 0\nlvs_timeouts udp 70\n}\n';
  const found = settingsOf('timeouts {\nudp 80\n}', globals)?.timeouts;
  t.same(found, { ...settingsDefaults.timeouts, established: 700, udp: 80 });
  t.end();
});
