// What ipvsadm prints, and what it asks of the data plane; a saved state comes back whole.
import fc from 'fast-check';
import t from 'tap';
import { parseArguments } from '../../src/cli/ipvsadm/arguments.js';
import { formatListing, type ListingFormat } from '../../src/cli/ipvsadm/listing.js';
import { answer } from '../../src/cli/ipvsadm/run.js';
import {
  formatConnections,
  formatLocalAddresses,
  formatSaved,
  persistentClients,
  wordsOf,
} from '../../src/cli/ipvsadm/tables.js';
import type { ConnectionStatus, Statistics } from '../../src/dataplane/dataplane.js';
import { noRate } from '../../src/dataplane/rates.js';
import type { Change, DesiredState, Server, Service } from '../../src/dataplane/state.js';
import { ipAddress } from '../../src/net/address.js';
import {
  clientAddresses,
  forwardingMethods,
  maglevSlotCounts,
  proxyProtocols,
  schedulers,
  serverDefaults,
} from '../../src/net/service.js';
import { settingsDefaults } from '../../src/net/settings.js';
import {
  endpointOf,
  local,
  outbound,
  server,
  service,
  stateOf,
  tcp,
  twoPorts,
  udp,
} from '../dataplane/examples.js';
import { SimulatedClock } from '../sim/clock.js';
import { appliedTo, noStatistics, SimulatedDataplane } from '../sim/dataplane.js';

const web = tcp('10.66.0.100:80');
const six = tcp('2001:db8::100:80');
const plain: ListingFormat = { format: 'servers', isExact: false };
const head = 'IP Virtual Server version 0.1.0 (size=0)';

const state = stateOf({
  services: [
    service(outbound(), 'rr'),
    service(six, 'rr'),
    service(udp('10.66.0.100:53'), 'rr'),
    service(tcp('10.66.0.100:443'), 'rr'),
    service(web, 'wrr'),
    service(tcp('9.66.0.100:80'), 'rr'),
  ],
  servers: [
    server(web, '10.66.1.10:8080', 100),
    server(web, '10.66.1.2:8081', 65_535),
    server(web, '10.66.1.2:8080', 0),
    server(six, '2001:db8::2:8080', 1),
    { ...server(outbound(), '10.66.1.9:0', 100), method: 'SNAT' },
  ],
});

const traffic = {
  connections: 12,
  inPackets: 123_456_789,
  outPackets: 1_234_567_890,
  inBytes: 123_456_789_012,
  outBytes: 99_999_999,
};
const rate = { connections: 1, inPackets: 2, outPackets: 3, inBytes: 4, outBytes: 5_000_000_000 };
const endpoint = endpointOf('10.66.1.2:8080');
const counted: Statistics = {
  ...noStatistics,
  services: [{ service: web, ...traffic, rate }],
  servers: [{ service: web, endpoint, active: 3, inactive: 45, ...traffic, rate }],
};

const connection: ConnectionStatus = {
  worker: 1,
  protocol: 'TCP',
  state: 'TIME_WAIT',
  method: 'FNAT',
  isTemplate: false,
  expiresSeconds: 7,
  client: endpointOf('10.66.0.7:4000'),
  destination: endpointOf('10.66.0.100:80'),
  local: endpointOf('10.66.1.200:1025'),
  server: endpointOf('10.66.1.2:8080'),
};
const template = { ...connection, isTemplate: true, client: endpointOf('10.66.0.0:0') };

function listed(
  shown: DesiredState,
  format: ListingFormat,
  persistent: ReadonlyMap<string, number> = new Map(),
) {
  return formatListing({ state: shown, statistics: counted, persistent }, format).split('\n');
}

t.test('the listing, byte for byte, sorted', (t) => {
  t.same(listed(state, plain), [
    head,
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
    'MATCH tcp,from=10.2.0.1-10.2.0.254:0-0,oif=dpdk1 rr',
    '  -> 10.66.1.9:0                  SNAT    100    0          0         ',
    '',
  ]);
  t.end();
});

