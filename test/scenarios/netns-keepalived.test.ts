// Our VRRP against Debian's keepalived on a real segment: each as BACKUP to the other's MASTER.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';

const isRoot = process.getuid?.() === 0;
const virtualAddress = '192.0.2.100';
/** Three intervals, the skew, and time for a slow machine. */
const takeoverMs = 20_000;

type Node = 'ours' | 'theirs';

class Segment {
  readonly namespaces = new Namespaces();
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-'));

  constructor() {
    for (const name of ['net', 'ours', 'theirs']) this.namespaces.add(name);
    this.namespaces.addBridge('net', 'br0');
    for (const [index, name] of (['ours', 'theirs'] as const).entries()) {
      this.namespaces.connect(name, 'eth0', 'net', 'br0');
      this.namespaces.ip(name, 'address', 'add', `192.0.2.${index + 1}/24`, 'dev', 'eth0');
    }
  }

  start(name: Node, priority: number): number {
    const config = join(this.folder, `${name}.conf`);
    const runtime = join(this.folder, name);
    mkdirSync(runtime, { recursive: true });
    writeFileSync(config, vrrpConfig(priority));
    const ours = [process.execPath, command('keepalived'), '--runtime-dir', runtime];
    const theirs = ['keepalived', '-p', `${runtime}/pid`, '-r', `${runtime}/vrrp.pid`];
    const words = [...(name === 'ours' ? ours : theirs), '-nlDG', '-f', config];
    return this.namespaces.start(name, this.logFile(name), words).pid;
  }

  holds(name: Node): boolean {
    return this.namespaces.ip(name, 'address', 'show', 'dev', 'eth0').includes(virtualAddress);
  }

  /** Until one node holds the address and the other does not. */
  async waitForHolder(holder: Node): Promise<void> {
    const other = holder === 'ours' ? 'theirs' : 'ours';
    await waitFor(`${holder} holds ${virtualAddress}`, takeoverMs, () => {
      return this.holds(holder) && !this.holds(other);
    });
  }

  logFile(name: Node): string {
    return join(this.folder, `${name}.log`);
  }

  log(name: Node): string {
    return existsSync(this.logFile(name)) ? readFileSync(this.logFile(name), 'utf8') : '';
  }

  async remove(): Promise<void> {
    await this.namespaces.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function vrrpConfig(priority: number): string {
  return `vrrp_instance V_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass s3cr3t
    }
    virtual_ipaddress {
        ${virtualAddress}/24
    }
}
`;
}

async function withSegment(t: Test, story: (segment: Segment) => Promise<void>): Promise<void> {
  const segment = new Segment();
  try {
    await story(segment);
  } catch (cause) {
    for (const name of ['ours', 'theirs'] as const) t.comment(`${name}:\n${segment.log(name)}`);
    throw cause;
  } finally {
    await segment.remove();
  }
}

const skip = isRoot ? false : 'network namespaces need root';

t.test('ours is BACKUP to their MASTER, takes over and gives back', { skip }, async (t) => {
  await withSegment(t, async (segment) => {
    const theirs = segment.start('theirs', 150);
    await segment.waitForHolder('theirs');
    segment.start('ours', 100);
    await waitFor('ours is BACKUP', takeoverMs, () => segment.log('ours').includes('BACKUP'));
    await segment.namespaces.stop(theirs);
    await segment.waitForHolder('ours');
    segment.start('theirs', 150);
    await segment.waitForHolder('theirs');
    t.match(
      segment.log('ours'),
      /Master received advert from 192\.0\.2\.2 with higher priority 150/,
    );
    t.notMatch(
      segment.log('ours'),
      /bad|invalid|mismatch|cannot/i,
      'no complaint about their packets',
    );
  });
});

t.test('ours is MASTER to their BACKUP, and hands over when it stops', { skip }, async (t) => {
  await withSegment(t, async (segment) => {
    const ours = segment.start('ours', 150);
    await segment.waitForHolder('ours');
    segment.start('theirs', 100);
    await waitFor('theirs is BACKUP', takeoverMs, () => {
      return segment.log('theirs').includes('Entering BACKUP STATE');
    });
    await segment.waitForHolder('ours');
    await segment.namespaces.stop(ours);
    await segment.waitForHolder('theirs');
    t.match(segment.log('theirs'), /Backup received priority 0 advertisement/);
    t.notMatch(segment.log('theirs'), /bad|invalid|mismatch/i, 'no complaint about our packets');
    segment.start('ours', 150);
    await segment.waitForHolder('ours');
    t.match(segment.log('theirs'), /higher priority 150/);
  });
});

t.test(
  'a killed daemon of ours has lost its kernel address before theirs has it',
  { skip },
  async (t) => {
    await withSegment(t, async (segment) => {
      const ours = segment.start('ours', 150);
      await segment.waitForHolder('ours');
      segment.start('theirs', 100);
      await waitFor('theirs is BACKUP', takeoverMs, () => {
        return segment.log('theirs').includes('Entering BACKUP STATE');
      });
      process.kill(ours, 'SIGKILL');
      let together = 0;
      await waitFor('theirs holds the address', takeoverMs, () => {
        if (segment.holds('theirs') && segment.holds('ours')) together += 1;
        return segment.holds('theirs');
      });
      t.equal(together, 0, 'never two holders');
      t.notOk(segment.holds('ours'), 'the kernel removed it by itself');
    });
  },
);

t.test('tshark finds nothing wrong with our packets', { skip }, async (t) => {
  await withSegment(t, async (segment) => {
    const { namespaces } = segment;
    const capture = join(segment.folder, 'ours.pcap');
    const filter = ['-Z', 'root', '-c', '8', 'proto 112 or arp'];
    const sniffer = ['tcpdump', '-i', 'ours-eth0', '-Q', 'in', '-U', '-w', capture, ...filter];
    const { child } = namespaces.start('net', segment.logFile('theirs'), sniffer);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await waitFor('tcpdump listens', takeoverMs, () => segment.log('theirs').includes('listening'));
    segment.start('ours', 150);
    await ended;
    const fields = ['ip.ttl', 'vrrp.prio', 'vrrp.ip_addr', 'vrrp.checksum.status', '_ws.malformed'];
    const words = fields.flatMap((field) => ['-e', field]);
    const read = (display: string) =>
      namespaces.run('net', 'tshark', '-r', capture, '-Y', display, '-T', 'fields', ...words);
    const adverts = read('vrrp').trimEnd().split('\n');
    t.same(new Set(adverts.map((line) => line.trimEnd())), new Set(['255\t150\t192.0.2.100\t1']));
    const announcements = read('arp.isgratuitous && arp.src.proto_ipv4 == 192.0.2.100');
    t.ok(announcements.split('\n').length > 5, 'a burst of five gratuitous ARPs');
  });
});
