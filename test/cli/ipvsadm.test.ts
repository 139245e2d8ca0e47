// ipvsadm's command line: what its words become, and what is said of those that cannot be.
import fc from 'fast-check';
import t from 'tap';
import { type Command, parseArguments } from '../../src/cli/ipvsadm/arguments.js';
import { helpText } from '../../src/cli/ipvsadm/help.js';
import type { Server, Service } from '../../src/dataplane/state.js';
import { local, outbound, server, service, tcp, udp } from '../dataplane/examples.js';

const web = tcp('10.66.0.100:80');
const noPlace = { runtimeDirectory: undefined, instance: undefined };
const host = '10.66.1.2:8080';

function parsed(line: string): Command {
  return parseArguments(line.split(' '))._unsafeUnwrap();
}

function question(line: string): unknown {
  const command = parsed(line);
  return command.type === 'ask' ? command.question : null;
}

function complaint(line: string): string {
  return parseArguments(line === '' ? [] : line.split(' '))._unsafeUnwrapErr().reason;
}

t.test('the ways to list', (t) => {
  const listing = { service: null, format: 'servers', isExact: false };
  for (const line of [
    '-Ln',
    '-ln',
    '-L -n',
    '-l -n',
    '--list --numeric',
    '-L',
    '-n',
    '-L --sort',
  ]) {
    t.same(
      parsed(line),
      { type: 'ask', place: noPlace, question: { type: 'list', listing } },
      line,
    );
  }
  t.match(parseArguments([])._unsafeUnwrap(), { question: { listing } });
  for (const format of ['stats', 'rate', 'thresholds', 'persistent-conn']) {
    t.match(question(`-Ln --${format}`), { listing: { format, isExact: false } });
  }
  t.match(question('-Ln --stats --exact'), { listing: { format: 'stats', isExact: true } });
  t.match(question('-Ln -t 10.66.0.100:80'), { listing: { service: web } });
  t.match(question('-Lnu [2001:db8::1]:53'), { listing: { service: udp('2001:db8::1:53') } });
  t.match(question('-Ln -6'), { listing });
  t.match(parsed('-Ln --runtime-dir /tmp/x --instance lb1'), {
    place: { runtimeDirectory: '/tmp/x', instance: 'lb1' },
  });
  t.same(question('-L --timeout'), { type: 'timeouts' });
  t.same(question('-G -t 10.66.0.100:80'), { type: 'local addresses', service: web });
  t.end();
});

t.test('connections: all, of a service, or one', (t) => {
  const anywhere = { address: null, port: 0 };
  const filter = {
    protocol: null,
    client: anywhere,
    destination: anywhere,
    server: anywhere,
    isTemplate: false,
    rowsMax: 100_000,
  };
  t.same(question('-Lnc'), { type: 'connections', filter });
  const destination = { address: '10.66.0.100', port: 80 };
  t.same(question('-Lnc -t 10.66.0.100:80'), {
    type: 'connections',
    filter: { ...filter, protocol: 'TCP', destination },
  });
  t.same(question('-Lnc --sockpair tcp:10.66.0.7:4000:10.66.0.100:80'), {
    type: 'connections',
    filter: {
      ...filter,
      protocol: 'TCP',
      client: { address: '10.66.0.7', port: 4000 },
      destination,
    },
  });
  t.match(question('-Lnc --sockpair udp:[2001:db8::7]:1:[2001:db8::1]:53'), {
    filter: { client: { address: '2001:db8::7' }, destination: { address: '2001:db8::1' } },
  });
  t.match(complaint('-Lnc --sockpair tcp:1'), /is not PROTOCOL:CLIENT:PORT:VIP:PORT$/);
  t.end();
});

t.test('help and version', (t) => {
  t.same(parsed('-h'), { type: 'help' });
  t.same(parsed('--version'), { type: 'version' });
  for (const option of ['-A', '--stats', '--runtime-dir', '-F, --ifname', 'conhash lblc lblcr']) {
    t.match(helpText, option);
  }
  t.ok(helpText.split('\n').every((line) => line.length <= 100));
  t.end();
});

