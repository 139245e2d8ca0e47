import t from 'tap';
import type { LocalAddressCounters, PortStatus } from '../../src/dataplane/dataplane.js';
import { SourcePortWatch } from '../../src/dataplane/source-port-watch.js';
import { type IpAddress, ipAddress } from '../../src/net/address.js';
import { SimulatedClock } from '../sim/clock.js';
import { quietPort } from '../sim/dataplane.js';

const lip = ipAddress('10.0.0.5');
const server = { address: ipAddress('10.0.0.101'), port: 80 };

function source(address: IpAddress, exhausted: number, noShare = 0): LocalAddressCounters {
  const missedBy = { exhausted, noShare, notHeld: 0 };
  const missed = exhausted + noShare;
  const base = { address, device: 'dpdk1', used: 0, free: 64512, missed, missedBy };
  return exhausted > 0 ? { ...base, missedServer: server } : base;
}

const dpdk0 = quietPort({
  name: 'dpdk0',
  device: 'net_null0',
  kniName: 'dpdk0.kni',
  mtuBytes: 1500,
});

class World {
  readonly clock = new SimulatedClock();
  readonly lines: string[] = [];
  sources: readonly LocalAddressCounters[] = [];
  ports: readonly PortStatus[] = [];
  readonly watch = new SourcePortWatch({
    clock: this.clock,
    log: { write: (_level, line) => this.lines.push(line) },
    sources: () => this.sources,
    ports: () => this.ports,
  });
}

t.test('an exhausted local address: one line a minute, while it goes on', (t) => {
  const world = new World();
  world.sources = [source(lip, 0)];
  world.clock.advance(30_000);
  t.same(world.lines, [], 'nothing to say');
  world.sources = [source(lip, 12)];
  world.clock.advance(30_000);
  t.same(world.lines, [
    'local address 10.0.0.5 had no free port for 12 new connections, last towards ' +
      '10.0.0.101:80 (sa_miss): give the service more local addresses',
  ]);
  world.sources = [source(lip, 13)];
  world.clock.advance(30_000);
  t.equal(world.lines.length, 1, 'a minute has not passed');
  world.clock.advance(30_000);
  t.match(world.lines[1], /for 13 new/);
  world.clock.advance(600_000);
  t.equal(world.lines.length, 2, 'nothing new, nothing said');
  world.sources = [];
  world.clock.advance(5_000);
  world.sources = [source(lip, 1)];
  world.clock.advance(5_000);
  t.equal(world.lines.length, 3, 'an address that came again is a new one');
  world.watch.stop();
  t.end();
});

t.test('a worker without ports', (t) => {
  const world = new World();
  world.sources = [source(lip, 0, 4)];
  world.clock.advance(5_000);
  t.match(world.lines, [/no port whose return packets reach the worker, for 4 new/]);
  world.watch.stop();
  t.end();
});

t.test('a NIC that spreads otherwise than it says', (t) => {
  const world = new World();
  world.ports = [{ ...dpdk0, misdirected: 999 }];
  world.clock.advance(5_000);
  t.same(world.lines, [], 'a few may come while tables change');
  world.ports = [{ ...dpdk0, misdirected: 1000 }];
  world.clock.advance(5_000);
  t.match(world.lines, [/^port dpdk0 gave 1000 packets to other workers/]);
  world.watch.stop();
  t.end();
});

t.test('many at once are a few lines and a count', (t) => {
  const world = new World();
  world.sources = Array.from({ length: 20 }, (_, i) => source(ipAddress(`10.0.1.${i}`), 1));
  world.clock.advance(5_000);
  t.equal(world.lines.length, 9);
  t.equal(world.lines[8], 'and 12 more (dpip addr show -s)');
  world.watch.stop();
  world.clock.advance(60_000);
  t.equal(world.lines.length, 9, 'a stopped watch is silent');
  t.end();
});
