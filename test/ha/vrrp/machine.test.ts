import t from 'tap';
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import type { VrrpEffect, VrrpSettings, VrrpState } from '../../../src/ha/vrrp/effect.js';
import { step, type Transition, type VrrpEvent } from '../../../src/ha/vrrp/machine.js';
import { ipAddress } from '../../../src/net/address.js';
import { formatPrefix } from '../../../src/net/prefix.js';
import { instance, secondAddress, settings, virtualAddress } from './instance.js';

const sourceAddress = ipAddress('10.0.0.2');
const lower = ipAddress('10.0.0.1');
const higher = ipAddress('10.0.0.3');
const address = formatPrefix(virtualAddress);

function take(
  state: VrrpState,
  event: VrrpEvent,
  changes: Partial<VrrpInstance> = {},
  memory: Partial<VrrpSettings> = {},
): Transition {
  return step(state, settings(sourceAddress, changes, memory), event);
}

/** The new state, then each effect in a few words. */
function words({ state, effects }: Transition): readonly string[] {
  return [state, ...effects.map(wordsOf)];
}

function wordsOf(effect: VrrpEffect): string {
  switch (effect.type) {
    case 'send_advertisement':
      return `send ${effect.priority}`;
    case 'set_timer':
      return `set ${effect.name} ${effect.delayMs}`;
    case 'stop_timer':
      return `stop ${effect.name}`;
    case 'shift_timer':
      return `shift ${effect.name} ${effect.byMs}`;
    case 'remember':
      return `remember ${JSON.stringify(effect.memory)}`;
    case 'report_lower_priority':
      return 'report lower';
    case 'log':
      return `log ${effect.line}`;
    case 'report':
      return `report ${effect.state}`;
    case 'announce_addresses':
      return `announce ${effect.reason} ${effect.addresses.map(formatPrefix)}`;
    case 'own_addresses':
    case 'release_addresses':
      return `${effect.type.replace('_addresses', '')} ${effect.addresses.map(formatPrefix)}`;
  }
}

function advert(priority: number, source = lower, advertIntervalMs = 1000): VrrpEvent {
  return { type: 'advertisement_received', priority, source, advertIntervalMs };
}

const events: { readonly [T in VrrpEvent['type']]: VrrpEvent } = {
  started: { type: 'started', resumes: false, isInterfaceUp: true },
  advertisement_received: advert(150),
  master_down_timer_expired: { type: 'master_down_timer_expired' },
  advertisement_timer_expired: { type: 'advertisement_timer_expired' },
  lease_expired: { type: 'lease_expired' },
  stood_still: { type: 'stood_still', lateMs: 2600 },
  interface_down: { type: 'interface_down', isReachable: false },
  interface_up: { type: 'interface_up' },
  reconfigured: { type: 'reconfigured', previous: instance({ missedAdvertsMax: 2 }) },
  stopped: { type: 'stopped' },
  preempt_delay_timer_expired: { type: 'preempt_delay_timer_expired' },
  rival_timer_expired: { type: 'rival_timer_expired' },
  group_master: { type: 'group_master' },
  group_backup: { type: 'group_backup' },
  group_heard_lower: { type: 'group_heard_lower' },
  priority_changed: { type: 'priority_changed', previous: settings(sourceAddress) },
  address_lost: { type: 'address_lost' },
};

const toBackup = ['set master_down 3609.375', 'log (V_1) Entering BACKUP STATE', 'report backup'];
const stopWaiting = ['stop master_down', 'stop preempt_delay'];
const forget = 'remember {"preemption":null}';
const takeover = [
  'send 100',
  `own ${address}`,
  `announce became_master ${address}`,
  ...stopWaiting,
  'remember {"masterIntervalMs":1000,"preemption":null}',
  'set advertisement 1000',
];
const toMaster = ['log (V_1) Entering MASTER STATE', 'report master'];
const lose = [`release ${address}`, 'stop advertisement'];
const toFault = ['log (V_1) Entering FAULT STATE', 'report fault'];
const advertise = ['send 100', `own ${address}`, 'set advertisement 1000'];

