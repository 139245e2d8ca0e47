// TUN between real stacks: what clients send goes to the server in another packet, over a router;
// the server has the virtual address and answers directly. Carriers that its kernel has no device
// for are taken apart by a program (peers/decapsulate.py), behind which is the kernel again.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { Change, Server } from '../../src/dataplane/state.js';
import type { Tunnel } from '../../src/net/service.js';
import { server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import {
  client,
  type Family,
  families,
  near,
  peers,
  Stacks,
  server,
  surroundings,
  virtual,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const guePort = 6080;

type Carrier = check.Flow & {
  readonly from: Family;
  readonly to: Family;
  readonly tunnel: Tunnel;
  readonly addedBytes: number;
};

function carrier(type: Tunnel['type'], hasChecksum: boolean, from: Family, to: Family): Carrier {
  const header = { ipip: 0, gre: hasChecksum ? 8 : 4, gue: 12 }[type];
  const tunnel = { type, port: type === 'gue' ? guePort : 0, hasChecksum };
  const addedBytes = (to === 4 ? 20 : 40) + header;
  return { from, to, tunnel, addedBytes, ...check.flow(from, from, 8080, client(from)) };
}

const carriers = families.flatMap((from) => {
  return families.flatMap((to) => [
    carrier('ipip', false, from, to),
    carrier('gre', from !== to, from, to),
    carrier('gue', from === to, from, to),
  ]);
});

/** Of those for clients of this family. */
function isLast(carrier: Carrier): boolean {
  return carrier === carriers.findLast(({ from }) => from === carrier.from);
}

function nameOf({ tunnel, from, to }: Carrier): string {
  const checksum = tunnel.hasChecksum ? ' with checksum' : '';
  return `IPv${from} in IPv${to} by ${tunnel.type}${checksum}`;
}

const services = families.flatMap((family) => {
  const end = `${virtual(family)}:8080`;
  return [tcp(end), udp(end)];
});

function serversOf({ from, to, tunnel }: Carrier): Server[] {
  const end = `${virtual(from)}:8080`;
  return [tcp(end), udp(end)].map((key) => {
    return { ...serverOf(key, `${server(to)}:0`), method: 'TUN', tunnel };
  });
}

async function decapsulate(stacks: Stacks): Promise<void> {
  const { namespaces } = stacks;
  namespaces.ip('server', 'tuntap', 'add', 'mode', 'tun', 'name', 'inner');
  namespaces.ip('server', 'link', 'set', 'inner', 'mtu', '1500', 'up');
  const words = ['python3', join(peers, 'decapsulate.py'), 'inner', String(guePort)];
  namespaces.start('server', join(stacks.folder, 'decapsulate.log'), words);
  await waitFor('tunnels are taken apart', 10_000, () => {
    return namespaces.ip('server', 'link', 'show', 'inner').includes('LOWER_UP');
  });
}

/** The server has the virtual addresses, and a way of its own to the client. */
function shareAddresses(stacks: Stacks): void {
  stacks.sysctl('server', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2');
  for (const family of families) {
    stacks.addAddress('server', 'lo', `${virtual(family)}/${family === 4 ? 32 : 128}`);
    stacks.addRoute('server', family, 'default', near(family));
  }
}

async function checkCarrier(t: Test, stacks: Stacks, carrier: Carrier): Promise<void> {
  const seenMtu = 1500 - carrier.addedBytes;
  await check.transfers(t, stacks, carrier);
  const learned = stacks.learnedMtu('client', carrier.address);
  t.equal(learned, seenMtu, 'of what the carrier adds, the client was told');
  stacks.forgetMtus();
}

t.test('TUN between kernels', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  shareAddresses(stacks);
  await decapsulate(stacks);
  const begin = services.map((key): Change => ({ verb: 'add_service', service: service(key) }));
  const dataplane = await check.open(t, stacks, withWorkers(2), [...surroundings, ...begin]);
  const echoes = families.map((family) => ({ address: virtual(family), port: 8080 }));
  await stacks.serve('server', [8080], echoes);
  for (const carrier of carriers) {
    const servers = serversOf(carrier);
    const changed = async (verb: 'add_server' | 'remove_server'): Promise<void> => {
      const changes = servers.map((one): Change => ({ verb, server: one }));
      t.same((await dataplane.apply(changes))._unsafeUnwrap(), []);
    };
    await changed('add_server');
    await t.test(nameOf(carrier), (t) => checkCarrier(t, stacks, carrier));
    if (carrier.tunnel.type === 'ipip') {
      await t.test(`${nameOf(carrier)}: errors`, async (t) => {
        await check.smallerPathBack(t, stacks, carrier);
        await check.smallerPathThere(t, stacks, carrier, 1400 - carrier.addedBytes);
        check.expiry(t, stacks, carrier, carrier.address);
      });
    }
    if (isLast(carrier)) check.closedPort(t, stacks, carrier);
    await changed('remove_server');
  }
  // Of a burst that is too large for the carrier, 16 are answered within 16 ms, and no more.
  await check.statistics(t, dataplane, ['drop_too_big']);
});