t.test('methods and flags', (t) => {
  const methods = forwardingMethods.map((method, index) => {
    return { ...server(web, `10.66.1.${index}:80`), method };
  });
  const lines = listed(stateOf({ services: [service(web)], servers: methods }), plain).slice(4, -1);
  t.same(
    lines.map((line) => line.slice(34, 42)),
    ['FullNat ', 'Masq    ', 'Route   ', 'Tunnel  ', 'SNAT    '],
  );
  const flagsOf = (options: Partial<Service>, key = web) =>
    listed(stateOf({ services: [{ ...service(key), ...options }] }), plain)[3];
  t.equal(
    flagsOf({
      scheduler: 'wrr',
      persistence: { seconds: 50, bits: 24 },
      isOnePacket: true,
      establishedSeconds: 90,
      proxyProtocol: 'v2',
      expiresQuiescent: true,
      isQuic: true,
    }),
    'TCP  10.66.0.100:80 wrr persistent 50 mask 255.255.255.0 ops conn-timeout 90 ppv2 ' +
      'expire-quiescent quic',
  );
  t.equal(flagsOf({ scheduler: 'conhash' }, six), 'TCP  [2001:db8::100]:80 conhash sip');
  t.equal(
    flagsOf({ scheduler: 'mh', hashesPort: true, hashFallsBack: true, maglevSlots: 251 }),
    'TCP  10.66.0.100:80 mh (mh-fallback,mh-port) maglev-slots 251',
  );
  t.equal(
    flagsOf({ persistence: { seconds: 9, bits: 64 } }, six),
    'TCP  [2001:db8::100]:80 rr persistent 9 mask 64',
  );
  t.equal(
    flagsOf({ persistence: { seconds: 9, bits: 32 }, proxyProtocol: 'v1-insecure' }),
    'TCP  10.66.0.100:80 rr persistent 9 ppv1-insecure',
  );
  const ours = { clientAddress: 'off', keepsClientToa: true, rejects: true } as const;
  t.match(
    flagsOf({ ...ours, connectionsMax: 5 }),
    / rr client-address off client-toa keep reject connections-max 5$/,
  );
  t.end();
});

t.test('the counters and the rates, byte for byte', (t) => {
  const one = stateOf({ services: [service(web)], servers: [server(web, '10.66.1.2:8080')] });
  t.same(listed(one, { format: 'stats', isExact: false }), [
    head,
    'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
    '  -> RemoteAddress:Port',
    'TCP  10.66.0.100:80                     12  123456K    1234M     123G 99999999',
    '  -> 10.66.1.2:8080                     12  123456K    1234M     123G 99999999',
    '',
  ]);
  t.equal(
    listed(one, { format: 'stats', isExact: true })[3],
    'TCP  10.66.0.100:80                     12 123456789 1234567890 123456789012 99999999',
  );
  t.same(listed(one, { format: 'rate', isExact: false }), [
    head,
    'Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS',
    '  -> RemoteAddress:Port',
    'TCP  10.66.0.100:80                      1        2        3        4    5000M',
    '  -> 10.66.1.2:8080                      1        2        3        4    5000M',
    '',
  ]);
  t.end();
});

t.test('thresholds and persistent clients', (t) => {
  const limited = {
    ...server(web, '10.66.1.2:8080', 7),
    upperThreshold: 1000,
    lowerThreshold: 800,
  };
  const one = stateOf({ services: [service(web, 'wlc')], servers: [limited] });
  t.same(listed(one, { format: 'thresholds', isExact: false }), [
    head,
    'Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ',
    '  -> RemoteAddress:Port',
    'TCP  10.66.0.100:80 wlc',
    '  -> 10.66.1.2:8080               1000       800        3          45        ',
    '',
  ]);
  const persistent = persistentClients([template, template]);
  t.same(listed(one, { format: 'persistent-conn', isExact: false }, persistent).slice(1), [
    'Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ',
    '  -> RemoteAddress:Port',
    'TCP  10.66.0.100:80 wlc',
    '  -> 10.66.1.2:8080               7         2           3          45        ',
    '',
  ]);
  t.end();
});

