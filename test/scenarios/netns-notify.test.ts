// What scripts and FIFOs are told by our daemon and by Debian's keepalived, each in the place of
// the other: a pair of VRRPv2 routers lives the same life twice.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { isAlive, Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

const isRoot = process.getuid?.() === 0;
const patienceMs = 25_000;

type Place = 'upper' | 'lower';
type Daemon = 'ours' | 'theirs';
/** What was told in one place. */
type Told = { readonly fifo: readonly string[]; readonly scripts: readonly string[] };

class Life {
  readonly namespaces: Namespaces;
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  readonly #daemons: Readonly<Record<Place, Daemon>>;

  /** `mark`, one letter, tells lives beside each other apart. */
  constructor(daemons: Readonly<Record<Place, Daemon>>, mark: string) {
    this.#daemons = daemons;
    this.namespaces = new Namespaces(`k${mark}${process.pid.toString(36)}`);
    for (const name of ['net', 'upper', 'lower']) this.namespaces.add(name);
    this.namespaces.addBridge('net', 'br0');
    for (const [index, place] of (['upper', 'lower'] as const).entries()) {
      this.namespaces.connect(place, 'eth0', 'net', 'br0');
      this.namespaces.ip(place, 'address', 'add', `192.0.2.${index + 1}/24`, 'dev', 'eth0');
      this.#listen(place);
    }
  }