const everyPair: {
  readonly [S in VrrpState]: { readonly [T in VrrpEvent['type']]: readonly string[] | 'ignored' };
} = {
  initialize: {
    started: ['backup', `release ${address}`, ...toBackup],
    advertisement_received: 'ignored',
    master_down_timer_expired: 'ignored',
    advertisement_timer_expired: 'ignored',
    lease_expired: 'ignored',
    stood_still: 'ignored',
    interface_down: 'ignored',
    interface_up: 'ignored',
    reconfigured: 'ignored',
    stopped: 'ignored',
    preempt_delay_timer_expired: 'ignored',
    rival_timer_expired: 'ignored',
    group_master: 'ignored',
    group_backup: 'ignored',
    group_heard_lower: 'ignored',
    priority_changed: 'ignored',
    address_lost: 'ignored',
  },
  backup: {
    started: 'ignored',
    advertisement_received: ['backup', 'set master_down 3609.375'],
    master_down_timer_expired: [
      'master',
      ...takeover,
      'log (V_1) Receive advertisement timeout',
      ...toMaster,
    ],
    advertisement_timer_expired: 'ignored',
    lease_expired: 'ignored',
    stood_still: 'ignored',
    interface_down: ['fault', forget, ...stopWaiting, ...toFault],
    interface_up: 'ignored',
    reconfigured: ['backup', 'shift master_down 1000'],
    stopped: ['initialize', ...stopWaiting, 'report initialize'],
    preempt_delay_timer_expired: ['backup', 'remember {"preemption":"free"}'],
    rival_timer_expired: 'ignored',
    group_master: ['master', ...takeover, 'log (V_1) Sync group moves to MASTER', ...toMaster],
    group_backup: 'ignored',
    group_heard_lower: 'ignored',
    priority_changed: ['backup'],
    address_lost: 'ignored',
  },
  master: {
    started: 'ignored',
    advertisement_received: [
      'backup',
      ...lose,
      'set master_down 3609.375',
      'log (V_1) Master received advert from 10.0.0.1 with higher priority 150, ours 100',
      ...toBackup.slice(1, -1),
      'set master_down 3609.375',
      ...toBackup.slice(-1),
    ],
    master_down_timer_expired: 'ignored',
    advertisement_timer_expired: ['master', ...advertise],
    lease_expired: [
      'backup',
      ...lose,
      'set master_down 3609.375',
      'log (V_1) No advertisement left within the lease of the addresses',
      ...toBackup.slice(1),
    ],
    stood_still: [
      'backup',
      ...lose,
      'set master_down 3609.375',
      'log (V_1) VRRP thread timer expired 2.600000 seconds ago',
      ...toBackup.slice(1),
    ],
    interface_down: ['fault', forget, ...lose, ...toFault],
    interface_up: 'ignored',
    reconfigured: ['master', ...advertise],
    stopped: ['initialize', 'send 0', ...lose, 'log (V_1) sent 0 priority', 'report initialize'],
    preempt_delay_timer_expired: 'ignored',
    rival_timer_expired: [
      'master',
      'log (V_1) rogue address owner appears to have stopped advertising',
    ],
    group_master: 'ignored',
    group_backup: [
      'backup',
      'send 0',
      ...lose,
      'set master_down 3609.375',
      'log (V_1) Sync group moves to BACKUP',
      ...toBackup.slice(1),
    ],
    group_heard_lower: ['master', `announce lower_priority ${address}`],
    priority_changed: ['master', ...advertise],
    address_lost: [
      'backup',
      'send 0',
      ...lose,
      'set master_down 3609.375',
      'log (V_1) A virtual address was removed by someone else',
      ...toBackup.slice(1),
    ],
  },
  fault: {
    started: 'ignored',
    advertisement_received: 'ignored',
    master_down_timer_expired: 'ignored',
    advertisement_timer_expired: 'ignored',
    lease_expired: 'ignored',
    stood_still: 'ignored',
    interface_down: 'ignored',
    interface_up: ['backup', ...toBackup],
    reconfigured: 'ignored',
    stopped: ['initialize', 'report initialize'],
    preempt_delay_timer_expired: 'ignored',
    rival_timer_expired: 'ignored',
    group_master: 'ignored',
    group_backup: 'ignored',
    group_heard_lower: 'ignored',
    priority_changed: 'ignored',
    address_lost: 'ignored',
  },
};

