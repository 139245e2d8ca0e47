// What stands beside our figures: which case of ours another's is set against, and whose floor is
// taken off. The measuring itself needs a quiet machine and is not tested here.
import t from 'tap';
import type { Row } from '../../bench/datapath-program.js';
import { floorOf, measurePeers, peerNames, setAgainst } from '../../bench/peers.js';

function row(name: string, cyclesPerPacket: number): Row {
  const rest = { instructionsPerPacket: null, packetsPerSecond: 1e6, packetBytes: 64 };
  return { name, cyclesPerPacket, flows: 1024, workers: 1, ...rest };
}

const ours = [row('floor', 10), row('fnat/tcp4/hit/1Ki', 90), row('fnat/udp4/hit/1Ki', 80)];
const theirs = [row('nftables/floor', 500), row('nftables/fnat/1Ki', 4000)];

t.test('what is over the floors is compared where both have one', (t) => {
  const { ours: name, ratio } = setAgainst(row('nftables/fnat/1Ki', 4000), ours, theirs);
  t.equal(name, 'fnat/udp4/hit/1Ki');
  t.equal(ratio, 0.02);
  t.end();
});

t.test('testpmd has no floor: it is one', (t) => {
  const { ours: name, ratio } = setAgainst(row('testpmd/csum', 60), ours, theirs);
  t.equal(name, 'fnat/tcp4/hit/1Ki');
  t.equal(ratio, 1.5);
  t.end();
});

t.test('a case of ours on net_null is nearer to testpmd', (t) => {
  const withNull = [...ours, row('net_null/fnat/tcp4', 120)];
  t.equal(setAgainst(row('testpmd/csum', 60), withNull, theirs).ours, 'net_null/fnat/tcp4');
  t.end();
});

t.test('without a case of ours there is no ratio', (t) => {
  t.same(setAgainst(row('nftables/fnat/new', 9000), ours, theirs).ratio, null);
  t.same(setAgainst(row('nftables/floor', 500), ours, theirs).ours, null);
  t.same(setAgainst(row('testpmd/csum', 60), [], theirs).ratio, null);
  t.end();
});

t.test('every case has the floor of its own kind', (t) => {
  const rows = [...ours, ...theirs];
  t.equal(floorOf(row('fnat/udp4/hit/1Ki', 80), rows), 10);
  t.equal(floorOf(row('nftables/fnat/64Ki', 80), rows), 500);
  t.equal(floorOf(row('testpmd/macswap', 80), rows), undefined);
  t.end();
});

t.test('what is not wanted is not measured', async (t) => {
  t.same(await measurePeers([], []), []);
  t.equal(new Set(peerNames).size, peerNames.length);
});

t.test('a peer that is not installed says so in its row', async (t) => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nonexistent';
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  t.same(await measurePeers(['testpmd/csum'], []), [
    { name: 'testpmd/csum', unavailable: 'dpdk-testpmd is not installed (Debian: dpdk)' },
  ]);
});
