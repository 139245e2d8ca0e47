// Raw datagrams and frames on a real kernel: network namespaces on one segment, a process of ours
// in each, tshark as the second opinion. The processes run what `npm run build` made.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { Namespaces, type Started, waitFor } from '../../scripts/lab/namespaces.js';
import { HostPackets } from '../../src/host/packets.js';
import { ipAddress } from '../../src/net/address.js';
import type { DatagramSocketOptions, Departure } from '../../src/ports/packets.js';
import { NamespaceChild } from './namespace-child.js';
import type { Counted, PacketsEvent, PacketsRequest } from './packets-child.js';

const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'needs root for network namespaces';
const program = join(checkout, 'build', 'test', 'host', 'packets-child.js');
const timeoutMs = 30_000;

type Received = Extract<PacketsEvent, { type: 'received' }>;
type Child = NamespaceChild<PacketsRequest, PacketsEvent>;

const groups = { ipv4: ipAddress('224.0.0.18'), ipv6: ipAddress('ff02::12') };
const ipv4: DatagramSocketOptions = {
  family: 'ipv4',
  interface: 'eth0',
  protocols: [112],
  groups: [groups.ipv4],
  receiveBufferBytes: null,
};
const ipv6: DatagramSocketOptions = { ...ipv4, family: 'ipv6', groups: [groups.ipv6] };
const toGroup: Departure = {
  source: ipAddress('10.77.0.1'),
  destination: groups.ipv4,
  hops: 255,
  protocol: 112,
  identification: 1,
};
const shownIdentification = '0x0001';
const local = { a: ipAddress('fe80::a'), b: ipAddress('fe80::b') };
const toGroup6: Departure = { ...toGroup, source: local.a, destination: groups.ipv6 };
/** VRRPv3 of router 51 with 10.77.0.100, with the pseudo header of 10.77.0.1 -> 224.0.0.18. */
const advert = '31339601006442d90a4d0064';
const advertIpv6 = ['3133960200643d3e', 'fe800000000000000000000000000100'];

class Wire {
  readonly namespaces = new Namespaces();
  readonly #children: Child[] = [];

  constructor() {
    for (const name of ['net', 'a', 'b']) this.namespaces.add(name);
    for (const bridge of ['br0', 'br1']) this.namespaces.addBridge('net', bridge);
    for (const [index, name] of (['a', 'b'] as const).entries()) {
      for (const port of [0, 1]) this.namespaces.connect(name, `eth${port}`, 'net', `br${port}`);
      const words = ['dev', 'eth0'];
      this.namespaces.ip(name, 'address', 'add', `10.77.0.${index + 1}/24`, ...words);
      this.namespaces.run(name, 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0');
      this.namespaces.ip(name, 'address', 'add', `${local[name]}/64`, ...words, 'nodad');
    }
  }

  child(name: 'a' | 'b'): Child {
    const child: Child = new NamespaceChild(this.namespaces.fullName(name), program);
    this.#children.push(child);
    return child;
  }

  /** Both open the sockets, and the segment forwards from `from` to `to`. */
  async opened(options: Readonly<Record<string, DatagramSocketOptions>>): Promise<[Child, Child]> {
    const both: [Child, Child] = [this.child('a'), this.child('b')];
    for (const child of both) {
      for (const [socket, wanted] of Object.entries(options)) {
        const answer = await child.ask({ call: 'open', socket, options: wanted });
        if (answer !== 'ok') throw new Error(`cannot open ${socket}: ${answer}`);
      }
    }
    return both;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end()));
    await this.namespaces.remove();
  }
}

function wire(t: Test): Wire {
  const made = new Wire();
  t.teardown(() => made.remove());
  return made;
}

function receivedBy(child: Child): Received[] {
  return child.events.flatMap((event) => (event.type === 'received' ? [event] : []));
}

/** Sends until something comes through: ports of a bridge forward a little after they are up. */
async function warm(from: Child, to: Child, socket: string, departure: Departure): Promise<void> {
  await waitFor('the segment forwards', timeoutMs, async () => {
    const answer = await from.ask({ call: 'send', socket, hex: '00', departure });
    return answer === 'ok' && receivedBy(to).some((event) => event.socket === socket);
  });
  await to.ask({ call: 'counted' });
  to.events.length = 0;
}

async function crossing(
  from: Child,
  to: Child,
  socket: string,
  hex: string,
  departure: Departure,
): Promise<Received | undefined> {
  const before = receivedBy(to).length;
  const answer = await from.ask({ call: 'send', socket, hex, departure });
  if (answer !== 'ok') throw new Error(String(answer));
  await waitFor(`${socket} to ${departure.destination}`, timeoutMs, () => {
    return receivedBy(to).length > before;
  });
  return receivedBy(to).at(-1);
}