t.test('every event in every state', (t) => {
  for (const [state, row] of Object.entries(everyPair)) {
    for (const [event, expected] of Object.entries(row)) {
      const taken = take(state as VrrpState, events[event as VrrpEvent['type']]);
      const wanted = expected === 'ignored' ? [state] : expected;
      t.strictSame(words(taken), wanted, `${event} in ${state}`);
    }
  }
  t.end();
});

t.test('start', (t) => {
  const start = (resumes: boolean, changes: Partial<VrrpInstance>): readonly string[] =>
    words(take('initialize', { type: 'started', resumes, isInterfaceUp: true }, changes));
  t.equal(start(false, { state: 'MASTER', priority: 150 })[0], 'backup', 'a wish is no right');
  t.equal(start(false, { state: 'MASTER', priority: 255 })[0], 'master', 'the owner is master');
  t.equal(start(false, { state: 'BACKUP', priority: 255 })[0], 'backup');
  t.strictSame(start(true, {}), ['master', ...takeover, ...toMaster], 'a live lease is resumed');
  t.equal(start(true, { leases: false })[0], 'backup', 'an address without a lease proves nothing');
  const down = take('initialize', { type: 'started', resumes: true, isInterfaceUp: false });
  t.strictSame(words(down), ['fault', `release ${address}`, ...toFault]);
  const owner = { state: 'MASTER', priority: 255 } as const;
  t.equal(take('fault', { type: 'interface_up' }, owner).state, 'master', 'the owner comes back');
  t.end();
});

t.test('a backup hears adverts', (t) => {
  const hear = (priority: number, changes: Partial<VrrpInstance> = {}): readonly string[] =>
    words(take('backup', advert(priority), changes));
  t.strictSame(hear(0), [
    'backup',
    'set master_down 609.375',
    'log (V_1) Backup received priority 0 advertisement',
  ]);
  t.strictSame(hear(100), ['backup', 'set master_down 3609.375'], 'equal is accepted');
  t.strictSame(
    hear(99),
    ['backup', 'log (V_1) received lower priority (99) advert from 10.0.0.1 - discarding'],
    'the timer runs on: preemption',
  );
  t.strictSame(hear(99, { preempts: false }), ['backup', 'set master_down 3609.375']);
  t.strictSame(hear(0, { preempts: false })[1], 'set master_down 609.375');
  t.end();
});

t.test('a master hears adverts', (t) => {
  const hear = (priority: number, source = lower): readonly string[] =>
    words(take('master', advert(priority, source)));
  const again = ['master', ...advertise, `announce lower_priority ${address}`];
  t.strictSame(hear(0), ['master', ...advertise]);
  t.strictSame(hear(99, higher), [
    ...again,
    'report lower',
    'log (V_1) Received advert from 10.0.0.3 with lower priority 99, ours 100, ' +
      'forcing new election',
  ]);
  t.strictSame(hear(100, lower).slice(0, -2), again, 'equal, from a lower address');
  t.match(hear(100, higher), ['backup', ...lose], 'equal, from a higher address');
  t.match(hear(100, higher).join(), /same priority 100 but higher IP address than ours/);
  t.strictSame(hear(100, sourceAddress), [
    'master',
    'log (V_1) WARNING - equal priority advert received from remote host with our IP address.',
  ]);
  t.end();
});

t.test('without leases an advert renews nothing', (t) => {
  const event: VrrpEvent = { type: 'advertisement_timer_expired' };
  t.strictSame(words(take('master', event, { leases: false })), [
    'master',
    'send 100',
    'set advertisement 1000',
  ]);
  t.end();
});

