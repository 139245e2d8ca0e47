// ipvsadm and dpip against a data plane on real wires: what they set is what runs, what they save
// is what they restore, and rates are of traffic that there was.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../scripts/lab/checkout.js';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { changes, connect, options, vip, Wires } from './wires.js';

const isRoot = process.getuid?.() === 0;
const node = ['env', '-u', 'NODE_OPTIONS', process.execPath];

class Tools {
  readonly #wires: Wires;

  constructor(wires: Wires) {
    this.#wires = wires;
  }

  run(name: 'ipvsadm' | 'dpip', line: string): string {
    const words = [...node, command(name), '--runtime-dir', this.#wires.folder];
    return this.#wires.namespaces.run('lb', ...words, ...line.split(' '));
  }

  restore(text: string): void {
    const path = join(this.#wires.folder, 'saved');
    writeFileSync(path, text);
    const program = `${command('ipvsadm')} --runtime-dir ${this.#wires.folder} -R < ${path}`;
    this.#wires.namespaces.run('lb', 'env', '-u', 'NODE_OPTIONS', 'sh', '-c', program);
  }
}

const made = [
  '-A -t [2001:db8::100]:443 -s mh --sched-flags mh-port -p 60 -M 64 --maglev-slots 4093',
  '-a -t [2001:db8::100]:443 -r [2001:db8::2]:443 -m -w 7 -x 100 -y 80',
  '-A -u 10.1.0.101:53 -s sh --sched-flags sh-fallback -o --conn-timeout 90 --expire-quiescent',
  '-a -u 10.1.0.101:53 -r 10.2.0.10:53 -g -w 1',
  '-a -u 10.1.0.101:53 -r 10.2.0.11:53 -i --tun-type gue --tun-port 6080 --tun-csum -w 1',
  '-A --sctp-service 10.1.0.101:38412 -s conhash --no-destination reject --connections-max 9',
  '-A -H proto=tcp,src-range=10.2.0.1-10.2.0.254,oif=dpdk0 -s rr',
  '-a -H proto=tcp,src-range=10.2.0.1-10.2.0.254,oif=dpdk0 -r 10.1.0.1:0 -J -w 100',
];

t.test('the tools on a running data plane', { skip: !isRoot && 'needs root' }, async (t) => {
  const wires = new Wires();
  t.teardown(() => wires.remove());
  wires.start();
  const dataplane = await connect(t, wires);
  (await dataplane.open(options))._unsafeUnwrap();
  t.same((await dataplane.apply(changes))._unsafeUnwrap(), [], 'every change is taken');
  (await dataplane.lease('VI_1', 'dpdk0', [vip], null))._unsafeUnwrap();
  const tools = new Tools(wires);
  for (const line of made) t.equal(tools.run('ipvsadm', line), '', line);
  const saved = tools.run('ipvsadm', '-S -n');
  const listed = tools.run('ipvsadm', '-Ln');
  t.match(listed, 'TCP  [2001:db8::100]:443 mh (mh-port) persistent 60 mask 64 maglev-slots 4093');
  t.match(listed, 'MATCH tcp,from=10.2.0.1-10.2.0.254:0-0,oif=dpdk0 rr\n  -> 10.1.0.1:0');
  t.equal(tools.run('ipvsadm', '-C'), '');
  t.equal(tools.run('ipvsadm', '-S'), '', 'cleared');
  tools.restore(saved);
  t.equal(tools.run('ipvsadm', '-S'), saved, 'restored whole');
  t.equal(tools.run('ipvsadm', '-Ln'), listed);
  t.equal(tools.run('ipvsadm', '--set 900 0 60'), '');
  t.equal(tools.run('ipvsadm', '-L --timeout'), 'Timeout (tcp tcpfin udp): 900 7 60\n');
  await waitFor('the server listens', 10_000, () => {
    return wires.succeeds('server', 'curl', '-sS', '-m', '1', 'http://10.2.0.10:8080/');
  });
  t.match(wires.fetch('/large'), /^200 /);
  const rates = (): string => tools.run('ipvsadm', '-Ln --rate --exact -t 10.1.0.100:80');
  await waitFor('rates are shown', 10_000, () => / {3,}[1-9]\d* +\d+\n/.test(rates()));
  t.match(tools.run('ipvsadm', '-Ln --stats -t 10.1.0.100:80'), /:80 +1 /);
  t.equal(tools.run('ipvsadm', '-Z'), '');
  t.match(tools.run('ipvsadm', '-Ln --stats -t 10.1.0.100:80'), /:80 +0 +0 +0 +0 +0\n/);
  t.match(tools.run('dpip', '-4 addr show -s'), /10\.2\.0\.200\/32 .*\n.* sa_used \d+ sa_free/);
  t.equal(tools.run('dpip', '-6 route show'), '');
  dataplane.disconnect();
});
