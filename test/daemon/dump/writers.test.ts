// The writers beside what Debian's keepalived 2.2.7 wrote of the same file (test/golden/dump, with
// the paths of scripts as the file has them and without user numbers).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkout } from '../../../scripts/lab/checkout.js';
import type { OwnerOf } from '../../../src/daemon/dump/command-text.js';
import { dataText, parentText } from '../../../src/daemon/dump/data-text.js';
import { dumpedInstance } from '../../../src/daemon/dump/dumped-instance.js';
import { jsonText } from '../../../src/daemon/dump/json-text.js';
import { statsText } from '../../../src/daemon/dump/stats-text.js';
import type { TrackedFacts } from '../../../src/ha/tracking/facts.js';
import { noAdverts } from '../../../src/ha/vrrp/advert-lateness.js';
import type { VrrpFact } from '../../../src/ha/vrrp/speaker.js';
import { zeroCounters } from '../../../src/ha/vrrp/statistics.js';
import { ipAddress } from '../../../src/net/address.js';
import { configOf } from '../../config/text.js';

process.env['TZ'] = 'UTC';
const golden = (name: string) =>
  readFileSync(join(checkout, 'test/golden/dump', name), 'utf8').replaceAll('\r', '');
const { root, config } = configOf(golden('keepalived.conf'));
const globals = root.all('global_defs').map(({ value }) => value);
const names = { routerId: config.global.routerId, host: 'lab', scriptOwner: null };

/** What Debian's daemon had come to when it wrote its files. */
const known: Readonly<
  Record<string, { since: number; priority: number; sent: number; from: string }>
> = {
  V_1: { since: 1_795_287_818.091983, priority: 155, sent: 4, from: '192.0.2.1' },
  V_2: { since: 1_795_287_818.094347, priority: 110, sent: 8, from: 'fe80::ff:fe00:1' },
  V_3: { since: 1_795_287_818.333722, priority: 92, sent: 4, from: '192.0.2.1' },
};

/** What Debian knew of what it tracks. */
const tracked: TrackedFacts = { get: ({ kind }) => (kind === 'process' ? 0 : 1) };
const ownerOf: OwnerOf = () => null;
const groups: Readonly<Record<string, string>> = { V_1: 'G', V_2: 'G' };

function instances(change: (fact: VrrpFact) => VrrpFact = (fact) => fact) {
  return root.all('vrrp_instance').map(({ value }) => {
    const { since = 0, priority = 0, sent = 0, from = '' } = known[value.head] ?? {};
    const fact: VrrpFact = {
      instance: value.head,
      state: 'MASTER',
      sinceMs: since * 1000,
      priority,
      faults: [],
      masterAddress: ipAddress(from),
      counters: { ...zeroCounters(), advertsSent: sent, becameMaster: 1 },
      lateness: noAdverts,
    };
    return dumpedInstance(value, change(fact), {
      root,
      globals,
      syncGroup: groups[value.head] ?? null,
      calendarOf: (clockMs) => clockMs / 1000,
      running: config.vrrpInstances.find(({ name }) => name === value.head) ?? null,
      tracked,
    });
  });
}

t.test('keepalived.stats is the same octet by octet', (t) => {
  t.equal(statsText(instances()), golden('keepalived.stats'));
  t.end();
});

t.test('keepalived.json has the same keys and values in the same order', (t) => {
  const text = jsonText(
    // Debian wrote it an advert later than the statistics.
    instances((fact) => ({
      ...fact,
      counters: { ...fact.counters, advertsSent: fact.counters.advertsSent + 1 },
    })),
    [],
    1,
  );
  const theirs = JSON.parse(golden('keepalived.json')) as { data: Record<string, unknown> }[];
  for (const { data } of theirs) {
    // 2.2.7 writes the command of a tracked script in place of its name, as ours does not.
    if ('track_script' in data) data['track_script'] = ['s1'];
  }
  t.equal(text, JSON.stringify(theirs).replaceAll('/', String.raw`\/`));
  t.end();
});

t.test('version 2 of the JSON is an object', (t) => {
  const text = jsonText(instances(), [{ name: 'tp', process: 'sleep' }], 2);
  const value = JSON.parse(text) as { vrrp: unknown[]; track_process: unknown[] };
  t.equal(value.vrrp.length, 3);
  t.same(value.track_process, [{ name: 'tp', process: 'sleep' }]);
  t.end();
});

const interfaces = [
  {
    name: 'lo',
    index: 1,
    ipv4: '127.0.0.1',
    ipv6: null,
    mac: '00:00:00:00:00:00',
    isUp: true,
    mtuBytes: 65536,
  },
  {
    name: 'eth0',
    index: 3,
    ipv4: '192.0.2.1',
    ipv6: 'fe80::ff:fe00:1',
    mac: '02:00:00:00:00:01',
    isUp: true,
    mtuBytes: 1500,
  },
];

/** Ours that Debian does not have at that place, and how many of Debian's ours does not have. */
function compared(ours: readonly string[], theirs: readonly string[]) {
  const foreign: string[] = [];
  const skipped: string[] = [];
  let at = 0;
  for (const line of ours) {
    const found = theirs.indexOf(line, at);
    if (found < 0) {
      foreign.push(line);
      continue;
    }
    skipped.push(...theirs.slice(at, found));
    at = found + 1;
  }
  return { foreign, skipped: [...skipped, ...theirs.slice(at)] };
}

t.test('keepalived.data has only lines of Debian, in its order', (t) => {
  const ours = dataText(root, config, {
    ...{ names, interfaces, tracked, ownerOf },
    instances: instances(),
  });
  const { foreign, skipped } = compared(
    ours.trimEnd().split('\n'),
    golden('keepalived.data').trimEnd().split('\n'),
  );
  t.same(foreign, []);
  // Sockets, timers, nftables, the driver's side of interfaces: docs/differences.md.
  t.ok(skipped.length < 120, `${skipped.length} lines of Debian are left out`);
  t.end();
});

t.test('an instance that is not MASTER', (t) => {
  const [first] = instances((fact) => ({ ...fact, state: 'INIT', masterAddress: null }));
  const text = dataText(root, config, {
    ...{ names, interfaces: [], tracked, ownerOf },
    instances: first === undefined ? [] : [first],
  });
  t.match(text, / {3}State = INIT\n/);
  t.match(text, / {3}Effective priority = 150\n/);
  t.notMatch(text, /Last transition|dev eth0 scope global set\n {3}Virtual|src_ip/);
  t.match(text, /VRRP Sync Group = G, BACKUP/);
  const faulty = instances((fact) => ({ ...fact, state: 'FAULT' }));
  const faultText = dataText(root, config, {
    ...{ names, interfaces: [], tracked, ownerOf },
    instances: faulty,
  });
  t.match(faultText, /State = FAULT\n {3}Flags: none\n {3}Wantstate = FAULT/);
  t.match(faultText, /VRRP Sync Group = G, FAULT/);
  t.match(jsonText(faulty, [], 1), /"state":3,"wantstate":3/);
  t.end();
});

t.test('the file of the parent process holds the global definitions alone', (t) => {
  const text = parentText(root, config.operations, names);
  t.match(text, /^------< Global definitions >------\n Network namespace = \(default\)\n/);
  t.notMatch(text, /VRRP Topology/);
  t.end();
});
