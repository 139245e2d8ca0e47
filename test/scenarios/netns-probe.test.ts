// Never two holders, as clients see it: a MASTER that is killed or hangs has lost the virtual
// address before its backup answers for it, one that wakes up does not touch it, and one that is
// started again in time never stopped answering.
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { type ProbeField, withField } from './probe-field.js';
import { nowMs, timeoutMs, turnsOf } from './probes.js';

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root';

t.jobs = 2;

/** `a` answers, `b` stands by. Answers with the pid of the daemon of `a`. */
async function startPair(field: ProbeField, lines: string): Promise<number> {
  const pid = field.startDaemon('a', 150, lines);
  await field.probes.waitForAnswers('all', 'a');
  field.startDaemon('b', 100, lines);
  await field.waitForLog('b', 'Entering BACKUP STATE');
  return pid;
}

t.test('kill -9: the address is lost before the backup answers', { skip }, async (t) => {
  await withField(t, async (field) => {
    const pid = await startPair(field, 'advert_int 1');
    const killedMs = nowMs();
    await field.namespaces.stop(pid, 'SIGKILL');
    await field.probes.waitForAnswers('all', 'b');
    await field.probes.waitForAnswers('to-b', 'b');
    const gapMs = field.probes.gapMs('to-a', 'to-b', killedMs);
    t.ok(gapMs > 0, `nobody answered for ${gapMs.toFixed(0)} ms`);
    t.ok(gapMs < 4_000, `nobody answered for ${gapMs.toFixed(0)} ms`);
    t.ok(
      field.probes.answers('to-a', killedMs).length > 100,
      'the lease outlived the daemon by far',
    );
    t.equal(turnsOf(field.probes.answers('all')), 'a b');
  });
});

t.test('kill -9 of several routers: no lease lengthens another', { skip }, async (t) => {
  await withField(t, async (field) => {
    const lines = 'version 3\nadvert_int 1.2';
    // The less its priority, the later its adverts, and what the kernel does because of them.
    const sibling = `vrrp_instance V_2 {
    state BACKUP
    interface eth0
    version 3
    virtual_router_id 52
    priority 20
    advert_int 1.2
    virtual_ipaddress {
        192.0.2.200/24
    }
}
`;
    const pid = field.startDaemon('a', 150, lines, sibling);
    await field.probes.waitForAnswers('all', 'a');
    // One that waits next to no longer than three intervals.
    field.startDaemon('b', 254, lines);
    await field.waitForLog('b', 'Entering BACKUP STATE');
    await field.waitForLog('a', '(V_2) Entering MASTER STATE');
    await field.probes.waitForAnswers('to-a', 'a');
    const killedMs = nowMs();
    await field.namespaces.stop(pid, 'SIGKILL');
    await field.probes.waitForAnswers('to-b', 'b');
    const gapMs = field.probes.gapMs('to-a', 'to-b', killedMs);
    t.ok(gapMs > 0, `nobody answered for ${gapMs.toFixed(0)} ms`);
  });
});

t.test('SIGSTOP: the same, and waking up does no harm', { skip }, async (t) => {
  await withField(t, async (field) => {
    const pid = await startPair(field, 'advert_int 1');
    const stoppedMs = nowMs();
    process.kill(pid, 'SIGSTOP');
    await field.probes.waitForAnswers('all', 'b');
    await field.probes.waitForAnswers('to-b', 'b');
    const gapMs = field.probes.gapMs('to-a', 'to-b', stoppedMs);
    t.ok(gapMs > 0, `nobody answered for ${gapMs.toFixed(0)} ms`);
    const wokenMs = nowMs();
    process.kill(pid, 'SIGCONT');
    await field.waitForLog('a', 'No advertisement left within the lease of the addresses');
    await field.probes.waitForAnswers('to-b', 'b');
    await field.probes.waitForAnswers('all', 'b');
    t.same(field.probes.answers('to-a', wokenMs), [], 'it never answered again');
    t.equal(turnsOf(field.probes.answers('all')), 'a b');
  });
});

t.test('kill -9 and a start in time: not one probe is lost', { skip }, async (t) => {
  await withField(t, async (field) => {
    const pid = await startPair(field, 'version 3\nadvert_int 1');
    // Time enough to start, also on a slow machine.
    const lines = 'version 3\nadvert_int 10';
    field.writeConfig('a', 150, lines);
    process.kill(pid, 'SIGHUP');
    await waitFor('a long lease', timeoutMs, () => field.leaseSeconds('a') > 20);
    const [{ number: first } = { number: 0 }] = field.probes.answers('all', nowMs() - 100);
    await field.namespaces.stop(pid, 'SIGKILL');
    field.startDaemon('a', 150, lines);
    await field.waitForLog('a', 'Entering MASTER STATE');
    await field.probes.waitForAnswers('all', 'a');
    const answers = field.probes.answers('all').filter(({ number }) => number >= first);
    const last = answers.at(-1)?.number ?? 0;
    t.equal(answers.length, last - first + 1, `all of ${first} to ${last}`);
    t.equal(turnsOf(answers), 'a');
    t.same(field.probes.answers('to-b'), [], 'the other one never had it');
    t.notMatch(field.log('a'), /Entering BACKUP STATE/);
  });
});

t.test('without leases a killed MASTER answers beside its backup', { skip }, async (t) => {
  await withField(t, async (field) => {
    const pid = await startPair(field, 'version 3\nadvert_int 0.1\nlease off');
    await field.namespaces.stop(pid, 'SIGKILL');
    await field.probes.waitForAnswers('to-b', 'b');
    await field.probes.waitForAnswers('to-a', 'a');
    await waitFor('both answer', timeoutMs, () => field.probes.gapMs('to-a', 'to-b', 0) < 0);
    t.pass('what the other stories look for can be seen');
  });
});
