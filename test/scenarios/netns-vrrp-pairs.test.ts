// Our VRRP against Debian's keepalived in every form that both speak: each as BACKUP to the other's
// MASTER, preemption, the end of a MASTER that is told or not; and tshark's verdict on our packets.
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { capture } from './vrrp-capture.js';
import { type Scenario, takeoverMs, withSegment } from './vrrp-segment.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';
const address = '192.0.2.100';
const unicast = 'unicast_src_ip {own}\nunicast_peer {\n{peer}\n}';
const scenarios: readonly Scenario[] = [
  {
    name: 'v2 AH',
    virtualAddress: address,
    lines: 'advert_int 1\nauthentication {\nauth_type AH\nauth_pass s3cr3t\n}',
  },
  { name: 'v3', virtualAddress: address, lines: 'version 3\nadvert_int 0.1' },
  { name: 'v3 unicast', virtualAddress: address, lines: `version 3\nadvert_int 0.1\n${unicast}` },
  { name: 'v2 unicast', virtualAddress: address, lines: `advert_int 1\n${unicast}` },
  {
    name: 'v3 VMAC',
    virtualAddress: address,
    lines: 'version 3\nadvert_int 0.1\nuse_vmac vrrp.51',
    mac: '00:00:5e:00:01:33',
  },
  {
    name: 'v3 IPv6 VMAC',
    virtualAddress: 'fe80::100',
    lines: 'version 3\nadvert_int 0.1\nuse_vmac vrrp6.51',
    mac: '00:00:5e:00:02:33',
  },
  { name: 'v3 IPv6', virtualAddress: 'fe80::100', lines: 'version 3\nadvert_int 0.1' },
];

/** A kernel interface cannot keep leases of less than a second. */
const unleased = 'lease off';
/** Theirs finds arguments of its own invalid while an IPv6 address is still being checked. */
const complaints = /bad|invalid (?!argument)|mismatch|already processed|malformed/i;

t.jobs = 3;

for (const scenario of scenarios) {
  t.test(`${scenario.name}: ours and theirs`, { skip, buffered: true }, async (t) => {
    await withSegment(t, scenario, async (segment) => {
      const heard = await capture(segment);
      const theirs = await segment.start('theirs', 150);
      await segment.waitForHolder('theirs');
      const ours = await segment.start('ours', 100, unleased);
      await segment.waitForLog('ours', 'Entering BACKUP STATE');
      await segment.namespaces.stop(theirs);
      await segment.waitForHolder('ours');
      const again = await segment.start('theirs', 150);
      await segment.waitForHolder('theirs');
      t.match(segment.log('ours'), /Master received advert from .* with higher priority 150/);
      process.kill(again, 'SIGKILL');
      await waitFor('ours takes over', takeoverMs, () => segment.holds('ours'));
      // The child of a keepalived that was killed still tidies up, also what the next one has made.
      await waitFor('theirs is gone', takeoverMs, () => segment.isIdle('theirs'));
      await segment.start('theirs', 50);
      await segment.waitForLog('theirs', 'VRRP sockpool');
      await waitFor('ours holds it alone', takeoverMs, () => !segment.holds('theirs'));
      await segment.namespaces.stop(ours);
      await segment.waitForHolder('theirs');
      await segment.start('ours', 150, unleased);
      await segment.waitForHolder('ours');
      t.match(segment.log('theirs'), /higher priority 150/);
      t.notMatch(segment.log('ours'), complaints, 'no complaint about their packets');
      t.notMatch(segment.log('theirs'), complaints, 'no complaint about our packets');
      t.same(await heard(), [], 'nor has tshark one');
    });
  });
}
