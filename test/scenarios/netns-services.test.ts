// Real servers that come and go under a virtual server with a quorum and a sorry server: what the
// data plane forwards to, what the log, the status and a reload make of it.
import { mkdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { ServicesNode } from './services-node.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const servers = ['198.51.100.1', '198.51.100.2', '198.51.100.3'] as const;
const [light, plain, inhibited] = servers;

function server(address: string, weight: number, more = ''): string {
  return `real_server ${address} 8080 {
weight ${weight}
${more}
TCP_CHECK {
connect_timeout 2
retry 0
}
}
`;
}

function service(load: string, order: readonly string[]): string {
  const blocks: Readonly<Record<string, string>> = {
    [light]: server(light, 1, 'FILE_CHECK {\ntrack_file load\nweight -1\n}'),
    [plain]: server(plain, 2),
    [inhibited]: server(inhibited, 2, 'inhibit_on_failure'),
  };
  return `track_file load {
file ${load}
init_file 0
}
virtual_server 192.0.2.100 80 {
delay_loop 0.2
lb_algo wlc
lb_kind FNAT
protocol TCP
laddr_group_name back
quorum 3
hysteresis 1
sorry_server 198.51.100.9 8080
${order.map((address) => blocks[address]).join('')}}
`;
}

t.test('servers come and go', { skip, timeout: 240_000 }, async (t) => {
  const node = new ServicesNode('v', servers);
  t.teardown(() => node.remove());
  const load = node.path('load');
  mkdirSync(node.path('run'));
  for (const address of servers) node.startServer(address);
  node.write(service(load, servers));
  node.start();
  await node.waitForTable(`${light}:8080 1`, `${plain}:8080 2`, `${inhibited}:8080 2`);
  await node.waitForLog(/TCP connection to \[198\.51\.100\.\d\]:tcp:8080 success/, 3);
  t.match(
    node.log(/Gained quorum/)[0],
    /Gained quorum 3\+1=4 <= 5 for VS \[192\.0\.2\.100\]:tcp:80/,
  );

  await node.stopServer(plain);
  await node.waitForTable(`${light}:8080 1`, `${inhibited}:8080 2`);
  t.match(node.log(/Removing service/)[0], `${plain}]:tcp:8080 from VS [192.0.2.100]:tcp:80`);
  await node.stopServer(inhibited);
  await node.waitForTable(`${inhibited}:8080 0`, '198.51.100.9:8080 1');
  t.equal(node.log(/Lost quorum 3-1=2 > 1 for VS/).length, 1);
  t.equal(node.log(/Adding sorry server \[198\.51\.100\.9\]:tcp:8080 to VS/).length, 1);
  const { services, checks } = await node.status();
  t.match(services, [
    {
      service: '[192.0.2.100]:tcp:80',
      hasQuorum: false,
      aliveWeight: 1,
      sorryServer: { isActive: true },
      servers: [
        {
          isUp: true,
          weight: 1,
          checks: [
            { state: 'up', last: { failure: null } },
            { type: 'FILE_CHECK', state: 'up' },
          ],
        },
        { isUp: false, checks: [{ state: 'down', last: { failure: 'failed' } }] },
        { isUp: false },
      ],
    },
  ]);
  t.ok((checks?.latency.count ?? 0) >= 6, 'attempts were measured');
  t.match(await node.tool('keelson', 'status'), /NO QUORUM: weight 1 of 3 \(\+-1\)/);

  node.write(service(load, servers.toReversed()));
  node.reload();
  await node.waitForLog(/Reload finished/);
  t.same(
    await node.table(),
    [`${inhibited}:8080 0`, '198.51.100.9:8080 1'],
    'a reload forgets nothing',
  );
  t.equal(node.log(/Lost quorum/).length, 1);

  node.startServer(plain);
  await node.waitForLog(/Adding service \[198\.51\.100\.2\]/);
  t.same(await node.table(), [`${inhibited}:8080 0`, '198.51.100.9:8080 1'], '3 is below 3 + 1');
  node.startServer(inhibited);
  await node.waitForTable(`${light}:8080 1`, `${plain}:8080 2`, `${inhibited}:8080 2`);
  t.equal(node.log(/Adding alive servers to the pool for VS/).length, 1);

  writeFileSync(load, '1\n');
  await node.waitForTable(`${light}:8080 0`, `${plain}:8080 2`, `${inhibited}:8080 2`);
  t.match(node.log(/Changing weight/)[0], /from 1 to 0 for active service/);
  await node.stopDaemon();
  t.same(await node.table(), [], 'the end of the daemon takes the services back');
});