t.test('connections', (t) => {
  const line =
    '[1]tcp 7s TIME_WAIT 10.66.0.7:4000 10.66.0.100:80 10.66.1.200:1025 10.66.1.2:8080\n';
  t.equal(formatConnections({ connections: [connection], isCut: false }), line);
  t.equal(
    formatConnections({ connections: [connection], isCut: true }),
    `${line}there are more than these 1: choose by --sockpair\n`,
  );
  t.end();
});

t.test('local addresses', (t) => {
  const misses = { exhausted: 3, noShare: 0, notHeld: 0 };
  const lip = { address: ipAddress('10.66.1.200'), device: 'dpdk1' };
  t.equal(
    formatLocalAddresses(
      { services: [service(web)], localAddresses: [local(web, '10.66.1.200')] },
      [{ ...lip, used: 4, free: 9, missed: 3, missedBy: misses }],
    ),
    'VIP:VPORT            TOTAL    SNAT_IP              CONFLICTS  CONNS     \n' +
      '10.66.0.100:80       1       \n' +
      '                              10.66.1.200          3          4         \n',
  );
  t.end();
});

t.test('a local address that follows an instance is not saved', (t) => {
  const follower = { ...local(web, '10.66.1.201'), isLeased: true };
  const localAddresses = [local(web, '10.66.1.200'), follower];
  const saved = formatSaved(stateOf({ services: [service(web)], localAddresses }));
  t.match(saved, /-z 10\.66\.1\.200 -F dpdk1\n/);
  t.notMatch(saved, '10.66.1.201');
  t.end();
});

const aService = fc
  .record({
    key: fc.constantFrom(
      web,
      udp('10.66.0.100:53'),
      six,
      outbound(),
      outbound({ first: 1, last: 9 }),
    ),
    scheduler: fc.constantFrom(...schedulers),
    hashesPort: fc.boolean(),
    hashFallsBack: fc.boolean(),
    hashTarget: fc.constantFrom('sip', 'qid'),
    persistence: fc.option(
      fc.record({
        seconds: fc.integer({ min: 1, max: 2_678_400 }),
        bits: fc.integer({ min: 1, max: 32 }),
      }),
    ),
    isOnePacket: fc.boolean(),
    isQuic: fc.boolean(),
    expiresQuiescent: fc.boolean(),
    proxyProtocol: fc.constantFrom(...proxyProtocols),
    clientAddress: fc.constantFrom(...clientAddresses),
    keepsClientToa: fc.boolean(),
    rejects: fc.boolean(),
    establishedSeconds: fc.option(fc.integer({ min: 1, max: 31_535_999 })),
    maglevSlots: fc.option(fc.constantFrom(...maglevSlotCounts)),
    connectionsMax: fc.option(fc.integer({ min: 1, max: 4_294_967_295 })),
  })
  .map((one): Service => {
    const isHash = one.scheduler === 'sh' || one.scheduler === 'mh';
    const { hashesPort, hashFallsBack } = one;
    const flags = { hashesPort: isHash && hashesPort, hashFallsBack: isHash && hashFallsBack };
    return { ...one, ...flags, owner: 'operator' };
  });

const aServer = fc.record({
  host: fc.integer({ min: 1, max: 9 }),
  method: fc.constantFrom(...forwardingMethods),
  type: fc.constantFrom('ipip', 'gre', 'gue'),
  hasChecksum: fc.boolean(),
  weight: fc.integer({ min: 0, max: 65_535 }),
  upperThreshold: fc.integer({ min: 0, max: 4_294_967_295 }),
  lowerThreshold: fc.integer({ min: 0, max: 4_294_967_295 }),
});

