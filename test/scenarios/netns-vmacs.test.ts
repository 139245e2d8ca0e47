// Many VMACs on one interface: a stop lets go of all addresses at once and leaves no interface
// behind, also one after a kill -9, whose interfaces the next daemon takes over.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { isAlive, Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const instances = 250;
const timeoutMs = 60_000;
/** What the daemon waits for the end of its control thread is 5 s: much less must do. */
const stopMsMax = 4_000;

class Node {
  readonly namespaces = new Namespaces(`kv${process.pid.toString(36)}`);
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));

  constructor() {
    for (const name of ['net', 'node']) this.namespaces.add(name);
    this.namespaces.addBridge('net', 'br0');
    this.namespaces.connect('node', 'eth0', 'net', 'br0');
    this.namespaces.ip('node', 'address', 'add', '192.0.2.1/24', 'dev', 'eth0');
    const numbers = Array.from({ length: instances }, (_, index) => index + 1);
    writeFileSync(join(this.folder, 'keepalived.conf'), numbers.map(instanceText).join(''));
  }

  /** With all addresses in place. */
  async start(): Promise<number> {
    const words = [process.execPath, command('keepalived'), '--runtime-dir', this.folder];
    const config = ['-nlG', '-f', join(this.folder, 'keepalived.conf')];
    const { pid } = this.namespaces.start('node', this.logFile, [...words, ...config]);
    await waitFor('every instance is MASTER', timeoutMs, () => {
      return (
        this.log()
          .split(`pid ${pid},`)[1]
          ?.match(/Entering MASTER/g)?.length === instances
      );
    });
    await waitFor('all addresses', timeoutMs, () => this.heldCount() === instances);
    return pid;
  }

  heldCount(): number {
    return this.namespaces.ip('node', '-o', 'address', 'show').split(' 10.0.').length - 1;
  }

  vmacs(): readonly string[] {
    const shown = this.namespaces.ip('node', '-o', 'link', 'show', 'type', 'macvlan');
    return shown.match(/vrrp\.\d+(?=@)/g) ?? [];
  }

  get logFile(): string {
    return join(this.folder, 'log');
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true });
  }
}

t.test(`${instances} VMACs leave with their daemon`, { skip, timeout: 240_000 }, async (t) => {
  const node = new Node();
  t.teardown(() => node.remove());
  const killed = await node.start();
  t.equal(node.vmacs().length, instances);
  await node.namespaces.stop(killed, 'SIGKILL');
  t.equal(node.vmacs().length, instances, 'nobody tidies up behind a kill -9');
  const pid = await node.start();
  t.equal(node.vmacs().length, instances, 'the next daemon takes them over');
  const startMs = performance.now();
  process.kill(pid, 'SIGTERM');
  const releasedMs = await waitFor('no address', timeoutMs, () => node.heldCount() === 0);
  await waitFor('the end of the daemon', timeoutMs, () => !isAlive(pid));
  const stoppedMs = performance.now() - startMs;
  t.comment(`released in ${releasedMs.toFixed(0)} ms, ended in ${stoppedMs.toFixed(0)} ms`);
  t.same(node.vmacs(), [], 'no interface stays');
  t.ok(stoppedMs < stopMsMax, `it took ${stoppedMs.toFixed(0)} ms`);
  t.equal(node.log().match(/cannot (make|remove)/g), null);
});

function instanceText(number: number): string {
  return `vrrp_instance V_${number} {
    interface eth0
    version 3
    virtual_router_id ${number}
    priority 250
    advert_int 0.5
    use_vmac
    virtual_ipaddress {
        10.0.${Math.floor(number / 100)}.${number % 100}/32
    }
}
`;
}
