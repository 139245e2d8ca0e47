// A pair of load balancers on real wires: what a reload, a stop, a kill and a hang of the daemon
// do.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import {
  type Balancer,
  balancerConfig,
  balancers,
  Cluster,
  virtualAddress,
  webServers,
} from '../../scripts/lab/cluster.js';
import { Namespaces, pause, plainly, waitFor } from '../../scripts/lab/namespaces.js';
import { DataplaneClient } from '../../src/dataplane/client.js';
import { socketPath } from '../../src/dataplane/paths.js';
import { HostClock } from '../../src/host/clock.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const takeoverMs = 20_000;
const url = `http://${virtualAddress}/`;

class Pair {
  readonly cluster = new Cluster();
  readonly planes = new Map<Balancer, DataplaneClient>();

  async start(): Promise<void> {
    this.cluster.buildNetwork();
    for (const name of webServers) await this.cluster.startWeb(name);
    for (const name of balancers) {
      this.cluster.writeConfig(name);
      await this.cluster.startBalancer(name);
      const place = { runtimeDirectory: this.cluster.runtimeDirectory(name), instance: null };
      const plane = await DataplaneClient.connect(socketPath(place), new HostClock(), 5_000);
      this.planes.set(name, plane._unsafeUnwrap());
    }
    await this.waitForHolder('lb1');
  }

  /** Asked from the data planes themselves: who answers for the virtual address now. */
  async holders(): Promise<Balancer[]> {
    const holders: Balancer[] = [];
    for (const [name, plane] of this.planes) {
      const addresses = (await plane.addresses()).unwrapOr([]);
      if (addresses.some(({ prefix }) => prefix.address === virtualAddress)) holders.push(name);
    }
    return holders;
  }

  async waitForHolder(wanted: Balancer): Promise<void> {
    await waitFor(`${wanted} alone holds the address`, takeoverMs, async () => {
      return (await this.holders()).join() === wanted;
    });
    await waitFor('an answer', takeoverMs, () => this.cluster.answers('client', url));
  }

  /**
   * Looks every few milliseconds until `wanted` holds the address; answers with all that was seen.
   */
  async watchUntil(wanted: Balancer): Promise<Set<string>> {
    const seen = new Set<string>();
    await waitFor(`${wanted} holds the address`, takeoverMs, async () => {
      for (let look = 0; look < 10; look++) {
        seen.add((await this.holders()).join());
        await pause(2);
      }
      return seen.has(wanted);
    });
    return seen;
  }

  async servers(name: Balancer): Promise<string[]> {
    const running = (await this.planes.get(name)?.running())?._unsafeUnwrap();
    return (running?.servers ?? []).map(({ endpoint, weight }) => `${endpoint.address} ${weight}`);
  }

  signal(name: Balancer, signal: NodeJS.Signals): void {
    process.kill(this.cluster.daemonPid(name), signal);
  }

  log(name: Balancer): string {
    return this.cluster.lastLines(name, 1000);
  }

  async remove(): Promise<void> {
    for (const plane of this.planes.values()) plane.disconnect();
    await this.cluster.remove();
  }
}

