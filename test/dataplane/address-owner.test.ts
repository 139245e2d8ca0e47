import t from 'tap';
import { DataplaneAddressOwner } from '../../src/dataplane/address-owner.js';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';
import { prefixOf, twoPorts } from './examples.js';

const vips = [prefixOf('192.0.2.1/32'), prefixOf('192.0.2.2/32')];

t.test('leases are held until they end or are released', async (t) => {
  const clock = new SimulatedClock();
  const dataplane = new SimulatedDataplane(clock);
  (await dataplane.open(twoPorts))._unsafeUnwrap();
  const owner = new DataplaneAddressOwner(dataplane, 'VI_1', 'dpdk0');
  const stranger = new DataplaneAddressOwner(dataplane, 'VI_2', 'dpdk0');
  const held = async (): Promise<number> => (await owner.held(vips))._unsafeUnwrap().length;

  (await owner.lease(vips, 3000))._unsafeUnwrap();
  t.same((await owner.held([...vips, prefixOf('192.0.2.9/32')]))._unsafeUnwrap(), vips);
  t.same((await stranger.held(vips))._unsafeUnwrap(), []);
  clock.advance(2000);
  (await owner.lease(vips, 3000))._unsafeUnwrap();
  clock.advance(2000);
  t.equal(await held(), 2, 'renewed');
  (await owner.release(vips.slice(0, 1)))._unsafeUnwrap();
  t.equal(await held(), 1);
  clock.advance(1000);
  t.equal(await held(), 0, 'ended by itself');

  (await owner.lease(vips, null))._unsafeUnwrap();
  clock.advance(1e9);
  t.equal(await held(), 2, 'not leased: stays');
});

t.test('announces on its own port', async (t) => {
  const dataplane = new SimulatedDataplane(new SimulatedClock());
  (await dataplane.open(twoPorts))._unsafeUnwrap();
  (await new DataplaneAddressOwner(dataplane, 'VI_1', 'dpdk1').announce(vips))._unsafeUnwrap();
  t.same(
    dataplane.announced,
    vips.map((prefix) => ({ device: 'dpdk1', prefix })),
  );
});

t.test('a refusal keeps its sentence', async (t) => {
  const closed = new SimulatedDataplane(new SimulatedClock());
  const owner = new DataplaneAddressOwner(closed, 'VI_1', 'dpdk0');
  const error = { type: 'address_owner.failed', reason: 'the data plane is not open' };
  t.same((await owner.lease(vips, 1))._unsafeUnwrapErr(), error);
  t.same((await owner.release(vips))._unsafeUnwrapErr(), error);
  t.same((await owner.announce(vips))._unsafeUnwrapErr(), error);
  t.same((await owner.held(vips))._unsafeUnwrapErr(), error);
});