t.test('multicast of both families arrives with what its header said', { skip }, async (t) => {
  const wires = wire(t);
  const [a, b] = await wires.opened({ ipv4, ipv6, other: { ...ipv4, interface: 'eth1' } });
  await warm(a, b, 'ipv4', toGroup);
  await warm(a, b, 'ipv6', toGroup6);
  const common = { type: 'received', protocol: 112, hops: 255 };
  t.strictSame(await crossing(a, b, 'ipv4', advert, toGroup), {
    ...common,
    socket: 'ipv4',
    identification: 1,
    hex: advert,
    source: '10.77.0.1',
    destination: '224.0.0.18',
    statedBytes: 12,
  });
  t.strictSame(await crossing(a, b, 'ipv6', advert, toGroup6), {
    ...common,
    socket: 'ipv6',
    identification: 0,
    hex: advert,
    source: 'fe80::a',
    destination: 'ff02::12',
    statedBytes: 12,
  });
  for (const [socket, departure] of [
    ['ipv4', toGroup],
    ['ipv6', toGroup6],
  ] as const) {
    const late = { ...departure, hops: 254 };
    t.match(await crossing(a, b, socket, advert, late), { hops: 254 }, `${socket}: not from here`);
    t.match(await crossing(a, b, socket, '', departure), { hex: '', statedBytes: 0 }, 'empty');
  }
  const onOther = receivedBy(b).filter(({ socket }) => socket === 'other');
  t.strictSame(onOther, [], 'nothing of eth0 is heard on eth1');
  t.strictSame(receivedBy(a), [], 'what a host sends, it does not hear');
  const forged = { ...toGroup, source: ipAddress('192.0.2.7') };
  t.match(await crossing(a, b, 'ipv4', advert, forged), { source: '192.0.2.7' });
});

t.test('a socket of two protocols hears both', { skip }, async (t) => {
  const wires = wire(t);
  const [a, b] = await wires.opened({ ipv4: { ...ipv4, protocols: [112, 51] } });
  await warm(a, b, 'ipv4', toGroup);
  const authenticated = { ...toGroup, protocol: 51 };
  t.match(await crossing(a, b, 'ipv4', advert, authenticated), { protocol: 51, hex: advert });
  t.match(await crossing(a, b, 'ipv4', advert, toGroup), { protocol: 112 });
  t.equal(
    await a.ask({
      call: 'send',
      socket: 'ipv4',
      hex: advert,
      departure: { ...toGroup, protocol: 89 },
    }),
    'cannot send to 224.0.0.18 on eth0: it is not open for protocol 89',
  );
});

t.test('unicast of both families, bound to an interface or not', { skip }, async (t) => {
  const wires = wire(t);
  const free = { interface: null, groups: [] };
  const [a, b] = await wires.opened({ ipv4: { ...ipv4, ...free }, ipv6: { ...ipv6, groups: [] } });
  const { namespaces } = wires;
  for (const [name, address] of [
    ['a', '2001:db8::a'],
    ['b', '2001:db8::b'],
  ] as const) {
    namespaces.ip(name, 'address', 'add', `${address}/64`, 'dev', 'eth0', 'nodad');
    const options = { ...ipv6, ...free };
    const child = name === 'a' ? a : b;
    t.equal(await child.ask({ call: 'open', socket: 'free6', options }), 'ok');
  }
  const toPeer = { ...toGroup, destination: ipAddress('10.77.0.2'), hops: 64 };
  const toPeer6 = { ...toGroup6, destination: local.b, hops: 63 };
  const [source, destination] = [ipAddress('2001:db8::a'), ipAddress('2001:db8::b')];
  await warm(a, b, 'ipv4', toPeer);
  t.match(await crossing(a, b, 'ipv4', advert, toPeer), { ...toPeer, hex: advert });
  await warm(a, b, 'ipv6', toPeer6);
  t.match(await crossing(a, b, 'ipv6', advert, toPeer6), {
    ...toPeer6,
    identification: 0,
    hex: advert,
  });
  const toFar = { ...toPeer6, source, destination };
  await warm(a, b, 'free6', toFar);
  const before = receivedBy(b).length;
  await crossing(a, b, 'free6', advert, toFar);
  await waitFor('both sockets of b', timeoutMs, () => receivedBy(b).length === before + 2);
  t.strictSame(
    receivedBy(b)
      .slice(-2)
      .map(({ socket }) => socket)
      .sort(),
    ['free6', 'ipv6'],
  );
  t.match(receivedBy(b).at(-1), { source, destination });
});