t.test('a pair of load balancers', { skip, timeout: 240_000 }, async (t) => {
  const pair = new Pair();
  t.teardown(() => pair.remove());
  await pair.start();
  const { cluster } = pair;

  await t.test('a plan tells what a reload would change, and changes nothing', async (t) => {
    const plan = async (file: string, format: string) => {
      const words = ['-f', file, `--plan=${format}`];
      const runtime = ['--runtime-dir', cluster.runtimeDirectory('lb1')];
      return cluster.namespaces.runAsync('lb1', command('keepalived'), ...words, ...runtime);
    };
    const file = join(cluster.runtimeDirectory('lb1'), 'planned.conf');
    writeFileSync(file, balancerConfig('lb1'));
    t.same(JSON.parse(await plan(file, 'json')), {
      hasDaemon: true,
      hasDataplane: true,
      edits: [],
      changes: [],
    });
    writeFileSync(file, balancerConfig('lb1').replace('weight 1', 'weight 5'));
    const text = await plan(file, 'text');
    t.match(text, /real_server 198\.51\.100\.1 8080\n +~ weight 1 -> 5\n/);
    t.match(text, /data plane:\n {2}~ server 198\.51\.100\.1:8080 of TCP .* weight 5\n$/);
    t.ok((await pair.servers('lb1')).includes('198.51.100.1 1'));
    writeFileSync(file, 'vrrp_instnce V {\n}\n');
    await t.rejects(plan(file, 'text'), /unknown keyword "vrrp_instnce"/);
  });

  await t.test('a reload applies the difference and keeps MASTER', async (t) => {
    const text = balancerConfig('lb1').replace('weight 1', 'weight 5');
    cluster.writeConfig('lb1', text);
    pair.signal('lb1', 'SIGHUP');
    await waitFor('the new weight', takeoverMs, async () => {
      return (await pair.servers('lb1')).includes('198.51.100.1 5');
    });
    t.same(await pair.holders(), ['lb1']);
    t.equal(pair.log('lb1').match(/Entering BACKUP STATE/g)?.length, 1, 'only at the start');
  });

  await t.test('a reload of a file with errors changes nothing and says where', async (t) => {
    cluster.writeConfig('lb1', balancerConfig('lb1').replace('lb_algo rr', 'lb_algo rrr'));
    pair.signal('lb1', 'SIGHUP');
    await waitFor('the refusal', takeoverMs, () => pair.log('lb1').includes('reload failed'));
    t.match(
      pair.log('lb1'),
      /lb1\.conf:\d+:\d+: error: "rrr" is not what lb_algo takes: rr or wrr/,
    );
    t.ok((await pair.servers('lb1')).includes('198.51.100.1 5'));
    cluster.writeConfig('lb1');
  });

  await t.test('ipvsadm and dpip show what runs, with real counters', async (t) => {
    const listing = await cluster.tool('lb1', 'ipvsadm', '-Ln');
    t.match(listing, /^TCP {2}192\.0\.2\.100:80 rr\s*$/m);
    t.match(listing, /^ {2}-> 198\.51\.100\.2:8080 +FullNat 1 +\d+ +\d+/m);
    for (let request = 0; request < 4; request++) await cluster.curl('client');
    const statistics = await cluster.tool('lb1', 'ipvsadm', '-Ln', '--stats', '--exact');
    const [, connections, inPackets] = /^TCP +\S+ +(\d+) +(\d+)/m.exec(statistics) ?? [];
    t.ok(Number(connections) >= 4 && Number(inPackets) >= 16, statistics);
    t.match(await cluster.tool('lb1', 'dpip', 'link', 'show'), /^1: dpdk0: socket 0 mtu 1500/m);
    t.match(await cluster.tool('lb1', 'dpip', 'addr', 'show'), /192\.0\.2\.100\/24/);
    t.match(await cluster.tool('lb1', 'dpip', 'neigh', 'show'), /192\.0\.2\.9 .*REACHABLE/);
    t.match(await cluster.tool('lb1', 'dpip', 'route', 'show'), /198\.51\.100\.0\/24/);
    t.match(await cluster.tool('lb1', 'keelson', 'status'), /V_1 +MASTER +priority 150/);
  });

  await t.test('every packet has one verdict', async (t) => {
    const { workers } = (await pair.planes.get('lb1')?.statistics())?._unsafeUnwrap() ?? {};
    for (const { rx, verdicts } of workers ?? []) {
      const ended = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
      t.equal(ended, rx);
      t.ok((verdicts['forwarded'] ?? 0) >= 40, `${verdicts['forwarded']} of ${rx} forwarded`);
    }
  });

  await t.test('what an operator adds survives the next plan', async (t) => {
    await cluster.tool('lb1', 'ipvsadm', '-A', '-t', '192.0.2.77:77', '-s', 'rr');
    pair.signal('lb1', 'SIGHUP');
    await waitFor('the old weight', takeoverMs, async () => {
      return (await pair.servers('lb1')).includes('198.51.100.1 1');
    });
    t.match(await cluster.tool('lb1', 'ipvsadm', '-Ln'), /192\.0\.2\.77:77/);
    await cluster.tool('lb1', 'ipvsadm', '-D', '-t', '192.0.2.77:77');
  });

  await t.test('a second instance in the same runtime directory is refused', async (t) => {
    const words = ['-f', cluster.configFile('lb1'), '-n', '-l', '-G'];
    const place = ['--runtime-dir', cluster.runtimeDirectory('lb1')];
    const daemon = [process.execPath, command('keepalived'), ...words, ...place].join(' ');
    // As keepalived, it says so and ends with 0.
    const said = await cluster.namespaces.runAsync('lb1', 'sh', '-c', `${daemon} 2>&1`);
    t.match(said, /daemon is already running: .* held by process \d+, which is running/);
    t.same(await pair.holders(), ['lb1'], 'and the first one does not notice');
  });

  await t.test('kill -9 of the daemon: the address is gone before the backup has it', async (t) => {
    pair.signal('lb1', 'SIGKILL');
    const seen = await pair.watchUntil('lb2');
    t.notOk(seen.has('lb1,lb2'), `two holders at once: ${[...seen].join(' | ')}`);
    t.ok(await cluster.answers('client', url));
    await cluster.startBalancer('lb1');
    await pair.waitForHolder('lb1');
  });

  await t.test('SIGSTOP of the daemon: the same, and waking up does no harm', async (t) => {
    pair.signal('lb1', 'SIGSTOP');
    const seen = await pair.watchUntil('lb2');
    t.notOk(seen.has('lb1,lb2'), `two holders at once: ${[...seen].join(' | ')}`);
    pair.signal('lb1', 'SIGCONT');
    // It preempts: an election, in which the loser lets go when it hears the winner's advert.
    await pair.waitForHolder('lb1');
    t.match(pair.log('lb1'), /No advertisement left within the lease of the addresses/);
  });

  await t.test('SIGTERM hands over at once and takes the services back', async (t) => {
    pair.signal('lb1', 'SIGTERM');
    await pair.watchUntil('lb2');
    t.match(pair.log('lb2'), /Backup received priority 0 advertisement/);
    await waitFor('the end of the daemon', takeoverMs, () => pair.log('lb1').includes('Stopped'));
    t.same(await pair.servers('lb1'), []);
    t.not(cluster.dataplanePid('lb1'), null, 'the data plane goes on');
  });
});

