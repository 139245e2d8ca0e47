// Servers behind FNAT learn who the client is: nginx by PROXY headers of both versions, TOA and UOA
// as tshark reads them, in and between families.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import type { DataplaneClient } from '../../src/dataplane/client.js';
import type { Change } from '../../src/dataplane/state.js';
import { type ServiceOptions, serviceDefaults } from '../../src/net/service.js';
import { settingsDefaults } from '../../src/net/settings.js';
import { local as localUse, server as serverOf, service, tcp, udp } from './examples.js';
import * as check from './stack-checks.js';
import {
  client,
  type Family,
  families,
  local,
  Stacks,
  server,
  surroundings,
  virtual,
  withWorkers,
} from './stacks.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const proxyPort = 8090;
const protocols = ['v1', 'v2'] as const;

/** The port of a service tells its settings and its families. */
function portOf(kind: number, from: Family, to: Family): number {
  return 7000 + kind * 100 + from * 10 + to;
}

function servicesOf(from: Family, to: Family): Change[] {
  const proxies = protocols.flatMap((proxyProtocol, kind) =>
    change(from, to, 'TCP', portOf(kind, from, to), proxyPort, { proxyProtocol }),
  );
  const toa = change(from, to, 'TCP', portOf(2, from, to), 8080, {});
  const uoaPort = portOf(3, from, to);
  return [
    ...proxies,
    ...toa,
    ...change(from, to, 'UDP', uoaPort, uoaPort, { clientAddress: 'uoa' }),
  ];
}

function change(
  from: Family,
  to: Family,
  protocol: 'TCP' | 'UDP',
  port: number,
  serverPort: number,
  options: Partial<ServiceOptions>,
): Change[] {
  const key = (protocol === 'TCP' ? tcp : udp)(`${virtual(from)}:${port}`);
  return [
    { verb: 'add_service', service: { ...service(key), ...serviceDefaults, ...options } },
    { verb: 'add_local_address', localAddress: localUse(key, local(to)) },
    { verb: 'add_server', server: serverOf(key, `${server(to)}:${serverPort}`) },
  ];
}

const pairs = families.flatMap((from) => families.map((to) => ({ from, to })));

/** nginx that says whom the PROXY header named, and gives the large body. */
async function startNginx(stacks: Stacks): Promise<void> {
  const { folder, namespaces } = stacks;
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; user root; worker_processes 1; pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 256; }
http { access_log off;
  server { listen ${server(4)}:${proxyPort} proxy_protocol;
    listen [${server(6)}]:${proxyPort} proxy_protocol;
    location = / { return 200 "$proxy_protocol_addr\\n"; }
    location = /body { root ${folder}; } } }
`,
  );
  namespaces.start('server', join(folder, 'nginx.log'), ['nginx', '-p', folder, '-c', file]);
  await waitFor('nginx listens', 10_000, () =>
    namespaces.run('server', 'ss', '-Hlnt').includes(`:${proxyPort}`),
  );
}

async function get(stacks: Stacks, from: Family, port: number): Promise<string> {
  const host = from === 6 ? `[${virtual(6)}]` : virtual(4);
  const words = ['curl', '-gsS', '-m', '10', `http://${host}:${port}/`];
  return (await stacks.namespaces.runAsync('client', ...words)).trim();
}

async function download(stacks: Stacks, from: Family, port: number): Promise<string> {
  const host = from === 6 ? `[${virtual(6)}]` : virtual(4);
  const script = `curl -gsS -m 20 http://${host}:${port}/body | sha256sum`;
  return (await stacks.namespaces.runAsync('client', 'sh', '-c', script)).slice(0, 64);
}

