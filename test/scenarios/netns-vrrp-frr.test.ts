// Our VRRP against FRR's: each as BACKUP to the other's MASTER, preemption, the end of a MASTER
// that is told (a stop) or not (kill -9); and tshark's verdict on our packets.
import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { capture } from './vrrp-capture.js';
import { type Scenario, type Segment, takeoverMs, withSegment } from './vrrp-segment.js';

const isRoot = process.getuid?.() === 0;
const hasFrr = existsSync('/usr/lib/frr/vrrpd');
const skip = isRoot ? (hasFrr ? false : 'FRR is not installed') : 'network namespaces need root';

const scenarios: readonly Scenario[] = [
  {
    name: 'v2',
    virtualAddress: '192.0.2.100',
    lines: 'advert_int 1',
    frr: { version: 2, intervalMs: 1000 },
  },
  {
    name: 'v3',
    virtualAddress: '192.0.2.100',
    lines: 'version 3\nadvert_int 0.1\nlease off',
    frr: { version: 3, intervalMs: 100 },
  },
  {
    name: 'v3 VMAC',
    virtualAddress: '192.0.2.100',
    lines: 'version 3\nadvert_int 0.1\nuse_vmac vrrp.51\nlease off',
    mac: '00:00:5e:00:01:33',
    frr: { version: 3, intervalMs: 100 },
  },
  {
    name: 'v3 IPv6',
    virtualAddress: 'fe80::100',
    lines: 'version 3\nadvert_int 0.1\nlease off',
    frr: { version: 3, intervalMs: 100 },
  },
];

/** FRR tells the checksum of each good advert, and what its own sockets fail to do. */
const complaints = {
  ours: /invalid|malformed|mismatch|checksum|bad|cannot/i,
  theirs: /datagram (invalid|has)/i,
};

t.jobs = 4;

for (const scenario of scenarios) {
  t.test(`${scenario.name}: ours and FRR`, { skip, buffered: true }, async (t) => {
    await withSegment(t, scenario, async (segment) => {
      const heard = await capture(segment);
      await oursAsBackup(t, segment);
      await oursAsMaster(t, segment);
      t.notMatch(segment.log('ours'), complaints.ours, 'no complaint about their packets');
      t.match(segment.log('theirs'), /datagram rx/i, 'FRR tells what it takes from us');
      t.notMatch(segment.log('theirs'), complaints.theirs, 'no complaint about our packets');
      t.same(await heard(), [], 'nor has tshark one');
    });
  });
}

async function oursAsBackup(t: Test, segment: Segment): Promise<void> {
  const theirs = await segment.start('theirs', 150);
  await segment.waitForHolder('theirs');
  const ours = await segment.start('ours', 100);
  await segment.waitForLog('ours', 'Entering BACKUP STATE');
  await segment.namespaces.stop(theirs);
  await segment.waitForHolder('ours');
  t.match(segment.log('ours'), /Backup received priority 0 advertisement/);
  const again = await segment.start('theirs', 150);
  await segment.waitForHolder('theirs');
  t.match(segment.log('ours'), /Master received advert from .* with higher priority 150/);
  await segment.namespaces.stop(again, 'SIGKILL');
  // One that was killed leaves its macvlan up: two holders, as long as nobody tidies up behind it.
  await waitFor('ours takes over', takeoverMs, () => segment.holds('ours'));
  await segment.namespaces.stop(ours);
}

async function oursAsMaster(t: Test, segment: Segment): Promise<void> {
  const ours = await segment.start('ours', 150);
  await segment.waitForLog('ours', 'Entering MASTER STATE');
  await segment.start('theirs', 100);
  await segment.waitForHolder('ours');
  await segment.namespaces.stop(ours);
  await segment.waitForHolder('theirs');
  const again = await segment.start('ours', 150);
  await segment.waitForHolder('ours');
  await segment.namespaces.stop(again, 'SIGKILL');
  await waitFor('theirs takes over', takeoverMs, () => segment.holds('theirs'));
  const hasLease = !segment.scenario.lines.includes('lease off');
  if (hasLease) t.notOk(segment.holds('ours'), 'the lease of ours ended before');
  await segment.start('ours', 50);
  await segment.waitForHolder('theirs');
}
