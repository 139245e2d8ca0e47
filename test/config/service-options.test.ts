// What a virtual_server says, as options of the data plane.
import t from 'tap';
import type { ServerOptions, ServiceOptions } from '../../src/net/service.js';
import { serverDefaults, serviceDefaults } from '../../src/net/service.js';
import { complaints, configOf, notices } from './text.js';

const plane = `dataplane {
port a {
device net_null
}
}
local_address_group lips {
10.0.0.9 a
}
local_address_group both {
10.0.0.10 a
2001:db8::10 a
}
`;

type Parts = {
  readonly head?: string;
  readonly kind?: string;
  readonly server?: string;
  readonly inServer?: string;
};

function text(lines: string, parts: Parts = {}): string {
  const { head = '10.0.0.1 80', kind = 'NAT', server = '10.0.0.2 80', inServer = '' } = parts;
  return `${plane}virtual_server ${head} {
lb_algo rr
lb_kind ${kind}
protocol TCP
${lines}
real_server ${server} {
${inServer}
}
}
`;
}

function serviceOf(lines: string, parts: Parts = {}) {
  return configOf(text(lines, parts)).config.virtualServers[0];
}

function serverOf(parts: Parts, lines = '') {
  return serviceOf(lines, parts)?.realServers[0];
}

t.test('one packet by FNAT or NAT', (t) => {
  t.equal(serviceOf('protocol UDP\nops'), undefined, 'such a service is left out');
  t.match(complaints(text('protocol UDP\nops')), [/ops is for DR and TUN; answers by FNAT or NAT/]);
  t.end();
});

t.test('every option of a service', (t) => {
  const plain = { ...serviceDefaults, scheduler: 'rr' };
  t.match(serviceOf(''), plain);
  const cases: readonly (readonly [string, Partial<ServiceOptions>])[] = [
    ['lb_algo sh\nsh-port', { scheduler: 'sh', hashesPort: true }],
    ['lb_algo mh\nmh-fallback', { scheduler: 'mh', hashFallsBack: true }],
    ['lb_algo mh\nflag-1', { scheduler: 'mh', hashFallsBack: true }],
    ['lb_algo sh\nflag-2', { scheduler: 'sh', hashesPort: true }],
    ['flag-1\nflag-2', { hashesPort: false, hashFallsBack: false }],
    ['lb_algo mh\nmaglev_slots 251', { scheduler: 'mh', maglevSlots: 251 }],
    ['lb_algo conhash\nhash_target qid', { scheduler: 'conhash', hashTarget: 'qid' }],
    ['persistence_timeout', { persistence: { seconds: 360, bits: 32 } }],
    ['persistence_timeout 60', { persistence: { seconds: 60, bits: 32 } }],
    ['persistence_granularity 255.255.255.0', { persistence: { seconds: 360, bits: 24 } }],
    ['ops', { isOnePacket: false }],
    ['protocol UDP\nlb_kind DR\nops', { isOnePacket: true }],
    ['quic', { isQuic: false }],
    ['protocol UDP\nquic', { isQuic: true }],
    ['expire_quiescent_conn', { expiresQuiescent: true }],
    ['proxy_protocol v2-insecure', { proxyProtocol: 'v2-insecure' }],
    ['client_address uoa', { clientAddress: 'uoa' }],
    ['client_address off\nclient_toa keep', { clientAddress: 'off', keepsClientToa: true }],
    ['no_destination reject', { rejects: true }],
    ['establish_timeout 600', { establishedSeconds: 600 }],
    ['establish_timeout 99999', { establishedSeconds: 3600 }],
    ['connections_max 7', { connectionsMax: 7 }],
    ['connections_max 0', { connectionsMax: null }],
  ];
  for (const [lines, options] of cases) {
    t.match(serviceOf(lines), { ...plain, ...options }, lines);
  }
  t.match(complaints(text('maglev_slots 252')), [/a number of slots: 251, 509, /]);
  t.end();
});

t.test('persistence of IPv6 clients, and of any port', (t) => {
  const six = { head: '2001:db8::1 80', server: '2001:db8::2 80' };
  t.match(serviceOf('persistence_timeout 9', six)?.persistence, { seconds: 9, bits: 128 });
  t.match(serviceOf('persistence_granularity 64', six)?.persistence, { seconds: 360, bits: 64 });
  t.match(serviceOf('', { head: '10.0.0.1' })?.persistence, { seconds: 360, bits: 32 });
  t.equal(serviceOf('persistence_granularity 24'), undefined, 'a mask with holes');
  t.end();
});

t.test('every option of a server', (t) => {
  const plain: ServerOptions = serverDefaults;
  const tunnel = { type: 'ipip', port: 0, hasChecksum: false } as const;
  const gue = { type: 'gue', port: 6080, hasChecksum: true } as const;
  const cases: readonly (readonly [Parts, Partial<ServerOptions>])[] = [
    [{}, {}],
    [{ kind: 'DR' }, { method: 'DR' }],
    [{ kind: 'TUN' }, { method: 'TUN', tunnel }],
    [{ kind: 'TUN type gue port 6080 csum' }, { method: 'TUN', tunnel: gue }],
    [{ kind: 'TUN type gre nocsum' }, { method: 'TUN', tunnel: { ...tunnel, type: 'gre' } }],
    [{ inServer: 'lvs_method TUN' }, { method: 'TUN', tunnel }],
    [{ kind: 'TUN type gre', inServer: 'lvs_method DR' }, { method: 'DR' }],
    [{ inServer: 'uthreshold 9\nlthreshold 4' }, { upperThreshold: 9, lowerThreshold: 4 }],
    [{ inServer: 'weight 99999' }, { weight: 65_535 }],
  ];
  for (const [parts, options] of cases) {
    t.match(serverOf(parts), { ...plain, ...options }, JSON.stringify(parts));
  }
  t.end();
});

