import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { printDrain, printWhy } from '../../src/cli/keelson/print-announcements.js';
import { AnnouncementDesk, type DrainReport } from '../../src/daemon/announcement-desk.js';
import { hear, type ToAnnouncing } from '../../src/daemon/announcement-messages.js';
import { Announcing } from '../../src/daemon/announcing.js';
import { askOperator } from '../../src/daemon/ask-operator.js';
import { DrainFile } from '../../src/daemon/drain-file.js';
import { serveOperators } from '../../src/daemon/operator-socket.js';
import type { WhyReport } from '../../src/daemon/why-report.js';
import { ServiceBook } from '../../src/health/service-book.js';
import { formatPrefix } from '../../src/net/prefix.js';
import { configOf } from '../config/text.js';
import { RecordedLog } from '../dataplane/examples.js';
import { edge, plane, server } from '../routing/announcement/examples.js';
import { SimulatedClock } from '../sim/clock.js';

const vip = '203.0.113.9';
const { config } = configOf(
  plane + edge + server(`${vip} 80`, 'bgp edge {\n}\ndrain_time 30\nkernel'),
);

/** Both threads in one, with messages that are plain data. */
function daemon(path: string, answers = true) {
  const clock = new SimulatedClock();
  const log = new RecordedLog();
  const told: string[] = [];
  const announcing = new Announcing({
    clock,
    log,
    announceBgp: (_, routes) => told.push(routes.map((one) => formatPrefix(one.prefix)).join()),
    announceOspf: () => {},
    addAddress: (_, ended) => ended(),
    removeAddress: () => {},
    neighborsOf: () => [
      { neighbor: '192.0.2.254', session: 'Established', sent: 'med 20', refusal: null },
      { neighbor: '192.0.2.253', session: 'Connect', sent: null, refusal: null },
    ],
  });
  const book = new ServiceBook(config.virtualServers, null, 0);
  book.begin();
  const posted: ToAnnouncing[] = [];
  const desk: AnnouncementDesk = new AnnouncementDesk({
    clock,
    drains: new DrainFile(path, log),
    factOf: (key) => book.tallyOf(key),
    post: (message) => {
      posted.push(message);
      if (!answers) return;
      const answer = hear(announcing, structuredClone(message));
      if (answer !== null) queueMicrotask(() => desk.heard(structuredClone(answer)));
    },
  });
  desk.configure(config);
  announcing.dataplane(true);
  const ask = async (type: 'drain' | 'undrain' | 'why', address?: unknown) => {
    const answer = desk.answers[type]?.({ type, ...(address === undefined ? {} : { address }) });
    if (answer === undefined) throw new Error('assertion: there is an answer');
    return answer;
  };
  return { clock, log, told, desk, ask, announcing, posted, book };
}

t.test('an address is drained, and stays so over a restart', async (t) => {
  const path = `${t.testdir()}/drains.json`;
  const first = daemon(path);
  t.same(first.told, ['203.0.113.9/32']);
  const report = (await first.ask('drain', vip))._unsafeUnwrap() as DrainReport;
  t.match(report, { address: vip, isDrained: true, drainSeconds: 30, addresses: [vip] });
  t.match(printDrain(report), /203.0.113.9 is drained: the last choice from now on, .* 30s/);
  first.clock.advance(30_000);
  t.equal(first.told.at(-1), '', 'withdrawn');
  const second = daemon(path);
  t.same(second.told, [], 'never announced');
  const why = (await second.ask('why', vip))._unsafeUnwrap() as WhyReport;
  t.match(printWhy(why), /is withdrawn for maintenance[\s\S]*an operator has drained the address/);
  t.match(await second.desk.statuses(), [{ state: 'maintenance', drainedBy: 'address' }]);
  t.match(
    printDrain((await second.ask('undrain', vip))._unsafeUnwrap() as DrainReport),
    /not drain/,
  );
  t.same(second.told, ['203.0.113.9/32']);
  t.same(JSON.parse(readFileSync(path, 'utf8')), { node: false, addresses: [] });
  t.end();
});

t.test('the node is drained beside its addresses', async (t) => {
  const { ask, clock, told } = daemon(`${t.testdir()}/drains.json`);
  await ask('drain', vip);
  const node = (await ask('drain'))._unsafeUnwrap() as DrainReport;
  t.match(node, { address: null, isNodeDrained: true, drainSeconds: 30 });
  t.match(
    printDrain((await ask('undrain', vip))._unsafeUnwrap() as DrainReport),
    /but the node is/,
  );
  clock.advance(30_000);
  t.equal(told.at(-1), '');
  await ask('drain', vip);
  const left = (await ask('undrain'))._unsafeUnwrap() as DrainReport;
  t.match(printDrain(left), /the node is not drained any more; still .* 203.0.113.9/);
  t.end();
});