const aState = fc
  .uniqueArray(fc.tuple(aService, fc.uniqueArray(aServer, { selector: ({ host }) => host })), {
    selector: ([one]) => JSON.stringify(one.key),
  })
  .map((pairs) => {
    const services = pairs.map(([one]) => one);
    const servers = pairs.flatMap(([{ key }, hosts]) =>
      hosts.map(({ host, method, type, hasChecksum, ...rest }): Server => {
        const port = 'match' in key ? 0 : method === 'DR' || method === 'TUN' ? key.port : 8080;
        const tunnel = {
          type,
          port: type === 'gue' ? 6080 : 0,
          hasChecksum: type !== 'ipip' && hasChecksum,
        };
        return {
          service: key,
          endpoint: endpointOf(`10.66.1.${host}:${port}`),
          owner: 'operator',
          ...serverDefaults,
          method,
          tunnel: method === 'TUN' ? tunnel : null,
          ...rest,
        };
      }),
    );
    const localAddresses = services.map(({ key }) =>
      local(key, '10.66.1.200', 'a port', 'operator'),
    );
    return stateOf({ services, servers, localAddresses });
  });

/** What the commands of a saved text make, in the order of the text. */
function restored(text: string): DesiredState {
  const changes = text.split('\n').flatMap((line): Change[] => {
    if (line === '') return [];
    const command = parseArguments(wordsOf(line))._unsafeUnwrap();
    const isChange = command.type === 'ask' && command.question.type === 'change';
    return isChange ? [command.question.change] : [];
  });
  const { state: made, failures } = appliedTo(stateOf({}), changes, null);
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  return made;
}

function unordered(one: DesiredState): readonly string[] {
  return [...one.services, ...one.servers, ...one.localAddresses]
    .map((object) => {
      const members = Object.entries<unknown>({ ...object });
      return JSON.stringify(members.sort(([left], [right]) => (left < right ? -1 : 1)));
    })
    .sort();
}

t.test('property: what is saved and restored is what was there', (t) => {
  fc.assert(
    fc.property(aState, (before) => {
      const text = formatSaved(before);
      const after = restored(text);
      return (
        JSON.stringify(unordered(after)) === JSON.stringify(unordered(before)) &&
        formatSaved(after) === text
      );
    }),
  );
  t.end();
});

t.test('a saved service, byte for byte', (t) => {
  const persistent = { ...service(web, 'wrr'), persistence: { seconds: 50, bits: 32 } };
  const saved = stateOf({ services: [persistent], servers: [server(web, '10.66.1.2:8080', 100)] });
  t.equal(
    formatSaved(saved),
    '-A -t 10.66.0.100:80 -s wrr -p 50\n-a -t 10.66.0.100:80 -r 10.66.1.2:8080 -b -w 100\n',
  );
  t.same(wordsOf(' a  "b c" d"e\\"f" '), ['a', 'b c', 'de"f']);
  t.end();
});

async function opened(): Promise<SimulatedDataplane> {
  const dataplane = new SimulatedDataplane(new SimulatedClock());
  (await dataplane.open(twoPorts))._unsafeUnwrap();
  return dataplane;
}

async function asked(dataplane: SimulatedDataplane, line: string, input = ''): Promise<string> {
  const command = parseArguments(line.split(' '))._unsafeUnwrap();
  if (command.type !== 'ask') return 'not a question';
  const answered = await answer(dataplane, command.question, () => input);
  return answered.match(
    (text) => text,
    (sentence) => `refused: ${sentence}`,
  );
}

