// What the demo shows, step by step. Each step measures, and throws when what it shows does not
// hold.
import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { balancers, type Cluster, webServers } from '../lab/cluster.js';
import { pause, waitFor } from '../lab/namespaces.js';

/** What a person reads beside the step, and numbers that --check prints too. */
export type Finding = {
  readonly text: string;
  readonly numbers?: Readonly<Record<string, number>>;
};

export type Step = {
  readonly name: string;
  readonly show: (cluster: Cluster) => Promise<Finding>;
};

const downloadBytes = 24 * 1024 * 1024;
const downloadBytesPerSecond = '3M';

export const steps: readonly Step[] = [
  {
    name: 'build a network of namespaces: a client, two load balancers, two nginx servers',
    show: async (cluster) => {
      cluster.buildNetwork();
      for (const name of webServers) await cluster.startWeb(name);
      return { text: 'client - front 192.0.2.0/24 - lb1, lb2 - back 198.51.100.0/24 - web1, web2' };
    },
  },
  {
    name: 'start keepalived on both load balancers: one becomes MASTER',
    show: startBalancers,
  },
  {
    name: 'curl the virtual address: both servers answer in turn, through FNAT',
    show: async (cluster) => {
      const answers = await curls(cluster, 10);
      const shares = webServers.map((name) => answers.filter((body) => body === name).length);
      if (shares.some((share) => share !== 5)) throw new Error(`answers: ${answers.join(' ')}`);
      return { text: answers.join(' ') };
    },
  },
  {
    name: 'stop web1: its check takes it out',
    show: async (cluster) => {
      await cluster.stopWeb('web1');
      const ms = await waitUntilServersAre(cluster, 1);
      const answers = await curls(cluster, 6);
      if (answers.some((body) => body !== 'web2')) throw new Error(`answers: ${answers.join(' ')}`);
      return { text: `out after ${seconds(ms)}; now ${answers.join(' ')}`, numbers: { outMs: ms } };
    },
  },
  {
    name: 'start web1 again: its check takes it back',
    show: async (cluster) => {
      await cluster.startWeb('web1');
      const ms = await waitUntilServersAre(cluster, 2);
      const answers = await curls(cluster, 6);
      if (new Set(answers).size !== 2) throw new Error(`answers: ${answers.join(' ')}`);
      return {
        text: `back after ${seconds(ms)}; now ${answers.join(' ')}`,
        numbers: { backMs: ms },
      };
    },
  },
  {
    name: 'kill -9 the daemon of the master during a download, start it again: nothing is lost',
    show: restartDaemonDuringDownload,
  },
  {
    name: 'kill -9 the whole master, daemon and data plane: the backup answers',
    show: killMaster,
  },
];

async function startBalancers(cluster: Cluster): Promise<Finding> {
  const startMs = performance.now();
  for (const name of balancers) cluster.writeConfig(name);
  for (const name of balancers) await cluster.startBalancer(name);
  await waitFor('lb1 MASTER', 30_000, async () => (await cluster.vrrpState('lb1')) === 'MASTER');
  await waitFor('an answer of the virtual address', 10_000, () =>
    cluster.answers('client', 'http://192.0.2.100/'),
  );
  const ms = performance.now() - startMs;
  const states = await Promise.all(balancers.map((name) => cluster.vrrpState(name)));
  if (states.join(' ') !== 'MASTER BACKUP') throw new Error(`states: ${states.join(' ')}`);
  return { text: `lb1 MASTER, lb2 BACKUP, first answer after ${seconds(ms)}`, numbers: { ms } };
}

async function restartDaemonDuringDownload(cluster: Cluster): Promise<Finding> {
  const body = Buffer.alloc(downloadBytes, 'keelson keeps its word\n');
  for (const name of webServers) await writeFile(join(cluster.folder, name, 'big'), body);
  const target = join(cluster.folder, 'download');
  const download = cluster.namespaces
    .runAsync(
      'client',
      ...['curl', '-sSf', '-m', '60', '--limit-rate', downloadBytesPerSecond],
      ...['-o', target, 'http://192.0.2.100/big'],
    )
    .then(
      () => null,
      (failure: Error) => failure,
    );
  await pause(1_000);
  const plane = cluster.dataplanePid('lb1');
  await cluster.namespaces.stop(cluster.daemonPid('lb1'), 'SIGKILL');
  const startMs = performance.now();
  await cluster.startBalancer('lb1');
  await waitFor('lb1 MASTER again', 10_000, async () => {
    return (await cluster.vrrpState('lb1')) === 'MASTER';
  });
  const ms = performance.now() - startMs;
  const answers = await curls(cluster, 4);
  const failure = await download;
  if (failure !== null) throw failure;
  if (cluster.dataplanePid('lb1') !== plane) throw new Error('the data plane did not live on');
  if ((await cluster.vrrpState('lb2')) !== 'BACKUP') throw new Error('lb2 took over');
  if (digest(readFileSync(target)) !== digest(body)) throw new Error('the download is damaged');
  if (answers.includes('')) throw new Error('a request during the restart had no answer');
  return {
    text: `daemon back after ${seconds(ms)}, 24 MiB download whole, lb2 stayed BACKUP`,
    numbers: { restartMs: ms },
  };
}

async function killMaster(cluster: Cluster): Promise<Finding> {
  const plane = cluster.dataplanePid('lb1');
  const startMs = performance.now();
  await Promise.all([
    cluster.namespaces.stop(cluster.daemonPid('lb1'), 'SIGKILL'),
    cluster.namespaces.stop(plane ?? 0, 'SIGKILL'),
  ]);
  await waitFor('an answer through the backup', 15_000, () =>
    cluster.answers('client', 'http://192.0.2.100/'),
  );
  const ms = performance.now() - startMs;
  const state = await cluster.vrrpState('lb2');
  if (state !== 'MASTER') throw new Error(`lb2 is ${state}`);
  return { text: `lb2 answers after ${seconds(ms)}`, numbers: { failoverMs: ms } };
}

async function curls(cluster: Cluster, count: number): Promise<string[]> {
  const answers: string[] = [];
  for (let index = 0; index < count; index++) answers.push((await cluster.curl('client')) ?? '');
  return answers;
}

/** Until `ipvsadm` on the master lists this many real servers. */
function waitUntilServersAre(cluster: Cluster, wanted: number): Promise<number> {
  return waitFor(`${wanted} real servers in lb1`, 20_000, async () => {
    const listing = await cluster.tool('lb1', 'ipvsadm', '-Ln');
    return listing.split('\n').filter((line) => /-> [\d.]+:8080/.test(line)).length === wanted;
  });
}

function writeFile(path: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = createWriteStream(path);
    stream.on('error', reject);
    stream.end(body, () => resolve());
  });
}

function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
