// BFD with FRR's bfdd and with BIRD, by `keepalived` on a veth: up, negotiated timers, a neighbour
// that hangs, one that is told to stop, many hops, IPv6; what follows a session in VRRP and in the
// services; and tshark reads all of it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import type { BfdStatus } from '../../src/daemon/bfd-news.js';
import type { Status } from '../../src/daemon/status.js';
import { BirdBfd, FrrBfd, type FrrPeer } from './bfd-routers.js';

const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'network namespaces need root';
const timeoutMs = 30_000;
/** A shared machine that is busy: what is measured may be so much later. */
const slackMs = 1_500;

const frrConfig = `bfd
 peer 10.88.0.1 interface eth0
  transmit-interval 80
  receive-interval 120
  detect-multiplier 4
 exit
 peer fd88::1 local-address fd88::2 interface eth0
  transmit-interval 100
  receive-interval 100
 exit
exit
`;
const birdConfig = `router id 10.88.0.3;
protocol device {}
protocol bfd {
  interface "eth0" { min rx interval 90 ms; min tx interval 70 ms; multiplier 5; };
  multihop { interval 100 ms; multiplier 3; };
  neighbor 10.88.0.1 dev "eth0" local 10.88.0.3;
  neighbor 10.88.0.1 local 10.88.0.33 multihop yes;
}
`;

function configOf(birdIntervalMs: number): string {
  return `dataplane {
    workers 1
    poll adaptive
    hugepages off
    port dpdk0 {
        device net_null
    }
}
local_address_group back {
    10.255.0.1 dpdk0
}
bfd_instance frr {
    neighbor_ip 10.88.0.2
    min_rx 60
    min_tx 60
    multiplier 3
    weight 20
}
bfd_instance frr6 {
    neighbor_ip fd88::2
    source_ip fd88::1
    min_rx 100
    min_tx 100
    multiplier 3
}
bfd_instance bird {
    neighbor_ip 10.88.0.3
    min_rx ${birdIntervalMs}
    min_tx ${birdIntervalMs}
    multiplier 3
}
bfd_instance far {
    neighbor_ip 10.88.0.33
    multihop on
    max_hops 10
    min_rx 100
    min_tx 100
    multiplier 3
}
vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    track_bfd {
        frr
    }
    virtual_ipaddress {
        10.88.0.100/24
    }
}
virtual_server 10.88.0.200 80 {
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name back
    real_server 10.88.0.3 80 {
        BFD_CHECK {
            name bird
        }
    }
}
`;
}

class Lab {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly frr: FrrBfd;
  readonly bird: BirdBfd;
  #pid = 0;
  #capture = 0;

  constructor() {
    for (const name of ['net', 'us', 'frr', 'bird']) this.namespaces.add(name);
    this.namespaces.addBridge('net', 'br0');
    for (const [index, name] of ['us', 'frr', 'bird'].entries()) {
      this.namespaces.connect(name, 'eth0', 'net', 'br0');
      this.namespaces.run(name, 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0');
      const ip = (...words: string[]) => this.namespaces.ip(name, 'address', 'add', ...words);
      ip(`10.88.0.${index + 1}/24`, 'dev', 'eth0');
      ip(`fd88::${index + 1}/64`, 'dev', 'eth0', 'nodad');
    }
    this.namespaces.ip('bird', 'address', 'add', '10.88.0.33/24', 'dev', 'eth0');
    this.frr = new FrrBfd(this.namespaces, 'frr', join(this.folder, 'frr.log'));
    this.bird = new BirdBfd(this.namespaces, 'bird', join(this.folder, 'bird.log'));
  }

  get captureFile(): string {
    return join(this.folder, 'bfd.pcap');
  }

  async start(): Promise<void> {
    const words = ['tcpdump', '-U', '-i', 'eth0', '-w', this.captureFile, 'udp'];
    const captureLog = join(this.folder, 'capture.log');
    this.#capture = this.namespaces.start('us', captureLog, words).pid;
    await waitFor('the capture runs', timeoutMs, () =>
      readFileSync(captureLog, 'utf8').includes('listening on'),
    );
    await Promise.all([this.frr.start(frrConfig), this.bird.start(birdConfig)]);
    this.configure(60);
    mkdirSync(join(this.folder, 'run'));
    this.#pid = this.namespaces.start('us', join(this.folder, 'us.log'), [
      ...[process.execPath, command('keepalived'), '--runtime-dir', join(this.folder, 'run')],
      ...['-nlDG', '-f', this.#configFile],
    ]).pid;
  }