t.test('changes belong to the operator', (t) => {
  const rr = service(web, 'rr', 'operator');
  const fullNat = server(web, host, 1, 'operator');
  const lip = local(web, '10.66.1.200', 'dpdk1', 'operator');
  const cases: readonly [string, unknown][] = [
    ['-A -t 10.66.0.100:80 -s wrr', { verb: 'add_service', service: { ...rr, scheduler: 'wrr' } }],
    ['-A -t 10.66.0.100:80', { verb: 'add_service', service: { ...rr, scheduler: 'wlc' } }],
    ['-E -t 10.66.0.100:80 -s rr', { verb: 'alter_service', service: rr }],
    ['-D -t 10.66.0.100:80', { verb: 'remove_service', service: { ...rr, scheduler: 'wlc' } }],
    [
      `-a -t 10.66.0.100:80 -r ${host} -b -w 100`,
      { verb: 'add_server', server: { ...fullNat, weight: 100 } },
    ],
    [`-at 10.66.0.100:80 -r ${host} -b`, { verb: 'add_server', server: fullNat }],
    [
      `-e -t 10.66.0.100:80 -r ${host} -b -w0`,
      { verb: 'alter_server', server: { ...fullNat, weight: 0 } },
    ],
    [
      '-P -z 10.66.1.200 -t 10.66.0.100:80 -F dpdk1',
      { verb: 'add_local_address', localAddress: lip },
    ],
    [
      '--del-laddr --laddr=10.66.1.200 --tcp-service=10.66.0.100:80 --ifname=dpdk1',
      { verb: 'remove_local_address', localAddress: lip },
    ],
  ];
  for (const [line, change] of cases) {
    t.same(question(line), { type: 'change', change, keepsMethod: false }, line);
  }
  t.match(question(`-d -t 10.66.0.100:80 -r ${host}`), { change: { verb: 'remove_server' } });
  t.match(question(`-e -t 10.66.0.100:80 -r ${host} -w 0`), { keepsMethod: true });
  t.end();
});

t.test('every option of a service', (t) => {
  const cases: readonly (readonly [string, Partial<Service>])[] = [
    ['-s mh --sched-flags mh-port', { scheduler: 'mh', hashesPort: true }],
    [
      '-s mh --sched-flags mh-port,mh-fallback',
      { scheduler: 'mh', hashFallsBack: true, hashesPort: true },
    ],
    ['-s sh --sched-flags flag-1', { scheduler: 'sh', hashFallsBack: true }],
    ['-s mh --maglev-slots 251', { scheduler: 'mh', maglevSlots: 251 }],
    ['-s conhash --hash-target qid', { scheduler: 'conhash', hashTarget: 'qid' }],
    ['-p', { persistence: { seconds: 360, bits: 32 } }],
    ['-p 50 -M 255.255.255.0', { persistence: { seconds: 50, bits: 24 } }],
    ['-p -s rr', { scheduler: 'rr', persistence: { seconds: 360, bits: 32 } }],
    ['--persistent=9', { persistence: { seconds: 9, bits: 32 } }],
    ['-o', { isOnePacket: true }],
    ['--conn-timeout 7200', { establishedSeconds: 7200 }],
    ['--proxy-protocol=v2', { proxyProtocol: 'v2' }],
    ['--expire-quiescent --quic', { expiresQuiescent: true, isQuic: true }],
    ['--client-address off --client-toa keep', { clientAddress: 'off', keepsClientToa: true }],
    ['--no-destination reject --connections-max 5', { rejects: true, connectionsMax: 5 }],
    ['-j disable --connections-max 0', { connectionsMax: null }],
  ];
  for (const [words, options] of cases) {
    const wanted = { ...service(web, 'wlc', 'operator'), ...options };
    t.match(question(`-A -t 10.66.0.100:80 ${words}`), { change: { service: wanted } }, words);
  }
  t.match(question('-A -u [2001:db8::1]:53 -p 9 -M 64'), {
    change: { service: { persistence: { seconds: 9, bits: 64 } } },
  });
  t.match(question('-A --sctp-service 10.66.0.100:80'), {
    change: { service: { key: { protocol: 'SCTP' } } },
  });
  const plain = { ...service(web, 'wlc', 'operator') };
  t.match(question('-E -t 10.66.0.100:80'), { change: { service: plain } }, 'an edit replaces');
  t.end();
});