t.test('many share a socket, each with a channel', { skip }, async (t) => {
  const wires = wire(t);
  const [a, b] = await wires.opened({ ipv4 });
  const listen = (socket: string, channel: number) =>
    b.ask({ call: 'open', socket, options: ipv4, channel });
  for (let number = 1; number <= 100; number++) t.equal(await listen(`${number}`, number), 'ok');
  t.equal(await listen('second', 51), 'ok');
  const sockets = () =>
    wires.namespaces.run('b', 'cat', '/proc/net/raw').trim().split('\n').length - 1;
  t.equal(sockets(), 2, "with the one that is nobody else's");
  await warm(a, b, 'ipv4', toGroup);
  const heard = async (hex: string, count: number) => {
    b.events.length = 0;
    await a.ask({ call: 'send', socket: 'ipv4', hex, departure: toGroup });
    await waitFor('all who are to hear it', timeoutMs, () => receivedBy(b).length >= count);
    await b.ask({ call: 'counted' });
    return receivedBy(b)
      .map(({ socket }) => socket)
      .toSorted();
  };
  t.strictSame(await heard(advert, 3), ['51', 'ipv4', 'second']);
  t.strictSame(await heard('31fe', 1), ['ipv4'], 'of nobody here');
  t.equal((await heard('31', 102)).length, 102, 'whoever it is for');
  await b.ask({ call: 'leave', socket: '51' });
  t.equal(
    await b.ask({ call: 'send', socket: '51', hex: advert, departure: toGroup }),
    'cannot send to 224.0.0.18 on eth0: the socket is closed',
  );
  t.strictSame(await heard(advert, 2), ['ipv4', 'second']);

  const { namespaces } = wires;
  namespaces.ip('b', 'link', 'delete', 'eth0');
  namespaces.connect('b', 'eth0', 'net', 'br0');
  t.equal(await listen('again', 51), 'ok');
  t.equal(sockets(), 3, 'the interface is another one, and so is the socket');
  await waitFor('the segment forwards again', timeoutMs, async () => {
    return (await heard(advert, 0)).includes('again');
  });
  t.strictSame(await heard(advert, 1), ['again']);
  t.equal(await b.ask({ call: 'close' }), 'ok');
  t.equal(sockets(), 0);
});

t.test('an interface that is not there, goes down, goes away', { skip }, async (t) => {
  const wires = wire(t);
  const { namespaces } = wires;
  const [a, b] = await wires.opened({ ipv4, ipv6 });
  await warm(a, b, 'ipv4', toGroup);
  await warm(a, b, 'ipv6', toGroup6);
  const options = { ...ipv4, interface: 'eth9' };
  t.equal(
    await a.ask({ call: 'open', socket: 'absent', options }),
    'cannot open protocol 112 on eth9: No such device',
  );
  const notGroup = { ...ipv4, groups: [ipAddress('10.0.0.1')] };
  t.equal(
    await a.ask({ call: 'open', socket: 'wrong', options: notGroup }),
    'cannot join 10.0.0.1 on eth0: Invalid argument',
  );
  const send = (socket: string, departure: Departure, hex = advert) =>
    a.ask({ call: 'send', socket, hex, departure });
  t.equal(
    await send('ipv4', toGroup, '00'.repeat(3_000)),
    'cannot send to 224.0.0.18 on eth0: Message too long',
  );
  t.match(await send('ipv4', toGroup6), /cannot send to ff02::12 on eth0: Address family not/);
  t.match(await send('ipv6', toGroup), /cannot send to 224.0.0.18 on eth0: Address family not/);

  namespaces.ip('a', 'link', 'set', 'eth0', 'down');
  t.match(await send('ipv4', toGroup), /^cannot send to 224\.0\.0\.18 on eth0: \w+/);
  t.match(await send('ipv6', toGroup6), /^cannot send to ff02::12 on eth0: \w+/);
  namespaces.ip('a', 'link', 'set', 'eth0', 'up');
  await warm(a, b, 'ipv4', toGroup);
  t.match(await crossing(a, b, 'ipv4', advert, toGroup), { hex: advert }, 'the same socket');

  namespaces.ip('a', 'link', 'delete', 'eth0');
  t.match(await send('ipv4', toGroup), /^cannot send to 224\.0\.0\.18 on eth0: \w+/);
  t.match(await send('ipv6', toGroup6), /^cannot send to ff02::12 on eth0: \w+/);
  t.strictSame(receivedBy(a), []);
  const told = [...a.events, ...b.events].filter(({ type }) => type === 'failed');
  t.ok(told.length <= 4, 'at most one line per socket');
  t.equal(await a.ask({ call: 'close' }), 'ok');
  t.equal(await a.ask({ call: 'close' }), 'ok');
  namespaces.connect('a', 'eth0', 'net', 'br0');
  namespaces.ip('a', 'address', 'add', '10.77.0.1/24', 'dev', 'eth0');
  t.equal(
    await send('ipv4', toGroup),
    'cannot send to 224.0.0.18 on eth0: the socket is closed',
    'another interface of the same name is another one',
  );
  t.equal(await a.ask({ call: 'open', socket: 'ipv4', options: ipv4 }), 'ok');
  await warm(a, b, 'ipv4', toGroup);
});

