import t from 'tap';
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import {
  reconcile,
  step,
  type Transition,
  type VrrpEffect,
  type VrrpEvent,
  type VrrpState,
} from '../../../src/ha/vrrp/machine.js';
import { ipAddress } from '../../../src/net/address.js';
import { formatPrefix } from '../../../src/net/prefix.js';
import { garp, instance, secondAddress, virtualAddress } from './instance.js';

const sourceAddress = ipAddress('10.0.0.2');
const lower = ipAddress('10.0.0.1');
const higher = ipAddress('10.0.0.3');
const address = formatPrefix(virtualAddress);

function take(state: VrrpState, event: VrrpEvent, changes: Partial<VrrpInstance> = {}): Transition {
  return step(state, { instance: instance(changes), sourceAddress }, event);
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
    case 'log':
      return `log ${effect.line}`;
    case 'report':
      return `report ${effect.state}`;
    case 'own_addresses':
    case 'release_addresses':
    case 'announce_addresses':
      return `${effect.type.replace('_addresses', '')} ${effect.addresses.map(formatPrefix)}`;
  }
}

function advert(priority: number, source = lower): VrrpEvent {
  return { type: 'advertisement_received', priority, source };
}

const events: { readonly [T in VrrpEvent['type']]: VrrpEvent } = {
  started: { type: 'started', resumes: false, isInterfaceUp: true },
  advertisement_received: advert(150),
  master_down_timer_expired: { type: 'master_down_timer_expired' },
  advertisement_timer_expired: { type: 'advertisement_timer_expired' },
  garp_timer_expired: { type: 'garp_timer_expired' },
  lease_expired: { type: 'lease_expired' },
  interface_down: { type: 'interface_down' },
  interface_up: { type: 'interface_up' },
  reconfigured: { type: 'reconfigured', previous: instance({ priority: 90 }) },
  stopped: { type: 'stopped' },
};

const toBackup = ['set master_down 3609.375', 'log (V_1) Entering BACKUP STATE', 'report backup'];
const takeover = [
  'send 100',
  `own ${address}`,
  `announce ${address}`,
  'stop master_down',
  'set advertisement 1000',
  'set garp 5000',
];
const toMaster = ['log (V_1) Entering MASTER STATE', 'report master'];
const lose = [`release ${address}`, 'stop advertisement', 'stop garp'];
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
    garp_timer_expired: 'ignored',
    lease_expired: 'ignored',
    interface_down: 'ignored',
    interface_up: 'ignored',
    reconfigured: 'ignored',
    stopped: 'ignored',
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
    garp_timer_expired: 'ignored',
    lease_expired: 'ignored',
    interface_down: ['fault', 'stop master_down', ...toFault],
    interface_up: 'ignored',
    reconfigured: ['backup', 'set master_down 3609.375'],
    stopped: ['initialize', 'stop master_down', 'report initialize'],
  },
  master: {
    started: 'ignored',
    advertisement_received: [
      'backup',
      ...lose,
      'set master_down 3609.375',
      'log (V_1) Master received advert from 10.0.0.1 with higher priority 150, ours 100',
      ...toBackup.slice(1),
    ],
    master_down_timer_expired: 'ignored',
    advertisement_timer_expired: ['master', ...advertise],
    garp_timer_expired: ['master', `announce ${address}`],
    lease_expired: [
      'backup',
      ...lose,
      'set master_down 3609.375',
      'log (V_1) No advertisement left within the lease of the addresses',
      ...toBackup.slice(1),
    ],
    interface_down: ['fault', ...lose, ...toFault],
    interface_up: 'ignored',
    reconfigured: ['master', ...advertise],
    stopped: ['initialize', 'send 0', ...lose, 'log (V_1) sent 0 priority', 'report initialize'],
  },
  fault: {
    started: 'ignored',
    advertisement_received: 'ignored',
    master_down_timer_expired: 'ignored',
    advertisement_timer_expired: 'ignored',
    garp_timer_expired: 'ignored',
    lease_expired: 'ignored',
    interface_down: 'ignored',
    interface_up: ['backup', ...toBackup],
    reconfigured: 'ignored',
    stopped: ['initialize', 'report initialize'],
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
  const again = ['master', ...advertise, `announce ${address}`, 'set garp 5000'];
  t.strictSame(hear(0), ['master', ...advertise]);
  t.strictSame(hear(99, higher), [
    ...again,
    'log (V_1) Received advert from 10.0.0.3 with lower priority 99, ours 100, ' +
      'forcing new election',
  ]);
  t.strictSame(hear(100, lower).slice(0, -1), again, 'equal, from a lower address');
  t.match(hear(100, higher), ['backup', ...lose], 'equal, from a higher address');
  t.match(hear(100, higher).join(), /same priority 100 but higher IP address than ours/);
  t.strictSame(hear(100, sourceAddress), [
    'master',
    'log (V_1) WARNING - equal priority advert received from remote host with our IP address.',
  ]);
  t.end();
});

t.test('without leases an advert renews nothing, and 0 means no second burst', (t) => {
  const event: VrrpEvent = { type: 'advertisement_timer_expired' };
  t.strictSame(words(take('master', event, { leases: false })), [
    'master',
    'send 100',
    'set advertisement 1000',
  ]);
  const taken = words(
    take('backup', events.master_down_timer_expired, { garp: { ...garp, masterDelayMs: 0 } }),
  );
  t.notOk(taken.some((effect) => effect.startsWith('set garp')));
  t.ok(taken.includes(`announce ${address}`));
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
    'announce 10.0.0.101/32',
  ]);
  t.strictSame(
    words(take('backup', event, { virtualAddresses: other })),
    ['backup'],
    'reloads in a row do not postpone a takeover',
  );
  t.end();
});

t.test('what a reload means', (t) => {
  const changes: readonly (readonly [Partial<VrrpInstance>, ReturnType<typeof reconcile>])[] = [
    [{}, 'unchanged'],
    [{ priority: 101 }, 'in_place'],
    [{ state: 'MASTER' }, 'in_place'],
    [{ advertIntervalMs: 2000 }, 'in_place'],
    [{ authentication: { type: 'pass', password: 'x' } }, 'in_place'],
    [{ preempts: false }, 'in_place'],
    [{ leases: false }, 'in_place'],
    [{ garp: { ...garp, masterDelayMs: 1000 } }, 'in_place'],
    [{ garp: { ...garp, masterRounds: 1 } }, 'in_place'],
    [{ virtualAddresses: [] }, 'in_place'],
    [{ virtualAddresses: [{ prefix: secondAddress, device: 'eth0' }] }, 'in_place'],
    [{ virtualAddresses: [{ prefix: virtualAddress, device: 'eth1' }] }, 'restart'],
    [{ name: 'V_2' }, 'restart'],
    [{ interface: 'eth1' }, 'restart'],
    [{ dpdkInterface: 'dpdk0' }, 'restart'],
    [{ virtualRouterId: 52 }, 'restart'],
    [{ priority: 255 }, 'in_place'],
    [{ priority: 255, state: 'MASTER' }, 'restart'],
  ];
  for (const [change, expected] of changes) {
    t.equal(reconcile(instance(), instance(change)), expected, JSON.stringify(change));
  }
  const reordered = Object.fromEntries(Object.entries(instance()).reverse());
  t.equal(reconcile(instance(), reordered as VrrpInstance), 'unchanged', 'order of fields');
  t.end();
});
