// A MASTER whose link goes down, ours and theirs (keepalived, FRR): it is in FAULT and holds
// nothing, the other one takes over, and with the link its priority is back.
import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { capture } from './vrrp-capture.js';
import { type Node, type Scenario, type Segment, withSegment } from './vrrp-segment.js';

const isRoot = process.getuid?.() === 0;
const hasFrr = existsSync('/usr/lib/frr/vrrpd');

const fast = 'version 3\nadvert_int 0.1';
const frr = { version: 3, intervalMs: 100 } as const;
const ipv4 = { virtualAddress: '192.0.2.100' } as const;
const ipv6 = { virtualAddress: 'fe80::100' } as const;
const scenarios: readonly Scenario[] = [
  { ...ipv4, name: 'v2, keepalived', lines: 'advert_int 1' },
  { ...ipv4, name: 'v3, keepalived', lines: fast },
  { ...ipv6, name: 'v3 IPv6, keepalived', lines: fast },
  {
    ...ipv4,
    name: 'v3 VMAC, keepalived',
    lines: `${fast}\nuse_vmac vrrp.51`,
    mac: '00:00:5e:00:01:33',
  },
  {
    ...ipv6,
    name: 'v3 IPv6 VMAC, keepalived',
    lines: `${fast}\nuse_vmac vrrp6.51`,
    mac: '00:00:5e:00:02:33',
  },
  { ...ipv4, name: 'v3, FRR', lines: fast, frr },
  { ...ipv6, name: 'v3 IPv6, FRR', lines: fast, frr },
];

t.jobs = 4;

for (const scenario of scenarios) {
  const skip = isRoot
    ? scenario.frr === undefined || hasFrr
      ? false
      : 'FRR is not installed'
    : 'network namespaces need root';
  t.test(`${scenario.name}: links that go down`, { skip, buffered: true }, async (t) => {
    await withSegment(t, scenario, async (segment) => {
      const unleased = scenario.lines.includes(fast) ? 'lease off' : '';
      const heard = await capture(segment);
      await segment.start('theirs', 100);
      const ours = await segment.start('ours', 150, unleased);
      await segment.waitForHolder('ours');
      for (const what of ['carrier', 'link'] as const) await handsOver(t, segment, 'ours', what);
      await segment.namespaces.stop(ours);
      await segment.waitForHolder('theirs');
      await segment.start('ours', 50, unleased);
      await segment.waitForLog('ours', 'Entering BACKUP STATE');
      await handsOver(t, segment, 'theirs', 'carrier');
      t.same(await heard(), [], 'tshark has no complaint about our packets');
    });
  });
}

/** The MASTER loses its link, and takes the address back with it. */
async function handsOver(
  t: Test,
  segment: Segment,
  master: Node,
  what: 'carrier' | 'link',
): Promise<void> {
  const faultsBefore = faults(segment);
  segment.setLink(master, what, 'down');
  await segment.waitForHolder(master === 'ours' ? 'theirs' : 'ours');
  if (master === 'ours') t.equal(faults(segment), faultsBefore + 1, `${what} down is a FAULT`);
  segment.setLink(master, what, 'up');
  await segment.waitForHolder(master);
  t.equal(faults(segment), faultsBefore + (master === 'ours' ? 1 : 0), 'and once');
}

function faults(segment: Segment): number {
  return segment.log('ours').match(/Entering FAULT STATE/g)?.length ?? 0;
}
