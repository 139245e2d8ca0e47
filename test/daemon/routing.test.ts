// What of routing the daemon sees: one message about many changes, the newest file, the kernel's
// complaints, and an end that leaves nothing behind.
import t from 'tap';
import type { FromAnnouncing } from '../../src/daemon/announcement-messages.js';
import { Routing } from '../../src/daemon/routing.js';
import { ipAddress } from '../../src/net/address.js';
import type { BgpFact } from '../../src/routing/bgp/speaker.js';
import { plane, planOf, server, service } from '../routing/announcement/examples.js';
import { instance, ourAddress } from '../routing/bgp/session-settings.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedKernel } from '../sim/kernel.js';
import { seededRandom } from '../sim/random.js';
import { SimulatedTcp } from '../sim/tcp-sessions.js';

function world() {
  const clock = new SimulatedClock();
  const random = seededRandom(1);
  const kernel = new SimulatedKernel();
  const [answers, told, lines]: [FromAnnouncing[], (readonly BgpFact[])[], string[]] = [[], [], []];
  const routing = new Routing({
    clock,
    random,
    kernel,
    tcp: new SimulatedTcp(clock, random).host(ourAddress),
    hostName: 'lb1',
    isRestarting: false,
    isForwarding: false,
    log: { write: (level, line) => void lines.push(`${level} ${line}`) },
    wantBfd: () => {},
    answer: (message) => void answers.push(message),
    bgpChanged: (facts) => void told.push(facts),
  });
  return { clock, kernel, answers, told, lines, routing };
}

const plan = planOf(
  plane +
    'bgp_instance B {\nlocal_as 65001\nallow {\n203.0.113.0/24 le 32\n}\n}\n' +
    server('203.0.113.1 80', 'bgp B {\n}\nkernel'),
);

t.test('the newest file counts, however long the kernel takes', async (t) => {
  const { clock, told, routing } = world();
  const first = routing.configure([instance({ name: 'old' })], null);
  const second = routing.configure([], null);
  await Promise.all([first, second]);
  clock.advance(1);
  t.same(routing.facts(), [], 'what is gone does not begin');
  t.same(told, [[]], 'one message');
  await routing.configure([instance({ name: 'new' })], null);
  clock.advance(1);
  t.match(told.at(-1), [{ instance: 'new' }]);
});

t.test('an address on an interface: complaints, an answer, an end', async (t) => {
  const { clock, kernel, answers, lines, routing } = world();
  routing.hear({ type: 'announcement_plan', plan });
  routing.dataplane(true);
  routing.control(true);
  routing.hear({ type: 'service_facts', facts: [service('203.0.113.1 80', 1, 1)] });
  await new Promise(setImmediate);
  t.match(lines, [
    /^notice 203.0.113.1 is announced/,
    /^error announce kernel: cannot add 203.0.113.1\/32 to lo: No such device/,
  ]);
  kernel.addLink('lo');
  routing.hear({ type: 'service_facts', facts: [service('203.0.113.1 80', 0, 1)] });
  clock.advance(2_000);
  routing.hear({ type: 'service_facts', facts: [service('203.0.113.1 80', 1, 1)] });
  clock.advance(60_000);
  await new Promise(setImmediate);
  t.same(kernel.list(), ['lo 203.0.113.1/32']);
  routing.hear({ type: 'why_asked', id: 7, address: ipAddress('203.0.113.1') });
  t.match(answers, [{ type: 'why_answered', id: 7, why: { state: 'healthy' } }]);
  const stopped = routing.stop();
  t.same(kernel.list(), ['lo 203.0.113.1/32'], 'packets come until routers have acted');
  clock.advance(1_000);
  await stopped;
  t.same(kernel.list(), []);
});
