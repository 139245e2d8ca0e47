// The table of RFC 5880 section 6.2 and 6.8.6, as it stands there.
import assert from 'node:assert/strict';
import t from 'tap';
import { type BfdEvent, heardEvent, step } from '../../../src/routing/bfd/machine.js';
import { type BfdState, bfdStates } from '../../../src/routing/bfd/packet.js';

const events: readonly BfdEvent['type'][] = [
  'heard_admin_down',
  'heard_down',
  'heard_init',
  'heard_up',
  'detection_expired',
  'enabled',
  'disabled',
];
/** In the order of `events`; a state alone: nothing happens but that it is told. */
const rfc: Readonly<Record<BfdState, readonly BfdState[]>> = {
  AdminDown: ['AdminDown', 'AdminDown', 'AdminDown', 'AdminDown', 'AdminDown', 'Down', 'AdminDown'],
  Down: ['Down', 'Init', 'Up', 'Down', 'Down', 'Down', 'AdminDown'],
  Init: ['Down', 'Init', 'Up', 'Up', 'Down', 'Init', 'AdminDown'],
  Up: ['Down', 'Down', 'Up', 'Up', 'Down', 'Up', 'AdminDown'],
};

for (const state of bfdStates) {
  for (const [index, type] of events.entries()) {
    t.test(`${state}, ${type}`, async () => {
      const expected = rfc[state][index];
      const { state: next, effects } = step(state, { type });
      assert.equal(next, expected);
      const isReported = effects.at(-1)?.type === 'report';
      assert.equal(isReported, next !== state, 'a change of state, and it alone, is reported');
      assert.equal(
        effects.some((effect) => effect.type === 'send'),
        next !== state,
      );
      assert.equal(
        effects.some((effect) => effect.type === 'begin_poll'),
        next === 'Up' && state !== 'Up',
      );
    });
  }
}

t.test('diagnostics say why', async () => {
  const diagnosticAfter = (state: BfdState, type: BfdEvent['type']) =>
    step(state, { type }).effects.find((effect) => effect.type === 'set_diagnostic');
  const says = (diagnostic: number) => ({ type: 'set_diagnostic', diagnostic });
  assert.deepEqual(diagnosticAfter('Up', 'detection_expired'), says(1));
  assert.deepEqual(diagnosticAfter('Init', 'detection_expired'), says(1));
  assert.deepEqual(diagnosticAfter('Up', 'heard_down'), says(3));
  assert.deepEqual(diagnosticAfter('Up', 'heard_admin_down'), says(3));
  assert.deepEqual(diagnosticAfter('Up', 'disabled'), says(7));
  assert.deepEqual(diagnosticAfter('Down', 'heard_init'), says(0));
  assert.equal(diagnosticAfter('Down', 'heard_down'), undefined);
});

t.test('a neighbour that is silent is forgotten', async () => {
  for (const state of ['Down', 'Init', 'Up'] as const) {
    const { effects } = step(state, { type: 'detection_expired' });
    assert.ok(
      effects.some(({ type }) => type === 'forget_neighbor'),
      state,
    );
  }
});

t.test('every state of a packet is an event', async () => {
  assert.deepEqual(
    bfdStates.map((state) => heardEvent(state).type),
    ['heard_admin_down', 'heard_down', 'heard_init', 'heard_up'],
  );
});