t.test('a flood leaves room for everything else', { skip }, async (t) => {
  const wires = wire(t);
  const receiveBufferBytes = 16 * 1024 * 1024;
  const [a, b] = await wires.opened({ ipv4: { ...ipv4, receiveBufferBytes } });
  await warm(a, b, 'ipv4', toGroup);
  const flood = { call: 'send', socket: 'ipv4', hex: advert, departure: toGroup } as const;
  t.equal(await b.ask({ call: 'count' }), 'ok');
  t.equal(await a.ask({ ...flood, times: 10_000 }), 'ok');
  let seen: Counted | undefined;
  await waitFor('the flood is read', timeoutMs, async () => {
    seen = (await b.ask({ call: 'counted' })) as Counted;
    return seen.datagrams === 10_000;
  });
  const turns = seen?.turnMicroseconds ?? [];
  t.ok((seen?.perTurnMax ?? Infinity) <= 16, `${seen?.perTurnMax} datagrams a turn at most`);
  // Of processor time: the other programs of a busy machine are not ours to bound.
  const usual = turns[Math.floor(turns.length * 0.99)] ?? Infinity;
  t.comment(`${turns.length} turns, 99 %: ${usual} us, worst ${turns.at(-1)} us`);
  t.ok(turns.length >= 625);
  t.ok(usual < 2_000, 'a turn is short');
});

t.test('tshark finds nothing wrong', { skip }, async (t) => {
  const wires = wire(t);
  const { namespaces } = wires;
  const [a, b] = await wires.opened({ ipv4, ipv6 });
  await warm(a, b, 'ipv4', toGroup);
  await warm(a, b, 'ipv6', toGroup6);
  const capture = join(t.testdir(), 'seen.pcap');
  const started: Started = namespaces.start('b', join(t.testdirName, 'tcpdump.log'), [
    ...['tcpdump', '-i', 'eth0', '-U', '-n', '-w', capture],
  ]);
  const words = ['-T', 'fields', '-E', 'separator= ', ...fields.flatMap((field) => ['-e', field])];
  const read = (filter: string) =>
    namespaces
      .run('b', 'tshark', '-r', capture, '-Y', filter, ...words)
      .trim()
      .split('\n');
  await waitFor('the capture runs', timeoutMs, async () => {
    await a.ask({ call: 'send', socket: 'ipv4', hex: advert, departure: toGroup });
    try {
      return read('ip.proto == 112').join('') !== '';
    } catch {
      return false;
    }
  });
  const hex = advertIpv6.join('');
  await a.ask({ call: 'send', socket: 'ipv6', hex, departure: toGroup6 });
  await waitFor('the last one is captured', timeoutMs, () =>
    read('ipv6.nxt == 112').join('').includes('ff02::12'),
  );
  const shown = read('ip.proto == 112');
  t.equal(shown[0]?.trim(), `${shownIdentification} 0x00 0xc0 255 10.77.0.1 224.0.0.18`);
  t.equal(read('ipv6.nxt == 112')[0]?.trim(), '0x000000c0 255 fe80::a ff02::12');
  t.equal(read('ip.proto == 112 && (_ws.malformed || vrrp.checksum.status == 0)').join(''), '');
  await namespaces.stop(started.pid);
});

const fields = [
  ...['ip.id', 'ip.flags', 'ip.dsfield', 'ip.ttl', 'ip.src', 'ip.dst'],
  ...['ipv6.tclass', 'ipv6.hlim', 'ipv6.src', 'ipv6.dst'],
];

t.test('groups without an interface are a mistake of the program', (t) => {
  const open = () => new HostPackets().openDatagrams({ ...ipv4, interface: null }, () => {});
  t.throws(open, /assertion: groups need an interface/);
  t.end();
});
