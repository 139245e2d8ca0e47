import fc from 'fast-check';
import t from 'tap';
import type { VirtualServer } from '../../src/config/virtual-server.js';
import { ServiceBook } from '../../src/health/service-book.js';
import { linesOf } from '../../src/health/service-news.js';
import { targetsOf } from '../../src/health/targets.js';
import { effectiveWeight, serverKeyOf } from '../../src/net/service-facts.js';
import { configOf, endpointOf, realServer, virtualServer } from '../dataplane/examples.js';
import { tcpCheck } from './examples.js';

const up = { isUp: true, weightChange: 0 };
const down = { isUp: false, weightChange: 0 };

function checked(endpoint: string, weight: number, checkers = 1) {
  return realServer(endpoint, { weight, checkers: Array(checkers).fill(tcpCheck()) });
}

/** The book of one service, told line by line. */
class Stage {
  readonly service: VirtualServer;
  readonly ids: readonly string[];
  readonly book: ServiceBook;

  constructor(parts: Partial<VirtualServer>, before: ServiceBook | null = null) {
    const { realServers = [], ...rest } = parts;
    this.service = virtualServer('192.0.2.1:80', realServers, rest);
    const config = configOf({ virtualServers: [this.service] });
    this.ids = targetsOf(config).map(({ id }) => id);
    this.book = new ServiceBook(config.virtualServers, before, 1000);
  }

  begin(): string[] {
    return this.book.begin().flatMap(linesOf);
  }

  record(index: number, verdict: typeof up): string[] {
    return this.book.record(this.ids[index] ?? '', verdict, 2000).flatMap(linesOf);
  }
}

const vs = '[192.0.2.1]:tcp:80';

t.test('a server goes down with its first checker and comes up with its last', (t) => {
  const stage = new Stage({
    realServers: [checked('10.0.1.2:80', 1, 2), checked('10.0.1.3:80', 1)],
  });
  t.same(stage.begin(), [`Gained quorum 1+0=1 <= 2 for VS ${vs}`]);
  t.same(stage.record(0, down), [`Removing service [10.0.1.2]:tcp:80 from VS ${vs}`]);
  t.same(stage.record(0, down), [], 'no news');
  t.same(stage.record(1, down), [], 'down already');
  t.same(stage.record(0, up), [], 'still down');
  t.same(stage.book.failedTargets(), [stage.ids[1]]);
  t.same(stage.record(1, up), [`Adding service [10.0.1.2]:tcp:80 to VS ${vs}`]);
  t.same(stage.book.record('long gone', down, 0), []);
  t.same([...stage.book.facts.servers], []);
  t.end();
});

t.test('the quorum is gained above and lost below its hysteresis', (t) => {
  const servers = [1, 2, 3, 4].map((host) => checked(`10.0.1.${host}:80`, 1));
  const stage = new Stage({ realServers: servers, quorum: 3, hysteresis: 1 });
  t.same(stage.begin(), [`Gained quorum 3+1=4 <= 4 for VS ${vs}`]);
  stage.record(0, down);
  t.equal(stage.record(1, down).length, 1, '2 is not below 3 - 1');
  t.same(stage.record(2, down).slice(1), [`Lost quorum 3-1=2 > 1 for VS ${vs}`]);
  t.ok(stage.book.facts.withoutQuorum.has('192.0.2.1 80 TCP'));
  stage.record(0, up);
  t.equal(stage.record(1, up).length, 1, '3 is below 3 + 1');
  t.same(stage.record(2, up).slice(1), [`Gained quorum 3+1=4 <= 4 for VS ${vs}`]);
  t.equal(stage.book.facts.withoutQuorum.size, 0);
  t.end();
});

t.test('a quorum of nothing is lost, whatever the hysteresis', (t) => {
  const realServers = [checked('10.0.1.2:80', 2), checked('10.0.1.3:80', 0)];
  const stage = new Stage({ realServers, quorum: 2, hysteresis: 0 });
  stage.begin();
  t.match(stage.record(0, down)[1], 'Lost quorum 2-0=2 > 0');
  t.same(new Stage({}).begin(), [`Lost quorum 1-0=1 > 0 for VS ${vs}`], 'no server at all');
  t.end();
});