/** What tshark says of packets that reached the server while `act` went on. */
async function captured(
  stacks: Stacks,
  filter: string,
  act: () => Promise<unknown>,
  display: string,
  field: string,
): Promise<readonly string[]> {
  const { namespaces, folder } = stacks;
  const capture = join(folder, 'server.pcap');
  const log = join(folder, 'tcpdump.log');
  writeFileSync(log, '');
  const words = ['tcpdump', '-i', 'eth0', '-Q', 'in', '-Z', 'root', '-U', '-w', capture, filter];
  const { child } = namespaces.start('server', log, words);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await waitFor('tcpdump listens', 10_000, () => readFileSync(log, 'utf8').includes('listening'));
  await act();
  const read = (): string[] => {
    const shown = ['-r', capture, '-Y', display, '-T', 'fields', '-e', field];
    return namespaces
      .run('server', 'tshark', ...shown)
      .trimEnd()
      .split('\n');
  };
  await waitFor('tcpdump has written', 10_000, () => read()[0] !== '').catch(() => undefined);
  child.kill('SIGINT');
  await ended;
  return read();
}

/** The client's address, and the option around it, as hexadecimal digits. */
const addressDigits = { 4: '0a09000a', 6: '20010db8000900000000000000000010' } as const;
const toaDigits = { 4: 'fe08', 6: 'fe14' } as const;
/** UOA: version, protocol of the datagram, length, and an option like that of TOA. */
const uoaDigits = { 4: '1011000c1f08', 6: '201100181f14' } as const;

/** Digits of kind and length, the port that the client chose, the address. */
function digits(begins: string, from: Family): RegExp {
  return new RegExp(`^${begins}[0-9a-f]{4}${addressDigits[from]}`);
}

async function tellsByToa(t: Test, stacks: Stacks, from: Family, to: Family): Promise<void> {
  const port = portOf(2, from, to);
  const filter = 'tcp dst port 8080';
  const options = await captured(
    stacks,
    filter,
    () => get(stacks, from, port),
    'tcp.flags.syn == 0 && tcp.options contains fe',
    'tcp.options',
  );
  t.match(options[0], digits(toaDigits[from], from), 'the ACK of the handshake carries TOA');
}

/** The first datagrams carry the address; the server's kernel drops those of protocol 248. */
async function tellsByUoa(t: Test, stacks: Stacks, from: Family, to: Family): Promise<void> {
  const port = portOf(3, from, to);
  const display = to === 4 ? 'ip.proto == 248' : 'ipv6.nxt == 248';
  const found = await captured(
    stacks,
    to === 4 ? 'ip proto 248' : 'ip6 proto 248',
    async () => stacks.probe('client', 'echo', virtual(from), String(port), '17'),
    display,
    'data.data',
  );
  t.match(found[0], digits(uoaDigits[from], from), 'a header of UOA stands before the datagram');
}

async function setOption(t: Test, dataplane: DataplaneClient): Promise<void> {
  const settings = { ...settingsDefaults, uoaMode: 'ipo' } as const;
  const refused = await dataplane.apply([{ verb: 'set_settings', settings }]);
  t.same(refused._unsafeUnwrap(), [], 'UOA as an IP option from now on');
}

t.test('servers learn who the client is', { skip }, async (t) => {
  const stacks = new Stacks();
  t.teardown(() => stacks.remove());
  const changes = pairs.flatMap(({ from, to }) => servicesOf(from, to));
  const dataplane = await check.open(t, stacks, withWorkers(1), [...surroundings, ...changes]);
  const echoes = pairs.map(({ from, to }) => ({ address: server(to), port: portOf(3, from, to) }));
  await stacks.serve('server', [8080], echoes);
  await startNginx(stacks);
  for (const { from, to } of pairs) {
    await t.test(`a client of IPv${from}, a server of IPv${to}`, async (t) => {
      for (const [kind, protocol] of protocols.entries()) {
        const port = portOf(kind, from, to);
        t.equal(await get(stacks, from, port), client(from), `nginx knows by PROXY ${protocol}`);
        t.equal(await download(stacks, from, port), stacks.digest, 'and a large download is whole');
      }
      await tellsByToa(t, stacks, from, to);
      await tellsByUoa(t, stacks, from, to);
    });
  }
  await setOption(t, dataplane);
  const port = String(portOf(3, 4, 4));
  t.equal(stacks.probe('client', 'echo', virtual(4), port, '17'), '', 'any kernel takes "ipo"');
  await check.statistics(t, dataplane, []);
});