t.test('every option of a server', (t) => {
  const gre = { type: 'gre', port: 0, hasChecksum: true } as const;
  const cases: readonly (readonly [string, Partial<Server>])[] = [
    ['-m', { method: 'NAT' }],
    ['-m -w 0 -x 100 -y 80', { weight: 0, upperThreshold: 100, lowerThreshold: 80 }],
    ['-i --tun-type gre --tun-csum', { method: 'TUN', tunnel: gre }],
    ['-i', { method: 'TUN', tunnel: { ...gre, type: 'ipip', hasChecksum: false } }],
    [
      '-i --tun-type gue --tun-port 6080 --tun-nocsum',
      { tunnel: { type: 'gue', port: 6080, hasChecksum: false } },
    ],
  ];
  for (const [words, options] of cases) {
    const line = `-a -t 10.66.0.100:80 -r ${host} ${words}`;
    t.match(question(line), { change: { server: options } }, words);
  }
  const route = question(`-a -t 10.66.0.100:80 -r ${host}`);
  const endpoint = { address: '10.66.1.2', port: 80 };
  t.match(
    route,
    { change: { server: { method: 'DR', endpoint } } },
    'with the port of the service',
  );
  t.match(question('-a -t 10.66.0.100:80 -r 10.66.1.2 -m'), { change: { server: { endpoint } } });
  t.match(question('-a -t [2001:db8::1]:80 -r [2001:db8::2] -m'), {
    change: { server: { endpoint: { address: '2001:db8::2', port: 80 } } },
  });
  t.end();
});

t.test('services by match', (t) => {
  const words = 'proto=tcp,src-range=10.2.0.1-10.2.0.254,oif=dpdk1';
  const key = outbound();
  t.match(question(`-A -H ${words} -s rr`), { change: { service: { key } } });
  t.match(question(`-A -H ${words.replace(',oif', ':0-0,oif')}`), { change: { service: { key } } });
  t.match(question(`-a -H ${words} -r 203.0.113.9:0 -J -w 100`), {
    change: {
      server: { service: key, method: 'SNAT', endpoint: { address: '203.0.113.9', port: 0 } },
    },
  });
  t.match(question('-D -H proto=icmpv6,iif=dpdk0'), {
    change: { service: { key: { protocol: 'ICMPV6', match: { family: 'ipv6' } } } },
  });
  t.match(question('-D -H proto=udp,af=ipv6,dst-range=[2001:db8::1]:53'), {
    change: { service: { key: { match: { destination: { ports: { first: 53, last: 53 } } } } } },
  });
  const wrong: readonly [string, RegExp][] = [
    ['proto=tcp', /nothing that tells the family: add af=ipv4 or af=ipv6$/],
    ['src-range=10.0.0.1', /-H needs proto=, one of tcp, udp, sctp, icmp, icmpv6$/],
    ['proto=tcp,src-range=10.0.0.1,dst-range=2001:db8::1', /-H mixes IPv4 and IPv6$/],
    ['proto=icmp,af=ipv6', /-H mixes/],
    ['proto=tcp,af=ipx', /af is ipv4 or ipv6$/],
    ['proto=tcp,src-range=10.0.0.9-1', /"10.0.0.9-1" is no range like/],
    ['proto=tcp,mark=1', /"mark" in -H is none of/],
    ['proto=tcp,proto=udp', /proto is given twice/],
    ['proto', /proto in -H needs a value/],
  ];
  for (const [text, sentence] of wrong) t.match(complaint(`-D -H ${text}`), sentence, text);
  t.end();
});

t.test('the other commands', (t) => {
  t.same(question('--set 900 0 60'), { type: 'set timeouts', seconds: [900, 0, 60] });
  t.same(question('-Z'), { type: 'zero', service: null });
  t.same(question('-Z -t 10.66.0.100:80'), { type: 'zero', service: web });
  for (const [word, type] of [
    ['-C', 'clear'],
    ['-S -n', 'save'],
    ['-R', 'restore'],
  ] as const) {
    t.same(question(word), { type });
  }
  t.end();
});

