import t from 'tap';
import { checkAnnouncements } from '../../src/config/announce-checks.js';
import { announcementOf } from '../../src/config/announcement-block.js';
import { Report } from '../../src/config/diagnostic.js';
import { complaints, configOf } from './text.js';

const neighbor = 'neighbor 192.0.2.254 {\nremote_as 65000\n}';
const bgp = `bgp_instance edge {
local_as 64512
allow {
203.0.113.0/24 le 32
}
${neighbor}
}
`;
const plane = `dataplane {
port dpdk0 {
device net_null0
}
addresses {
203.0.113.9/32 dev dpdk0
203.0.113.10/32 dev dpdk0
203.0.113.11/32 dev dpdk0
}
}
`;

function instance(address: string, lines: string): string {
  return `vrrp_instance V {
interface eth0
virtual_router_id 1
virtual_ipaddress {
${address}
}
announce {
${lines}
}
}
`;
}

function server(head: string, announce: string): string {
  const block = announce === '' ? '' : `announce {\n${announce}\n}\n`;
  return `virtual_server ${head} {\nlb_algo rr\nlvs_method DR\nprotocol TCP\n${block}}\n`;
}

const toEdge = 'bgp edge {\n}';

t.test('a block that tells nobody of anything', (t) => {
  t.match(complaints(instance('203.0.113.9', 'hold_down 1')), [/tells nobody: add bgp, ospf or k/]);
  t.same(complaints(bgp + instance('203.0.113.9', toEdge)), []);
  t.match(complaints(bgp + instance('203.0.113.9', `${toEdge}\nhold_down_max 1`)), [
    /^19:1: warning: hold_down_max is shorter than hold_down, 5 s, which counts/,
  ]);
  t.end();
});

t.test('what no list lets out is said', (t) => {
  t.match(complaints(bgp + instance('198.51.100.9', toEdge)), [
    /^17:1: warning: no allow of bgp_instance edge has 198.51.100.9\/32: .*; allow \{ 198.51.100.9/,
  ]);
  const v6 = complaints(bgp + instance('2001:db8::9', toEdge));
  t.match(
    v6.join('\n'),
    /no neighbor of bgp_instance edge is told 2001:db8::9\/128: address_famil/,
  );
  t.match(complaints(bgp + instance('203.0.113.9', `${toEdge}\nprefix_length 40`)), [
    /203.0.113.9 has no network of 40 bits/,
  ]);
  t.same(complaints(bgp + instance('203.0.113.9', `${toEdge}\nprefix_length 24`)), []);
  t.match(complaints(bgp + instance('203.0.113.9', `${toEdge}\nprefix_length 23`)), [
    /has 203.0.112.0\/23/,
  ]);
  t.end();
});

t.test('facts that never come true', (t) => {
  const lonely = complaints(plane + bgp + server('203.0.113.9 80', `${toEdge}\nwhen master`));
  t.match(lonely.join('\n'), /error: when master of virtual_server .* no vrrp_instance has it/);
  const quorum = `${toEdge}\nwhen quorum`;
  t.match(complaints(bgp + instance('203.0.113.9', quorum)).join('\n'), /no virtual_server has it/);
  t.end();
});

t.test('an address that nobody takes packets for', (t) => {
  const other = server('203.0.113.12 80', toEdge);
  t.match(complaints(plane + bgp + other).join('\n'), /203.0.113.12 is announced, but no port/);
  t.notMatch(complaints(bgp + other).join('\n'), /no port/, 'there is no data plane');
  const held = instance('203.0.113.12', toEdge);
  t.notMatch(complaints(plane + bgp + held + other).join('\n'), /no port/, 'VRRP has it');
  t.notMatch(complaints(plane + bgp + server('203.0.113.9 80', toEdge)).join('\n'), /no port/);
  t.end();
});

t.test('two blocks for one address', (t) => {
  const two = (first: string, second: string) =>
    complaints(
      plane + bgp + server('203.0.113.9 80', first) + server('203.0.113.9 443', second),
    ).filter((line) => !line.includes('real_server'));
  t.same(two(toEdge, toEdge), []);
  t.match(two(toEdge, `${toEdge}\ndrain_time 1`).join('\n'), /is announced otherwise already at/);
  t.end();
});

t.test('the defaults; a group speaks for the servers that say nothing', (t) => {
  const group = `virtual_server_group web {
203.0.113.9 80
announce {
bgp edge {
med 5
next_hop 192.0.2.7
}
}
203.0.113.10 80
}
`;
  const own = server('group web', '') + server('203.0.113.11 80', toEdge);
  const { config, root } = configOf(plane + bgp + group + own);
  const [grouped, single] = config.virtualServers;
  t.same(
    grouped?.endpoints.map(({ address }) => address),
    ['203.0.113.9', '203.0.113.10'],
  );
  t.match(grouped?.announcement, {
    bgp: [{ instance: 'edge', attributes: { med: 5, nextHop: { ipv4: '192.0.2.7', ipv6: null } } }],
    when: 'quorum',
  });
  t.same(single?.announcement, {
    bgp: [{ instance: 'edge', attributes: {} }],
    ospf: [],
    kernelInterface: null,
    prefixLength: null,
    hasLocalAddresses: false,
    when: 'quorum',
    degradedBelowPercent: 100,
    degradedMed: 0,
    degradedMetric: 0,
    holdDownMs: 5000,
    holdDownMaxMs: 300_000,
    drainMs: 30_000,
  });
  const report = new Report();
  checkAnnouncements(root, config, report);
  t.same(report.diagnostics, []);
  t.equal(announcementOf(undefined, 'always'), null);
  t.equal(
    configOf(instance('203.0.113.9', 'kernel')).config.vrrpInstances[0]?.announcement?.when,
    'master',
  );
  t.end();
});

t.test('a protocol without attributes of its own needs no block', (t) => {
  const { config, diagnostics } = configOf(`
    bgp_instance edge {
      local_as 65001
      allow { 203.0.113.0/24 ge 32 }
      neighbor 192.0.2.1 { remote_as 65000 }
    }
    vrrp_instance V {
      interface eth0
      virtual_router_id 1
      virtual_ipaddress { 203.0.113.10/32 }
      announce { bgp edge }
    }`);
  t.same(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  t.same(config.vrrpInstances[0]?.announcement?.bgp, [{ instance: 'edge', attributes: {} }]);
  t.end();
});