t.test('a data plane that cannot start says why in one sentence', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const noPort = 'dataplane {\nport dpdk0 {\ndevice net_af_packet,iface=nowhere0\n}\n}\n';
  writeFileSync(join(folder, 'no-port.conf'), noPort);
  const attempt = (...words: string[]): { code: number; text: string } => {
    const [env, ...rest] = [...plainly, process.execPath, command('keepalived'), ...words];
    try {
      execFileSync(env, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      return { code: 0, text: '' };
    } catch (cause) {
      const { status, stderr } = cause as { status: number; stderr: string };
      return { code: status, text: stderr };
    }
  };
  const run = ['-nlG', '--runtime-dir', join(folder, 'run')];
  const missing = attempt('-f', join(folder, 'no-port.conf'), ...run);
  t.equal(missing.code, 1);
  t.match(missing.text, /port dpdk0: .*nowhere0/);
  await waitFor('the end of the data plane that it started', 10_000, () => {
    return !existsSync(join(folder, 'run', 'dataplane.pid'));
  });
  t.equal(attempt('-f', join(folder, 'absent.conf'), ...run).code, 6);
  t.equal(attempt('-t', '-f', join(folder, 'absent.conf')).code, 4);
  t.equal(attempt('-t', '-f', 'conf/firstlight.conf').code, 0);
  t.equal(attempt('--nonsense').code, 1);
  t.match(attempt('-n', '--runtime-dir', `/tmp/${'long/'.repeat(40)}`).text, /is too long/);
});

t.test('a data plane of default size opens with ordinary pages', { skip }, async (t) => {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  t.teardown(async () => {
    await namespaces.remove();
    rmSync(folder, { recursive: true });
  });
  const config = join(folder, 'default.conf');
  writeFileSync(config, 'dataplane {\nhugepages off\nport dpdk0 {\ndevice net_null\n}\n}\n');
  namespaces.add('solo');
  const place = ['--runtime-dir', folder];
  const log = join(folder, 'log');
  const words = [process.execPath, command('dpvs'), '-f', config, ...place];
  namespaces.start('solo', log, words);
  await waitFor('an open data plane', takeoverMs, () => {
    return readFileSync(log, 'utf8').includes('serving at');
  });
  const tool = [process.execPath, command('dpip'), ...place, 'link', 'show'];
  t.match(await namespaces.runAsync('solo', ...tool), /^1: dpdk0: socket 0 mtu 1500/);
  t.match(namespaces.ip('solo', 'link', 'show', 'dev', 'dpdk0.kni'), /UP/);
});