t.test('what cannot be done is said', (t) => {
  const server = '-a -t 192.0.2.1:80 -r 10.0.0.1:80';
  const cases: readonly [string, string | RegExp][] = [
    ['-L --frobnicate', '--frobnicate is not supported'],
    ['-L --daemon', /^--daemon: connections are not synchronised/],
    ['-L -A', 'give one command, not several'],
    ['-Ln foo', 'unexpected argument "foo"'],
    ['-L --stats --rate', 'give --stats or --rate, not both'],
    ['-A -s rr', /^name the service: -t, -u or --sctp-service ADDRESS:PORT, or -H MATCH$/],
    ['-A -f 5', /^-f: packets of a DPDK data plane carry no marks: use -H MATCH$/],
    ['-A -q 10.0.0.1:0', /^-q: ICMP is forwarded by a match/],
    ['-A -t 192.0.2.1:80 -s maglev', /^--scheduler is one of rr, wrr, .*, not "maglev"$/],
    ['-A -t 192.0.2.1:80 --sched-flags sh-port', /are for the schedulers sh and mh$/],
    ['-A -t 192.0.2.1:80 -s sh --sched-flags x', /--sched-flags is of sh-port, .*, not "x"$/],
    ['-A -t 192.0.2.1:80 --pe sip', /^--pe: persistence engines are not supported/],
    ['-A -t 192.0.2.1:80 -j enable', '-j: the SYN proxy is not built yet'],
    ['-A -t 192.0.2.1:80 --dest-check default', /^--dest-check: passive checks/],
    ['-A -t 192.0.2.1:80 -p 0', /^-p is a number of seconds, 1 to 2678400, not "0"$/],
    ['-A -t 192.0.2.1:80 -M 255.0.0.0', '-M is for persistent services: add -p'],
    ['-A -t 192.0.2.1:80 -p 9 -M 255.0.255.0', /^-M is a netmask like 255.255.255.0, not/],
    ['-A -t [2001:db8::1]:80 -p 9 -M 129', /^-M is a prefix length, 1 to 128, not "129"$/],
    ['-A -t 192.0.2.1:80 --conn-timeout 0', /^--conn-timeout is a whole number between 1 and/],
    ['-A -t 192.0.2.1:80 --quic=on', '--quic takes no value'],
    ['-A -t 192.0.2.1:80 -u 192.0.2.1:80', 'give one of -t, -u, --sctp-service and -H'],
    ['-A -t', '-t needs a value'],
    ['-A -t -s rr', '-t needs a value'],
    ['-A -t 192.0.2.1 -s rr', '"192.0.2.1" is not ADDRESS:PORT in numbers'],
    ['-A -t 192.0.2.1:http -s rr', '"192.0.2.1:http" is not ADDRESS:PORT in numbers'],
    ['-A -t 192.0.2.1:65536 -s rr', '"192.0.2.1:65536" is not ADDRESS:PORT in numbers'],
    ['-A -t 192.0.2.999:80 -s rr', '"192.0.2.999" is not an IP address'],
    ['-D -t 192.0.2.1:80 -t 192.0.2.2:80', '-t is given twice'],
    ['-a -t 192.0.2.1:80 -b', 'give the real server: -r ADDRESS:PORT'],
    [`${server} -b -m`, 'give one of -b, -m, -g, -i and -J'],
    [`${server} -w 65536`, '"65536" is not a weight between 0 and 65535'],
    [`${server} -x 4294967296`, /^"4294967296" is not an upper threshold between 0/],
    [`${server} -m --tun-type gre`, 'the options --tun-... are for tunnels: -i'],
    [`${server} -i --tun-type vxlan`, '--tun-type is one of ipip, gre, gue, not "vxlan"'],
    [`${server} -i --tun-type gue`, 'a gue tunnel needs --tun-port'],
    [`${server} -i --tun-port 1`, '--tun-port is for --tun-type gue'],
    [`${server} -i --tun-type gue --tun-port 0`, '"0" is not a port between 1 and 65535'],
    [`${server} -i --tun-csum`, 'an ipip tunnel has no checksum'],
    [`${server} -i --tun-remcsum`, /^--tun-remcsum: remote checksum offload/],
    ['-P -t 192.0.2.1:80 -F dpdk0', 'give the local address: -z ADDRESS'],
    ['-P -t 192.0.2.1:80 -z 10.0.0.9', 'give the port of the local address: -F PORT'],
    ['--set 1 2', /^--set takes three numbers of seconds, TCP TCPFIN UDP, each 0 to 31535999/],
    ['--set 1 2 x', /^--set takes three/],
  ];
  for (const [line, reason] of cases) {
    const found = complaint(line);
    if (typeof reason === 'string') t.equal(found, reason, line);
    else t.match(found, reason, line);
  }
  t.end();
});

t.test('property: no command line makes it throw', (t) => {
  const words = [
    '-A',
    '-t',
    '-H',
    '-Lnt',
    '--',
    '-',
    '--stats=1',
    '-p',
    '--set',
    '192.0.2.1:80',
    '0',
  ];
  const word = fc.oneof(fc.string(), fc.constantFrom(...words));
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      parseArguments(argv);
    }),
  );
  t.end();
});
