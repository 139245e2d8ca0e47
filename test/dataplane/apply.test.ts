import t from 'tap';
import { applyChanges, describeChange } from '../../src/dataplane/apply.js';
import type { Change } from '../../src/dataplane/state.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';
import { address, local, RecordedLog, route, server, service, tcp, twoPorts } from './examples.js';

const web = tcp('192.0.2.1:80');

async function opened(): Promise<SimulatedDataplane> {
  const dataplane = new SimulatedDataplane(new SimulatedClock());
  (await dataplane.open(twoPorts))._unsafeUnwrap();
  return dataplane;
}

t.test('the sentence names the object', (t) => {
  const cases: readonly [Change, string][] = [
    [
      { verb: 'add_address', address: address('10.0.0.21/24') },
      'add address 10.0.0.21/24 to dpdk0',
    ],
    [
      { verb: 'remove_route', route: route('0.0.0.0/0', '10.0.0.1') },
      'remove route 0.0.0.0/0 via 10.0.0.1 from dpdk0',
    ],
    [{ verb: 'add_route', route: route('10.9.0.0/16', null) }, 'add route 10.9.0.0/16 to dpdk0'],
    [{ verb: 'alter_service', service: service(web) }, 'alter service TCP 192.0.2.1:80'],
    [
      { verb: 'add_server', server: server(web, '10.0.1.2:8080') },
      'add real server 10.0.1.2:8080 to TCP 192.0.2.1:80',
    ],
    [
      { verb: 'alter_server', server: server(web, '10.0.1.2:8080') },
      'alter real server 10.0.1.2:8080 of TCP 192.0.2.1:80',
    ],
    [
      { verb: 'remove_local_address', localAddress: local(web, '10.0.1.200') },
      'remove local address 10.0.1.200 from TCP 192.0.2.1:80',
    ],
  ];
  for (const [change, sentence] of cases) t.equal(describeChange(change), sentence);
  t.end();
});

t.test('a refused change is logged and the rest goes on', async (t) => {
  const dataplane = await opened();
  const log = new RecordedLog();
  const changes: readonly Change[] = [
    { verb: 'add_server', server: server(web, '10.0.1.2:80') },
    { verb: 'add_service', service: service(web) },
  ];
  const failures = (await applyChanges(dataplane, changes, log))._unsafeUnwrap();
  t.match(failures, [{ index: 0 }]);
  t.same(log.lines, [
    'error: cannot add real server 10.0.1.2:80 to TCP 192.0.2.1:80: there is no such service',
  ]);
  t.equal((await dataplane.running())._unsafeUnwrap().services.length, 1);
});

t.test('a large plan goes in batches; failures keep their place and do not flood', async (t) => {
  const dataplane = await opened();
  const log = new RecordedLog();
  const changes = Array.from(
    { length: 10_000 },
    (): Change => ({ verb: 'remove_service', service: service(web) }),
  );
  const failures = (await applyChanges(dataplane, changes, log))._unsafeUnwrap();
  t.same(
    dataplane.batches.map((batch) => batch.length),
    [4096, 4096, 1808],
  );
  t.same(
    failures.map(({ index }) => index),
    changes.map((_, index) => index),
  );
  t.equal(log.lines.length, 51);
  t.equal(log.lines.at(-1), 'error: the data plane refused 9950 more changes');
});

t.test('a data plane that is gone is an error, not a failure of each change', async (t) => {
  const dataplane = new SimulatedDataplane(new SimulatedClock());
  const changes: readonly Change[] = [{ verb: 'add_service', service: service(web) }];
  const log = new RecordedLog();
  t.ok((await applyChanges(dataplane, changes, log)).isErr());
  t.same(log.lines, []);
});