  configure(birdIntervalMs: number): void {
    writeFileSync(this.#configFile, configOf(birdIntervalMs));
  }

  get pid(): number {
    return this.#pid;
  }

  log(): string {
    return readFileSync(join(this.folder, 'us.log'), 'utf8');
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.#keelson('status', '--json')) as Status;
  }

  async text(what: 'status' | 'metrics'): Promise<string> {
    return await this.#keelson(what);
  }

  async session(name: string): Promise<BfdStatus | undefined> {
    const { bfd } = await this.status();
    return bfd.find((one) => one.name === name);
  }

  async waitForSession(
    name: string,
    what: string,
    is: (one: BfdStatus) => boolean,
  ): Promise<BfdStatus> {
    let found: BfdStatus | undefined;
    const look = async (): Promise<boolean> => {
      found = await this.session(name).catch(() => undefined);
      return found !== undefined && is(found);
    };
    await waitFor(`${name}: ${what}`, timeoutMs, look);
    if (found === undefined) throw new Error('assertion: it was found');
    return found;
  }

  frrPeer(peer: string): FrrPeer | undefined {
    return this.frr.peers().find((one) => one.peer === peer);
  }

  async stopDaemon(): Promise<void> {
    await this.namespaces.stop(this.#pid);
  }

  async stopCapture(): Promise<void> {
    await this.namespaces.stop(this.#capture, 'SIGINT');
  }

  async remove(): Promise<void> {
    // A process that a failed test left stopped would not hear the signal to end.
    for (const pid of [this.#pid, this.frr.pid, this.bird.pid]) signal(pid, 'SIGCONT');
    const planePid = join(this.folder, 'run', 'dataplane.pid');
    if (existsSync(planePid)) this.namespaces.adopt(Number(readFileSync(planePid, 'utf8')));
    await this.namespaces.remove();
    this.frr.remove();
    this.bird.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #configFile(): string {
    return join(this.folder, 'keepalived.conf');
  }

  async #keelson(...words: readonly string[]): Promise<string> {
    const runtime = ['--runtime-dir', join(this.folder, 'run')];
    const program = [process.execPath, command('keelson'), ...runtime];
    return await this.namespaces.runAsync('us', ...program, ...words);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

const isUp = ({ state }: BfdStatus): boolean => state === 'Up';

t.test('sessions with FRR and BIRD, and what follows them', { skip }, async (t) => {
  t.setTimeout(240_000);
  const lab = new Lab();
  try {
    await lab.start();
    for (const name of ['frr', 'frr6', 'bird', 'far']) await lab.waitForSession(name, 'Up', isUp);
    await timersAreNegotiated(t, lab);
    await followersFollow(t, lab);
    await hangsAreSeen(t, lab);
    await shutdownIsNoFailure(t, lab);
    await reloadChangesInPlace(t, lab);
    await ourOwnHangIsSeen(t, lab);
    await stopIsTold(t, lab);
    await tsharkReadsAll(t, lab);
  } catch (error) {
    t.comment(lab.log());
    throw error;
  } finally {
    await lab.remove();
  }
});

async function timersAreNegotiated(t: Test, lab: Lab): Promise<void> {
  const frr = await lab.waitForSession('frr', 'timers', ({ detectionMs }) => detectionMs === 320);
  t.equal(frr.transmitMs, 120, "FRR's receive-interval is the slower");
  await waitFor('FRR has our timers', timeoutMs, () => {
    const peer = lab.frrPeer('10.88.0.1');
    return peer?.['remote-transmit-interval'] === 60 && peer['remote-receive-interval'] === 60;
  });
  t.equal(lab.frrPeer('10.88.0.1')?.['remote-detect-multiplier'], 3);
  const bird = await lab.waitForSession('bird', 'timers', ({ detectionMs }) => detectionMs === 350);
  t.equal(bird.transmitMs, 90);
  await waitFor('BIRD has our timers', timeoutMs, () =>
    lab.bird
      .sessions()
      .some(({ intervalMs, timeoutMs: dead }) => intervalMs === 70 && dead === 270),
  );
  t.equal((await lab.session('far'))?.detectionMs, 300);
  t.ok((await lab.session('far'))?.settings.isMultihop);
  t.equal((await lab.session('frr6'))?.settings.neighbor, 'fd88::2');
}

async function followersFollow(t: Test, lab: Lab): Promise<void> {
  await waitFor('the priority is 120', timeoutMs, async () => {
    const { vrrp } = await lab.status();
    return vrrp[0]?.priority === 120;
  });
  const { services } = await lab.status();
  t.ok(services[0]?.servers[0]?.isUp);
  t.match(lab.log(), /BFD_Instance\(frr\) Entering Up state/);
  t.match(await lab.text('status'), /BFD sessions\n[\s\S]* frr +Up +10\.88\.0\.2, single hop/);
  t.match(await lab.text('metrics'), /keelson_bfd_state\{session="bird".*state="Up"\} 1/);
}

async function hangsAreSeen(t: Test, lab: Lab): Promise<void> {
  for (const [name, pid, boundMs] of [
    ['frr', lab.frr.pid, 320],
    ['bird', lab.bird.pid, 350],
  ] as const) {
    const startMs = Date.now();
    signal(pid, 'SIGSTOP');
    const line = new RegExp(`BFD_Instance\\(${name}\\) Entering Down state .*detection time`);
    await waitFor(`${name} is Down`, timeoutMs, () => line.test(lab.log()));
    const tookMs = Date.now() - startMs;
    t.comment(`${name}: Down ${tookMs} ms after SIGSTOP, ${boundMs} ms detection`);
    t.ok(tookMs <= boundMs + slackMs, `${tookMs} ms`);
    const down = await lab.waitForSession(name, 'Down', ({ state }) => state === 'Down');
    t.equal(down.localDiagnostic, 'Control Detection Time Expired');
    if (name === 'frr') {
      await waitFor('the priority is 100', timeoutMs, async () => {
        const { vrrp } = await lab.status();
        return vrrp[0]?.priority === 100;
      });
    } else {
      await waitFor('the server is out', timeoutMs, async () => {
        const { services } = await lab.status();
        return services[0]?.servers[0]?.isUp === false;
      });
    }
    signal(pid, 'SIGCONT');
    await lab.waitForSession(name, 'Up again', isUp);
  }
  await waitFor('the server is back', timeoutMs, async () => {
    const { services } = await lab.status();
    return services[0]?.servers[0]?.isUp === true;
  });
}

async function shutdownIsNoFailure(t: Test, lab: Lab): Promise<void> {
  lab.frr.configure('bfd', 'peer 10.88.0.1 interface eth0', 'shutdown');
  const told = await lab.waitForSession('frr', 'AdminDown', ({ state }) => state === 'Down');
  t.equal(told.remoteState, 'AdminDown');
  t.equal(told.lastReason, 'the neighbour is administratively down');
  t.ok(told.isNeighborAdminDown);
  lab.frr.configure('bfd', 'peer 10.88.0.1 interface eth0', 'no shutdown');
  await lab.waitForSession('frr', 'Up after the shutdown', isUp);
}

async function reloadChangesInPlace(t: Test, lab: Lab): Promise<void> {
  const before = await lab.waitForSession('bird', 'Up', isUp);
  const others = await lab.session('far');
  lab.configure(200);
  signal(lab.pid, 'SIGHUP');
  const after = await lab.waitForSession('bird', 'slower', ({ transmitMs }) => transmitMs === 200);
  await waitFor('BIRD has the new timers', timeoutMs, () =>
    lab.bird.sessions().some(({ timeoutMs: dead }) => dead === 600),
  );
  t.equal(after.localDiscriminator, before.localDiscriminator);
  t.equal(after.timesDown, before.timesDown);
  t.equal((await lab.session('far'))?.localDiscriminator, others?.localDiscriminator);
}

async function ourOwnHangIsSeen(t: Test, lab: Lab): Promise<void> {
  signal(lab.pid, 'SIGSTOP');
  await waitFor('BIRD sees it', timeoutMs, () =>
    lab.bird.sessions().every(({ state }) => state !== 'Up'),
  );
  await waitFor('FRR sees it', timeoutMs, () => lab.frrPeer('10.88.0.1')?.status === 'down');
  t.match(lab.frrPeer('10.88.0.1')?.diagnostic ?? '', /detection time expired/);
  signal(lab.pid, 'SIGCONT');
  for (const name of ['frr', 'frr6', 'bird', 'far']) await lab.waitForSession(name, 'Up', isUp);
}

async function stopIsTold(t: Test, lab: Lab): Promise<void> {
  await lab.stopDaemon();
  await waitFor('FRR is told', timeoutMs, () => lab.frrPeer('10.88.0.1')?.status === 'down');
  t.match(lab.frrPeer('10.88.0.1')?.['remote-diagnostic'] ?? '', /administratively down/);
}

async function tsharkReadsAll(t: Test, lab: Lab): Promise<void> {
  await lab.stopCapture();
  const ours =
    '(ip.src==10.88.0.1 || ipv6.src==fd88::1) && (udp.dstport==3784 || udp.dstport==4784)';
  const shown = await lab.namespaces.runAsync(
    'us',
    ...['tshark', '-r', lab.captureFile, '-Y', ours, '-T', 'fields'],
    ...['ip.ttl', 'ipv6.hlim', 'udp.srcport', 'bfd.version', 'bfd.sta', '_ws.malformed'].flatMap(
      (field) => ['-e', field],
    ),
    ...['-e', 'udp.dstport', '-e', '_ws.expert.severity'],
  );
  const rows = shown
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  t.ok(rows.length > 200, `${rows.length} packets of ours`);
  const isNear = ([ttl, limit]: readonly string[]): boolean => ttl === '255' || limit === '255';
  t.ok(
    rows.every((row) => isNear(row) === (row[6] === '3784')),
    'hops',
  );
  t.ok(
    rows.every((row) => Number(row[2]) >= 49_152),
    'source ports',
  );
  t.ok(
    rows.every((row) => row[3] === '1' && row[4] !== ''),
    'all are BFD to tshark',
  );
  t.ok(
    rows.every((row) => row[5] === '' && row[7] === ''),
    'without a complaint',
  );
  t.ok(
    rows.some((row) => row[6] === '4784'),
    'multihop among them',
  );
}
