import fc from 'fast-check';
import t from 'tap';
import { type Command, parseArguments } from '../../src/cli/ipvsadm/arguments.js';
import { helpText } from '../../src/cli/ipvsadm/help.js';
import { formatListing } from '../../src/cli/ipvsadm/listing.js';
import { change, list } from '../../src/cli/ipvsadm/run.js';
import type { Statistics } from '../../src/dataplane/dataplane.js';
import { noRate } from '../../src/dataplane/rates.js';
import {
  endpointOf,
  local,
  server,
  service,
  stateOf,
  tcp,
  twoPorts,
  udp,
} from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { noStatistics, SimulatedDataplane } from '../sim/dataplane.js';

const web = tcp('10.66.0.100:80');
const noPlace = { runtimeDirectory: undefined, instance: undefined };
const idle: Statistics = noStatistics;

function parsed(line: string): Command {
  return parseArguments(line.split(' '))._unsafeUnwrap();
}

function complaint(line: string): string {
  return parseArguments(line === '' ? [] : line.split(' '))._unsafeUnwrapErr().reason;
}

t.test('the ways to list', (t) => {
  const listing = { service: null, isTraffic: false, isExact: false };
  for (const line of ['-Ln', '-ln', '-L -n', '-l -n', '--list --numeric', '-L', '-n']) {
    t.same(parsed(line), { type: 'list', place: noPlace, listing }, line);
  }
  t.same(parseArguments([])._unsafeUnwrap(), { type: 'list', place: noPlace, listing });
  t.match(parsed('-Ln --stats --exact'), { listing: { isTraffic: true, isExact: true } });
  t.match(parsed('-Ln -t 10.66.0.100:80'), { listing: { service: web } });
  t.match(parsed('-Lnu [2001:db8::1]:53'), { listing: { service: udp('2001:db8::1:53') } });
  t.match(parsed('-Ln --runtime-dir /tmp/x --instance lb1'), {
    place: { runtimeDirectory: '/tmp/x', instance: 'lb1' },
  });
  t.end();
});

t.test('help and version', (t) => {
  t.same(parsed('-h'), { type: 'help' });
  t.same(parsed('--version'), { type: 'version' });
  for (const option of ['-A', '--stats', '--runtime-dir', '-F, --ifname']) {
    t.match(helpText, option);
  }
  t.end();
});

t.test('changes belong to the operator', (t) => {
  const host = '10.66.1.2:8080';
  const cases: readonly [string, unknown][] = [
    [
      '-A -t 10.66.0.100:80 -s wrr',
      { verb: 'add_service', service: service(web, 'wrr', 'operator') },
    ],
    ['-A -t 10.66.0.100:80', { verb: 'add_service', service: service(web, 'wlc', 'operator') }],
    [
      '-E -t 10.66.0.100:80 -s rr',
      { verb: 'alter_service', service: service(web, 'rr', 'operator') },
    ],
    ['-D -t 10.66.0.100:80', { verb: 'remove_service', service: service(web, 'rr', 'operator') }],
    [
      `-a -t 10.66.0.100:80 -r ${host} -b -w 100`,
      { verb: 'add_server', server: server(web, host, 100, 'operator') },
    ],
    [
      `-at 10.66.0.100:80 -r ${host} -b`,
      { verb: 'add_server', server: server(web, host, 1, 'operator') },
    ],
    [
      `-e -t 10.66.0.100:80 -r ${host} -w0`,
      { verb: 'alter_server', server: server(web, host, 0, 'operator') },
    ],
    [
      `-d -t 10.66.0.100:80 -r ${host}`,
      { verb: 'remove_server', server: server(web, host, 1, 'operator') },
    ],
    [
      '-P -z 10.66.1.200 -t 10.66.0.100:80 -F dpdk1',
      {
        verb: 'add_local_address',
        localAddress: local(web, '10.66.1.200', 'dpdk1', 'operator'),
      },
    ],
    [
      '--del-laddr --laddr=10.66.1.200 --tcp-service=10.66.0.100:80 --ifname=dpdk1',
      {
        verb: 'remove_local_address',
        localAddress: local(web, '10.66.1.200', 'dpdk1', 'operator'),
      },
    ],
  ];
  for (const [line, change] of cases) {
    t.same(parsed(line), { type: 'change', place: noPlace, change }, line);
  }
  t.end();
});

t.test('what cannot be done is said', (t) => {
  const cases: readonly [string, string][] = [
    ['-Ln --rate', '--rate is not supported, it would take two samples: use --stats'],
    ['-Ln --timeout', '--timeout is not supported'],
    ['-C', '-C is not supported'],
    ['-L -A', 'give one command, not several'],
    ['-Ln foo', 'unexpected argument "foo"'],
    ['-A -s rr', 'name the service: -t ADDRESS:PORT or -u ADDRESS:PORT'],
    [
      '-A -t 192.0.2.1:80 -s maglev',
      'no scheduler maglev: there are rr, wrr, lc, wlc, sed, nq, fo',
    ],
    ['-A -t 192.0.2.1:80 -u 192.0.2.1:80 -s rr', 'give -t or -u, not both'],
    ['-A -t', '-t needs a value'],
    ['-A -t -s rr', '-t needs a value'],
    ['-A -t 192.0.2.1 -s rr', '"192.0.2.1" is not ADDRESS:PORT in numbers'],
    ['-A -t 192.0.2.1:http -s rr', '"192.0.2.1:http" is not ADDRESS:PORT in numbers'],
    ['-A -t 192.0.2.1:65536 -s rr', '"192.0.2.1:65536" is not ADDRESS:PORT in numbers'],
    ['-A -t 192.0.2.999:80 -s rr', '"192.0.2.999" is not an IP address'],
    ['-D -t 192.0.2.1:80 -t 192.0.2.2:80', '-t is given twice'],
    ['-a -t 192.0.2.1:80 -b', 'give the real server: -r ADDRESS:PORT'],
    ['-a -t 192.0.2.1:80 -r 10.0.0.1:80', 'give -b: FullNat is what is supported'],
    [
      '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -b -w 65536',
      '"65536" is not a weight between 0 and 65535',
    ],
    ['-P -t 192.0.2.1:80 -F dpdk0', 'give the local address: -z ADDRESS'],
    ['-P -t 192.0.2.1:80 -z 10.0.0.9', 'give the port of the local address: -F PORT'],
  ];
  for (const [line, reason] of cases) t.equal(complaint(line), reason, line);
  t.end();
});

