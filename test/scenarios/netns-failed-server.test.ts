// What becomes of connections through a virtual server when the check of their real server fails
// while the server itself lives: kept, dropped, expired or reset, as each service asks.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { balancerConfig, Cluster, virtualAddress } from '../../scripts/lab/cluster.js';
import { waitFor } from '../../scripts/lab/namespaces.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const patienceMs = 30_000;
const serverAddress = '198.51.100.1';
/** By what a service asks for: its port, and its words. */
const services = {
  keep: { port: 81, words: 'inhibit_on_failure' },
  drop: { port: 82, words: '' },
  expire: { port: 83, words: 'expire_quiescent_conn\ninhibit_on_failure' },
  reset: { port: 84, words: 'expire_quiescent_conn\ninhibit_on_failure\nno_destination reject' },
  resetRemoved: { port: 85, words: 'expire_quiescent_conn\nno_destination reject' },
} as const;
type Name = keyof typeof services;
const names = Object.keys(services) as Name[];

const echo = `require('node:net').createServer((socket) => {
socket.on('error', () => {});
socket.pipe(socket);
}).listen(8080);`;
const checked = `require('node:net').createServer((socket) => socket.destroy()).listen(8081);`;
/** Asks for an echo twice a second, and prints each and the end. */
const client = `const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
socket.on('data', (bytes) => console.log('echo'.repeat(bytes.length)));
socket.on('error', (error) => { console.log(error.code); process.exit(); });
socket.on('end', () => { console.log('end'); process.exit(); });
setInterval(() => socket.write('x'), 500);`;

function serviceText({ port, words }: (typeof services)[Name]): string {
  return `virtual_server ${virtualAddress} ${port} {
delay_loop 0.2
delay_before_retry 0.2
lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name back
${words}
real_server ${serverAddress} 8080 {
TCP_CHECK {
connect_port 8081
connect_timeout 1
retry 1
}
}
}
`;
}

/** One balancer of the cluster, and a client for each service. */
class FailedServer {
  readonly cluster = new Cluster();
  #checkedPid = 0;

  async begin(): Promise<void> {
    const { cluster } = this;
    cluster.buildNetwork();
    this.#start('web1', 'echo', echo);
    this.startChecked();
    const text = names.map((name) => serviceText(services[name])).join('');
    cluster.writeConfig('lb1', balancerConfig('lb1', text));
    await cluster.startBalancer('lb1');
    await waitFor('MASTER', patienceMs, async () => {
      return (await cluster.vrrpState('lb1')) === 'MASTER';
    });
  }

  startChecked(): void {
    this.#checkedPid = this.#start('web1', 'checked', checked);
  }

  async stopChecked(): Promise<void> {
    await this.cluster.namespaces.stop(this.#checkedPid, 'SIGKILL');
  }

  startClient(name: Name): void {
    this.#start('client', name, client, virtualAddress, String(services[name].port));
  }

  /** What a client printed. */
  lines(name: string): readonly string[] {
    const path = this.#log(name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  async waitForLines(name: Name, what: string, wanted: (lines: readonly string[]) => boolean) {
    await waitFor(`${name}: ${what}`, patienceMs, () => wanted(this.lines(name)));
  }

  /** "192.0.2.100:81 0" for the weight of each service's server; no weight where it is removed. */
  async weights(): Promise<string> {
    const listing = await this.cluster.tool('lb1', 'ipvsadm', '-Ln');
    return names
      .map((name) => {
        const block = listing.split(`${virtualAddress}:${services[name].port} `)[1] ?? '';
        const [own = ''] = block.split('TCP');
        return `${name} ${/-> \S+ +\S+ +(\d+)/.exec(own)?.[1] ?? 'none'}`;
      })
      .join();
  }

  async remove(): Promise<void> {
    await this.cluster.remove();
  }

  #log(name: string): string {
    return join(this.cluster.folder, `${name}.lines`);
  }

  #start(place: string, name: string, program: string, ...words: string[]): number {
    const all = [process.execPath, '-e', program, ...words];
    return this.cluster.namespaces.start(place, this.#log(name), all).pid;
  }
}

t.test('connections of a server that fails', { skip, timeout: 240_000 }, async (t) => {
  const world = new FailedServer();
  t.teardown(() => world.remove());
  await world.begin();
  const up = names.map((name) => `${name} 1`).join();
  await waitFor('all servers', patienceMs, async () => (await world.weights()) === up);
  for (const name of names) world.startClient(name);
  for (const name of names) {
    await world.waitForLines(name, 'two echoes', (lines) => lines.length >= 2);
  }
  await world.stopChecked();
  const down = 'keep 0,drop none,expire 0,reset 0,resetRemoved none';
  await waitFor('failures', patienceMs, async () => (await world.weights()) === down);

  await t.test('reset: the client is told', async (t) => {
    for (const name of ['reset', 'resetRemoved'] as const) {
      await world.waitForLines(name, 'its end', (lines) => lines.at(-1) === 'ECONNRESET');
      t.pass(name);
    }
  });
  const silent = ['drop', 'expire'] as const;
  const before = new Map(silent.map((name) => [name, world.lines(name).length]));
  await t.test('keep: bytes go on', async (t) => {
    const count = world.lines('keep').length;
    await world.waitForLines('keep', 'six more', (lines) => lines.length >= count + 6);
    t.pass('they do');
  });
  await t.test('drop and expire: silence meanwhile', async (t) => {
    for (const name of silent) {
      t.equal(world.lines(name).length, before.get(name), `${name}: nothing came, and no end`);
    }
  });
  world.startChecked();
  await waitFor('all servers again', patienceMs, async () => (await world.weights()) === up);
  await t.test('drop: goes on with the server; expire: does not', async (t) => {
    const count = before.get('drop') ?? 0;
    await world.waitForLines('drop', 'the rest', (lines) => lines.length > count);
    t.equal(world.lines('expire').length, before.get('expire'));
  });
});