t.test('the log tells of the sorry server and of those that it stands for', (t) => {
  const { inhibitsOnFailure: _never, checkers: _none, ...sorry } = realServer('10.0.1.9:80');
  const realServers = [checked('10.0.1.2:80', 1)];
  const linesWith = (isInhibited: boolean): string[] => {
    const stage = new Stage({ realServers, sorryServer: { ...sorry, isInhibited } });
    stage.begin();
    return [...stage.record(0, down).slice(2), ...stage.record(0, up).slice(2)];
  };
  t.same(linesWith(false), [
    `Adding sorry server [10.0.1.9]:tcp:80 to VS ${vs}`,
    `Removing alive servers from the pool for VS ${vs}`,
    `Removing sorry server [10.0.1.9]:tcp:80 from VS ${vs}`,
    `Adding alive servers to the pool for VS ${vs}`,
  ]);
  t.match(linesWith(true), [
    `Enabling sorry server [10.0.1.9]:tcp:80 of VS ${vs}`,
    /^Removing alive/,
    `Disabling sorry server [10.0.1.9]:tcp:80 of VS ${vs}`,
    /^Adding alive/,
  ]);
  t.end();
});

t.test('checkers change the weight of their server, and with it the quorum', (t) => {
  const realServers = [checked('10.0.1.2:80', 10, 2)];
  const stage = new Stage({ realServers, quorum: 5 });
  stage.begin();
  t.same(stage.record(0, { isUp: true, weightChange: -3 }), [
    `Changing weight from 10 to 7 for active service [10.0.1.2]:tcp:80 of VS ${vs}`,
  ]);
  t.same(stage.record(1, { isUp: true, weightChange: -3 }).slice(1), [
    `Lost quorum 5-0=5 > 4 for VS ${vs}`,
  ]);
  t.same([...stage.book.facts.servers.values()], [{ isUp: true, weightChange: -6 }]);
  t.match(stage.record(1, { isUp: false, weightChange: 2 }), [
    /^Changing weight from 4 to 9 for inactive service/,
    /^Removing service/,
  ]);
  t.equal(effectiveWeight(3, -5), 0);
  t.end();
});

t.test('with alpha a server is down until its checkers say otherwise', (t) => {
  const checkers = [tcpCheck({ startsDown: true })];
  const stage = new Stage({ realServers: [realServer('10.0.1.2:80', { checkers })] });
  t.same(stage.begin(), [`Lost quorum 1-0=1 > 0 for VS ${vs}`]);
  t.match(stage.record(0, up), [/^Adding service/, /^Gained quorum/]);
  t.end();
});

t.test('a reload keeps what is known of the servers that stay', (t) => {
  const [one, two] = [checked('10.0.1.2:80', 1), checked('10.0.1.3:80', 1)];
  const before = new Stage({ realServers: [one, two] });
  before.begin();
  before.record(0, down);
  const same = new Stage({ realServers: [two, one] }, before.book);
  t.same(same.begin(), [], 'the order of the file is no news');
  t.same(same.book.failedTargets(), [before.ids[0]]);
  const without = new Stage({ realServers: [one] }, same.book);
  t.same(without.begin(), [`Lost quorum 1-0=1 > 0 for VS ${vs}`]);
  t.same(without.record(0, up).length, 2);
  t.end();
});

t.test('omega: what ends is told as if it had failed', (t) => {
  const realServers = [checked('10.0.1.2:80', 1), checked('10.0.1.3:80', 1)];
  const toldAtEnd = (tellsItsEnd: boolean, next: ServiceBook | null): string[] => {
    const stage = new Stage({ realServers, tellsItsEnd });
    stage.begin();
    stage.record(0, down);
    return stage.book.farewell(next).flatMap(linesOf);
  };
  t.same(toldAtEnd(false, null), []);
  t.match(toldAtEnd(false, new ServiceBook([], null, 0)), [/^Removing/, /^Lost/], 'a reload');
  t.match(toldAtEnd(true, null), [/^Removing service \[10\.0\.1\.3\]/, /^Lost quorum/]);
  t.match(toldAtEnd(true, new ServiceBook([], null, 0)), [/^Removing/, /^Lost/]);
  t.same(toldAtEnd(true, new Stage({ realServers }).book), [], 'it goes on');
  const smaller = new Stage({ realServers: realServers.slice(0, 1) });
  t.match(toldAtEnd(true, smaller.book), [/^Removing service \[10\.0\.1\.3\]/]);
  t.end();
});

