import t from 'tap';
import type { VirtualServer } from '../../src/config/virtual-server.js';
import { ServiceWatch } from '../../src/daemon/service-watch.js';
import type { VrrpFact } from '../../src/ha/vrrp/speaker.js';
import { objectsFor } from '../config/no-objects.js';
import { prefixOf, realServer, virtualServer } from '../dataplane/examples.js';
import { instance } from '../ha/vrrp/instance.js';
import { tcpCheck } from '../health/examples.js';
import { SimulatedClock } from '../sim/clock.js';

class Stage {
  readonly lines: string[] = [];
  watched: readonly string[] = [];
  changes = 0;
  readonly watch = new ServiceWatch(
    {
      clock: new SimulatedClock(),
      log: { write: (_level, line) => this.lines.push(line) },
      tellServices: () => {},
      watchTargets: (targets) => {
        this.watched = targets.map(({ checker }) => checker.type);
      },
    },
    () => {
      this.changes += 1;
    },
  );

  adopt(service: VirtualServer): void {
    const vrrpInstances = [
      instance({
        name: 'V_1',
        objects: objectsFor([{ prefix: prefixOf('192.0.2.1/24'), device: 'eth0' }]),
      }),
    ];
    this.watch.adopt({ virtualServers: [service], vrrpInstances });
    this.watch.watch();
  }

  /** Of the only server: whether it is up, and its weight. */
  get server(): [boolean, number] | undefined {
    const [server] = this.watch.states[0]?.servers ?? [];
    return server && [server.isUp, server.weight];
  }
}

const fileCheck = { type: 'FILE_CHECK', name: 'f', isReversed: false, startsDown: false } as const;

t.test('FILE_CHECK: the number in the file changes the weight', (t) => {
  const stage = new Stage();
  const checkers = [{ ...fileCheck, weight: 2 }, tcpCheck()];
  stage.adopt(virtualServer('192.0.2.1:80', [realServer('10.0.1.2:80', { weight: 5, checkers })]));
  t.same(stage.watched, ['TCP_CHECK'], 'the file is looked at elsewhere');
  t.same(stage.server, [true, 5], 'nothing is known');
  const read = (value: number): void =>
    stage.watch.recordTracked([
      { kind: 'file', name: 'other', value: 9 },
      { kind: 'script', name: 'f', value: 9 },
      { kind: 'file', name: 'f', value },
    ]);
  read(3);
  t.same(stage.server, [true, 11]);
  read(-4);
  t.same(stage.server, [true, 0]);
  read(-40_000);
  t.same(stage.server?.[0], false, 'lowered by all that there can be');
  read(1);
  t.same(stage.server, [true, 7]);
  const reversed = [{ ...fileCheck, weight: 2, isReversed: true }];
  stage.adopt(
    virtualServer('192.0.2.1:80', [realServer('10.0.1.2:80', { weight: 5, checkers: reversed })]),
  );
  t.same(stage.server, [true, 3], 'a reload reads what is known of the file');
  t.end();
});

t.test('FILE_CHECK of weight 0: a number that is not 0 is a failure', (t) => {
  const stage = new Stage();
  const adopt = (isReversed: boolean): void =>
    stage.adopt(
      virtualServer('192.0.2.1:80', [
        realServer('10.0.1.2:80', { checkers: [{ ...fileCheck, weight: 0, isReversed }] }),
      ]),
    );
  adopt(false);
  stage.watch.recordTracked([{ kind: 'file', name: 'f', value: 7 }]);
  t.same(stage.server, [false, 1]);
  t.match(stage.lines.at(-1), /^Lost quorum/);
  stage.watch.recordTracked([{ kind: 'file', name: 'f', value: 0 }]);
  t.same(stage.server, [true, 1]);
  adopt(true);
  t.same(stage.server, [false, 1]);
  t.end();
});

t.test('ha_suspend: a service whose address is elsewhere is not checked', (t) => {
  const stage = new Stage();
  const state = (name: string): VrrpFact[] => [{ instance: 'V_1', state: name } as VrrpFact];
  const servers = [realServer('10.0.1.2:80', { checkers: [tcpCheck()] })];
  const suspended = { isSuspendedElsewhere: true };
  stage.adopt(virtualServer('192.0.2.1:80', servers, suspended));
  t.same(stage.watched, []);
  stage.watch.recordVrrp(state('MASTER'));
  t.same(stage.watched, ['TCP_CHECK']);
  t.equal(stage.lines.at(-1), 'Activating healthcheckers of VS [192.0.2.1]:tcp:80');
  stage.watch.recordVrrp(state('MASTER'));
  t.equal(stage.lines.length, 2, 'no news');
  stage.watch.recordVrrp(state('BACKUP'));
  t.same(stage.watched, []);
  t.equal(stage.lines.at(-1), 'Suspending healthcheckers of VS [192.0.2.1]:tcp:80');
  stage.adopt(virtualServer('192.0.2.9:80', servers, suspended));
  t.same(stage.watched, ['TCP_CHECK'], 'an address that no instance has is here');
  stage.adopt(virtualServer('192.0.2.1:80', servers));
  t.same(stage.watched, ['TCP_CHECK'], 'not asked for');
  t.end();
});

t.test('every change asks for a new plan', (t) => {
  const stage = new Stage();
  const servers = [realServer('10.0.1.2:80', { checkers: [tcpCheck()] })];
  stage.adopt(virtualServer('192.0.2.1:80', servers));
  const before = stage.changes;
  const [id = ''] = stage.watch.states[0]?.servers[0]?.targetIds ?? [];
  stage.watch.recordVerdict(id, { isUp: false, weightChange: 0 });
  stage.watch.recordVerdict(id, { isUp: false, weightChange: 0 });
  t.equal(stage.changes, before + 1);
  t.same(stage.watch.failedTargets(), [id]);
  t.end();
});