t.test('a reload in place', (t) => {
  const one = [{ prefix: virtualAddress, device: 'eth0' }];
  const other = [{ prefix: secondAddress, device: 'eth0' }];
  const event: VrrpEvent = { type: 'reconfigured', previous: instance({ virtualAddresses: one }) };
  t.strictSame(words(take('master', event, { virtualAddresses: other })), [
    'master',
    `release ${address}`,
    'send 100',
    'own 10.0.0.101/32',
    'set advertisement 1000',
    'announce addresses_added 10.0.0.101/32',
  ]);
  t.strictSame(
    words(take('backup', event, { virtualAddresses: other })),
    ['backup'],
    'reloads in a row do not postpone a takeover',
  );
  t.end();
});

t.test('preempt_delay leaves a lower master alone for a while', (t) => {
  const changes = { preemptDelayMs: 7000 };
  const hear = (priority: number, preemption: VrrpSettings['preemption']): readonly string[] =>
    words(take('backup', advert(priority), changes, { preemption }));
  const down = 'set master_down 3609.375';
  t.strictSame(hear(99, null), [
    'backup',
    'remember {"preemption":"waiting"}',
    'set preempt_delay 7000',
    'log (V_1) start preempt delay (7), 10.0.0.1 has priority 99',
    down,
  ]);
  t.strictSame(hear(99, 'waiting'), ['backup', down]);
  t.match(hear(99, 'free')[1], /discarding/);
  t.strictSame(hear(100, 'waiting'), ['backup', 'stop preempt_delay', forget, down]);
  t.end();
});

t.test('VRRPv3 learns the interval of the master', (t) => {
  const three = { version: 3, advertIntervalMs: 100 } as const;
  const hear = (intervalMs: number, memory: Partial<VrrpSettings> = {}): readonly string[] =>
    words(take('backup', advert(150, lower, intervalMs), three, memory));
  t.strictSame(hear(100), ['backup', 'set master_down 360.9375']);
  t.strictSame(hear(1000), [
    'backup',
    'remember {"masterIntervalMs":1000}',
    'set master_down 3609.375',
  ]);
  t.strictSame(hear(1000, { masterIntervalMs: 1000 }), ['backup', 'set master_down 3609.375']);
  const zero = take('backup', advert(0), three, { masterIntervalMs: 1000 });
  t.equal(words(zero)[1], 'set master_down 609.375', 'skew by the interval of the master');
  const yielded = words(take('master', advert(150, lower, 1000), three));
  t.ok(yielded.includes('remember {"masterIntervalMs":1000}'), 'also when it yields');
  const two = take('backup', advert(150, lower, 3000), { advertIntervalMs: 1000 });
  t.strictSame(words(two), ['backup', 'set master_down 3609.375'], 'VRRPv2 does not');
  t.end();
});

t.test('what is said, and not said, to others', (t) => {
  const silent = words(take('master', advert(99), { answersLowerPriority: false }));
  t.notOk(silent.includes('send 100'), 'lower_prio_no_advert');
  t.ok(silent.includes('report lower'));
  const polite = words(take('master', advert(150), { advertisesBeforeYielding: true }));
  t.equal(polite[1], 'send 100', 'higher_prio_send_advert');
  const failed = words(take('master', { type: 'interface_down', isReachable: true }));
  t.equal(failed[1], 'send 0', 'whoever can still speak gives way at once');
  t.end();
});

t.test('the effective priority counts', (t) => {
  const memory = { priority: 120 };
  t.equal(words(take('master', events.advertisement_timer_expired, {}, memory))[1], 'send 120');
  t.match(words(take('backup', advert(119), {}, memory))[1], /discarding/);
  const previous = settings(sourceAddress, {}, { priority: 228 });
  const lowered = words(take('backup', { type: 'priority_changed', previous }));
  t.strictSame(lowered, ['backup', 'shift master_down 500'], 'half a second more skew');
  t.end();
});

t.test('a member of a sync group waits until all could be master', (t) => {
  const alone = { isGroupReady: false };
  const waits = words(take('backup', events.master_down_timer_expired, {}, alone));
  t.strictSame(waits, ['backup', 'set master_down 3609.375']);
  const resumed = { type: 'started', resumes: true, isInterfaceUp: true } as const;
  t.equal(take('initialize', resumed, {}, alone).state, 'backup');
  t.end();
});
