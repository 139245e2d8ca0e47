// Never two holders in the data plane either: two clients that keep to the MAC address of one load
// balancer each ask a service on the virtual address every two milliseconds, while the daemon of
// the MASTER is killed, or hangs and wakes up. The server tells by which balancer's address they
// came.
import t from 'tap';
import {
  type Balancer,
  balancerConfig,
  balancers,
  Cluster,
  virtualAddress,
} from '../../scripts/lab/cluster.js';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { DataplaneClient } from '../../src/dataplane/client.js';
import { socketPath } from '../../src/dataplane/paths.js';
import { HostClock } from '../../src/host/clock.js';
import { nowMs, Probes, timeoutMs } from './probes.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const service = `
virtual_server ${virtualAddress} 7007 {
    lb_algo rr
    lb_kind FNAT
    protocol UDP
    laddr_group_name back
    real_server 198.51.100.1 7007 {
        weight 1
    }
}
`;
const hosts = { lb1: 21, lb2: 22 } as const;

/** The local addresses begin with it. */
const cameBy = (address: string): Balancer =>
  address.endsWith('.111') || address.endsWith('.112') ? 'lb1' : 'lb2';

function configOf(name: Balancer, advertSeconds: number): string {
  const lines = `version 3\n    advert_int ${advertSeconds}\n    nopreempt\n`;
  return balancerConfig(name).replace('advert_int 1\n', lines) + service;
}

async function startField(cluster: Cluster): Promise<Probes> {
  const { namespaces } = cluster;
  cluster.buildNetwork();
  const probes = new Probes(namespaces, cluster.folder);
  probes.start('web1', 'responder', '');
  for (const name of balancers) {
    const place = `to-${name}`;
    namespaces.add(place);
    namespaces.connect(place, 'eth0', 'net', 'front');
    namespaces.ip(place, 'address', 'add', `192.0.2.${hosts[name]}/24`, 'dev', 'eth0');
    const mac = namespaces.run(name, 'cat', '/sys/class/net/eth0/address').trim();
    const neighbour = [virtualAddress, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent'];
    namespaces.ip(place, 'neighbour', 'add', ...neighbour);
    probes.start(place, 'asker', virtualAddress);
    cluster.writeConfig(name, configOf(name, 1));
  }
  await probes.waitUntilReady();
  return probes;
}

t.test('the data planes of two load balancers', { skip, timeout: 240_000 }, async (t) => {
  const cluster = new Cluster();
  t.teardown(() => cluster.remove());
  const probes = await startField(cluster);
  const says = (name: Balancer, text: string) =>
    waitFor(`${name} says ${text}`, timeoutMs, () => cluster.lastLines(name, 1000).includes(text));
  const answered = (name: Balancer) =>
    waitFor(`answers by ${name}`, timeoutMs, () => {
      const answers = probes.answers(`to-${name}`, nowMs() - 500);
      return answers.length > 50 && answers.every(({ by }) => cameBy(by) === name);
    });
  await cluster.startBalancer('lb1');
  await answered('lb1');
  await cluster.startBalancer('lb2');
  await says('lb2', 'Entering BACKUP STATE');

  await t.test('SIGSTOP: the address is lost before the backup answers', async (t) => {
    const stoppedMs = nowMs();
    process.kill(cluster.daemonPid('lb1'), 'SIGSTOP');
    await answered('lb2');
    const gapMs = probes.gapMs('to-lb1', 'to-lb2', stoppedMs);
    t.ok(gapMs > 0, `nobody answered for ${gapMs.toFixed(0)} ms`);
    t.ok(probes.answers('to-lb1', stoppedMs).length > 100, 'the lease outlived the stop');
    const wokenMs = nowMs();
    process.kill(cluster.daemonPid('lb1'), 'SIGCONT');
    await says('lb1', 'No advertisement left within the lease of the addresses');
    await answered('lb2');
    t.same(probes.answers('to-lb1', wokenMs), [], 'who woke up never answered again');
  });

  await t.test('kill -9: the same the other way round', async (t) => {
    const killedMs = nowMs();
    await cluster.namespaces.stop(cluster.daemonPid('lb2'), 'SIGKILL');
    await answered('lb1');
    const gapMs = probes.gapMs('to-lb2', 'to-lb1', killedMs);
    t.ok(gapMs > 0, `nobody answered for ${gapMs.toFixed(0)} ms`);
    t.ok(probes.answers('to-lb2', killedMs).length > 100, 'the lease outlived the daemon');
  });

  await t.test('kill -9 and a start in time: nobody notices', async (t) => {
    // Time enough to start, also on a slow machine.
    cluster.writeConfig('lb1', configOf('lb1', 10));
    process.kill(cluster.daemonPid('lb1'), 'SIGHUP');
    const place = { runtimeDirectory: cluster.runtimeDirectory('lb1'), instance: null };
    const connected = await DataplaneClient.connect(socketPath(place), new HostClock(), timeoutMs);
    const plane = connected._unsafeUnwrap();
    await waitFor('a long lease', timeoutMs, async () => {
      const leases = (await plane.leases('V_1'))._unsafeUnwrap();
      return leases.some(({ remainingMs }) => (remainingMs ?? 0) > 20_000);
    });
    plane.disconnect();
    const killedMs = nowMs();
    await cluster.namespaces.stop(cluster.daemonPid('lb1'), 'SIGKILL');
    await cluster.startBalancer('lb1');
    await waitFor('lb1 is MASTER again', timeoutMs, async () => {
      return (await cluster.vrrpState('lb1')) === 'MASTER';
    });
    await answered('lb1');
    const answers = probes.answers('to-lb1', killedMs);
    const [first, last] = [answers[0]?.number ?? 0, answers.at(-1)?.number ?? 0];
    t.equal(answers.length, last - first + 1, `all of ${first} to ${last}`);
  });
});