t.test('asking the data plane', async (t) => {
  const closed = new SimulatedDataplane(new SimulatedClock());
  for (const line of ['-Ln', '-Lnc', '-L --timeout', '-G', '-S', '-Z', '-C', '--set 1 1 1']) {
    t.equal(await asked(closed, line), 'refused: the data plane is not open', line);
  }
  const dataplane = await opened();
  t.equal(await asked(dataplane, '-A -t 10.66.0.100:80 -s rr'), '');
  t.equal(await asked(dataplane, '-A -t 10.66.0.101:80 -s rr'), '');
  t.match(await asked(dataplane, '-Ln'), /100:80 rr\nTCP {2}10.66.0.101:80 rr\n$/);
  t.notMatch(await asked(dataplane, '-Ln -t 10.66.0.100:80'), '10.66.0.101:80');
  t.equal(
    await asked(dataplane, '-Ln -u 10.66.0.100:80'),
    'refused: there is no service UDP 10.66.0.100:80',
  );
  t.equal(await asked(dataplane, '-A -t 10.66.0.100:80'), 'refused: it exists already');
  dataplane.connectionList = [connection, template];
  t.match(await asked(dataplane, '-Lnc --sockpair tcp:10.66.0.7:4000:10.66.0.100:80'), /TIME_WAIT/);
  t.equal(await asked(dataplane, '-Lnc -t 10.66.0.101:80'), '');
  t.equal(await asked(dataplane, '-Z -t 10.66.0.100:80'), '');
  t.same(dataplane.zeroed, [web]);
  t.equal(await asked(dataplane, '-C'), '');
  t.equal(await asked(dataplane, '-S'), '');
});

t.test('an edit that says nothing of forwarding leaves it as it is', async (t) => {
  const dataplane = await opened();
  await asked(dataplane, '-A -t 10.66.0.100:80');
  await asked(dataplane, '-a -t 10.66.0.100:80 -r 10.66.1.2:80 -i --tun-type gre');
  t.equal(await asked(dataplane, '-e -t 10.66.0.100:80 -r 10.66.1.2:80 -w 7'), '');
  const [edited] = (await dataplane.running())._unsafeUnwrap().servers;
  t.match(edited, { method: 'TUN', tunnel: { type: 'gre' }, weight: 7 });
  t.equal(
    await asked(dataplane, '-e -t 10.66.0.100:80 -r 10.66.1.9:80'),
    'refused: it does not exist',
  );
});

t.test('timeouts', async (t) => {
  const dataplane = await opened();
  t.equal(await asked(dataplane, '-L --timeout'), 'Timeout (tcp tcpfin udp): 90 7 300\n');
  t.equal(await asked(dataplane, '--set 900 0 60'), '');
  t.equal(await asked(dataplane, '-L --timeout'), 'Timeout (tcp tcpfin udp): 900 7 60\n');
  const { settings } = (await dataplane.running())._unsafeUnwrap();
  t.same(settings, {
    ...settingsDefaults,
    timeoutsOwner: 'operator',
    timeouts: { ...settingsDefaults.timeouts, established: 900, udp: 60 },
  });
});

t.test(
  'restoring: each wrong line is named, and nothing is made of a text that has one',
  async (t) => {
    const dataplane = await opened();
    const good = '# saved\n-A -t 10.66.0.100:80 -s rr\n\n-a -t 10.66.0.100:80 -r 10.66.1.2:80 -b\n';
    t.equal(
      await asked(dataplane, '-R', `${good}-a -t x`),
      'refused: line 5: "x" is not ADDRESS:PORT in numbers',
    );
    t.match(await asked(dataplane, '-R', '-Ln'), /line 1: only commands that add, edit or delete/);
    t.match(await asked(dataplane, '-R', '-e -t 10.66.0.100:80 -r 10.66.1.2'), /line 1: say how/);
    t.same((await dataplane.running())._unsafeUnwrap(), stateOf({}));
    t.equal(await asked(dataplane, '-R', good), '');
    t.equal((await dataplane.running())._unsafeUnwrap().servers.length, 1);
    t.equal(
      await asked(dataplane, '-R', good),
      'refused: line 2: it exists already\nline 4: it exists already',
    );
  },
);

t.test('persistent clients are asked for where they are shown', async (t) => {
  const dataplane = await opened();
  await asked(dataplane, '-A -t 10.66.0.100:80 -p');
  await asked(dataplane, '-a -t 10.66.0.100:80 -r 10.66.1.2:8080 -m');
  dataplane.connectionList = [connection, template];
  t.match(await asked(dataplane, '-Ln --persistent-conn'), /8080 {15}1 {9}1 {11}0 /);
  t.same(noRate.connections, 0);
});
