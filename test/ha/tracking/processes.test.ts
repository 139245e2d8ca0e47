import t from 'tap';
import type { ProcessDefinition } from '../../../src/config/tracking.js';
import { isQuorumMet, ProcessJudge } from '../../../src/ha/tracking/process-judge.js';
import { isProcessOf } from '../../../src/ha/tracking/process-match.js';
import { SimulatedClock } from '../../sim/clock.js';

const definition: ProcessDefinition = {
  name: 'web',
  program: 'nginx',
  arguments: null,
  match: 'exact',
  comparesCommand: false,
  quorum: 1,
  quorumMax: null,
  forkDelayMs: 0,
  terminateDelayMs: 0,
};
const named = (name: string) => ({ pid: 1, name, words: [] });
const run = (...words: string[]) => ({ pid: 1, name: 'x', words });

t.test('by name: the whole name, as the kernel keeps it', (t) => {
  t.ok(isProcessOf(definition, named('nginx')));
  t.notOk(isProcessOf(definition, named('nginx2')));
  t.ok(isProcessOf({ ...definition, program: '/usr/sbin/nginx' }, named('nginx')));
  t.ok(
    isProcessOf({ ...definition, program: 'a-very-long-program-name' }, named('a-very-long-pro')),
  );
  t.end();
});

t.test('by command line: exact, initial and partial', (t) => {
  const wants = (match: ProcessDefinition['match'], words: readonly string[] | null) => ({
    ...definition,
    comparesCommand: true,
    arguments: words,
    match,
  });
  t.ok(isProcessOf(wants('exact', null), run('nginx', 'anything')));
  t.notOk(isProcessOf(wants('exact', null), run('/usr/sbin/nginx')));
  t.notOk(isProcessOf(wants('exact', null), run()));
  t.ok(isProcessOf(wants('exact', ['-g', 'x']), run('nginx', '-g', 'x')));
  t.notOk(isProcessOf(wants('exact', ['-g', 'x']), run('nginx', '-g', 'x', 'y')));
  t.notOk(isProcessOf(wants('exact', ['-g', 'x']), run('nginx', '-g', 'xy')));
  t.notOk(isProcessOf(wants('exact', ['-g', 'x']), run('nginx', '-g')));
  t.ok(isProcessOf(wants('initial', ['-g', 'x']), run('nginx', '-g', 'xy')));
  t.notOk(isProcessOf(wants('initial', ['-g', 'x']), run('nginx', '-gg', 'x')));
  t.ok(isProcessOf(wants('partial', ['-g', 'x']), run('nginx', '-g', 'x', 'y')));
  t.notOk(isProcessOf(wants('partial', ['-g', 'x']), run('nginx', '-g', 'xy')));
  t.ok(isProcessOf(wants('partial', []), run('nginx')));
  t.notOk(isProcessOf(wants('partial', []), run('nginx', '-g')), 'no argument means none');
  t.end();
});

t.test('a quorum is enough and not too many', (t) => {
  const met = (quorum: number, quorumMax: number | null, count: number) =>
    isQuorumMet({ ...definition, quorum, quorumMax }, count);
  t.same(
    [0, 1, 2].map((count) => met(1, null, count)),
    [false, true, true],
  );
  t.same(
    [1, 2, 3, 4].map((count) => met(2, 3, count)),
    [false, true, true, false],
  );
  t.same(
    [0, 1].map((count) => met(1, 0, count)),
    [true, false],
    '0: none may run',
  );
  t.end();
});

t.test('a change counts when it lasts as long as it must', (t) => {
  const clock = new SimulatedClock();
  const verdicts: boolean[] = [];
  const bounds = { ...definition, forkDelayMs: 500, terminateDelayMs: 1000 };
  const judge = new ProcessJudge(bounds, clock, (isUp) => verdicts.push(isUp));
  t.equal(judge.isUp, null);
  judge.count(1);
  t.same(verdicts, [true], 'the first count at once');
  judge.count(0);
  clock.advance(999);
  judge.count(1);
  clock.advance(5000);
  t.same(verdicts, [true], 'it came back in time');
  judge.count(0);
  clock.advance(600);
  judge.count(0);
  clock.advance(400);
  t.same(verdicts, [true, false], 'a second look does not begin anew');
  judge.count(1);
  clock.advance(499);
  t.equal(judge.isUp, false);
  clock.advance(1);
  t.same(verdicts, [true, false, true]);
  judge.count(0);
  judge.stop();
  clock.advance(5000);
  t.equal(judge.isUp, true, 'nothing after the end');
  t.end();
});