t.test('a server of the other family: by FNAT and TUN, not by NAT and DR', (t) => {
  const six = '2001:db8::2 80';
  t.equal(serverOf({ kind: 'TUN', server: six })?.method, 'TUN');
  t.equal(serverOf({ kind: 'FNAT', server: six }, 'laddr_group_name both')?.method, 'FNAT');
  t.equal(
    serverOf(
      { kind: 'FNAT', server: '10.0.0.2 80', head: '2001:db8::1 80' },
      'laddr_group_name lips',
    )?.method,
    'FNAT',
  );
  for (const kind of ['NAT', 'DR']) {
    t.equal(serverOf({ kind, server: six }), undefined);
    t.match(complaints(text('', { kind, server: six })), [
      /real_server 2001:db8::2 is left out: the service is IPv4, and only FNAT and TUN reach/,
    ]);
  }
  t.end();
});

t.test('FNAT needs local addresses of the family of the server', (t) => {
  const parts = { kind: 'FNAT', server: '2001:db8::2 80' };
  t.same(serviceOf('laddr_group_name lips', parts)?.realServers, []);
  t.match(complaints(text('laddr_group_name lips', parts)), [
    /real_server 2001:db8::2 is left out: FNAT .* 80 has no laddr_group_name with IPv6 addresses$/,
  ]);
  t.same(complaints(text('laddr_group_name both', parts)), []);
  const override = { inServer: 'lvs_method FNAT' };
  t.same(serviceOf('', override)?.realServers, [], 'also of a server that alone is FNAT');
  t.match(complaints(text('', override)), [/has no laddr_group_name with IPv4 addresses$/]);
  t.equal(serviceOf('laddr_group_name lips', override)?.realServers.length, 1);
  t.end();
});

t.test('services by match are for SNAT, and SNAT for them', (t) => {
  const head = 'match out';
  const parts = { head, kind: 'SNAT', server: '10.0.0.7 0' };
  t.match(serviceOf('src-range 10.2.0.1-10.2.0.254:1-9\noif a', parts), {
    name: 'match out',
    endpoints: [],
    protocol: 'TCP',
    match: {
      family: 'ipv4',
      source: {
        addresses: { first: '10.2.0.1', last: '10.2.0.254' },
        ports: { first: 1, last: 9 },
      },
      destination: null,
      inDevice: null,
      outDevice: 'a',
    },
    realServers: [{ method: 'SNAT', endpoint: { address: '10.0.0.7', port: 0 } }],
  });
  const six = { ...parts, server: '2001:db8::7 0' };
  t.equal(serviceOf('protocol ICMPV6', six)?.match?.family, 'ipv6');
  t.match(complaints(text('protocol ICMP', six)), [/error: virtual_server match out mixes IPv4/]);
  t.match(complaints(text('src-range 10.2.0.1', six)), [/mixes IPv4 and IPv6: its ranges/]);
  t.match(complaints(text('', { ...parts, kind: 'NAT' })), [
    /left out: virtual_server match is for lb_kind SNAT, not NAT$/,
  ]);
  t.match(complaints(text('', { kind: 'SNAT' })), [/left out: SNAT is for virtual_server match/]);
  const lines = 'lb_algo rr\nlb_kind SNAT\nprotocol TCP';
  const poolless = `${plane}virtual_server match out {\n${lines}\n}\n`;
  t.match(complaints(poolless), [/has no pool: each real_server is an address/, /no real_server/]);
  t.same(configOf(poolless).config.virtualServers, []);
  t.end();
});

t.test('PROXY headers have their bounds', (t) => {
  const parts = { kind: 'FNAT' };
  const lips = 'laddr_group_name lips\n';
  t.match(complaints(text(`${lips}protocol UDP\nproxy_protocol v1`, parts)), [
    /proxy_protocol v1 is for TCP only; use v2 for UDP$/,
  ]);
  t.match(complaints(text(`${lips}protocol SCTP\nproxy_protocol v2`, parts)), [
    /there is no proxy_protocol for SCTP$/,
  ]);
  t.equal(serviceOf(`${lips}protocol UDP\nproxy_protocol v2`, parts)?.proxyProtocol, 'v2');
  t.end();
});

t.test('what nothing comes of is said', (t) => {
  const hints = (lines: string, parts: Parts = {}): string[] =>
    notices(text(lines, parts)).filter((line) => line.includes('nothing comes of'));
  t.match(hints('proxy_protocol v2'), [/nothing comes of proxy_protocol without lb_kind FNAT$/]);
  t.match(hints('client_toa keep'), [/nothing comes of client_toa without lb_kind FNAT$/]);
  t.match(hints('laddr_group_name lips'), [/without lb_kind FNAT or TUN$/]);
  t.same(hints('laddr_group_name lips', { kind: 'TUN' }), []);
  t.same(hints('client_toa keep\nladdr_group_name lips', { inServer: 'lvs_method FNAT' }), []);
  t.match(hints('maglev_slots 251'), [/without lb_algo mh, or persistence$/]);
  t.match(hints('quic'), [/without protocol UDP$/]);
  t.end();
});