t.test('property: no command line makes it throw', (t) => {
  const word = fc.oneof(fc.string(), fc.constantFrom('-A', '-t', '-Lnt', '--', '-', '--stats=1'));
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      parseArguments(argv);
    }),
  );
  t.end();
});

const state = stateOf({
  services: [
    service(tcp('2001:db8::100:80'), 'rr'),
    service(udp('10.66.0.100:53'), 'rr'),
    service(tcp('10.66.0.100:443'), 'rr'),
    service(web, 'wrr'),
    service(tcp('9.66.0.100:80'), 'rr'),
  ],
  servers: [
    server(web, '10.66.1.10:8080', 100),
    server(web, '10.66.1.2:8081', 65_535),
    server(web, '10.66.1.2:8080', 0),
    server(tcp('2001:db8::100:80'), '2001:db8::2:8080', 1),
  ],
});

const traffic = {
  connections: 12,
  inPackets: 123_456_789,
  outPackets: 1_234_567_890,
  inBytes: 123_456_789_012,
  outBytes: 99_999_999,
};
const counted: Statistics = {
  ...idle,
  services: [{ service: web, ...traffic, rate: noRate }],
  servers: [
    {
      service: web,
      endpoint: endpointOf('10.66.1.2:8080'),
      active: 3,
      inactive: 45,
      ...traffic,
      rate: noRate,
    },
  ],
};

t.test('the listing, byte for byte, sorted', (t) => {
  const text = formatListing(state, counted, { isTraffic: false, isExact: false });
  t.equal(
    text,
    [
      'IP Virtual Server version 0.1.0 (size=0)',
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
      'TCP  9.66.0.100:80 rr',
      'TCP  10.66.0.100:80 wrr',
      '  -> 10.66.1.2:8080               FullNat 0      3          45        ',
      '  -> 10.66.1.2:8081               FullNat 65535  0          0         ',
      '  -> 10.66.1.10:8080              FullNat 100    0          0         ',
      'TCP  10.66.0.100:443 rr',
      'UDP  10.66.0.100:53 rr',
      'TCP  [2001:db8::100]:80 rr',
      '  -> [2001:db8::2]:8080           FullNat 1      0          0         ',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('the counters, byte for byte', (t) => {
  const one = stateOf({
    services: [service(web)],
    servers: [server(web, '10.66.1.2:8080')],
  });
  t.equal(
    formatListing(one, counted, { isTraffic: true, isExact: false }),
    [
      'IP Virtual Server version 0.1.0 (size=0)',
      'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
      '  -> RemoteAddress:Port',
      'TCP  10.66.0.100:80                     12  123456K    1234M     123G 99999999',
      '  -> 10.66.1.2:8080                     12  123456K    1234M     123G 99999999',
      '',
    ].join('\n'),
  );
  t.match(
    formatListing(one, counted, { isTraffic: true, isExact: true }),
    'TCP  10.66.0.100:80                     12 123456789 1234567890 123456789012 99999999\n',
  );
  t.end();
});

t.test('nothing configured: the titles alone', (t) => {
  const text = formatListing(stateOf({}), idle, { isTraffic: false, isExact: false });
  t.equal(text.split('\n').length, 4);
  t.end();
});

t.test('asking the data plane', async (t) => {
  const dataplane = new SimulatedDataplane(new SimulatedClock());
  const all = { service: null, isTraffic: false, isExact: false };
  t.equal((await list(dataplane, all))._unsafeUnwrapErr(), 'the data plane is not open');
  (await dataplane.open(twoPorts))._unsafeUnwrap();
  for (const key of [web, tcp('10.66.0.101:80')]) {
    const added = await change(dataplane, { verb: 'add_service', service: service(key) });
    t.equal(added._unsafeUnwrap(), '');
  }
  t.match((await list(dataplane, all))._unsafeUnwrap(), /100:80 rr\nTCP {2}10.66.0.101:80 rr\n$/);
  const filtered = (await list(dataplane, { ...all, service: web }))._unsafeUnwrap();
  t.match(filtered, '10.66.0.100:80');
  t.notMatch(filtered, '10.66.0.101:80');
  t.equal(
    (await list(dataplane, { ...all, service: udp('10.66.0.100:80') }))._unsafeUnwrapErr(),
    'there is no service UDP 10.66.0.100:80',
  );
  const again = await change(dataplane, { verb: 'add_service', service: service(web) });
  t.equal(again._unsafeUnwrapErr(), 'it exists already');
});
