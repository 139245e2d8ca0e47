// Everything that instances put into the kernel and track, beside what Debian's keepalived 2.2.7
// wrote of the same file (test/golden/dump/objects.*, up to the interfaces).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkout } from '../../../scripts/lab/checkout.js';
import type { OwnerOf } from '../../../src/daemon/dump/command-text.js';
import { dataText } from '../../../src/daemon/dump/data-text.js';
import { dumpedInstance } from '../../../src/daemon/dump/dumped-instance.js';
import type { TrackedFacts } from '../../../src/ha/tracking/facts.js';
import { noAdverts } from '../../../src/ha/vrrp/advert-lateness.js';
import type { VrrpFact } from '../../../src/ha/vrrp/speaker.js';
import { zeroCounters } from '../../../src/ha/vrrp/statistics.js';
import { ipAddress } from '../../../src/net/address.js';
import { configOf } from '../../config/text.js';

process.env['TZ'] = 'UTC';
const golden = (name: string) => readFileSync(join(checkout, 'test/golden/dump', name), 'utf8');
const { root, config } = configOf(golden('objects.conf'));
const globals = root.all('global_defs').map(({ value }) => value);

/** What Debian's daemon had come to when it wrote its file. */
const known = [
  { name: 'V_4', since: 1_795_299_098.009247, priority: 98, from: '192.0.2.11' },
  { name: 'V_5', since: 1_795_299_098.033087, priority: 200, from: '192.0.3.11' },
  { name: 'V_6', since: 1_795_299_094.327928, priority: 90, from: null },
] as const;
const values: Readonly<Record<string, number>> = { good: 1, bad: 0, tf: 3, tp: 0 };
const tracked: TrackedFacts = { get: ({ name }) => values[name] };
const ownerOf: OwnerOf = (named) =>
  named?.user === 'root' ? { uid: 0, gid: 0 } : { uid: 65534, gid: 65534 };

const instances = root.all('vrrp_instance').map(({ value }, index) => {
  const { since, priority, from } = known[index] ?? known[0];
  const fact: VrrpFact = {
    instance: value.head,
    state: from === null ? 'FAULT' : 'MASTER',
    sinceMs: since * 1000,
    priority,
    faults: from === null ? ['tracked script bad is down'] : [],
    masterAddress: from === null ? null : ipAddress(from),
    counters: zeroCounters(),
    lateness: noAdverts,
  };
  return dumpedInstance(value, fact, {
    ...{ root, globals, tracked },
    syncGroup: value.head === 'V_6' ? null : 'G',
    calendarOf: (clockMs) => clockMs / 1000,
    running: config.vrrpInstances.find(({ name }) => name === value.head) ?? null,
  });
});
const interfaces = ['lo', 'peer0', 'eth0', 'peer1', 'eth1', 'vrrp.52'].map((name, index) => ({
  ...{ name, index: index + 1, ipv4: null, ipv6: null, mac: '02:00:00:00:00:01' },
  ...{ isUp: true, mtuBytes: 1500 },
}));
const text = dataText(root, config, {
  names: { routerId: 'node', host: 'lab', scriptOwner: ownerOf(null) },
  ...{ instances, interfaces, tracked, ownerOf },
});

/** What Debian has and we have not: what our daemon does otherwise, or does not know. */
const left: readonly RegExp[] = [
  /^ (nftables|libnftnl) /,
  /^ Gratuitous ARP for each secondary VMAC/,
  /^ (GARP|GNA) next time/,
  /^ {3}(Read timeout|fd_in)/,
  /^ {3}Using src_ip = fe80/,
  /^ {3}(Result|Insecure|Init state|State = idle|Current processes)/,
  /delay timer not running$/,
];

t.test('line by line', (t) => {
  const ours = text.slice(0, text.indexOf('------< Interfaces >------')).trimEnd();
  const theirs = golden('objects.data').replace(
    /^------< VRRP Sockpool[\s\S]*?(?=^------< VRRP Sync)/m,
    '',
  );
  const lines = theirs.trimEnd().split('\n');
  t.same(
    ours.split('\n'),
    lines.filter((line) => !left.some((one) => one.test(line))),
  );
  t.end();
});

t.test('interfaces have what the file says of them', (t) => {
  const shown = text.slice(text.indexOf('------< Interfaces >------'));
  t.match(
    shown,
    / Name = eth0\n[\s\S]*? {3}Gratuitous ARP interval 500ms\n {3}Gratuitous NA interval 250ms\n/,
  );
  t.match(shown, / {3}Gratuitous ARP interval 750ms\n {3}Gratuitous ARP aggregation group 1\n/);
  const state = 'state = UP, RUNNING';
  const below = `   VMAC type private, underlying interface = eth1, ${state}\n   I/f created`;
  t.ok(shown.slice(shown.indexOf('Name = vrrp.52')).includes(below));
  t.match(shown, /Name = vrrp\.52\n[\s\S]* {3}Tracking VRRP instances :\n {5}V_5, weight 0\n/);
  t.end();
});
