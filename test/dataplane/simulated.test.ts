import t from 'tap';
import { SimulatedClock } from '../sim/clock.js';
import { SimulatedDataplane } from '../sim/dataplane.js';
import { checkContract } from './contract.js';
import { twoPorts } from './examples.js';

t.test('the simulated data plane keeps the contract', async (t) => {
  await checkContract(t, new SimulatedDataplane(new SimulatedClock()), twoPorts);
});
