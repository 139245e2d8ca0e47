import { Worker } from 'node:worker_threads';
import t from 'tap';
import {
  isStartedAsWanted,
  leaveOthersAsUsual,
  wantedNodeOptions,
} from '../../src/host/garbage-collection.js';

t.test('each option is there once', (t) => {
  const wanted = wantedNodeOptions([]);
  t.equal(isStartedAsWanted(wanted), true);
  t.equal(isStartedAsWanted(wanted.slice(1)), false);
  t.same(wantedNodeOptions(wanted), wanted);
  t.same(wantedNodeOptions(['--trace-gc']), ['--trace-gc', ...wanted]);
  t.end();
});

t.test('other threads have as much room for what is young as V8 gives them', async (t) => {
  leaveOthersAsUsual();
  const program = `
    const { getHeapSpaceStatistics } = require('node:v8');
    const kept = [];
    for (let made = 0; made < 2e6; made += 1) kept[made % 2e5] = { made };
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    require('node:worker_threads').parentPort.postMessage(young.space_size);`;
  const octets = await new Promise<number>((resolve) => {
    new Worker(program, { eval: true }).once('message', resolve);
  });
  t.ok(octets > 8 * 2 ** 20, `${octets}`);
});
