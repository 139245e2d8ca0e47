// Beside what Debian's keepalived 2.2.7 wrote on SIGUSR1 for the same file, two sessions that
// nobody answers.
import t from 'tap';
import { bfdLines } from '../../../src/daemon/dump/bfd-text.js';
import type { BfdFact } from '../../../src/routing/bfd/fact.js';
import { configOf } from '../../config/text.js';
import { BfdSimulation, settings } from '../../routing/bfd/bfd-world.js';

const text = `bfd_instance one {
neighbor_ip 10.9.0.2
source_ip 10.9.0.1
min_rx 50
min_tx 60
multiplier 3
}
bfd_instance six {
neighbor_ip 2001:db8::2
passive
ttl 100
max_hops 3
idle_tx 2000
}
`;
const configured = ` BFD Instance = one
   Neighbor IP = 10.9.0.2
   Source IP = 10.9.0.1
   Required min RX interval = 50000 us
   Desired min TX interval = 60000 us
   Desired idle TX interval = 1000000 us
   Detection multiplier = 3
   TTL = 255
   max_hops = 0
   passive = false
   send event to VRRP process = Yes
   send event to checker process = Yes
 BFD Instance = six
   Neighbor IP = 2001:db8::2
   Required min RX interval = 10000 us
   Desired min TX interval = 10000 us
   Desired idle TX interval = 2000000 us
   Detection multiplier = 5
   hoplimit = 100
   max_hops = 3
   passive = true
   send event to VRRP process = Yes
   send event to checker process = Yes`;

t.test('sessions as the file has them', (t) => {
  const { config } = configOf(text);
  const head = ['------< BFD Data >------', '------< BFD Topology >------'];
  t.same(
    bfdLines(config.bfdInstances, () => null),
    [...head, ...configured.split('\n')],
  );
  t.end();
});

t.test('and as they are', (t) => {
  const { config } = configOf(text);
  const known = (fact: BfdFact) =>
    bfdLines(config.bfdInstances.slice(0, 1), () => fact)
      .slice(14)
      .map((line) => line.trim().replace(/0x[1-9a-f][0-9a-f]*/, '0xN'));
  const world = new BfdSimulation();
  const { a } = world.pair();
  t.same(known(a.fact()).slice(0, 4), [
    'send error = false',
    'local state = Down',
    'remote state = Down',
    'local discriminator = 0xN',
  ]);
  world.clock.advance(10_000);
  t.same(known(a.fact()), [
    'send error = false',
    'local state = Up',
    'remote state = Up',
    'local discriminator = 0xN',
    'remote discriminator = 0xN',
    'local diag = No Diagnostic',
    'remote diag = No Diagnostic',
    'local tx intv = 50000 us',
    'local detection time = 150000 us',
  ]);
  t.equal(settings('192.0.2.2').minTxMs, 50, 'which that follows from');
  t.end();
});
