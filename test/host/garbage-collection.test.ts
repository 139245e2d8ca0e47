import t from 'tap';
import { collectsAlone, wantedNodeOptions } from '../../src/host/garbage-collection.js';

t.test('the option is there once', (t) => {
  t.match(wantedNodeOptions(['--trace-gc']), ['--trace-gc', collectsAlone, /semi-space/]);
  t.same(wantedNodeOptions([collectsAlone]), [collectsAlone]);
  t.end();
});
