// The daemon's signals, files, namespaces and start beside those of Debian's keepalived, each alone
// in a namespace with the same configuration.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { isAlive, Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'network namespaces need root';
const patienceMs = 30_000;
const jsonSignal = 36;
const statsClearSignal = 63;

type Side = 'ours' | 'theirs';
const sides = ['ours', 'theirs'] as const;

const configuration = `global_defs {
    router_id lab
}
vrrp_instance V_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass s3cr3t
    }
    virtual_ipaddress {
        192.0.2.100/24
    }
    notify_master "/bin/true up"
}
`;

class Lab {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly #pids = new Map<Side, number>();

  constructor() {
    for (const side of sides) {
      this.namespaces.add(side);
      mkdirSync(this.path(side, 'dump'), { recursive: true });
      this.namespaces.ip(side, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far');
      for (const port of ['eth0', 'far']) this.namespaces.ip(side, 'link', 'set', port, 'up');
      this.namespaces.ip(side, 'address', 'add', '192.0.2.1/24', 'dev', 'eth0');
      writeFileSync(this.path(side, 'conf'), configuration);
    }
  }

  path(side: Side, ...names: string[]): string {
    return join(this.folder, side, ...names);
  }

  words(side: Side, ...more: string[]): string[] {
    const ours = [process.execPath, command('keepalived'), '--runtime-dir', this.path(side, 'run')];
    const program = side === 'ours' ? ours : ['keepalived'];
    const files = ['-p', this.path(side, 'pid'), '-r', this.path(side, 'vrrp.pid')];
    const config = ['-f', this.path(side, 'conf'), '-G'];
    const environment = ['env', `TMPDIR=${this.path(side, 'dump')}`];
    return [...environment, ...program, ...config, ...files, ...more];
  }

  start(side: Side): void {
    const words = this.words(side, '-n', '-l', '-D');
    this.#pids.set(side, this.namespaces.start(side, this.path(side, 'log'), words).pid);
  }

  signal(side: Side, number: number | NodeJS.Signals): void {
    process.kill(this.#pids.get(side) ?? 0, number);
  }

  dumped(side: Side, name: string): string {
    const path = this.path(side, 'dump', name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async becomesMaster(side: Side): Promise<void> {
    await waitFor(`${side} is MASTER`, patienceMs, () =>
      this.namespaces.ip(side, 'address', 'show', 'dev', 'eth0').includes('192.0.2.100'),
    );
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What differs from run to run, and what counts with time. */
function settled(stats: string): string {
  return stats.replaceAll(/Sent: \d+/g, 'Sent: N');
}

function keysOf(json: string): string[] {
  const [first] = JSON.parse(json) as { data: object; stats: object }[];
  return [...Object.keys(first?.data ?? {}), '|', ...Object.keys(first?.stats ?? {})];
}

t.test('the same signals write the same files', { skip }, async (t) => {
  const lab = new Lab();
  try {
    for (const side of sides) lab.start(side);
    for (const side of sides) {
      await lab.becomesMaster(side);
      // A link that somebody left must not be followed.
      symlinkSync(lab.path(side, 'victim'), lab.path(side, 'dump', 'keepalived.json'));
      lab.signal(side, 'SIGUSR1');
      lab.signal(side, 'SIGUSR2');
      lab.signal(side, jsonSignal);
      await waitFor(`${side}'s files`, patienceMs, () =>
        ['keepalived.data', 'keepalived.stats', 'keepalived.json'].every(
          (name) => lab.dumped(side, name) !== '',
        ),
      );
    }
    t.equal(
      settled(lab.dumped('ours', 'keepalived.stats')),
      settled(lab.dumped('theirs', 'keepalived.stats')),
    );
    t.same(
      keysOf(lab.dumped('ours', 'keepalived.json')),
      keysOf(lab.dumped('theirs', 'keepalived.json')),
    );
    const theirs = new Set(lab.dumped('theirs', 'keepalived.data').split('\n'));
    const foreign = lab
      .dumped('ours', 'keepalived.data')
      .split('\n')
      .filter((line) => !theirs.has(line));
    const expected = /Last transition|Master state transition script|IPv6 address|MAC = /;
    t.same(
      foreign.filter((line) => !expected.test(line)),
      [],
      'no line that Debian does not write',
    );
    t.notOk(existsSync(lab.path('ours', 'victim')), 'the link was replaced, not followed');
    for (const name of readdirSync(lab.path('ours', 'dump'))) {
      t.equal(statSync(lab.path('ours', 'dump', name)).mode & 0o777, 0o600, name);
    }
    t.match(readdirSync(lab.path('ours', 'dump')), readdirSync(lab.path('theirs', 'dump')));
    for (const side of sides) {
      rmSync(lab.path(side, 'dump', 'keepalived.stats'));
      lab.signal(side, statsClearSignal);
      await waitFor(`${side} wrote again`, patienceMs, () =>
        lab.dumped(side, 'keepalived.stats').includes('Priority Zero'),
      );
      t.match(
        lab.dumped(side, 'keepalived.stats'),
        'Became master: 1',
        'written before it is cleared',
      );
      lab.signal(side, 'SIGUSR2');
      await waitFor(`${side} has cleared`, patienceMs, () =>
        lab.dumped(side, 'keepalived.stats').includes('Became master: 0'),
      );
    }
  } catch (cause) {
    t.comment(readFileSync(lab.path('ours', 'log'), 'utf8'));
    throw cause;
  } finally {
    await lab.remove();
  }
});

t.test('it goes into the background, and there is only one', { skip }, async (t) => {
  const lab = new Lab();
  try {
    for (const side of sides) {
      await lab.namespaces.runAsync(side, ...lab.words(side));
      await waitFor(`${side}'s pid files`, patienceMs, () =>
        ['pid', 'vrrp.pid'].every((name) => existsSync(lab.path(side, name))),
      );
      const pid = Number(readFileSync(lab.path(side, 'pid'), 'utf8'));
      lab.namespaces.adopt(pid);
      t.ok(isAlive(pid), `${side}: the pid file holds the child`);
      // Exit code 0: it throws otherwise.
      await lab.namespaces.runAsync(side, ...lab.words(side, '-n'));
      t.ok(isAlive(pid), `${side}: a second one leaves the first alone`);
      process.kill(pid, 'SIGTERM');
      await waitFor(`${side} ended`, patienceMs, () => !isAlive(pid));
      await waitFor(`${side}'s pid files are gone`, patienceMs, () =>
        ['pid', 'vrrp.pid'].every((name) => !existsSync(lab.path(side, name))),
      );
    }
  } finally {
    await lab.remove();
  }
});

t.test('net_namespace: started outside, it lives inside', { skip }, async (t) => {
  const lab = new Lab();
  try {
    const name = lab.namespaces.fullName('ours');
    writeFileSync(lab.path('ours', 'conf'), `net_namespace ${name}\n${configuration}`);
    // In a namespace without eth0, so that nothing but net_namespace can bring it there.
    lab.namespaces.add('other');
    const log = lab.path('ours', 'log');
    const { pid } = lab.namespaces.start('other', log, lab.words('ours', '-n', '-l', '-D'));
    await lab.becomesMaster('ours');
    t.equal(
      statSync(`/proc/${pid}/ns/net`).ino,
      statSync(`/run/netns/${name}`).ino,
      'the same process, with all its threads',
    );
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      t.equal(
        statSync(`/proc/${pid}/task/${thread}/ns/net`).ino,
        statSync(`/run/netns/${name}`).ino,
      );
    }
    await lab.namespaces.stop(pid);
    rmSync(`/run/keepalived/${name}`, { recursive: true, force: true });
    writeFileSync(lab.path('ours', 'conf'), `net_namespace nowhere\n${configuration}`);
    await t.rejects(
      lab.namespaces.runAsync('other', ...lab.words('ours', '-n')),
      /cannot enter the network namespace nowhere: No such file or directory/,
    );
  } finally {
    await lab.remove();
  }
});

t.test('vrrp_startup_delay', { skip }, async (t) => {
  const lab = new Lab();
  try {
    writeFileSync(
      lab.path('ours', 'conf'),
      configuration.replace('router_id lab', 'vrrp_startup_delay 2.5'),
    );
    lab.start('ours');
    const log = () => readFileSync(lab.path('ours', 'log'), 'utf8');
    await waitFor('the delay is announced', patienceMs, () => log().includes('Delaying startup'));
    const waitedMs = await waitFor('BACKUP', patienceMs, () => log().includes('BACKUP'));
    t.ok(waitedMs > 2000, `${waitedMs} ms`);
    t.match(log(), /Delaying startup for 2\.5 seconds/);
    await lab.becomesMaster('ours');
  } finally {
    await lab.remove();
  }
});
