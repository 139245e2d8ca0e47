// All that an instance with dpdk_interface has, through failovers of a pair on real wires: what is
// in the data planes and the kernels, what the segments are told, and whom hosts believe.
import t, { type Test } from 'tap';
import type { Balancer } from '../../scripts/lab/cluster.js';
import { pause, waitFor } from '../../scripts/lab/namespaces.js';
import {
  excludedAddresses,
  follower,
  PortPair,
  secondFollower,
  virtualAddresses,
  virtualRoutes,
} from './port-pair.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const takeoverMs = 30_000;
const frontAddresses = [...Object.values(virtualAddresses), ...excludedAddresses];
const urls = [`http://${virtualAddresses.V_4}/`, `http://[${virtualAddresses.V_6}]/`];

/** What the MASTER has and the other one has not. */
async function checkHolder(t: Test, pair: PortPair, name: Balancer): Promise<void> {
  const other = name === 'lb1' ? 'lb2' : 'lb1';
  await pair.waitForMaster(name);
  t.same(await pair.routes(name), virtualRoutes, 'virtual routes in the data plane');
  await waitFor('the kernel’s part', takeoverMs, () => pair.inKernel(name).includes('via'));
  t.match(pair.inKernel(name), /from 10\.7\.0\.0\/16 iif dpdk1\.kni lookup 107/);
  t.match(pair.inKernel(name), /10\.7\.0\.0\/16 via 198\.51\.100\.2 dev dpdk1\.kni table 107/);
  await waitFor(`nothing on ${other}`, takeoverMs, async () => {
    return (await pair.routes(other)).length === 0 && pair.inKernel(other) === '';
  });
  for (const url of urls) {
    await waitFor(`an answer from ${url}`, takeoverMs, () => pair.cluster.answers('client', url));
  }
}

/** Hosts that ask nobody learn the MAC address of the new holder. */
async function checkNeighbours(pair: PortPair, name: Balancer): Promise<void> {
  for (const address of frontAddresses) {
    await waitFor(`${address} at ${name} to the client`, takeoverMs, () => {
      return pair.neighbour('client', address) === pair.mac(name, 'eth0');
    });
  }
  await waitFor(`${follower} at ${name} to the server`, takeoverMs, () => {
    return pair.neighbour('web1', follower) === pair.mac(name, 'eth1');
  });
}

t.test('a pair with everything on its ports', { skip, timeout: 300_000 }, async (t) => {
  const pair = new PortPair();
  t.teardown(() => pair.remove());
  await pair.start();

  await t.test('the better one has all of it, the other one nothing', async (t) => {
    await checkHolder(t, pair, 'lb1');
    for (const address of frontAddresses) await pair.learn('client', address);
    await pair.learn('web1', follower);
    await checkNeighbours(pair, 'lb1');
    t.match(await pair.tool('lb1', 'keelson', 'status'), /follow: 198\.51\.100\.100\/32 dev dpdk1/);
    t.match(await pair.tool('lb2', 'ipvsadm', '-G'), /198\.51\.100\.100/, 'a source all along');
  });

  await t.test('announced as configured, each through its port', async (t) => {
    // Two at once, two after a second, one every three.
    await pause(4_000);
    const front = pair.announcements('front').filter(({ mac }) => mac === pair.mac('lb1', 'eth0'));
    const back = pair.announcements('back').filter(({ mac }) => mac === pair.mac('lb1', 'eth1'));
    for (const [seen, address] of [
      ...frontAddresses.map((one) => [front, one] as const),
      [back, follower] as const,
    ]) {
      const times = seen.filter((one) => one.address === address).map(({ at }) => at);
      const [first = 0] = times;
      const after = times.map((at) => Math.round(at - first));
      t.same(after.slice(0, 4), [0, 0, 1, 1], `${address}: ${after}`);
      t.ok(after.length >= 5 && (after[4] ?? 0) >= 2, 'and refreshed');
    }
    t.notOk(
      front.some(({ address }) => address === follower),
      'on no other port',
    );
  });

  await t.test('a reload brings another follower and takes it away', async (t) => {
    const reload = (followers: readonly string[]): void => {
      pair.reload('lb1', { priority: 150, followers });
    };
    reload([follower, secondFollower]);
    const isHeld = async () => (await pair.held('lb1')).includes(secondFollower);
    await waitFor('the second follower', takeoverMs, isHeld);
    await waitFor('its announcement', takeoverMs, () => {
      return pair.announcements('back').some(({ address }) => address === secondFollower);
    });
    reload([follower]);
    await waitFor('its end', takeoverMs, async () => !(await isHeld()));
    t.equal((await pair.held('lb1')).length, 6, 'the others stay');
    t.same(await pair.held('lb2'), []);
  });

  await t.test('a stop hands over all of it', async (t) => {
    pair.signal('lb1', 'SIGTERM');
    await checkHolder(t, pair, 'lb2');
    await checkNeighbours(pair, 'lb2');
  });

  await t.test('and back', async (t) => {
    await pair.startBalancer('lb1', { priority: 150 });
    await checkHolder(t, pair, 'lb1');
    await checkNeighbours(pair, 'lb1');
  });

  await t.test('what a killed daemon left goes when it is back as BACKUP', async (t) => {
    pair.signal('lb1', 'SIGKILL');
    await pair.waitForMaster('lb2');
    t.same(await pair.routes('lb1'), virtualRoutes, 'routes have no lease');
    await pair.startBalancer('lb1', { priority: 50 });
    await checkHolder(t, pair, 'lb2');
    await checkNeighbours(pair, 'lb2');
  });
});
