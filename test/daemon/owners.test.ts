import { ok } from 'neverthrow';
import t from 'tap';
import { DeviceOwners } from '../../src/daemon/device-owners.js';
import { FactBook } from '../../src/daemon/facts.js';
import { FollowingOwner } from '../../src/daemon/following-owner.js';
import type { VrrpFact } from '../../src/ha/vrrp/speaker.js';
import { formatPrefix, type Prefix, parsePrefix } from '../../src/net/prefix.js';
import type { AddressOwner } from '../../src/ports/address-owner.js';

const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();

/** Writes down what it is asked. */
class NotingOwner implements AddressOwner {
  readonly #name: string;
  readonly #notes: string[];

  constructor(name: string, notes: string[]) {
    this.#name = name;
    this.#notes = notes;
  }

  lease(addresses: readonly Prefix[], durationMs: number | null) {
    return this.#note(`lease ${durationMs}`, addresses);
  }

  release(addresses: readonly Prefix[]) {
    return this.#note('release', addresses);
  }

  announce(addresses: readonly Prefix[]) {
    return this.#note('announce', addresses);
  }

  async held(addresses: readonly Prefix[]) {
    await this.#note('held', addresses);
    return ok(addresses.slice(0, 1));
  }

  #note(call: string, addresses: readonly Prefix[]) {
    this.#notes.push(`${this.#name} ${call} ${addresses.map(formatPrefix).join(' ')}`);
    return Promise.resolve(ok(undefined));
  }
}

t.test('each device gets its own addresses, and only those asked for', async (t) => {
  const notes: string[] = [];
  const virtual = [
    { prefix: prefix('192.0.2.100/24'), device: 'eth0' },
    { prefix: prefix('192.0.2.101/24'), device: 'eth0' },
    { prefix: prefix('203.0.113.1/32'), device: 'eth1' },
  ];
  const owners = new DeviceOwners('eth0', virtual, (device) => new NotingOwner(device, notes));
  const all = virtual.map((address) => address.prefix);
  t.ok((await owners.lease(all, 900)).isOk());
  await owners.release([prefix('203.0.113.1/32')]);
  await owners.announce([prefix('192.0.2.101/24'), prefix('198.51.100.9/32')]);
  t.same(notes, [
    'eth0 lease 900 192.0.2.100/24 192.0.2.101/24',
    'eth1 lease 900 203.0.113.1/32',
    'eth1 release 203.0.113.1/32',
    'eth0 announce 192.0.2.101/24 198.51.100.9/32',
  ]);
  t.same((await owners.held(all))._unsafeUnwrap().map(formatPrefix), [
    '192.0.2.100/24',
    '203.0.113.1/32',
  ]);
});

t.test('a following owner asks the owner of the moment', async (t) => {
  const notes: string[] = [];
  let current: AddressOwner | null = null;
  const following = new FollowingOwner(() => current);
  const addresses = [prefix('192.0.2.100/24')];
  t.equal((await following.lease(addresses, 1)).isErr(), true, 'nobody answers');
  current = new NotingOwner('first', notes);
  await following.lease(addresses, 1);
  current = new NotingOwner('second', notes);
  await following.release(addresses);
  await following.announce(addresses);
  t.ok((await following.held(addresses)).isOk());
  t.same(notes, [
    'first lease 1 192.0.2.100/24',
    'second release 192.0.2.100/24',
    'second announce 192.0.2.100/24',
    'second held 192.0.2.100/24',
  ]);
});

t.test('facts: the last one wins and what is gone is forgotten', (t) => {
  const facts = new FactBook();
  facts.recordVrrp({ instance: 'V_1' } as VrrpFact);
  facts.recordMeasures([{ instance: 'V_2' } as VrrpFact], { timers: 3, worstMs: 2, meanMs: 1 });
  facts.keepOnly(new Set(['V_2']));
  t.same(facts.vrrp, [{ instance: 'V_2' }]);
  t.equal(facts.lateness.worstMs, 2);
  t.end();
});