t.test('verdict by verdict it knows what a look at all of them would show', (t) => {
  const realServers = [checked('10.0.1.2:80', 5, 2), checked('10.0.1.3:80', 3)];
  const verdict = fc.record({ isUp: fc.boolean(), weightChange: fc.integer({ min: -9, max: 9 }) });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), verdict)), (verdicts) => {
      const stage = new Stage({ realServers, quorum: 4, hysteresis: 2 });
      stage.begin();
      const known = [up, up, up];
      let hasQuorum = true;
      for (const [index, one] of verdicts) {
        known[index] = one;
        stage.record(index, one);
        const [first = up, second = up, third = up] = known;
        const servers = [
          {
            isUp: first.isUp && second.isUp,
            change: first.weightChange + second.weightChange,
            weight: 5,
          },
          { isUp: third.isUp, change: third.weightChange, weight: 3 },
        ];
        const weights = servers.map((each) =>
          each.isUp ? effectiveWeight(each.weight, each.change) : 0,
        );
        const alive = weights.reduce((sum, weight) => sum + weight, 0);
        hasQuorum = hasQuorum ? alive > 0 && alive >= 2 : alive >= 6;
        t.equal(stage.book.facts.withoutQuorum.size === 0, hasQuorum);
        for (const [place, { isUp, change, weight }] of servers.entries()) {
          const key = serverKeyOf(stage.service, endpointOf(`10.0.1.${place + 2}:80`));
          const fact = stage.book.facts.servers.get(key) ?? up;
          t.same([fact.isUp, fact.weightChange], [isUp, effectiveWeight(weight, change) - weight]);
        }
      }
    }),
    { numRuns: 50 },
  );
  t.end();
});

t.test('slow_start: a server that comes back takes part by and by', (t) => {
  const server = { ...checked('10.0.1.2:80', 100), slowStartMs: 9_000 };
  const stage = new Stage({ realServers: [server] });
  stage.begin();
  const share = () => stage.book.services()[0]?.servers[0]?.weight;
  t.equal(share(), 100, 'one that was up before does not start');
  stage.record(0, down);
  t.equal(stage.record(0, up).length, 2, 'the quorum counts it whole');
  t.equal(share(), 10);
  t.same([...stage.book.facts.servers.values()], [{ isUp: true, weightChange: -90 }]);
  t.equal(stage.book.tick(2_500), null, 'not yet');
  const shares: (number | undefined)[] = [];
  for (let nowMs = stage.book.nextMs; nowMs !== null; nowMs = stage.book.nextMs) {
    t.same(stage.book.tick(nowMs), [], 'no news');
    shares.push(share());
  }
  t.same(shares, [20, 30, 40, 50, 60, 70, 80, 90, 100]);
  t.equal(stage.book.facts.servers.size, 0);
  stage.record(0, down);
  stage.record(0, up);
  const next = new Stage({ realServers: [server] }, stage.book);
  t.equal(next.book.services()[0]?.servers[0]?.weight, 10, 'a reload does not cut it short');
  stage.record(0, down);
  t.equal(stage.book.tick(9_000), null, 'nothing is due of one that is down');
  t.equal(stage.book.nextMs, null);
  t.end();
});

t.test('flap_damping: a server that changes too often is held down', (t) => {
  const flapDamping = { count: 3, windowMs: 60_000, holdMs: 10_000 };
  const server = { ...checked('10.0.1.2:80', 1), flapDamping };
  const stage = new Stage({ realServers: [server] });
  stage.begin();
  for (const verdict of [down, up]) t.equal(stage.record(0, verdict).length, 2);
  t.match(stage.record(0, down), [
    /^Service \[10\.0\.1\.2\]:tcp:80 of VS \[192\.0\.2\.1\]:tcp:80 changed 3 times within 60 s: it/,
    /^Removing service/,
    /^Lost quorum/,
  ]);
  t.same(stage.record(0, up), [], 'held down whatever its checks say');
  t.equal(stage.book.nextMs, 12_000);
  const next = new Stage({ realServers: [server] }, stage.book);
  t.equal(next.book.services()[0]?.servers[0]?.isUp, false, 'a reload does not free it');
  t.equal(next.book.nextMs, 12_000);
  t.match(stage.book.tick(12_000)?.flatMap(linesOf), [
    /^Service .* has been up for 10 s: it is held down no more$/,
    /^Adding service/,
    /^Gained quorum/,
  ]);
  t.equal(stage.book.nextMs, null);
  const free = new Stage({ realServers: [checked('10.0.1.2:80', 1)] }, next.book);
  t.equal(free.book.services()[0]?.servers[0]?.isUp, true, 'a reload without damping does');
  t.end();
});