  /** A FIFO that is there before the daemon, and somebody who reads it to the end. */
  #listen(place: Place): void {
    const script = `#!/bin/sh\necho "$@" >> ${this.#path(place, 'scripts')}\n`;
    writeFileSync(this.#path(place, 'hear'), script, { mode: 0o755 });
    const words = ['sh', '-c', 'mkfifo -m 600 "$0"; exec cat <> "$0"', this.#path(place, 'pipe')];
    this.namespaces.start(place, this.#path(place, 'fifo'), words);
  }

  start(place: Place): number {
    const config = this.#path(place, 'conf');
    const runtime = this.#path(place, 'run');
    mkdirSync(runtime, { recursive: true });
    writeFileSync(config, this.#config(place));
    const ours = [process.execPath, command('keepalived'), '--runtime-dir', runtime];
    const theirs = ['keepalived', '-p', `${runtime}/pid`, '-r', `${runtime}/vrrp.pid`];
    const words = [...(this.#daemons[place] === 'ours' ? ours : theirs), '-nlDG', '-f', config];
    return this.namespaces.start(place, this.#path(place, 'log'), words).pid;
  }

  /** Until `count` lines of the FIFO say that the group is in `state`. */
  async waitForGroup(place: Place, state: string, count: number): Promise<void> {
    await waitFor(`${place} is ${state} (${count})`, patienceMs, () => {
      const lines = this.told(place).fifo.filter((line) => line === `GROUP "G" ${state} 0`);
      return lines.length >= count;
    });
  }

  /** Scripts are told last, and by processes of their own. */
  async waitForScripts(place: Place, count: number): Promise<void> {
    await waitFor(`${count} scripts of ${place}`, patienceMs, () => {
      return this.told(place).scripts.length >= count;
    });
  }

  setLink(place: Place, state: 'up' | 'down'): void {
    this.namespaces.ip(place, 'link', 'set', 'eth0', state);
  }

  told(place: Place): Told {
    return { fifo: this.#lines(place, 'fifo'), scripts: this.#lines(place, 'scripts') };
  }

  log(place: Place): string {
    return this.#lines(place, 'log').join('\n');
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #lines(place: Place, name: string): readonly string[] {
    const path = this.#path(place, name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  #path(place: Place, name: string): string {
    return join(this.folder, `${place}.${name}`);
  }

  #config(place: Place): string {
    const hear = this.#path(place, 'hear');
    const scripts = ['master', 'backup', 'fault', 'stop'].map((state) => {
      return `notify_${state} "${hear} only ${state} 'two words'"`;
    });
    const notify = [`notify "${hear} any"`, ...scripts].join('\n');
    const instances = [1, 2].map(
      (number) => `vrrp_instance V_${number} {
state BACKUP
interface eth0
virtual_router_id 5${number}
priority ${place === 'upper' ? 150 : 100}
advert_int 1
virtual_ipaddress {
192.0.2.10${number}/24
}
${notify}
}
`,
    );
    return `global_defs {
enable_script_security
script_user root
notify_fifo ${this.#path(place, 'pipe')}
}
vrrp_sync_group G {
group {
V_1
V_2
}
${notify}
}
${instances.join('')}`;
  }
}

/** Every state, twice as MASTER and as BACKUP for each of the two. */
async function live(life: Life): Promise<Readonly<Record<Place, Told>>> {
  const lower = life.start('lower');
  await life.waitForGroup('lower', 'MASTER', 1);
  const upper = life.start('upper');
  await life.waitForGroup('upper', 'MASTER', 1);
  await life.waitForGroup('lower', 'BACKUP', 2);
  life.setLink('upper', 'down');
  await life.waitForGroup('upper', 'FAULT', 1);
  await life.waitForGroup('lower', 'MASTER', 2);
  life.setLink('upper', 'up');
  await life.waitForGroup('upper', 'MASTER', 2);
  await life.waitForGroup('lower', 'BACKUP', 3);
  await life.namespaces.stop(upper);
  await life.waitForGroup('upper', 'STOP', 1);
  await life.waitForGroup('lower', 'MASTER', 3);
  await life.namespaces.stop(lower);
  await life.waitForGroup('lower', 'STOP', 1);
  // Two scripts for each line of a FIFO.
  await life.waitForScripts('upper', 2 * life.told('upper').fifo.length);
  await life.waitForScripts('lower', 2 * life.told('lower').fifo.length);
  return { upper: life.told('upper'), lower: life.told('lower') };
}

async function lifeOf(daemons: Readonly<Record<Place, Daemon>>, mark: string) {
  const life = new Life(daemons, mark);
  try {
    return await live(life);
  } catch (cause) {
    for (const place of ['upper', 'lower'] as const) {
      t.comment(`${place}, ${daemons[place]}:\n${life.log(place)}`);
      t.comment(life.told(place));
    }
    throw cause;
  } finally {
    await life.remove();
  }
}

function linesAbout(name: string, lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.includes(` "${name}" `));
}

const skip = isRoot ? false : 'network namespaces need root';

t.test('the same is told, in the same order', { skip }, async (t) => {
  const [one, other] = await Promise.all([
    lifeOf({ upper: 'ours', lower: 'theirs' }, 'a'),
    lifeOf({ upper: 'theirs', lower: 'ours' }, 'b'),
  ]);
  for (const place of ['upper', 'lower'] as const) {
    const [first, second] = [one[place], other[place]];
    for (const name of ['V_1', 'V_2', 'G']) {
      const lines = linesAbout(name, first.fifo);
      t.same(lines, linesAbout(name, second.fifo), `${place}: FIFO, ${name}`);
      t.ok(lines.length >= 6, 'there are some');
    }
    t.same(first.fifo.slice(0, 3), second.fifo.slice(0, 3), `${place}: the order at the start`);
    // Which of two members with equal timers is first is left to chance, in keepalived, too.
    t.same([first.fifo[5], second.fifo[5]], Array(2).fill('GROUP "G" MASTER 0'));
    t.same(first.fifo.slice(-3), second.fifo.slice(-3), `${place}: the order at the end`);
    // Scripts overtake each other, with keepalived and with us.
    t.same(first.scripts.toSorted(), second.scripts.toSorted(), `${place}: scripts`);
    t.ok(first.scripts.includes('only stop two words'), 'their own words only');
    t.ok(first.scripts.includes('any GROUP G STOP 0'));
  }
});

t.test('no script outlives a daemon that is killed', { skip }, async (t) => {
  const namespaces = new Namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  const path = (name: string): string => join(folder, name);
  const pidOf = (name: string): number =>
    existsSync(path(name)) ? Number(readFileSync(path(name), 'utf8')) : 0;
  try {
    for (const name of ['net', 'node']) namespaces.add(name);
    namespaces.addBridge('net', 'br0');
    namespaces.connect('node', 'eth0', 'net', 'br0');
    namespaces.ip('node', 'address', 'add', '192.0.2.1/24', 'dev', 'eth0');
    const script = '#!/bin/sh\necho $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 1000\n';
    writeFileSync(path('stay'), script, { mode: 0o755 });
    const config = `global_defs {
enable_script_security
script_user root
notify_fifo ${path('pipe')}
notify_fifo_script "${path('stay')} ${path('reader')}"
}
vrrp_instance V {
interface eth0
virtual_router_id 1
virtual_ipaddress {
192.0.2.100/24
}
notify_backup "${path('stay')} ${path('backup')}"
}
`;
    writeFileSync(path('conf'), config);
    mkdirSync(path('run'));
    const options = ['--runtime-dir', path('run'), '-nlDG', '-f', path('conf')];
    const words = [process.execPath, command('keepalived'), ...options];
    const daemon = namespaces.start('node', path('log'), words);
    await waitFor('both run', patienceMs, () => pidOf('reader') > 0 && pidOf('backup') > 0);
    const pids = [pidOf('reader'), pidOf('backup')];
    for (const pid of pids) namespaces.adopt(pid);
    t.same(pids.map(isAlive), [true, true]);
    process.kill(daemon.pid, 'SIGKILL');
    await waitFor('none runs', patienceMs, () => !pids.some(isAlive));
  } catch (cause) {
    if (existsSync(path('log'))) t.comment(readFileSync(path('log'), 'utf8'));
    throw cause;
  } finally {
    await namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
