import { err, ok, type Result } from 'neverthrow';
import t from 'tap';
import { OwnThread } from '../../src/daemon/own-thread.js';

const usual = { nice: null, realTime: null, cpus: [] };

function created(refusal: string | null = null) {
  const asked: string[] = [];
  const lines: string[] = [];
  const answer = (what: string): Result<void, string> => {
    asked.push(what);
    return refusal === null ? ok(undefined) : err(refusal);
  };
  const thread = new OwnThread(
    {
      giveWay: (nice) => answer(`nice ${nice}`),
      takePrecedence: (priority) => answer(`real time ${priority}`),
      runOn: (cpus) => answer(`on ${cpus.join(' ')}`),
    },
    { write: (level, line) => lines.push(`${level}: ${line}`) },
    { name: 'loop', nice: null, realTime: 1 },
  );
  return { thread, asked, lines, since: () => asked.splice(0) };
}

t.test('the usual, and what the configuration says instead', (t) => {
  const { thread, since } = created();
  thread.follow(usual);
  t.same(since(), ['real time 1']);
  thread.follow(usual);
  t.same(since(), [], 'nothing is asked for twice');
  thread.follow({ nice: 4, realTime: null, cpus: [1] });
  t.same(since(), ['nice 4', 'real time null', 'on 1']);
  thread.follow({ nice: null, realTime: 50, cpus: [] });
  t.same(since(), ['nice 0', 'real time 50', 'on ']);
  t.end();
});

t.test('late timers raise the priority step by step', (t) => {
  const { thread, since, lines } = created();
  const settings = { ...usual, autoRealTimeMax: 3, autoDelayMs: 10 };
  thread.follow(settings);
  since();
  thread.late(9.9);
  t.same(since(), []);
  for (let count = 0; count < 5; count++) thread.late(10);
  t.same(since(), ['real time 2', 'real time 3']);
  t.equal(lines[0], 'notice: loop: real-time priority 2, a timer was 10.0 ms late');
  thread.follow(settings);
  t.same(since(), ['real time 1'], 'a reload begins anew');
  t.end();
});

t.test('a refusal is said once', (t) => {
  const { thread, lines } = created('Operation not permitted');
  thread.follow(usual);
  thread.follow(usual);
  t.same(lines, [
    'notice: loop: real-time priority 1: Operation not permitted; ' +
      'on a busy machine it may run late',
  ]);
  t.end();
});
