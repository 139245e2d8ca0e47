// A pair of daemons in namespaces, one of which tracks a script, a file, a process and an
// interface: each of them moves the MASTER, and back.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

const isRoot = process.getuid?.() === 0;
const virtualAddress = '192.0.2.100';
const timeoutMs = 20_000;
const nodes = ['one', 'two'] as const;
type Node = (typeof nodes)[number];

const tracking = (folder: string): string => `vrrp_script check {
    script "/usr/bin/test -e ${folder}/good"
    interval 0.1
    fall 2
}
track_file load {
    file ${folder}/load
    weight -2
    init_file 0
}
vrrp_track_process worker {
    process ${folder}/ks-worker
    weight 60
}
`;

const tracked = `    track_script {
        check
    }
    track_file {
        load
    }
    track_process {
        worker
    }
    track_interface {
        eth1 weight -70
    }
`;

class Pair {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));

  constructor() {
    for (const name of ['net', ...nodes]) this.namespaces.add(name);
    this.namespaces.addBridge('net', 'br0');
    for (const [index, name] of nodes.entries()) {
      this.namespaces.connect(name, 'eth0', 'net', 'br0');
      this.namespaces.ip(name, 'address', 'add', `192.0.2.${index + 1}/24`, 'dev', 'eth0');
    }
    this.namespaces.connect('one', 'eth1', 'net', 'br0');
    copyFileSync('/bin/sleep', join(this.folder, 'ks-worker'));
    this.good(true);
  }

  start(name: Node, priority: number): void {
    const isTracking = name === 'one';
    const config = join(this.folder, `${name}.conf`);
    const runtime = join(this.folder, name);
    mkdirSync(runtime);
    writeFileSync(
      config,
      `global_defs {
    script_user root
    enable_script_security
}
${isTracking ? tracking(this.folder) : ''}vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${virtualAddress}/24
    }
${isTracking ? tracked : ''}}
`,
    );
    const words = [process.execPath, command('keepalived'), '--runtime-dir', runtime];
    this.namespaces.start(name, this.logFile(name), [...words, '-nlDG', '-f', config]);
  }

  good(isGood: boolean): void {
    if (isGood) writeFileSync(join(this.folder, 'good'), '');
    else rmSync(join(this.folder, 'good'));
  }

  load(value: number): void {
    writeFileSync(join(this.folder, 'load'), `${value}\n`);
  }

  startWorker(): number {
    const words = [join(this.folder, 'ks-worker'), '1000'];
    return this.namespaces.start('one', this.logFile('worker'), words).pid;
  }

  async waitForHolder(holder: Node, why: string): Promise<void> {
    await waitFor(`${holder} holds ${virtualAddress}: ${why}`, timeoutMs, () =>
      nodes.every((name) => {
        const shown = this.namespaces.ip(name, 'address', 'show', 'dev', 'eth0');
        return shown.includes(virtualAddress) === (name === holder);
      }),
    );
  }

  async status(): Promise<string> {
    const words = [process.execPath, command('keelson'), '--runtime-dir', join(this.folder, 'one')];
    return await this.namespaces.runAsync('one', ...words, 'status');
  }

  logFile(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  log(name: Node): string {
    return readFileSync(this.logFile(name), 'utf8');
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const skip = isRoot ? false : 'network namespaces need root';

t.test('a script, a file, a process and an interface move the MASTER', { skip }, async (t) => {
  t.setTimeout(120_000);
  const pair = new Pair();
  try {
    const worker = pair.startWorker();
    pair.namespaces.ip('one', 'link', 'set', 'eth1', 'down');
    pair.start('one', 100);
    pair.start('two', 120);
    await pair.waitForHolder('two', '100 and 60 for the process, less 70 for the interface');
    pair.namespaces.ip('one', 'link', 'set', 'eth1', 'up');
    await pair.waitForHolder('one', 'the interface is up');
    pair.good(false);
    await pair.waitForHolder('two', 'the script fails');
    t.match(pair.log('one'), /VRRP_Script\(check\) failed \(exited with status 1\)/);
    t.match(pair.log('two'), /Backup received priority 0 advertisement/, 'not after 3 s');
    await waitFor('the status says why', timeoutMs, async () =>
      /V +FAULT [\s\S]*\n +tracked script check is down/.test(await pair.status()),
    );
    pair.good(true);
    await pair.waitForHolder('one', 'the script succeeds');
    pair.load(30);
    await pair.waitForHolder('two', 'the file takes 60');
    t.match(pair.log('one'), /\(V\) Changing effective priority from 160 to 100/);
    pair.load(0);
    await pair.waitForHolder('one', 'the file takes nothing');
    await pair.namespaces.stop(worker);
    await pair.waitForHolder('two', 'the process is gone');
    t.match(pair.log('one'), /Quorum lost for tracked process worker/);
  } catch (cause) {
    for (const name of nodes) t.comment(`${name}:\n${pair.log(name)}`);
    throw cause;
  } finally {
    await pair.remove();
  }
});