t.test('why: the chain of facts, and who has it', async (t) => {
  const { ask, book, desk, clock } = daemon(`${t.testdir()}/drains.json`);
  clock.advance(65_000);
  t.equal(
    printWhy((await ask('why', vip))._unsafeUnwrap() as WhyReport),
    `203.0.113.9 is announced for 1m 5s
  + the daemon decides
  + the data plane is up
  + virtual_server 203.0.113.9 80 TCP has its quorum: 1 of 1 servers up
  on the interface as 203.0.113.9/32 dev lo
  bgp_instance edge: 203.0.113.9/32 is announced
    192.0.2.254 has it: med 20
    192.0.2.253 does not have it: its session is Connect
`,
  );
  const [service] = config.virtualServers;
  if (service === undefined) throw new Error('assertion: there is one');
  t.same(book.tallyOf('203.0.113.9 80 TCP'), {
    service: '203.0.113.9 80 TCP',
    hasQuorum: true,
    hasSorryServer: false,
    serversUp: 1,
    serversTotal: 1,
  });
  t.equal(book.tallyOf('nothing TCP'), null);
  t.match((await ask('why', '192.0.2.7'))._unsafeUnwrapErr(), /192.0.2.7 is not announced by the/);
  t.match((await ask('why', 'x'))._unsafeUnwrapErr(), /"x" is not an IP address/);
  t.match((await ask('drain', 7))._unsafeUnwrapErr(), /"7" is not an IP address/);
  t.match((await ask('drain', '192.0.2.7'))._unsafeUnwrapErr(), /announced are 203.0.113.9$/);
  t.same(desk.drains, { node: false, addresses: new Set() });
  t.end();
});

t.test('only services that are announced are told', (t) => {
  const { desk, posted } = daemon(`${t.testdir()}/drains.json`);
  const [service] = config.virtualServers;
  if (service === undefined) throw new Error('assertion: there is one');
  posted.length = 0;
  const news = {
    type: 'quorum_changed' as const,
    hasQuorum: false,
    aliveWeight: 0,
    isFirst: false,
    cause: 'weights' as const,
  };
  desk.servicesChanged([{ ...news, service: { ...service, name: 'another' } }]);
  t.same(posted, []);
  desk.servicesChanged([{ ...news, service }]);
  t.match(posted, [{ type: 'service_facts', facts: [{ service: '203.0.113.9 80 TCP' }] }]);
  t.end();
});

t.test('a main thread that does not answer', async (t) => {
  const { ask, clock, desk } = daemon(`${t.testdir()}/drains.json`, false);
  const asked = ask('why', vip);
  const statuses = desk.statuses();
  clock.advance(2_000);
  t.match((await asked)._unsafeUnwrapErr(), /does not answer/);
  t.same(await statuses, []);
  t.end();
});

t.test('a file that is not a list of drains is said and put aside', (t) => {
  for (const text of ['{', '[]', '{"node":1,"addresses":[]}', '{"node":true,"addresses":["x"]}']) {
    const path = `${t.testdir()}/drains.json`;
    writeFileSync(path, text);
    const log = new RecordedLog();
    const file = new DrainFile(path, log);
    t.same(file.drains, { node: false, addresses: new Set() }, text);
    t.match(log.lines, [/^error: .*drains.json: .*; it is kept as .*\.bad; nothing is drained/]);
    t.equal(readFileSync(`${path}.bad`, 'utf8'), text);
    t.ok(file.set(null, true).isOk());
    t.equal(new DrainFile(path, log).drains.node, true);
  }
  const nowhere = new DrainFile(`${t.testdir()}/none/drains.json`, new RecordedLog());
  t.match(nowhere.set(null, true)._unsafeUnwrapErr(), /cannot write .*none\/drains.json/);
  t.equal(nowhere.drains.node, false, 'what could not be kept does not count');
  t.end();
});

t.test('over the operator socket', async (t) => {
  const folder = t.testdir();
  const { desk } = daemon(`${folder}/drains.json`);
  const path = `${folder}/k.sock`;
  const listening = serveOperators(path, desk.answers, new RecordedLog());
  t.teardown(() => listening.close());
  await new Promise((resolve) => listening.once('listening', resolve));
  t.match((await askOperator(path, 'drain', { address: vip }))._unsafeUnwrap(), {
    isDrained: true,
  });
  t.match((await askOperator(path, 'why', { address: vip }))._unsafeUnwrap(), {
    state: 'draining',
  });
  const refused = await askOperator(path, 'why', { address: '192.0.2.1' });
  t.match(refused._unsafeUnwrapErr(), { type: 'operator.refused', reason: /is not announced by/ });
  const unknown = await askOperator(path, 'dance');
  t.match(unknown._unsafeUnwrapErr().reason, /the requests are \{"type":"drain"\} and/);
  const silent = await askOperator(`${folder}/none.sock`, 'why');
  t.equal(silent._unsafeUnwrapErr().type, 'operator.silent');
  t.end();
});
