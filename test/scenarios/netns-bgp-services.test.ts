// A virtual server's address announced by `keepalived` as its servers say, with the data plane:
// degraded, withdrawn without a quorum, held down on its way back; local addresses announced, too.
import { join } from 'node:path';
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { bgpConfig, DaemonLab, neighborBlock } from './bgp-daemon.js';
import { FrrBgp } from './bgp-frr.js';
import { forgets, learns, skip, timeoutMs, vip4 } from './bgp-story.js';

const [vip] = vip4.split('/') as [string];
const local = '203.0.113.200/32';
const servers = ['10.77.0.1', '10.77.0.2'];
/** Greets and hangs up. */
const listener = `require('node:net').createServer((socket) => {
socket.on('error', () => {});
socket.end('hello');
}).listen(8080, process.argv[1]);`;

const dataplane = `dataplane {
    workers 1
    poll adaptive
    hugepages off
    port dpdk0 {
        device net_null
    }
}
local_address_group back {
    203.0.113.200 dpdk0
}
`;

const realServer = (address: string): string => `    real_server ${address} 8080 {
        TCP_CHECK {
            connect_timeout 1
            retry 0
        }
    }
`;

const virtualServer = `virtual_server ${vip} 80 {
    delay_loop 1
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    alpha
    quorum 1
    laddr_group_name back
    announce {
        bgp edge {
            med 10
        }
        local_addresses on
        degraded_med 50
        hold_down 4
        drain_time 1
    }
${servers.map(realServer).join('')}}
`;

t.test('an address follows its servers', { skip }, async (t) => {
  const place = new DaemonLab(t, ['ours'], ['frr']);
  const { lab } = place;
  const { namespaces } = lab;
  const frr = new FrrBgp(place.routerOptions('frr'));
  await frr.start();
  const pids = new Map<string, number>();
  const startServer = (address: string): void => {
    const words = [process.execPath, '-e', listener, address];
    const logFile = join(lab.folder, `server-${address}.log`);
    pids.set(address, namespaces.start('ours', logFile, words).pid);
  };
  const stopServer = (address: string) => namespaces.stop(pids.get(address) ?? 0, 'SIGKILL');
  for (const address of servers) {
    namespaces.ip('ours', 'address', 'add', `${address}/32`, 'dev', 'lo');
    startServer(address);
  }
  const [first, second] = servers as [string, string];
  const ours = place.daemon('ours');
  const neighbor = neighborBlock(lab.ipv4('frr'));
  await ours.start(bgpConfig({ neighbors: [neighbor], rest: `${dataplane}${virtualServer}` }));
  t.match(await learns(frr, vip4, ({ med }) => med === 10), { nextHops: [lab.ipv4('ours')] });
  await learns(frr, local);
  t.match(await ours.keelson('why', vip), /has its quorum: 2 of 2 servers up/);

  await stopServer(first);
  await learns(frr, vip4, ({ med }) => med === 60);
  t.match(await ours.keelson('why', vip), /~ .* 1 of 2 servers up, below 100 %/);
  t.match(await ours.keelson('status'), new RegExp(`${vip}/32 +degraded`));

  await stopServer(second);
  await forgets(frr, vip4);
  t.match(await ours.keelson('why', vip), /- .* has no quorum: 0 of 2 servers up/);
  t.ok(await frr.route(local), 'the local address is no service of its own');

  const startMs = Date.now();
  for (const address of servers) startServer(address);
  await ours.hasAnnouncement(vip, 'held');
  t.match(await ours.keelson('why', vip), /is not announced yet[\s\S]*hold-down is 4s/);
  await learns(frr, vip4);
  const tookMs = Date.now() - startMs;
  t.ok(tookMs >= 4000, `held down: ${tookMs} ms`);
  await learns(frr, vip4, ({ med }) => med === 10);

  await ours.keelson('drain', vip);
  await forgets(frr, vip4);
  await ours.keelson('undrain', vip);
  await learns(frr, vip4);

  // The data plane goes: nobody would forward.
  const planePid = Number(namespaces.run('ours', 'cat', ours.path('dataplane.pid')));
  process.kill(planePid, 'SIGKILL');
  await waitFor('it was withdrawn', timeoutMs, () => {
    return ours.lines(new RegExp(`${vip} is not announced.*data plane`)).length > 0;
  });
  await learns(frr, vip4);
});
