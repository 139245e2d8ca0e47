// MISC_CHECK with real programs of the machine.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from 'neverthrow';
import t, { type Test } from 'tap';
import type { MiscCheck } from '../../../src/config/checkers/misc.js';
import { MiscProbe, miscOutcome } from '../../../src/health/probes/misc.js';
import { HostClock } from '../../../src/host/clock.js';
import { HostCommandRunner } from '../../../src/host/command-runner.js';
import { ipAddress } from '../../../src/net/address.js';

const patienceMs = 10_000;

function miscCheck(parts: Partial<MiscCheck> = {}): MiscCheck {
  return {
    type: 'MISC_CHECK',
    script: { command: ['/bin/true'], user: null, group: null },
    timeoutMs: patienceMs,
    isDynamic: false,
    server: { address: ipAddress('192.0.2.5'), port: 80 },
    weight: 5,
    startsDown: false,
    logsAllFailures: false,
    retry: 0,
    delayBeforeRetryMs: 1000,
    delayLoopMs: 10_000,
    warmupMs: 0,
    ...parts,
  };
}

const hung = { type: 'failed', reason: 'timed out', mailReason: 'timed out' };

t.test('what exit codes mean', (t) => {
  const outcome = (code: number, isDynamic: boolean) =>
    miscOutcome(miscCheck({ isDynamic }), { type: 'exited', code });
  t.same(outcome(0, false), { type: 'succeeded', weightChange: 0 });
  t.same(outcome(0, true), { type: 'succeeded', weightChange: 0 }, "the configuration's weight");
  for (const isDynamic of [false, true]) {
    t.same(outcome(1, isDynamic), { type: 'failed', reason: 'failed (exited with status 1)' });
  }
  t.same(outcome(2, false), { type: 'failed', reason: 'failed (exited with status 2)' });
  t.same(outcome(2, true), { type: 'succeeded', weightChange: -5 }, 'a weight of 0');
  t.same(outcome(9, true), { type: 'succeeded', weightChange: 2 });
  t.same(outcome(255, true), { type: 'succeeded', weightChange: 248 });
  t.end();
});

function stage(t: Test) {
  const folder = t.testdir();
  const lines: string[] = [];
  const log = { write: (_level: string, line: string) => lines.push(line) };
  const commands = new HostCommandRunner(new HostClock(), log);
  t.teardown(() => commands.end());
  const attempt = (text: string, parts: Partial<MiscCheck> = {}) => {
    const path = join(folder, 'script');
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    const script = { command: [path, 'two words', '$HOME'], user: null, group: null } as const;
    const commandOf = ({ command }: { command: readonly string[] }) =>
      ok({ words: command, owner: null });
    return new MiscProbe(miscCheck({ script, ...parts }), { commands, commandOf }).attempt();
  };
  return { folder, lines, attempt };
}

t.test('programs that behave', async (t) => {
  const { attempt } = stage(t);
  t.match(await attempt('#!/bin/sh\n[ "$1" = "two words" ] && [ "$2" = \'$HOME\' ]\n'), {
    type: 'succeeded',
  });
  t.match(await attempt('[ "$1" = "two words" ] && exit 7\n', { isDynamic: true }), {
    type: 'succeeded',
    weightChange: 0,
  });
  t.match(await attempt('#!/bin/sh\nexit 3\n'), { reason: 'failed (exited with status 3)' });
});

t.test('programs that misbehave cost their timeout and are named', async (t) => {
  const { attempt, lines, folder } = stage(t);
  const began = process.hrtime.bigint();
  const deaf = "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.05; done\n";
  t.same(await attempt(deaf, { timeoutMs: 200 }), hung);
  const tookMs = Number(process.hrtime.bigint() - began) / 1e6;
  t.ok(tookMs >= 2200, `killed 2 s after it was asked: ${tookMs}`);
  const asked = '#!/bin/sh\nsleep 100\n';
  t.same(await attempt(asked, { timeoutMs: 200 }), hung);
  t.same(await attempt('#!/bin/sh\nkill -SEGV $$\n'), {
    type: 'failed',
    reason: 'failed (due to signal SIGSEGV)',
  });
  t.match(await attempt('#!/bin/sh\nyes | head -c 50000000\nyes >&2 & kill $!; wait\n'), {
    type: 'succeeded',
  });
  t.match(await attempt('#!/nonexistent/interpreter\n'), {
    reason: /^failed \(there is no \/nonexistent\/interpreter to run .*script by\)$/,
  });
  t.same(lines, []);
  t.match(await attempt('#!/bin/sh\nsleep 100 &\n'), { type: 'succeeded' });
  t.match(lines, [/script left processes behind/]);
  const gone = { command: [join(folder, 'gone')], user: null, group: null } as const;
  t.match(await attempt('', { script: gone }), {
    reason: `failed (there is no program ${gone.command[0]} to run)`,
  });
});

t.test('one that must not run does not, and is named', async (t) => {
  const commands = { run: () => Promise.reject(new Error('assertion: it ran')) };
  const commandOf = () => err('Unsafe permissions found');
  const probe = new MiscProbe(miscCheck(), { commands, commandOf });
  t.equal(probe.name, 'Misc check for [[192.0.2.5]:80] by [/bin/true]');
  t.same(await probe.attempt(), { type: 'failed', reason: 'failed (Unsafe permissions found)' });
});
